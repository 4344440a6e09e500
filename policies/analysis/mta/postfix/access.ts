import { type AddrSet, intersect, isHost, noAddresses, subtract, unionAll } from "../../net/addr";
import { prefixV4 } from "../../net/cidr";
import { addressPattern } from "./addresses";
import type { AddressRule } from "./tables";
import { splitQuoted, Unreadable } from "./words";

/** What the right-hand side of an access table does, as check_table_result() in smtpd_check.c reads it. */
export type Action =
  | { readonly kind: "permit" }
  | { readonly kind: "pass" }
  | { readonly kind: "refuse" }
  | { readonly kind: "error" }
  /** A list of restrictions, evaluated in place. */
  | { readonly kind: "restrictions"; readonly words: readonly string[] };

const MAX_RULES = 1000;

const passing = new Set(["DUNNO", "INFO", "WARN", "FILTER", "HOLD", "REDIRECT", "BCC", "DEFER_IF_REJECT", "PREPEND"]);
// DISCARD takes the message and throws it away: it is not relayed.
const refusing = new Set(["REJECT", "DEFER", "HANGUP", "DEFER_IF_PERMIT", "DISCARD"]);

export function actionOf(value: string): Action {
  const [first = ""] = value.trim().split(/[ \t]/);
  const word = first.toUpperCase();
  const text = value.trim().slice(first.length).trim();
  if (passing.has(word)) return { kind: "pass" };
  if (refusing.has(word)) return { kind: "refuse" };
  // "All-numeric result probably means OK": even 550 without a text.
  if (/^\d+$/.test(value.trim())) return { kind: "permit" };
  if (/^[45]\d\d$/.test(first) && text !== "") return { kind: "refuse" };
  if (word === "OK" || word === "RELAY" || value.trim() === "") return { kind: "permit" };
  // "do not specify lookup tables inside SMTPD access maps": a server error.
  if (value.includes(":")) return { kind: "error" };
  return { kind: "restrictions", words: splitQuoted(value) };
}

/**
 * The addresses that each entry of a table of exact keys decides when a client is looked up by address: the whole address
 * first, then its leading octets, so that the longer key wins. Keys that are no address are left out.
 */
export function addressEntries(entries: ReadonlyMap<string, string>): AddressRule[] {
  const found: { set: AddrSet; value: string; length: number }[] = [];
  for (const [key, value] of entries) {
    const octets = /^\d{1,3}(?:\.\d{1,3}){0,3}$/.test(key) ? key.split(".") : null;
    if (octets !== null) {
      if (octets.some((octet) => Number(octet) > 255 || (octet.length > 1 && octet.startsWith("0")))) continue;
      const number = octets.reduce((sum, octet, i) => sum + Number(octet) * 2 ** (24 - 8 * i), 0);
      found.push({ set: prefixV4(number, 8 * octets.length), value, length: octets.length });
    } else if (key.includes(":")) {
      const pattern = addressPattern(key);
      if (pattern.kind === "addresses" && !/[/[]/.test(key)) found.push({ set: pattern.set, value, length: 16 });
    }
  }
  // Keys of one length are disjoint: those with one result are taken together.
  const groups = new Map<string, { sets: AddrSet[]; value: string; length: number }>();
  for (const { set, value, length } of found) {
    const group = groups.get(`${length} ${value}`);
    if (group === undefined) groups.set(`${length} ${value}`, { sets: [set], value, length });
    else group.sets.push(set);
  }
  const ordered = [...groups.values()].sort((a, b) => b.length - a.length);
  return cidrEntries(
    ordered.map(({ sets, value }) => ({ set: unionAll(sets), hosts: unionAll(sets.filter(isHost)), value })),
  );
}

/** Keys of a table that are host names, or parts of IPv6 addresses. */
export function nameKeys(entries: ReadonlyMap<string, string>): string[] {
  return [...entries.keys()].filter(
    (key) => !/^\d{1,3}(?:\.\d{1,3}){0,3}$/.test(key) && addressPattern(key).kind === "error",
  );
}

/** Rules of a cidr table as a partition: the first match decides. */
export function cidrEntries(rules: readonly AddressRule[]): AddressRule[] {
  if (rules.length > MAX_RULES)
    throw new Unreadable(`an access table has more than ${MAX_RULES} rules in a row that differ`);
  let before = noAddresses;
  return rules.map(({ set, hosts, value }) => {
    const own = subtract(set, before);
    before = unionAll([before, set]);
    return { set: own, hosts: intersect(hosts, own), value };
  });
}
