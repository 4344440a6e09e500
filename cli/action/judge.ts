import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "sarif";
import type { Report } from "../../policies/analysis/verdict/report";
import { printableLine } from "../../policies/printable";
import type { Inputs } from "./inputs";

/** The same question about two checkouts: what was there before the change, and what is there now. */

export interface Judged {
  readonly report: Report;
  readonly sarif: Log;
}

/** Why there is no answer, in one line. */
export interface Failure {
  readonly failure: string;
}

export type Outcome = Judged | Failure;

/**
 * Checks the program of a checkout, in a process of its own, and leaves the reports in a folder.
 *
 * @param root the checkout
 */
export function judgeCheckout(inputs: Inputs, root: string, reports: string): Outcome {
  mkdirSync(reports, { recursive: true });
  const file = (name: string) => join(reports, name);
  const option = (name: string, value: string | null) => (value === null ? [] : [`--${name}`, value]);
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      join(__dirname, "../../../cli/relayproof.js"),
      "check",
      join(root, inputs.directory),
      ...option("stack", inputs.stack),
      ...option("fixtures", inputs.fixtures),
      ...option("policy-config", inputs.policyConfig),
      ...["json=report.json", "sarif=report.sarif", "html=report.html", "markdown=report.md"].flatMap((output) => {
        const [format, name = ""] = output.split("=");
        return ["--output", `${format}=${file(name)}`];
      }),
    ],
    { cwd: root, env: environment, encoding: "utf8", stdio: ["ignore", "inherit", "pipe"] },
  );
  process.stderr.write(stderr);
  if (status !== 0 && status !== 1) return { failure: lastLine(stderr) ?? `relayproof ended with status ${status}` };
  return { report: read(file("report.json")), sarif: read(file("report.sarif")) };
}

/** Checks what was there before, in a checkout of its own that is gone afterwards. Its program has dependencies of its own. */
export function judgeBase(inputs: Inputs, reports: string): Outcome {
  const tree = join(inputs.temporary, "relayproof-base");
  const git = (...args: string[]) => run("git", ["-C", inputs.workspace, ...args], inputs.workspace);
  const isHere = (commit: string) => git("cat-file", "-e", `${commit}^{commit}`) === null;
  try {
    const commit = inputs.base.find(isHere) ?? inputs.base.at(-1) ?? "";
    if (!isHere(commit)) must(git("fetch", "--no-tags", "--depth=1", "origin", commit));
    must(git("worktree", "add", "--force", "--detach", tree, commit));
    const directory = join(tree, inputs.directory);
    if (!existsSync(directory)) return { failure: `there is no ${inputs.directory} in ${commit}` };
    if (inputs.install !== "auto") must(run("bash", ["-euo", "pipefail", "-c", inputs.install], directory));
    else if (existsSync(join(directory, "package-lock.json")))
      must(run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], directory));
    return judgeCheckout(inputs, tree, reports);
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  } finally {
    git("worktree", "remove", "--force", tree);
    rmSync(tree, { recursive: true, force: true });
  }
}

/** The token of the workflow is nothing for a program that a pull request brings along. */
const { INPUT_TOKEN: _, ...environment } = process.env;

/** @returns null, or what went wrong */
function run(command: string, args: readonly string[], cwd: string): string | null {
  const { status, error, stderr } = spawnSync(command, args, {
    cwd,
    env: environment,
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
  });
  if (status === 0) return null;
  return `${command} ${args.join(" ")}: ${error?.message ?? lastLine(stderr) ?? `status ${status}`}`;
}

function must(problem: string | null): void {
  if (problem !== null) throw new Error(problem);
}

function lastLine(text: string): string | undefined {
  const lines = text.split("\n").map((line) => printableLine(line).trim());
  return lines.filter((line) => line !== "").at(-1);
}

function read<T>(file: string): T {
  return JSON.parse(readFileSync(file, "utf8")) as T;
}
