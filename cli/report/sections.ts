import type { ExposureRow, Report, Unmodelled, WaiverUse } from "../../policies/analysis/verdict/report";
import { printable, printableLine } from "../../policies/printable";
import { waiverAdvice, waiverText } from "../../policies/waivers";
import { abbreviate, hang, length, type Paint, pad } from "./layout";
import type { Names } from "./names";

/** Prefixes shown of one list, and resources of one reason; the JSON report holds them all. */
const SHOWN_PREFIXES = 6;
const SHOWN_RESOURCES = 8;

/** Who can connect: one row for each host, port and kind of source. */
export function exposureSection(rows: readonly ExposureRow[], names: Names, paint: Paint, width: number): string[] {
  const title = paint("bold", "Who can connect to SMTP");
  if (rows.length === 0) return [title, "  nobody: no host can be reached on an SMTP port"];
  const shown = rows.map(
    (row): Shown => ({ host: names.short(row.resource), row, ports: [row.port], sides: sidesOf(row) }),
  );
  const groups = merge(shown);
  const host = Math.min(28, Math.max(4, ...groups.map((group) => length(group.host))));
  const port = Math.max(4, ...groups.map((group) => group.ports.join(", ").length));
  const columns = (a: string, b: string, c: string) => `  ${pad(a, host)}  ${pad(b, port)}  ${pad(c, 12)}  `;
  const lines = [title, paint("dim", `${columns("host", "port", "from")}addresses`)];
  groups.forEach((group, g) => {
    const again = groups[g - 1]?.row.resource === group.row.resource;
    const wide = length(group.host) > host;
    if (wide && !again) lines.push(`  ${group.host}`);
    group.sides.forEach(([label, text], i) => {
      const lead = columns(i > 0 || wide || again ? "" : group.host, i === 0 ? group.ports.join(", ") : "", label);
      lines.push(...hang(lead, printableLine(text), width));
    });
  });
  return lines;

  function sidesOf({ internet, internal, undetermined }: ExposureRow): Shown["sides"] {
    const sides: [label: string, text: string][] = [];
    if (internet.length > 0) sides.push(["internet", abbreviate(internet, SHOWN_PREFIXES)]);
    if (internal.length > 0) sides.push(["internal", abbreviate(internal.map(plain), SHOWN_PREFIXES)]);
    for (const { side, sources, reason } of undetermined)
      sides.push(["undetermined", `${side} ${abbreviate(sources.map(plain), SHOWN_PREFIXES)}: ${reason}`]);
    return sides;
  }

  /** A source without a known address stands as its URN. */
  function plain(source: string): string {
    return source.startsWith("urn:") ? names.typed(source) : source;
  }
}

interface Shown {
  readonly host: string;
  readonly row: ExposureRow;
  readonly ports: readonly number[];
  readonly sides: readonly (readonly [label: string, text: string])[];
}

/** Ports of one host that the same sources reach share a row. */
function merge(rows: readonly Shown[]): Shown[] {
  const byContent = new Map<string, Shown>();
  for (const one of rows) {
    const { resource, port: _, paths: __, ...content } = one.row;
    const key = JSON.stringify([resource, content]);
    const same = byContent.get(key);
    byContent.set(key, same === undefined ? one : { ...same, ports: [...same.ports, ...one.ports] });
  }
  return [...byContent.values()];
}

/** What the model leaves out, by reason. */
export function unmodelledSection(rows: readonly Unmodelled[], names: Names, paint: Paint, width: number): string[] {
  if (rows.length === 0) return [];
  const byReason = new Map<string, Unmodelled[]>();
  for (const row of rows) byReason.set(row.reason, [...(byReason.get(row.reason) ?? []), row]);
  const lines = [paint("bold", "Not modelled")];
  for (const [reason, group] of byReason) {
    const resources = abbreviate(
      group.map((row) => names.typed(row.resource)),
      SHOWN_RESOURCES,
    );
    lines.push(...hang("  - ", `${resources}: ${printableLine(reason)}`, width, "    "));
  }
  return lines;
}

export function waiverSection(waivers: readonly WaiverUse[], paint: Paint, width: number): string[] {
  if (waivers.length === 0) return [];
  const lines = [paint("bold", "Waivers")];
  for (const waiver of waivers) {
    const { state, policy, urn } = waiver;
    const text = `${policy}, ${waiverText(waiver)}`;
    const [first = "", ...rest] = hang(`  ${pad(state, 7)}  `, text, width);
    const label = paint(state === "expired" ? "red" : state === "unused" ? "yellow" : "green", pad(state, 7));
    lines.push(`  ${label}  ${first.slice(11)}`, ...rest, paint("dim", `           ${printable(urn)}`));
    const advice = waiverAdvice(waiver);
    if (advice !== null) lines.push(...hang("           ! ", advice, width));
  }
  return lines;
}

/** What of an earlier report is there no more: a line each, in the words of its time. */
export function goneLines({ baseline }: Pick<Report, "baseline">, names: Names): string[] {
  return (baseline?.gone ?? []).map(
    ({ policy, resource, message }) => `${printable(policy)}, ${names.typed(resource)}: ${printableLine(message)}`,
  );
}

export function goneSection(report: Report, names: Names, paint: Paint, width: number): string[] {
  if (report.baseline === undefined) return [];
  const lines = goneLines(report, names);
  const title = paint("bold", "Gone since the baseline");
  return [title, ...(lines.length === 0 ? ["  nothing"] : lines.flatMap((line) => hang("  - ", line, width)))];
}
