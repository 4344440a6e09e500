import type { Finding } from "../../policies/analysis/verdict/report";
import { printable, printableLine } from "../../policies/printable";
import { type Difference, type ExposureChange, type FindingChange, opens, worse } from "./difference";
import type { EnforcementChange, RoleChange, SenderChange } from "./difference-settings";
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
import { hang, length, type Paint, pad, painter } from "./layout";
import { byUrgency } from "./marks";
import { type Names, namesOf } from "./names";
import { type PrettyOptions, renderFinding } from "./pretty";

/** A difference for people: whether anything opens first, then what opens, then everything else. */
export function renderDifference(found: Difference, { color, width }: PrettyOptions): string {
  const paint = painter(color);
  const { findings } = found;
  const names = namesOf({
    findings: [...findings.new, ...findings.gone, ...findings.changed.map(({ after }) => after)],
    exposure: found.exposure,
    hosts: found.roles,
  });
  const table = (title: string, rows: readonly ExposureChange[]) => exposureTable(title, rows, names, paint, width);
  const blocks = [
    [headline(found, paint)],
    table("Opens", found.exposure.filter(opens)),
    ...section("New findings", byUrgency(findings.new), (finding) => renderFinding(finding, names, paint, width)),
    ...section("Changed findings", findings.changed, changed),
    table("No longer certain", found.exposure.filter(isDoubt)),
    table("Closes", found.exposure.filter(isClosed)),
    ...section(
      "Findings that are gone",
      [findings.gone].filter((gone) => gone.length > 0),
      (gone) => gone.flatMap(line),
    ),
    ...section(
      "Roles",
      [found.roles].filter((roles) => roles.length > 0),
      (roles) => roles.map(role),
    ),
    ...section(
      "Approved senders",
      [found.approvedSenders].filter((senders) => senders.length > 0),
      (senders) => senders.flatMap(sender),
    ),
    ...section(
      "Policies",
      [found.policies].filter((policies) => policies.length > 0),
      (policies) => policies.map(enforcement),
    ),
    found.notCompared.length === 0 ? [] : hang("", notCompared(found), width),
  ];
  return `${blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n")}\n`;

  function section<T>(title: string, items: readonly T[], render: (item: T) => string[]): string[][] {
    return items.map((item, i) => (i === 0 ? [paint("bold", title), ...render(item)] : render(item)));
  }

  /** Whole if it has become worse; otherwise what it said and says. */
  function changed(change: FindingChange): string[] {
    const { before, after } = change;
    if (worse(change))
      return [...renderFinding(after, names, paint, width), ...hang("  before   ", findingSummary(before), width)];
    return [
      `  ${paint("bold", printable(after.policy))}  ${names.typed(after.resource)}`,
      ...hang("    before  ", findingSummary(before), width),
      ...hang("    now     ", findingSummary(after), width),
    ];
  }

  function line(finding: Finding): string[] {
    return hang(
      "  - ",
      `${printable(finding.policy)}, ${names.typed(finding.resource)}: ${printableLine(finding.message)}`,
      width,
    );
  }

  function role({ resource, before, after }: RoleChange): string {
    return `  ${names.short(resource)}: ${before ?? "none"} -> ${after ?? "none"}`;
  }

  function sender({ change, ports, sources }: SenderChange): string[] {
    return hang(`  ${pad(change, 9)}  `, sendersText({ ports, sources }, names), width);
  }

  function enforcement({ policy, before, after }: EnforcementChange): string {
    return `  ${printable(policy)}: ${before ?? "none"} -> ${after ?? "none"}`;
  }
}

function headline(found: Difference, paint: Paint): string {
  const verdict = found.opens ? paint(["bold", "red"], "OPENS") : paint(["bold", "green"], "NOTHING OPENS");
  const stacks = [...new Set([found.old.stack, found.new.stack])].map(printable).join(" -> ");
  return `${verdict}  ${stacks}: ${differenceTally(found)}`;
}

function exposureTable(
  title: string,
  rows: readonly ExposureChange[],
  names: Names,
  paint: Paint,
  width: number,
): string[] {
  if (rows.length === 0) return [];
  const places = rows.map(({ resource, port }) => `${names.short(resource)}:${port}`);
  const place = Math.max(...places.map(length));
  return [
    paint("bold", title),
    ...rows.flatMap(({ side, before, after, sources, reasons }, i) => {
      const shown = sourcesOf({ side, sources }, names);
      const remark = doubtOf({ before, after, reasons });
      const again = places[i] === places[i - 1];
      const lead = `  ${pad(again ? "" : (places[i] ?? ""), place)}  ${pad(side, 8)}  `;
      return hang(lead, shown + remark, width);
    }),
  ];
}
