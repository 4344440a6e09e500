import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formats } from "../../cli/commands/outputs";
import { type Ran, relayproof } from "./run";

/** A question that cannot be put: status 2, one line that says why on standard error, nothing on standard output. */
function refused({ status, stdout, stderr }: Ran): string {
  expect({ status, stdout, lines: stderr.split("\n").length - 1 }).toEqual({ status: 2, stdout: "", lines: 1 });
  expect(stderr).toMatch(/^relayproof: (?!internal error)/);
  return stderr.trimEnd().replace(/^relayproof: /, "");
}

let folder: string;
const at = (...parts: string[]) => join(folder, ...parts);

/** A project that declares nothing. It lies in the checkout, where it finds the Pulumi SDK. */
function project(name: string, files: Readonly<Record<string, string>> = {}): string {
  const directory = at(name);
  const all = { "Pulumi.yaml": `name: ${name}\nruntime: nodejs\nmain: index.js\n`, "index.js": "", ...files };
  mkdirSync(directory, { recursive: true });
  for (const [file, content] of Object.entries(all)) writeFileSync(join(directory, file), content);
  return directory;
}

beforeAll(() => {
  folder = mkdtempSync(join(__dirname, "tmp-"));
  project("empty");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("arguments", () => {
  it.each<[string[], string | RegExp]>([
    [[], "no command; try relayproof --help"],
    [["chekc"], 'unknown command "chekc"; did you mean "check"?'],
    [["--stack", "dev"], 'unknown option "--stack"; expected one of check, explain, diff, --help, --version'],
    [["check", "--stak", "dev"], 'unknown option "--stak"; did you mean --stack?'],
    [["check", "-x"], 'unknown option "-x"; try relayproof check --help'],
    [["check", "--stack"], "--stack needs a value"],
    [["check", "--stack", "--format", "json"], "--stack needs a value"],
    [["check", "--stack="], "--stack needs a value"],
    [["check", "--stack", "a", "--stack", "b"], "--stack is given twice"],
    [["check", "a", "b"], 'expected one directory, got "a" and "b"'],
    [["check", "--from"], "--from needs a value"],
    [["check", ".", "--from", "x"], '--from FILE says everything about the stack; leave out "."'],
    [["check", "--from", "x", "--stack", "dev"], "--from FILE says everything about the stack; leave out --stack"],
    [["check", "--from", "x", "--fixtures", "y"], "--from FILE says everything about the stack; leave out --fixtures"],
    [["check", "--from", "nowhere.json"], "nowhere.json: no such file or directory"],
    [["check", "--from", "."], ".: is a directory, expected a file"],
    [["check", "--from", "package.json"], /^package\.json: not recognised; expected what pulumi preview --json/],
    [["check", "--from", "-"], "standard input: empty"],
    [["check", "--format", "jsn"], '--format: unknown format "jsn"; did you mean "json"?'],
    [["check", "--format", "xml"], `--format: unknown format "xml"; expected one of ${formats.join(", ")}`],
    [
      ["check", "--output", "report.json"],
      '--output: expected FORMAT=FILE such as json=report.json, got "report.json"',
    ],
    [["check", "--output", "json="], '--output: expected FORMAT=FILE such as json=report.json, got "json="'],
    [["check", "--output", "yaml=x"], `--output: unknown format "yaml"; expected one of ${formats.join(", ")}`],
    [["check", "--output", "json=-"], "--output: standard output is chosen with --format"],
    [["explain", "--target", "x"], "--source is missing: an address, a CIDR prefix, internet or a machine"],
    [["explain", "--source", "x"], "--target is missing: a machine of the stack, such as mx1 or mx1:25"],
    [
      ["explain", "examples/open-relay", "--source", "internet", "--target", "mx"],
      '--target "mx" names nothing in the stack; the machines are gateway',
    ],
    [
      ["explain", "examples/open-relay", "--source", "10.20.0.10", "--target", "gateway"],
      "--source 10.20.0.10 is the address of gateway itself",
    ],
    [
      ["explain", "examples/open-relay", "--source", "gateway", "--target", "g*"],
      "--source and --target are both gateway",
    ],
    [["explain", "--format", "html"], '--format: unknown format "html"; expected one of pretty, json'],
    [["diff"], "expected OLD and NEW, got neither"],
    [["diff", "a"], 'expected OLD and NEW, got "a"'],
    [["diff", ".", ".", "."], 'expected OLD and NEW, got ".", ".", "."'],
    [["diff", "-", "-"], "OLD and NEW are both standard input; one of them has to be a folder or a file"],
    [["diff", "nowhere", "."], "nowhere: no such file or directory"],
    [["diff", "package.json", "."], /^package\.json: not recognised; expected what pulumi preview --json/],
    [["diff", "README.md", "."], /^README\.md:1:1: not valid JSON/],
    [
      ["diff", "package.json", "README.md", "--stack", "x"],
      "--stack is about programs, and neither package.json nor README.md is a folder",
    ],
    [["diff", ".", ".", "--format", "html"], '--format: unknown format "html"; expected one of pretty, json, markdown'],
    [["diff", ".", ".", "-x"], 'unknown option "-x"; try relayproof diff --help'],
  ])("%j", (args, message) => {
    const said = refused(relayproof(args));
    if (typeof message === "string") expect(said).toBe(message);
    else expect(said).toMatch(message);
  });
});

describe("outputs that cannot be written", () => {
  it("in a folder that is not there, or in the place of one", () => {
    const missing = at("missing", "report.json");
    expect(refused(relayproof(["check", at("empty"), "--output", `json=${missing}`]))).toBe(
      `--output json=${missing}: cannot write ${missing}: no such file or directory`,
    );
    expect(refused(relayproof(["check", at("empty"), "--output", `json=${folder}`]))).toContain("is a directory");
  });
});

describe("policy configuration", () => {
  it.each<[string, string | null, string]>([
    ["that is not there", null, "no such file or directory"],
    [
      "that is no JSON",
      '{\n  "perimeter": {,}\n}',
      ':2:17: not valid JSON: expected a key in double quotes, found ","',
    ],
    [
      "that ends early",
      '{"perimeter": {',
      ":1:16: not valid JSON: expected a key in double quotes, found the end of the file",
    ],
    ["with a comment", "// mine\n{}", ':1:1: not valid JSON: expected a value, found "/"'],
    ["that is empty", "", ":1:1: not valid JSON: expected a value, found the end of the file"],
    [
      "that says a thing twice",
      '{"all": "advisory",\n "all": "mandatory"}',
      ':2:2: not valid JSON: the key "all" stands twice',
    ],
    [
      "that is something else",
      '{"version": 3, "deployment": {}}',
      ": version: unknown policy; expected one of perimeter",
    ],
    ["that is a list", "[]", ": expected an object with a section for each policy, got []"],
    [
      "with a wrong key",
      '{"perimeter": {"aprovedSenders": []}}',
      ': perimeter.aprovedSenders: unknown key; did you mean "approvedSenders"?',
    ],
    [
      "with a waiver without a date",
      '{"perimeter": {"waivers": [{"policy": "open-relay-path", "urn": "*", "reason": "r", "owner": "o"}]}}',
      ": perimeter.waivers[0].expires: missing; expected a date such as 2027-01-31",
    ],
    [
      "with an unknown policy",
      '{"open-rely-path": "mandatory"}',
      ': open-rely-path: unknown policy; did you mean "open-relay-path"?',
    ],
    ["with control characters", '{"\\u001b[31m": 1}', ": \\u{1b}[31m: unknown policy"],
  ])("%s", (name, content, message) => {
    const file = at(`${name.replaceAll(" ", "-")}.json`);
    if (content !== null) writeFileSync(file, content);
    const line = refused(relayproof(["check", at("empty"), "--policy-config", file]));
    expect(line.startsWith(file)).toBe(true);
    expect(line).toContain(message);
  });

  it("that is a folder", () => {
    expect(refused(relayproof(["check", at("empty"), "--policy-config", folder]))).toBe(
      `${folder}: is a directory, expected a file`,
    );
  });
});

describe("programs", () => {
  it("in a folder that is not there, or without Pulumi.yaml", () => {
    expect(refused(relayproof(["check", at("nowhere")]))).toContain(at("nowhere"));
    const outside = mkdtempSync(join(tmpdir(), "relayproof-"));
    try {
      expect(refused(relayproof(["check", outside]))).toContain("Pulumi.yaml");
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  it("with a stack that is not there, or several to choose from", () => {
    const several = project("several", { "Pulumi.a.yaml": "config: {}\n", "Pulumi.b.yaml": "config: {}\n" });
    expect(refused(relayproof(["check", several, "--stack", "nope"]))).toContain("nope");
    expect(refused(relayproof(["check", several]))).toMatch(/\ba\b.*\bb\b/);
  });

  it("with configuration that does not parse", () => {
    const broken = project("broken-config", { "Pulumi.dev.yaml": "config:\n  a: [1\n" });
    expect(refused(relayproof(["check", broken]))).toContain("Pulumi.dev.yaml");
    const project2 = project("broken-project", { "Pulumi.yaml": "name: [\n" });
    expect(refused(relayproof(["check", project2]))).toContain("Pulumi.yaml");
  });

  it("with fixtures that are not there or do not parse", () => {
    expect(refused(relayproof(["check", at("empty"), "--fixtures", at("none.json")]))).toContain("none.json");
    writeFileSync(at("fixtures.json"), "{");
    expect(refused(relayproof(["check", at("empty"), "--fixtures", at("fixtures.json")]))).toContain("fixtures.json");
  });

  it("that throw", () => {
    const line = refused(relayproof(["check", project("throws", { "index.js": 'throw new Error("no such zone");' })]));
    expect(line).toContain("no such zone");
  });

  it("that hang", () => {
    const hanging = project("hangs", { "index.js": "setInterval(() => {}, 1000);" });
    expect(refused(relayproof(["check", hanging], { env: { RELAYPROOF_TIMEOUT: "3" } }))).toMatch(/3 s/);
  });
});
