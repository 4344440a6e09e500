import { isIPv6 } from "node:net";
import type { Finding, Report, Severity } from "../../policies/analysis/verdict/report";
import { printable, printableLine } from "../../policies/printable";
import { waiverText } from "../../policies/waivers";
import { count, hang, type Paint, pad, painter, type Style, wrap } from "./layout";
import { byUrgency, isDecisive, markOf } from "./marks";
import { type Names, namesOf } from "./names";
import { renderPath } from "./path";
import { exposureSection, goneSection, unmodelledSection, waiverSection } from "./sections";

export interface PrettyOptions {
  readonly color: boolean;
  /** Columns to wrap at. */
  readonly width: number;
}

/** A report for people: the verdict first, then each finding with its whole path, then who can reach what. */
export function renderPretty(report: Report, options: PrettyOptions): string {
  const paint = painter(options.color);
  const names = namesOf(report);
  const { width } = options;
  const blocks = [
    [headline(report, paint)],
    ...byUrgency(report.findings).map((finding) => renderFinding(finding, names, paint, width)),
    exposureSection(report.exposure, names, paint, width),
    unmodelledSection(report.unmodelled, names, paint, width),
    waiverSection(report.waivers, paint, width),
    goneSection(report, names, paint, width),
    assumptionSection(report.assumptions, paint, width),
    report.findings.length > 1 ? [headline(report, paint)] : [],
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n")}\n`;
}

const verdictStyles = {
  pass: ["bold", "green"],
  fail: ["bold", "red"],
  undetermined: ["bold", "yellow"],
} satisfies Record<Report["verdict"], Style>;

function headline(report: Report, paint: Paint): string {
  const verdict = paint(verdictStyles[report.verdict], report.verdict.toUpperCase());
  return `${verdict}  ${printable(report.stack)}: ${tally(report.findings)}`;
}

/** `1 violation, 2 undetermined, 3 advisory, 1 waived`; what decides the verdict comes first. */
export function tally(findings: readonly Finding[]): string {
  const decisive = findings.filter(isDecisive);
  const violations = decisive.filter((f) => f.outcome === "violation").length;
  const undetermined = decisive.length - violations;
  const waived = findings.filter((f) => f.outcome === "waived").length;
  const known = findings.filter((f) => f.outcome !== "waived" && f.baseline === "known").length;
  const advisory = findings.length - decisive.length - waived - known;
  const parts = [
    violations > 0 && count(violations, "violation"),
    undetermined > 0 && `${undetermined} undetermined`,
    advisory > 0 && `${advisory} advisory`,
    waived > 0 && `${waived} waived`,
    known > 0 && `${known} known before`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? "no findings" : parts.join(", ");
}

const severityStyles = {
  critical: ["bold", "red"],
  high: "red",
  medium: "yellow",
  low: "cyan",
} satisfies Record<Severity, Style>;

export function renderFinding(finding: Finding, names: Names, paint: Paint, width: number): string[] {
  const lines = [title(finding, paint), subject(finding, names, paint)];
  lines.push(...wrap(printableLine(finding.message), width - 2).map((line) => `  ${line}`));
  if (finding.path.length > 0) lines.push("", ...renderPath(finding.path, names, paint, width), "");
  const note = (label: string, text: string) => {
    const [first = "", ...rest] = hang(pad(`  ${label}`, 11), printableLine(text), width);
    lines.push(`  ${paint("bold", label)}${first.slice(label.length + 2)}`, ...rest);
  };
  if (finding.witness !== undefined) note("packet", packet(finding.witness, names));
  if (finding.waiver !== undefined) note("waived", waiverText(finding.waiver));
  note("fix", finding.remediation);
  for (const assumption of finding.assumptions) note("assumes", assumption);
  lines.push(paint("dim", `  ${pad("resource", 9)}${printable(finding.resource)}`));
  return lines;
}

/** `✗ critical  open-relay-path`, and what makes it less than a mandatory violation. */
function title(finding: Finding, paint: Paint): string {
  const known = markOf(finding) === "known";
  const mark = { violation: finding.enforcement === "mandatory" ? "✗" : "!", undetermined: "?", waived: "-" }[
    finding.outcome
  ];
  const style = known || finding.outcome === "waived" ? "dim" : severityStyles[finding.severity];
  const remarks = [
    ...(finding.outcome === "violation" ? [] : [finding.outcome]),
    ...(finding.enforcement === "advisory" && finding.outcome !== "waived" ? ["advisory"] : []),
    ...(known ? ["known before"] : finding.baseline === "worse" ? ["worse than before"] : []),
  ];
  const remark = remarks.length === 0 ? "" : `  (${remarks.join(", ")})`;
  return `${paint(style, `${known ? "=" : mark} ${finding.severity}`)}  ${paint("bold", printable(finding.policy))}${remark}`;
}

function subject(finding: Finding, names: Names, paint: Paint): string {
  const { location } = finding;
  const place = location === undefined ? "" : `  ${printable(location.file)}:${location.line}:${location.column}`;
  return `  ${names.typed(finding.resource)}${paint("cyan", place)}`;
}

export function packet(witness: NonNullable<Finding["witness"]>, names: Names): string {
  const show = (address: string) => (address.startsWith("urn:") ? names.typed(address) : address);
  const seen = witness.seenSource === witness.source ? "" : `, which the server sees as ${show(witness.seenSource)}`;
  const target = isIPv6(witness.destination) ? `[${witness.destination}]` : show(witness.destination);
  return `${show(witness.source)} -> ${target}:${witness.port}${seen}`;
}

function assumptionSection(assumptions: readonly string[], paint: Paint, width: number): string[] {
  if (assumptions.length === 0) return [];
  return [
    paint("bold", "Assumed where the program says nothing"),
    ...assumptions.flatMap((assumption) => hang("  - ", printableLine(assumption), width)),
  ];
}
