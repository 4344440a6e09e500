import { z } from "zod";
import { isSubset, overlaps } from "../policies/analysis/net/addr";
import { formatV4, parseCidr, toCidrs } from "../policies/analysis/net/cidr";

/** Building blocks for arguments. Every message completes "expected …". */

function text(expected: string, valid: (value: string) => boolean) {
  return z.string({ error: expected }).refine(valid, { error: expected });
}

const label = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const fqdnPattern = new RegExp(`^(?=.{4,253}$)(?:${label}\\.)+(?!\\d+$)${label}$`, "i");
const mailboxPattern = /^[A-Za-z0-9._+=-]{1,64}@/;

export const fqdn = text("a fully qualified domain name such as mx1.example.com", (value) => fqdnPattern.test(value));

export const mailbox = text(
  "a mail address such as postmaster@example.com",
  (value) => mailboxPattern.test(value) && fqdnPattern.test(value.slice(value.indexOf("@") + 1)),
);

/** One IPv4 address; `/32` may be written out. The result is the bare address. */
export const address = text("an IPv4 address such as 10.20.10.10", (value) => {
  const set = parseCidr(value);
  return set !== null && set.v4.length === 1 && set.v4[0]?.[0] === set.v4[0]?.[1];
}).transform((value) => value.trim().replace(/\/32$/, ""));

/** An IPv4 block without host bits; a bare address means `/32`. The result is in CIDR notation. */
export const cidr = text("an IPv4 block without host bits such as 10.20.0.0/16", (value) => {
  const set = parseCidr(value);
  if (set === null || set.v4.length !== 1) return false;
  return formatV4(set.v4[0]?.[0] ?? -1) === value.trim().replace(/\/\d+$/, "");
}).transform((value) => blocks(value)[0] ?? value);

/** An IPv4 block of at most `2^(32 - shortest)` addresses. */
export function narrowCidr(shortest: number) {
  return cidr.refine((value) => prefixLength(value) >= shortest, {
    error: `a single host or a block no wider than /${shortest}: list who it is for, not everybody`,
  });
}

/** Prefixes of a virtual network or a subnet that AWS accepts. */
export const vpcCidr = cidr.refine((value) => prefixLength(value) >= 16 && prefixLength(value) <= 28, {
  error: "an IPv4 block between /16 and /28, as AWS requires",
});

/** Why a rule exists, in the characters that AWS allows in a description. */
export const reason = text(
  "1 to 150 of the characters a-z A-Z 0-9, space and ._-:/()#,@[]+=;{}!$*, as AWS requires of descriptions",
  (value) => /^[a-zA-Z0-9 ._\-:/()#,@[\]+=;{}!$*]{1,150}$/.test(value),
);

export const port = z
  .int({ error: "a port number from 1 to 65535" })
  .min(1, { error: "a port number from 1 to 65535" })
  .max(65535, { error: "a port number from 1 to 65535" });

export const identifier = text("a non-empty identifier without spaces", (value) => /^[^\s]{1,2048}$/.test(value));

export const tags = z.record(z.string(), z.string(), { error: "a map from tag names to texts" });

export function integer(from: number, to: number, unit: string) {
  const error = `a whole number of ${unit} from ${from} to ${to}`;
  return z.int({ error }).min(from, { error }).max(to, { error });
}

export function oneOf<const T extends Record<string, string>>(values: T) {
  return z.enum(values, { error: `one of ${Object.values(values).join(", ")}` });
}

/** The fewest prefixes whose union is exactly that of `cidrs`. */
export function blocks(...cidrs: string[]): string[] {
  return toCidrs(union(cidrs));
}

export function union(cidrs: readonly string[]) {
  const intervals = cidrs.flatMap((text) => parseCidr(text)?.v4 ?? []);
  return { v4: [...intervals].sort(([a], [b]) => a - b).reduce<[number, number][]>(merge, []), v6: [] };
}

function merge(merged: [number, number][], [low, high]: readonly [number, number]): [number, number][] {
  const last = merged[merged.length - 1];
  if (last !== undefined && low <= last[1] + 1) last[1] = Math.max(last[1], high);
  else merged.push([low, high]);
  return merged;
}

export function isInside(inner: string, outer: readonly string[]): boolean {
  return isSubset(union([inner]), union(outer));
}

export function isOverlapping(a: string, b: string): boolean {
  return overlaps(union([a]), union([b]));
}

export function prefixLength(cidrText: string): number {
  return Number(/\/(\d+)$/.exec(cidrText)?.[1] ?? 32);
}

/** The address `offset` places after the first of the block. */
export function addressAt(cidrText: string, offset: number): string {
  return formatV4((union([cidrText]).v4[0]?.[0] ?? 0) + offset);
}
