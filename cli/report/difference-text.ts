import { allV4, allV6, intersect, subtract, unionAll } from "../../policies/analysis/net/addr";
import { parseCidr } from "../../policies/analysis/net/cidr";
import { cover, DONT_CARE } from "../../policies/analysis/net/cover";
import type { Finding } from "../../policies/analysis/verdict/report";
import { printable, printableLine } from "../../policies/printable";
import { type Difference, type ExposureChange, opens, type Setting } from "./difference";
import type { SenderChange } from "./difference-settings";
import { abbreviate, count } from "./layout";
import type { Names } from "./names";

/** What the formats of a difference say in the same words. */

/** Prefixes shown of one change; the JSON output holds them all. */
const SHOWN_PREFIXES = 12;

/** One line for what older reports do not have. */
export function notCompared({ notCompared: missing }: Difference): string {
  const texts = { roles: "roles", approvedSenders: "approved senders", policies: "the enforcement of policies" };
  const list = missing.map((setting: Setting) => texts[setting]).join(", ");
  return `Not compared, since a report of an older version does not have it: ${list}.`;
}

/** Senders whose approval changed: `10.0.1.10/32 on 25, 587`. */
export function sendersText({ ports, sources }: Pick<SenderChange, "ports" | "sources">, names: Names): string {
  const shown = sources.map((source) => sourceName(source, names));
  return `${abbreviate(shown, SHOWN_PREFIXES)} on ${ports.join(", ")}`;
}

function sourceName(source: string, names: Names): string {
  return source.startsWith("urn:") ? names.typed(source) : printable(source);
}

export function isClosed({ after }: ExposureChange): boolean {
  return after === "closed";
}

/** What certainly connected, and may still. */
export function isDoubt({ before, after }: ExposureChange): boolean {
  return before === "open" && after === "undetermined";
}

export function findingSummary({ severity, enforcement, outcome, message }: Finding): string {
  return `${[severity, enforcement, outcome].join(", ")}: ${printableLine(message)}`;
}

/** What changed, counted: `1 exposure opened, 2 findings gone`. */
export function differenceTally({ exposure, findings, roles, approvedSenders, policies }: Difference): string {
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
    approvedSenders.length > 0 && "approved senders changed",
    policies.length > 0 &&
      `enforcement of ${policies.length === 1 ? "a policy" : `${policies.length} policies`} changed`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? "no difference" : parts.join(", ");
}

/** Whether, and why, it is or was not known. */
export function doubtOf({ before, after, reasons }: Pick<ExposureChange, "before" | "after" | "reasons">): string {
  if (after === "undetermined")
    return ` (undetermined: ${[...new Set(reasons.map(({ text }) => printableLine(text)))].join("; ")})`;
  return before === "undetermined" ? " (was undetermined)" : "";
}

/** Who it is about, as short as it can be said. */
export function sourcesOf({ side, sources }: Pick<ExposureChange, "side" | "sources">, names: Names): string {
  const shown = side === "internet" ? briefly(sources) : sources.map((source) => sourceName(source, names));
  return abbreviate(shown, SHOWN_PREFIXES);
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
