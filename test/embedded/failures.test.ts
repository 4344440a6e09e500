import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { ProgramError } from "../../cli/sources/input-error";
import { loadProgram, type ProgramOptions } from "../../cli/sources/program";
import { write } from "./programs";

async function failure(files: Record<string, string>, options: Partial<ProgramOptions> = {}): Promise<ProgramError> {
  const directory = write(files);
  const error: unknown = await loadProgram({ directory, ...options }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ProgramError)) {
    throw new Error(`a ProgramError was expected, not ${error}`);
  }
  expect(error.message).not.toContain("\n");
  expect(error.message).toContain(`The program in ${directory} `);
  return Object.assign(error, { message: error.message.replaceAll(directory, "DIR") });
}

const PULUMI = 'import * as pulumi from "@pulumi/pulumi";\n';

describe.concurrent("a program that fails", () => {
  it.each([
    {
      what: "throws",
      source: 'function build(): never {\n  throw new Error("no perimeter");\n}\nbuild();',
      message: "The program in DIR failed at index.ts:2:9: Error: no perimeter",
    },
    {
      what: "rejects",
      source: 'export const value = Promise.reject(new TypeError("no such mailbox"));',
      message: "The program in DIR failed at index.ts:1:37: TypeError: no such mailbox",
    },
    {
      what: "does not parse",
      source: "const a = 1;\nconst b = ;",
      message: "The program in DIR failed at index.ts:2:11: error TS1109: Expression expected.",
    },
    {
      what: "leaves with status 0 before it is done",
      source: `${PULUMI}new pulumi.CustomResource("test:index:Thing", "never", {});\nprocess.exit(0);`,
      message: "The program in DIR called process.exit(0) before all its resources were registered.",
    },
    {
      what: "leaves with another status",
      source: 'console.error("fatal: cannot go on");\nprocess.exit(3);',
      message: "The program in DIR ended with status 3: fatal: cannot go on",
    },
    {
      what: "lacks a package",
      source: 'import "@pulumi/not-installed";',
      message:
        "The program in DIR failed at index.ts:1:1: Error: Cannot find module '@pulumi/not-installed' (run `npm install` in DIR?)",
    },
    {
      what: "lacks configuration",
      source: `${PULUMI}new pulumi.Config().require("domain");`,
      message: "The program in DIR failed: Missing required configuration variable 'written:domain'",
    },
    {
      what: "uses a name twice",
      source: `${PULUMI}const make = () => new pulumi.CustomResource("test:index:Thing", "same", {});\nmake();\nmake();`,
      message:
        "The program in DIR failed at index.ts:2:20: Error: failed to register new resource same [test:index:Thing]: " +
        "Duplicate resource URN 'urn:pulumi:dev::written::test:index:Thing::same'; try giving it a unique name",
    },
    {
      what: "logs an error",
      source: `${PULUMI}console.log("noise");\npulumi.log.error("the MX record is wrong");`,
      message: "The program in DIR failed: the MX record is wrong",
    },
    {
      what: "waits for what never comes",
      source: `${PULUMI}new pulumi.ComponentResource("test:index:Thing", "thing", { value: new Promise(() => {}) });`,
      message: "The program in DIR ended while a resource still waited for a value that never comes.",
    },
    {
      what: "throws in a transform",
      source: `${PULUMI}pulumi.runtime.registerResourceTransform(() => { throw new Error("not this one"); });
new pulumi.ComponentResource("test:index:Thing", "thing");`,
      message:
        "The program in DIR failed at index.ts:3:1: Error: failed to register new resource thing [test:index:Thing]: transform failed: Error: not this one",
    },
    {
      what: "cannot go on without the answer of a data source",
      source: `${PULUMI}pulumi.runtime.invoke("cloud:index:getPrice", {}).then((answer) => answer.price.trim());`,
      message:
        "The program in DIR failed at index.ts:2:81: TypeError: answer.price.trim is not a function " +
        "(what cloud:index:getPrice would answer is not known; a fixture file can say it)",
    },
  ])("$what", async ({ source, message }) => {
    expect((await failure({ "index.ts": source })).message).toBe(message);
  });

  it("keeps everything it said", async () => {
    const error = await failure({ "index.ts": 'console.log("first");\nthrow new Error("then");' });
    expect(error.details).toContain("first");
    expect(error.details).toContain("at Object.<anonymous>");
  });

  it("cannot read a masked secret as JSON", async () => {
    const error = await failure({
      "Pulumi.dev.yaml": "config: { written:login: { secure: v1:cipher } }",
      "index.ts": `${PULUMI}const login = JSON.parse(new pulumi.Config().require("login"));`,
    });
    expect(error.message).toBe(
      "The program in DIR failed at index.ts:2:20: Error: " +
        "an encrypted configuration value is read as JSON; give it a value in a fixture file, under config.",
    );
  });

  it("cannot go on without the outputs of another stack", async () => {
    const error = await failure({
      "index.ts": `${PULUMI}const other = new pulumi.StackReference("acme/network/prod");
other.requireOutputValue("zones").then((zones) => [...zones]);`,
    });
    expect(error.message).toContain(
      " (what stack acme/network/prod would answer is not known; a fixture file can say it)",
    );
  });

  it("does not print a masked secret's stand-in", async () => {
    const error = await failure({
      "Pulumi.dev.yaml": "config: { written:password: { secure: v1:cipher } }",
      "index.ts": `${PULUMI}throw new Error(new pulumi.Config().require("password"));`,
    });
    expect(error.message).toBe("The program in DIR failed at index.ts:2:7: Error: [secret]");
  });
});

describe("a program that does not end", () => {
  it("is stopped with everything it started", async () => {
    const mark = `31${process.pid}`;
    const error = await failure(
      {
        "index.ts": `import { spawn } from "node:child_process";
          spawn("sleep", ["${mark}"], { stdio: "inherit" });
          setInterval(() => {}, 1000);`,
      },
      { timeoutMs: 2500 },
    );
    expect(error.message).toBe(
      "The program in DIR did not end within 2.5 s and was stopped; RELAYPROOF_TIMEOUT=SECONDS allows it more.",
    );
    expect(spawnSync("pgrep", ["-f", `^sleep ${mark}$`]).stdout?.toString() ?? "").toBe("");
  });

  it("is stopped when it never yields", async () => {
    const error = await failure({ "index.ts": "for (;;) {}" }, { timeoutMs: 2000 });
    expect(error.message).toContain("did not end within 2 s");
  });

  it("is not waited for once it has failed", async () => {
    const start = Date.now();
    const error = await failure({ "index.ts": 'setInterval(() => {}, 1000);\nthrow new Error("enough");' });
    expect(error.message).toBe("The program in DIR failed at index.ts:2:7: Error: enough");
    expect(Date.now() - start).toBeLessThan(20_000);
  });
});
