import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { printableLine } from "../../policies/printable";
import { type Difference, difference } from "../report/difference";
import { renderDifferenceMarkdown } from "../report/difference-markdown";
import { codeMarkdown as code, escapeMarkdown as text } from "../report/escape-markdown";
import { renderMarkdown } from "../report/markdown";
import { LONGEST_COMMENT } from "../report/markdown-blocks";
import { safeJson } from "../report/safe-json";
import { InputError } from "../sources/input-error";
import { GitHubError, keepComment, uploadSarif } from "./github";
import { type Inputs, readInputs } from "./inputs";
import { judgeBase, judgeCheckout, type Outcome } from "./judge";
import { annotations, command, withoutSuppressed } from "./sarif";

/** The GitHub Action: judges what is checked out, compares it with what was there before, and says so where reviewers look. */
async function main(): Promise<number> {
  const inputs = readInputs(process.env);
  const reports = join(inputs.temporary, "relayproof-reports");
  const after = judgeCheckout(inputs, inputs.workspace, reports);
  const before = inputs.base.length === 0 ? null : judgeBase(inputs, join(reports, "base"));
  const found = compare(before, after);
  if (found !== null) writeFileSync(join(reports, "difference.json"), safeJson(found));

  const page = describe(before, after, found);
  appendFileSync(inputs.summaryFile, page);
  const verdict = "failure" in after ? "" : after.report.verdict;
  appendFileSync(inputs.outputFile, `verdict=${verdict}\nopens=${found?.opens ?? ""}\nreports=${reports}\n`);
  if ("failure" in after) say("error", `The stack could not be judged: ${after.failure}`);
  else for (const line of annotations(after.sarif)) console.log(line);

  const { github } = inputs;
  const { pullRequest } = github;
  if (inputs.comment && pullRequest !== null)
    await attempt("comment", () => keepComment({ ...github, pullRequest }, markerOf(inputs), page));
  if (inputs.codeScanning && !("failure" in after))
    await attempt("code-scanning", () => uploadSarif(github, safeJson(withoutSuppressed(after.sarif))));
  return statusOf(inputs, after, found);
}

function compare(before: Outcome | null, after: Outcome): Difference | null {
  if (before === null || "failure" in before || "failure" in after) return null;
  return difference(before.report, after.report);
}

/** The verdict first, then what the change does; together no longer than a comment may be. */
function describe(before: Outcome | null, after: Outcome, found: Difference | null): string {
  if ("failure" in after) return `## ❌ Relayproof: the stack could not be judged\n\n${code(after.failure)}\n`;
  const room = LONGEST_COMMENT - 1_000;
  if (found !== null)
    return `${renderMarkdown(after.report, room * 0.6)}\n${renderDifferenceMarkdown(found, room * 0.4)}`;
  const why =
    before !== null && "failure" in before
      ? `\n_Not compared with what was there before: ${text(before.failure)}_\n`
      : "";
  return renderMarkdown(after.report, room) + why;
}

/** One comment for each stack that a workflow checks. */
function markerOf({ directory, stack }: Inputs): string {
  const key = `${directory} ${stack ?? ""}`.replaceAll("-->", "").trim();
  return `<!-- relayproof: ${printableLine(key)} -->`;
}

function statusOf({ failOn }: Inputs, after: Outcome, found: Difference | null): number {
  if ("failure" in after) return 2;
  if (failOn === "never") return 0;
  // Without a comparison nobody can say that nothing opens.
  const open = failOn === "opens" && found !== null ? found.opens : after.report.verdict !== "pass";
  return open ? 1 : 0;
}

/** What GitHub does not allow changes neither the verdict nor what the summary says. */
async function attempt(input: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    say("warning", `${input}: ${error.message}`);
  }
}

function say(kind: "error" | "warning", what: string): void {
  console.log(command(kind, printableLine(what), { title: "Relayproof" }));
}

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    say("error", error instanceof InputError ? message : `internal error: ${message}`);
    process.exitCode = 2;
  },
);
