import type { Finding, PathStep, Report } from "../../policies/analysis/verdict/report";
import { printableLine } from "../../policies/printable";
import { waiverNotices, waiverText } from "../../policies/waivers";
import { codeMarkdown as code, escapeMarkdown as text } from "./escape-markdown";
import { abbreviate, count } from "./layout";
import { byUrgency } from "./marks";
import { renderMermaid } from "./mermaid";
import { type Names, namesOf } from "./names";
import { perimeterMap } from "./perimeter-map";
import { tally } from "./pretty";

/** What a comment on GitHub may hold, in characters; a byte is never more than one of them. GitLab and Azure DevOps take more. */
export const LONGEST_COMMENT = 65_536;

/** What the lines of the findings, and the diagram, may take of it. */
const LINES = 30_000;
const DIAGRAM = 12_000;
const NOTE = 400;

/**
 * A comment on a pull request: the verdict, a line for each finding, the perimeter as a diagram, and all else folded. What finds no
 * room is left out, details first, and counted.
 */
export function renderMarkdown(report: Report): string {
  const names = namesOf(report);
  const budget = new Budget(LONGEST_COMMENT - NOTE);
  const blocks: string[] = [];
  const add = (block: string) => {
    const fits = budget.take(block);
    if (fits) blocks.push(block);
    return fits;
  };

  add(headline(report));
  for (const notice of waiverNotices(report.waivers).slice(0, 20)) add(`> ${text(notice)}`);
  const findings = byUrgency(report.findings);
  const lines = fitting(
    findings.map((finding) => line(finding, names)),
    LINES,
  );
  if (lines.length > 0) add(lines.join("\n"));
  const diagram = `\`\`\`mermaid\n${renderMermaid(perimeterMap(report))}\`\`\``;
  if (report.hosts.length > 0 && size(diagram) <= DIAGRAM) add(diagram);
  let shown = 0;
  for (const finding of findings) {
    if (budget.isSpent) break;
    if (add(folded(summary(finding, names), detail(finding, names)))) shown++;
  }
  for (const section of [exposure(report, names), waivers(report), unmodelled(report, names), assumptions(report)])
    if (section !== null) add(section);

  const missing = [
    report.findings.length > lines.length && `${count(report.findings.length - lines.length, "finding")} and`,
    report.findings.length > shown && `the details of ${count(report.findings.length - shown, "finding")}`,
  ].filter((part) => part !== false);
  if (missing.length > 0)
    blocks.push(`_Left out for want of room: ${missing.join(" ")}. Another format of the report has them._`);
  return `${blocks.join("\n\n")}\n`;
}

class Budget {
  private left: number;

  constructor(left: number) {
    this.left = left;
  }

  /** Too little is left for anything worth reading. */
  get isSpent(): boolean {
    return this.left < 500;
  }

  /** Whether a block, and the empty line before it, still fits; then it is taken off. */
  take(block: string): boolean {
    const needed = size(block) + 2;
    if (needed > this.left) return false;
    this.left -= needed;
    return true;
  }
}

function size(block: string): number {
  return Buffer.byteLength(block);
}

function fitting(lines: readonly string[], limit: number): string[] {
  let left = limit;
  const end = lines.findIndex((one) => {
    left -= size(one) + 1;
    return left < 0;
  });
  return lines.slice(0, end === -1 ? lines.length : end);
}

const verdicts = {
  pass: "✅ Relayproof: pass",
  fail: "❌ Relayproof: fail",
  undetermined: "⚠️ Relayproof: undetermined",
} satisfies Record<Report["verdict"], string>;

function headline(report: Report): string {
  return `## ${verdicts[report.verdict]}\n\n${code(report.stack)}: **${tally(report.findings)}**`;
}

function mark({ outcome, enforcement }: Finding): string {
  if (outcome === "waived") return "⚪ waived";
  const sign = outcome === "undetermined" ? "🟡 undetermined" : "🔴 violation";
  return enforcement === "advisory" ? `🔵 advice${outcome === "undetermined" ? ", undetermined" : ""}` : sign;
}

