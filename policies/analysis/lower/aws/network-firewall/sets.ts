import * as addr from "../../../net/addr";
import { type AddrSet, allAddresses, noAddresses, sets } from "../../../net/addr";
import { type Bounds, between, exactly, subtract, union } from "../../../net/bounds";
import { parseCidr } from "../../../net/cidr";
import { allPorts, noPorts, type PortSet } from "../../../net/ports";
import * as ranges from "../../../net/ranges";

/** What the words of a rule stand for: `$HOME_NET`, `$MAIL_PORTS`, `@SENDERS`. */
export interface Scope {
  addresses(name: string): Bounds<AddrSet> | undefined;
  ports(name: string): PortSet | null | undefined;
}

/** The addresses of a rule's source or destination: `any`, blocks, `!`, `[…]`, variables. What cannot be read may be anything. */
export function readAddresses(text: string, scope: Scope): Bounds<AddrSet> {
  const word = text.trim();
  if (word.startsWith("!")) return subtract(sets, exactly(allAddresses), readAddresses(word.slice(1), scope));
  if (word.startsWith("[") && word.endsWith("]")) {
    const items = splitList(word.slice(1, -1));
    const wanted = items.filter((item) => !item.startsWith("!")).map((item) => readAddresses(item, scope));
    const unwanted = items.filter((item) => item.startsWith("!")).map((item) => readAddresses(item.slice(1), scope));
    const none = exactly(noAddresses);
    const base =
      wanted.length === 0 ? exactly(allAddresses) : wanted.reduce((set, item) => union(sets, set, item), none);
    return unwanted.reduce((set, item) => subtract(sets, set, item), base);
  }
  if (word.toLowerCase() === "any") return exactly(allAddresses);
  const found = word.startsWith("$") || word.startsWith("@") ? scope.addresses(word.slice(1)) : undefined;
  if (found !== undefined) return found;
  const set = parseCidr(word);
  if (set !== null) return exactly(set);
  return between(noAddresses, allAddresses, [{ text: `the addresses ${word} of a firewall rule are not known` }]);
}

/** The ports of a rule; null if they cannot be read. */
export function readPorts(text: string, scope: Scope): PortSet | null {
  const word = text.trim();
  if (word.startsWith("!")) {
    const set = readPorts(word.slice(1), scope);
    return set === null ? null : ranges.subtract(allPorts, set);
  }
  if (word.startsWith("[") && word.endsWith("]")) {
    const items = splitList(word.slice(1, -1));
    const wanted = merge(items.filter((item) => !item.startsWith("!")).map((item) => readPorts(item, scope)));
    const unwanted = merge(items.filter((item) => item.startsWith("!")).map((item) => readPorts(item.slice(1), scope)));
    if (wanted === null || unwanted === null) return null;
    return ranges.subtract(items.every((item) => item.startsWith("!")) ? allPorts : wanted, unwanted);
  }
  if (word.toLowerCase() === "any") return allPorts;
  if (word.startsWith("$")) return scope.ports(word.slice(1)) ?? null;
  const match = /^(\d*)\s*(:?)\s*(\d*)$/.exec(word);
  if (match === null || word === "" || word === ":") return null;
  const [, low = "", colon = "", high = ""] = match;
  const from = low === "" ? 0 : Number(low);
  const to = colon === "" ? from : high === "" ? 65535 : Number(high);
  return from > 65535 || to > 65535 ? null : ranges.normalize([[from, to] as const]);
}

function merge(parts: readonly (PortSet | null)[]): PortSet | null {
  return parts.reduce<PortSet | null>(
    (set, part) => (set === null || part === null ? null : ranges.union(set, part)),
    noPorts,
  );
}

/** Items of a list at its own level. */
function splitList(text: string): string[] {
  const items: string[] = [];
  let depth = 0;
  let item = "";
  for (const char of text) {
    if (char === "[") depth++;
    if (char === "]") depth--;
    if (char === "," && depth === 0) {
      items.push(item.trim());
      item = "";
    } else item += char;
  }
  items.push(item.trim());
  return items.filter((part) => part !== "");
}

/** Null for every address, as a filter spells it. */
export function isEverything(set: Bounds<AddrSet>): boolean {
  return addr.equal(set.must, allAddresses);
}
