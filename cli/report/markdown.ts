import type { Finding, PathStep, Report } from "../../policies/analysis/verdict/report";
import { printableLine } from "../../policies/printable";
import { waiverNotices, waiverText } from "../../policies/waivers";
import { codeMarkdown as code, escapeMarkdown as text } from "./escape-markdown";
import { abbreviate, count } from "./layout";
import { Blocks, fitting, folded, LONGEST_COMMENT, size } from "./markdown-blocks";
import { byUrgency } from "./marks";
import { renderMermaid } from "./mermaid";
import { type Names, namesOf } from "./names";
import { perimeterMap } from "./perimeter-map";
import { tally } from "./pretty";
import { goneLines } from "./sections";

/** What of a comment the lines of the findings, and the diagram, may take. */
const LINES = 0.46;
const DIAGRAM = 0.18;

/**
 * A comment on a pull request: the verdict, a line for each finding, the perimeter as a diagram, and all else folded. What finds no
 * room is left out, details first, and counted.
 *
 * @param limit what it may take, in bytes
 */
export function renderMarkdown(report: Report, limit = LONGEST_COMMENT): string {
  const names = namesOf(report);
  const blocks = new Blocks(limit);
  const add = (block: string) => blocks.add(block);

  add(headline(report));
  for (const notice of waiverNotices(report.waivers).slice(0, 20)) add(`> ${text(notice)}`);
  const findings = byUrgency(report.findings);
  const lines = fitting(
    findings.map((finding) => findingLine(finding, names)),
    LINES * limit,
  );
  if (lines.length > 0) add(lines.join("\n"));
  const diagram = `\`\`\`mermaid\n${renderMermaid(perimeterMap(report))}\`\`\``;
  if (report.hosts.length > 0 && size(diagram) <= DIAGRAM * limit) add(diagram);
  let shown = 0;
  for (const finding of findings) {
    if (blocks.isFull) break;
    if (add(foldedFinding(finding, names))) shown++;
  }
  for (const section of [
    exposure(report, names),
    waivers(report),
    gone(report, names),
    unmodelled(report, names),
    assumptions(report),
  ])
    if (section !== null) add(section);

  const missing = [
    report.findings.length > lines.length && `${count(report.findings.length - lines.length, "finding")} and`,
    report.findings.length > shown && `the details of ${count(report.findings.length - shown, "finding")}`,
  ].filter((part) => part !== false);
  return blocks.text(missing);
}

const verdicts = {
  pass: "✅ Relayproof: pass",
  fail: "❌ Relayproof: fail",
  undetermined: "⚠️ Relayproof: undetermined",
} satisfies Record<Report["verdict"], string>;

function headline(report: Report): string {
  return `## ${verdicts[report.verdict]}\n\n${code(report.stack)}: **${tally(report.findings)}**`;
}

function mark({ outcome, enforcement, baseline }: Finding): string {
  if (outcome === "waived") return "⚪ waived";
  if (baseline === "known") return `⚪ known before${outcome === "undetermined" ? ", undetermined" : ""}`;
  const worse = baseline === "worse" ? ", worse than before" : "";
  const sign = outcome === "undetermined" ? "🟡 undetermined" : "🔴 violation";
  return enforcement === "advisory"
    ? `🔵 advice${outcome === "undetermined" ? ", undetermined" : ""}${worse}`
    : sign + worse;
}

/** One line: what it is, about what, and the sentence. */
export function findingLine(finding: Finding, names: Names): string {
  const { location, waiver } = finding;
  const place = location === undefined ? "" : ` (${code(`${location.file}:${location.line}`)})`;
  const terms = waiver === undefined ? "" : ` _Waived: ${text(waiverText(waiver))}_`;
  return `- ${mark(finding)} · **${finding.severity}** · ${code(names.typed(finding.resource))}${place}: ${text(finding.message)}${terms}`;
}

/** All about a finding, folded. */
export function foldedFinding(finding: Finding, names: Names): string {
  return folded(summary(finding, names), detail(finding, names));
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

function gone(report: Report, names: Names): string | null {
  if (report.baseline === undefined) return null;
  const lines = goneLines(report, names);
  const items = lines.slice(0, ROWS).map((line) => `- ${text(line)}`);
  return lines.length === 0
    ? null
    : folded(`Gone since the baseline: ${count(lines.length, "finding")}`, items.join("\n"));
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