/** One line: what it is, about what, and the sentence. */
function line(finding: Finding, names: Names): string {
  const { location, waiver } = finding;
  const place = location === undefined ? "" : ` (${code(`${location.file}:${location.line}`)})`;
  const terms = waiver === undefined ? "" : ` _Waived: ${text(waiverText(waiver))}_`;
  return `- ${mark(finding)} · **${finding.severity}** · ${code(names.typed(finding.resource))}${place}: ${text(finding.message)}${terms}`;
}

function summary(finding: Finding, names: Names): string {
  return `${mark(finding)}: ${text(finding.policy)}, ${code(names.typed(finding.resource))}`;
}

function detail(finding: Finding, names: Names): string {
  const { witness, path, waiver } = finding;
  return [
    text(finding.message),
    ...(path.length > 0 ? [path.map((step, i) => `${i + 1}. ${hop(step, names)}`).join("\n")] : []),
    [
      `**Fix:** ${text(finding.remediation)}`,
      ...(witness === undefined
        ? []
        : [
            `**Packet:** ${code(witness.source)} → ${code(witness.destination)} port ${witness.port}, seen as ${code(witness.seenSource)}`,
          ]),
      ...(waiver === undefined ? [] : [`**Waived:** ${text(waiverText(waiver))}`]),
      ...finding.assumptions.map((assumption) => `**Assumes:** ${text(assumption)}`),
      `**Resource:** ${code(finding.resource)}`,
    ].join("<br>\n"),
  ].join("\n\n");
}

function hop({ kind, resource, detail: what, location }: PathStep, names: Names): string {
  const name = resource === null ? "" : `${code(names.typed(resource))} `;
  const place = location === undefined ? "" : ` (${code(`${location.file}:${location.line}`)})`;
  return `**${kind}** ${name}${text(what)}${place}`;
}

/** HTML around Markdown, which begins again after an empty line. */
function folded(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
}

const ROWS = 100;

function exposure({ exposure: rows }: Report, names: Names): string | null {
  const title = "Who can connect to SMTP";
  if (rows.length === 0) return folded(title, "Nobody: no host can be reached on an SMTP port.");
  const table = rows.slice(0, ROWS).map(({ resource, port, internet, internal, undetermined }) => {
    const open = undetermined.map(
      ({ side, sources, reason }) => `${side} ${abbreviate(sources.map(plain), 4)}: ${reason}`,
    );
    return `| ${[code(names.short(resource)), String(port), prefixes(internet), prefixes(internal), text(open.join("; "))].join(" | ")} |`;
  });
  const rest = rows.length > ROWS ? [`\n${count(rows.length - ROWS, "more row")}.`] : [];
  return folded(
    title,
    [
      "| host | port | from the Internet | from inside | undetermined |",
      "|---|---|---|---|---|",
      ...table,
      ...rest,
    ].join("\n"),
  );

  function plain(source: string): string {
    return source.startsWith("urn:") ? names.typed(source) : source;
  }

  function prefixes(list: readonly string[]): string {
    return text(abbreviate(list.map(plain), 6));
  }
}

function waivers({ waivers: all }: Report): string | null {
  if (all.length === 0) return null;
  const items = all.map(
    (waiver) => `- **${waiver.state}** · ${text(waiver.policy)} · ${code(waiver.urn)} · ${text(waiverText(waiver))}`,
  );
  return folded("Waivers", items.join("\n"));
}

function unmodelled({ unmodelled: rows }: Report, names: Names): string | null {
  if (rows.length === 0) return null;
  const items = rows.slice(0, ROWS).map(({ resource, reason }) => `- ${code(names.typed(resource))}: ${text(reason)}`);
  return folded(`Not modelled: ${count(rows.length, "resource")}`, items.join("\n"));
}

function assumptions({ assumptions: all }: Report): string | null {
  if (all.length === 0) return null;
  return folded("Assumed where the program says nothing", all.map((one) => `- ${text(printableLine(one))}`).join("\n"));
}
