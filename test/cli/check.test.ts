import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { formats } from "../../cli/commands/outputs";
import { startProgress } from "../../cli/commands/progress";
import { originOf } from "../../cli/commands/repository";
import { findJsonError } from "../../cli/sources/json-file";
import { command, relayproof } from "./run";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(__dirname, "tmp-"));
  writeFileSync(join(folder, "Pulumi.yaml"), "name: bare\nruntime: nodejs\nmain: index.js\n");
  writeFileSync(
    join(folder, "index.js"),
    'const { CustomResource } = require("@pulumi/pulumi");\nnew CustomResource("random:index/randomId:RandomId", "id", {});\n',
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("relayproof", () => {
  it("shows its help and its version", () => {
    for (const args of [["--help"], ["check", "--help"], ["diff", "--help"]]) {
      const help = relayproof(args);
      expect({ status: help.status, stderr: help.stderr }).toEqual({ status: 0, stderr: "" });
      expect(help.stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
    }
    expect(relayproof(["check", "--help"]).stdout).toContain("--policy-config FILE");
    const { version } = JSON.parse(readFileSync(join(__dirname, "../../package.json"), "utf8"));
    expect(relayproof(["--version"])).toEqual({ status: 0, stdout: `${version}\n`, stderr: "" });
  });

  it("passes a stack without hosts, in every format at once", () => {
    const outputs = formats.map((format) => `${format}=${join(folder, `report.${format}`)}`);
    const { status, stdout, stderr } = relayproof(
      ["check", "--format", "json", ...outputs.flatMap((output) => ["--output", output])],
      { cwd: folder, env: { FORCE_COLOR: "1" } },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const { policies, ...report } = JSON.parse(stdout);
    expect(report).toEqual({
      schemaVersion: 1,
      stack: "dev",
      verdict: "pass",
      findings: [],
      exposure: [],
      unmodelled: [],
      waivers: [],
      hosts: [],
      approvedSenders: [{ ports: [25, 465, 587, 2525], sources: [] }],
      assumptions: [],
    });
    expect(policies).toContainEqual({ name: "open-relay-path", severity: "critical", enforcement: "mandatory" });
    expect(readFileSync(join(folder, "report.json"), "utf8")).toBe(stdout);
    expect(readFileSync(join(folder, "report.pretty"), "utf8")).toMatch(/^PASS {2}dev: no findings\n/);
    for (const format of formats) {
      expect(readFileSync(join(folder, `report.${format}`), "utf8")).toMatch(/\n$/);
      expect(relayproof(["check", "--help"]).stdout).toContain(format);
    }
  });

  it("wonders about a program that declares nothing", () => {
    const empty = mkdtempSync(join(folder, "empty-"));
    writeFileSync(join(empty, "Pulumi.yaml"), "name: empty\nruntime: nodejs\nmain: index.js\n");
    writeFileSync(join(empty, "index.js"), "");
    const { status, stderr } = relayproof(["check", empty]);
    expect(status).toBe(0);
    expect(stderr).toMatch(/^relayproof: warning: the program declares no resources;/);
  });

  it("colours what it prints only where that is wanted", () => {
    expect(relayproof(["check"], { cwd: folder, env: { FORCE_COLOR: "1" } }).stdout).toContain("\u001b[");
    expect(relayproof(["check"], { cwd: folder }).stdout).not.toContain("\u001b");
  });

  it("says which part of a policy configuration it cannot follow", () => {
    const file = join(folder, "config.json");
    writeFileSync(file, '{"environments": ["base"]}');
    const { status, stderr } = relayproof(["check", "--policy-config", file], { cwd: folder });
    expect(status).toBe(0);
    expect(stderr).toBe(`relayproof: warning: ${file}: the environment "base" is ignored: only Pulumi can open it\n`);
  });
});

it("finds the root of the repository that a project lies in", () => {
  const outside = mkdtempSync(join(tmpdir(), "relayproof-"));
  mkdirSync(join(outside, "a/.git"), { recursive: true });
  mkdirSync(join(outside, "a/b/c"), { recursive: true });
  expect(originOf(join(outside, "a/b/c/Pulumi.yaml"))).toEqual({ directory: "b/c", file: "Pulumi.yaml" });
  expect(originOf(join(outside, "a/state.json"))).toEqual({ directory: "", file: "state.json" });
  expect(originOf(join(outside, "Pulumi.yaml"))).toEqual({ directory: "", file: "Pulumi.yaml" });
  rmSync(outside, { recursive: true });
});

it("takes the program along when it is stopped", async () => {
  const directory = mkdtempSync(join(folder, "hangs-"));
  const pidFile = join(directory, "pid");
  writeFileSync(join(directory, "Pulumi.yaml"), "name: hangs\nruntime: nodejs\nmain: index.js\n");
  writeFileSync(
    join(directory, "index.js"),
    `require("node:fs").writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); setInterval(() => {}, 1000);`,
  );
  const checker = spawn(process.execPath, [command, "check", directory], { stdio: "ignore" });
  const ended = new Promise((resolve) => checker.once("exit", resolve));
  const pid = await vi.waitFor(() => {
    const text = readFileSync(pidFile, "utf8");
    expect(text).toMatch(/^\d+$/);
    return Number(text);
  }, 20_000);
  checker.kill("SIGTERM");
  expect(await ended).toBe(143);
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow("ESRCH"), 5_000);
});

describe("the place where a text stops being JSON", () => {
  it.each(['{"a": [1, -2.5e3, true, null, "\\u00e9\\n"], "b": {}}', " [] ", "0", '"x"', '{"a":{"a":1}}'])(
    "%s has none",
    (text) => {
      expect(() => JSON.parse(text)).not.toThrow();
      expect(findJsonError(text)).toBeNull();
    },
  );

  it.each<[string, number]>([
    ["{a: 1}", 1],
    ["[1,]", 3],
    ["[1 2]", 3],
    ["01", 1],
    ['{"a" 1}', 5],
    ['"a\nb"', 0],
    ['"a\\x"', 0],
    ["[] []", 3],
    ["{'a': 1}", 1],
    ["NaN", 0],
  ])("%j is at %j", (text, offset) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(findJsonError(text)?.offset).toBe(offset);
  });

  it("is found in a text that is nested without end", () => {
    expect(findJsonError("[".repeat(100_000))?.message).toBe("nested too deeply");
  });
});

describe("the progress line", () => {
  function terminal(isTTY: boolean) {
    const written: string[] = [];
    const stream = { isTTY, columns: 80, write: (text: string) => written.push(text) > 0 };
    return { written, stream: stream as unknown as Parameters<typeof startProgress>[0] };
  }

  it("appears on a terminal after a second, and is taken away", async () => {
    const { written, stream } = terminal(true);
    const progress = startProgress(stream, "running the program");
    progress.update("12 resources\u001b[31m");
    expect(written).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    progress.stop();
    progress.stop();
    expect(written).toEqual(["\r\u001b[2Krelayproof: 12 resources\\u{1b}[31m (1 s)", "\r\u001b[2K"]);
  });

  it("is not shown to a file", async () => {
    const { written, stream } = terminal(false);
    const progress = startProgress(stream, "running the program");
    await new Promise((resolve) => setTimeout(resolve, 1100));
    progress.stop();
    expect(written).toEqual([]);
  });
});
