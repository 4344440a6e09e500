import { describe, expect, it } from "vitest";
import { renderJson } from "../../cli/report/json";
import { length, wantsColor, wrap } from "../../cli/report/layout";
import { renderPretty } from "../../cli/report/pretty";
import { printable } from "../../policies/printable";
import { passing, sample } from "./sample";

const plain = renderPretty(sample, { color: false, width: 80 });

describe("the pretty report", () => {
  it("is the golden one without colour", async () => {
    await expect(plain).toMatchFileSnapshot("golden/pretty.txt");
  });

  it("is the golden one with colour, which changes nothing but colour", async () => {
    const color = renderPretty(sample, { color: true, width: 80 });
    await expect(color).toMatchFileSnapshot("golden/pretty-color.txt");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of colour
    expect(color.replace(/\u001b\[[\d;]*m/g, "")).toBe(plain);
  });

  it("says of a clean stack that it passes, and who can connect", async () => {
    await expect(renderPretty(passing, { color: false, width: 80 })).toMatchFileSnapshot("golden/pretty-pass.txt");
  });

  it("fits in 80 columns, URNs aside", () => {
    const tooWide = plain.split("\n").filter((line) => length(line) > 80 && !line.includes("urn:pulumi:"));
    expect(tooWide).toEqual([]);
  });

  it("tells ports that the same sources reach once, whatever the way", () => {
    const rows = sample.exposure.slice(0, 1).flatMap((row) => [row, { ...row, port: 587, paths: [] }]);
    const text = renderPretty({ ...passing, exposure: rows }, { color: false, width: 80 });
    expect(text).toContain("25, 587  internet");
  });

  it("tells resources of the same name apart", () => {
    const [first, second] = ["aws:ec2/instance:Instance", "aws:ec2/fleet:Fleet"].map((type) => ({
      resource: `urn:pulumi:dev::p::${type}::mail`,
      port: 25,
      internet: ["0.0.0.0/0"],
      internal: [],
      undetermined: [],
      paths: [],
    }));
    const text = renderPretty(
      { ...passing, exposure: [first, second].flatMap((row) => row ?? []) },
      { color: false, width: 80 },
    );
    expect(text).toMatch(/Instance mail +25(?:.|\n)*Fleet mail +25/);
  });
});

describe("the JSON report", () => {
  it("is the golden one", async () => {
    await expect(renderJson(sample)).toMatchFileSnapshot("golden/report.json.txt");
  });

  it("has its keys in the order of the contract, whatever the order they come in", () => {
    const shuffled = reversed({
      ...sample,
      findings: sample.findings.map((one) => reversed(one)),
      exposure: sample.exposure.map((row) => reversed(row)),
    });
    expect(renderJson(shuffled)).toBe(renderJson(sample));
  });

  it("means the same when it is read", () => {
    expect(JSON.parse(renderJson(sample))).toEqual(sample);
  });
});

function reversed<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).reverse()) as T;
}

describe("what comes from the judged program", () => {
  const hostile = "\u001b]0;owned\u0007\u009b31m\u202e\u2028";
  const name = `urn:pulumi:dev::p::aws:ec2/instance:Instance::mail${hostile}`;
  const report = {
    ...passing,
    stack: hostile,
    findings: sample.findings.map((one) => ({ ...one, resource: name, message: hostile, remediation: hostile })),
    exposure: [{ resource: name, port: 25, internet: [hostile], internal: [], undetermined: [], paths: [] }],
    unmodelled: [{ resource: name, type: hostile, reason: hostile }],
  };

  it("cannot drive the terminal", () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    const control = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2028]/;
    expect(renderPretty(report, { color: false, width: 80 })).not.toMatch(control);
    expect(renderJson(report)).not.toMatch(control);
    expect(JSON.parse(renderJson(report)).stack).toBe(hostile);
    expect(printable("a\u{e0041}\ud800b")).toBe("a\\u{e0041}\\u{d800}b");
  });
});

describe("layout", () => {
  it("wraps at spaces and leaves long words whole", () => {
    expect(wrap("aa bb cc", 5)).toEqual(["aa bb", "cc"]);
    expect(wrap("a 0123456789 b", 5)).toEqual(["a", "0123456789", "b"]);
    expect(wrap("", 5)).toEqual([""]);
  });

  it.each<[boolean, NodeJS.ProcessEnv, boolean]>([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: "1" }, false],
    [true, { NO_COLOR: "" }, true],
    [false, { FORCE_COLOR: "1" }, true],
    [true, { FORCE_COLOR: "0" }, false],
    [true, { FORCE_COLOR: "1", NO_COLOR: "1" }, true],
    [true, { TERM: "dumb" }, false],
  ])("colours a terminal (%j) with %j: %j", (isTTY, env, expected) => {
    expect(wantsColor({ isTTY }, env)).toBe(expected);
  });
});
