import type { ExposureRow, Unmodelled, WaiverUse } from "../../policies/analysis/verdict/report";
import { printable, printableLine } from "../../policies/printable";
import { abbreviate, hang, length, type Paint, pad } from "./layout";
import type { Names } from "./names";

/** Prefixes shown of one list, and resources of one reason; the JSON report holds them all. */
const SHOWN_PREFIXES = 6;
const SHOWN_RESOURCES = 8;

/** Who can connect: one row for each host, port and kind of source. */
export function exposureSection(rows: readonly ExposureRow[], names: Names, paint: Paint, width: number): string[] {
  const title = paint("bold", "Who can connect to SMTP");
  if (rows.length === 0) return [title, "  nobody: no host can be reached on an SMTP port"];
  const host = Math.min(28, Math.max(4, ...rows.map((row) => length(names.short(row.resource)))));
  const columns = (a: string, b: string, c: string) => `  ${pad(a, host)}  ${b.padStart(4)}  ${pad(c, 12)}  `;
  const lines = [title, paint("dim", `${columns("host", "port", "from")}addresses`)];
  for (const row of rows) {
    const name = names.short(row.resource);
    const sides: [label: string, text: string][] = [];
    if (row.internet.length > 0) sides.push(["internet", abbreviate(row.internet, SHOWN_PREFIXES)]);
    if (row.internal.length > 0) sides.push(["internal", abbreviate(row.internal.map(plain), SHOWN_PREFIXES)]);
    for (const { side, sources, reason } of row.undetermined)
      sides.push(["undetermined", `${side} ${abbreviate(sources.map(plain), SHOWN_PREFIXES)}: ${reason}`]);
    const wide = length(name) > host;
    if (wide) lines.push(`  ${name}`);
    sides.forEach(([label, text], i) => {
      const lead = columns(i === 0 && !wide ? name : "", i === 0 ? String(row.port) : "", label);
      lines.push(...hang(lead, printableLine(text), width));
    });
  }
  return lines;

  /** A source without a known address stands as its URN. */
  function plain(source: string): string {
    return source.startsWith("urn:") ? names.typed(source) : source;
  }
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
  for (const { state, policy, urn, owner, reason, expires } of waivers) {
    const until = `${state === "expired" ? "expired" : "until"} ${expires}`;
    const text = `${policy}, ${until}, ${printableLine(owner)}: ${printableLine(reason)}`;
    const [first = "", ...rest] = hang(`  ${pad(state, 7)}  `, text, width);
    const label = paint(state === "expired" ? "red" : state === "unused" ? "yellow" : "green", pad(state, 7));
    lines.push(`  ${label}  ${first.slice(11)}`, ...rest, paint("dim", `           ${printable(urn)}`));
  }
  return lines;
}
