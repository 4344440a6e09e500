import type { Finding } from "../../policies/analysis/verdict/report";
import { type Difference, type ExposureChange, type FindingChange, opens, worse } from "./difference";
import {
  differenceTally,
  doubtOf,
  findingSummary,
  isClosed,
  isDoubt,
  notCompared,
  sendersText,
  sourcesOf,
} from "./difference-text";
import { codeMarkdown as code, escapeMarkdown as text } from "./escape-markdown";
import { count } from "./layout";
import { findingLine, foldedFinding } from "./markdown";
import { Blocks, fitting, folded, LONGEST_COMMENT } from "./markdown-blocks";
import { byUrgency } from "./marks";
import { type Names, namesOf } from "./names";

/** What of a comment one list may take. */
const LIST = 0.3;

/**
 * What a change does, for a pull request: whether anything opens, what opens, the new findings; what closes and all else is folded.
 *
 * @param limit what it may take, in bytes
 */
export function renderDifferenceMarkdown(found: Difference, limit = LONGEST_COMMENT): string {
  const { exposure, findings } = found;
  const worsened = findings.changed.filter(worse);
  const names = namesOf({
    findings: [...findings.new, ...findings.gone, ...findings.changed.map(({ after }) => after)],
    exposure,
    hosts: found.roles,
  });
  const blocks = new Blocks(limit);
  const cut = new Set<string>();
  const list = (lines: readonly string[], what: string) => {
    const shown = fitting(lines, LIST * limit);
    if (shown.length < lines.length) cut.add(count(lines.length - shown.length, what));
    return shown.join("\n");
  };
  const add = (block: string, what: string) => {
    if (!blocks.add(block)) cut.add(what);
  };

  add(headline(found), "");
  const opened = exposure.filter(opens);
  if (opened.length > 0) add(table("Opens", opened), "what opens");
  const open = byUrgency([...findings.new, ...worsened.map(({ after }) => after)]);
  if (open.length > 0) {
    const lines = open.map((finding) => findingLine(finding, names));
    add(`**New or worse findings**\n\n${list(lines, "new finding")}`, "the new findings");
  }
  for (const finding of open) {
    if (blocks.isFull || !blocks.add(foldedFinding(finding, names))) cut.add("details of new findings");
  }
  for (const [title, rows] of [
    ["No longer certain", exposure.filter(isDoubt)],
    ["Closes", exposure.filter(isClosed)],
  ] as const)
    if (rows.length > 0) add(folded(title, table(null, rows)), title.toLowerCase());
  section(
    "Findings otherwise changed",
    findings.changed.filter((change) => !worse(change)).map((change) => changed(change, names)),
  );
  section(
    "Findings that are gone",
    findings.gone.map((finding) => gone(finding, names)),
  );
  section(
    "Roles",
    found.roles.map(({ resource, ...change }) => `- ${code(names.short(resource))}: ${fromTo(change)}`),
  );
  section(
    "Approved senders",
    found.approvedSenders.map((change) => `- ${change.change}: ${text(sendersText(change, names))}`),
  );
  section(
    "Policies",
    found.policies.map(({ policy, ...change }) => `- ${text(policy)}: ${fromTo(change)}`),
  );
  if (found.notCompared.length > 0) add(`_${text(notCompared(found))}_`, "");
  return blocks.text(cut.size === 0 ? [] : [[...cut].filter((what) => what !== "").join(", ")]);

  function section(title: string, lines: readonly string[]): void {
    if (lines.length > 0) add(folded(title, list(lines, "line")), title.toLowerCase());
  }

  function table(title: string | null, rows: readonly ExposureChange[]): string {
    const head = [
      ...(title === null ? [] : [`**${title}**`, ""]),
      "| host | port | side | addresses |",
      "|---|---|---|---|",
    ];
    const lines = rows.map((row) => {
      const { resource, port, side } = row;
      return `| ${[code(names.short(resource)), port, side, text(sourcesOf(row, names) + doubtOf(row))].join(" | ")} |`;
    });
    return [...head, list(lines, "row")].join("\n");
  }
}

function headline(found: Difference): string {
  const verdict = found.opens
    ? "🔓 Relayproof: this change opens something"
    : "🔒 Relayproof: this change opens nothing";
  const stacks = [...new Set([found.old.stack, found.new.stack])].map(code).join(" → ");
  return `## ${verdict}\n\n${stacks}: **${differenceTally(found)}**`;
}

function changed({ before, after }: FindingChange, names: Names): string {
  const about = `${text(after.policy)}, ${code(names.typed(after.resource))}`;
  return `- ${about}<br>before: ${text(findingSummary(before))}<br>now: ${text(findingSummary(after))}`;
}

function gone(finding: Finding, names: Names): string {
  return `- ${text(finding.policy)}, ${code(names.typed(finding.resource))}: ${text(finding.message)}`;
}

function fromTo({ before, after }: { readonly before: string | null; readonly after: string | null }): string {
  return `${before ?? "none"} → ${after ?? "none"}`;
}
