import { allV4, allV6, intersect, subtract, unionAll } from "../../policies/analysis/net/addr";
import { parseCidr } from "../../policies/analysis/net/cidr";
import { cover, DONT_CARE } from "../../policies/analysis/net/cover";
import type { Finding } from "../../policies/analysis/verdict/report";
import { printable, printableLine } from "../../policies/printable";
import { type Difference, type ExposureChange, type FindingChange, opens, type RoleChange, worse } from "./difference";
import { abbreviate, count, hang, length, type Paint, pad, painter } from "./layout";
import { byUrgency } from "./marks";
import { type Names, namesOf } from "./names";
import { type PrettyOptions, renderFinding } from "./pretty";

/** Prefixes shown of one change; the JSON output holds them all. */
const SHOWN_PREFIXES = 12;

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
    found.notCompared.length === 0 ? [] : ["Roles were not compared: a report of an older version does not have them."],
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
      return [...renderFinding(after, names, paint, width), ...hang("  before   ", summary(before), width)];
    return [
      `  ${paint("bold", printable(after.policy))}  ${names.typed(after.resource)}`,
      ...hang("    before  ", summary(before), width),
      ...hang("    now     ", summary(after), width),
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
}

function isClosed({ after }: ExposureChange): boolean {
  return after === "closed";
}

/** What certainly connected, and may still. */
function isDoubt({ before, after }: ExposureChange): boolean {
  return before === "open" && after === "undetermined";
}

function summary({ severity, enforcement, outcome, message }: Finding): string {
  return `${[severity, enforcement, outcome].join(", ")}: ${printableLine(message)}`;
}

function headline(found: Difference, paint: Paint): string {
  const { exposure, findings, roles } = found;
  const [opened, closed, doubts] = [opens, isClosed, isDoubt].map((is) => exposure.filter(is).length) as [
    number,
    number,
    number,
  ];
  const parts = [
    opened > 0 && `${count(opened, "exposure")} opened`,
    closed > 0 && `${count(closed, "exposure")} closed`,
    doubts > 0 && `${count(doubts, "exposure")} no longer certain`,
    findings.new.length > 0 && `${count(findings.new.length, "finding")} new`,
    findings.changed.length > 0 && `${findings.changed.length} changed`,
    findings.gone.length > 0 && `${findings.gone.length} gone`,
    roles.length > 0 && `${count(roles.length, "role")} changed`,
  ].filter((part) => part !== false);
  const verdict = found.opens ? paint(["bold", "red"], "OPENS") : paint(["bold", "green"], "NOTHING OPENS");
  const stacks = [...new Set([found.old.stack, found.new.stack])].map(printable).join(" -> ");
  return `${verdict}  ${stacks}: ${parts.length === 0 ? "no difference" : parts.join(", ")}`;
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
      const shown = abbreviate(side === "internet" ? briefly(sources) : sources.map(named), SHOWN_PREFIXES);
      const remark =
        after === "undetermined"
          ? ` (undetermined: ${[...new Set(reasons.map(({ text }) => printableLine(text)))].join("; ")})`
          : before === "undetermined"
            ? " (was undetermined)"
            : "";
      const again = places[i] === places[i - 1];
      const lead = `  ${pad(again ? "" : (places[i] ?? ""), place)}  ${pad(side, 8)}  `;
      return hang(lead, shown + remark, width);
    }),
  ];

  function named(source: string): string {
    return source.startsWith("urn:") ? names.typed(source) : printable(source);
  }
}

/** Of what is nearly everything, only what is left out is named: `0.0.0.0/0 without 192.0.2.0/24`. */
function briefly(sources: readonly string[]): string[] {
  const set = unionAll(sources.flatMap((source) => parseCidr(source) ?? []));
  return [allV4, allV6].flatMap((family) => {
    const inside = cover(intersect(family, set), DONT_CARE);
    const outside = cover(subtract(family, set), DONT_CARE);
    if (inside.length <= outside.length + 1) return inside;
    return [`${cover(family, DONT_CARE).join()} without ${abbreviate(outside, SHOWN_PREFIXES)}`];
  });
}
