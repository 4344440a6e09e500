import { type AddrSet, intersect, isEmpty, subtract, union } from "./addr";
import { cidr, formatV4, formatV6 } from "./cidr";
import * as ranges from "./ranges";

/**
 * Addresses that are no Internet source: private, shared, link-local, loopback, multicast and reserved space. Documentation
 * and benchmark ranges are not in it.
 */
export const DONT_CARE: AddrSet = cidr(
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "224.0.0.0/3",
  "::/128",
  "::1/128",
  "fc00::/7",
  "fe80::/10",
  "ff00::/8",
);

/**
 * The maximal prefixes that hold nothing but the set and don't-care addresses, each shrunk to the smallest prefix around
 * what is cared for: IPv4 before IPv6, ascending. So a set that lacks only the network's own range prints as `0.0.0.0/0`.
 */
export function cover(set: AddrSet, dontCare: AddrSet): string[] {
  const wanted = subtract(set, dontCare);
  if (isEmpty(wanted)) return [];
  const filled = union(set, dontCare);
  const cared = subtract(filled, dontCare);
  const v4: string[] = [];
  descend4(0, 0, filled.v4, cared.v4, v4);
  const v6: string[] = [];
  descend6(0n, 0, filled.v6, cared.v6, v6);
  return [...v4, ...v6];
}

function descend4(
  base: number,
  length: number,
  filled: ranges.Ranges<number>,
  cared: ranges.Ranges<number>,
  out: string[],
): void {
  const size = 2 ** (32 - length);
  const block: ranges.Ranges<number> = [[base, base + size - 1]];
  const inside = ranges.intersect(cared, block);
  if (inside.length === 0) return;
  if (ranges.isSubset(block, filled)) {
    const [low, high] = [
      (inside[0] as readonly [number, number])[0],
      (inside[inside.length - 1] as readonly [number, number])[1],
    ];
    let tight = 32;
    while (tight > 0 && Math.floor(low / 2 ** (32 - tight)) !== Math.floor(high / 2 ** (32 - tight))) tight--;
    out.push(`${formatV4(Math.floor(low / 2 ** (32 - tight)) * 2 ** (32 - tight))}/${tight}`);
    return;
  }
  const part = ranges.intersect(filled, block);
  descend4(base, length + 1, part, inside, out);
  descend4(base + size / 2, length + 1, part, inside, out);
}

function descend6(
  base: bigint,
  length: number,
  filled: ranges.Ranges<bigint>,
  cared: ranges.Ranges<bigint>,
  out: string[],
): void {
  const size = 1n << BigInt(128 - length);
  const block: ranges.Ranges<bigint> = [[base, base + size - 1n]];
  const inside = ranges.intersect(cared, block);
  if (inside.length === 0) return;
  if (ranges.isSubset(block, filled)) {
    const [low, high] = [
      (inside[0] as readonly [bigint, bigint])[0],
      (inside[inside.length - 1] as readonly [bigint, bigint])[1],
    ];
    let tight = 128n;
    while (tight > 0n && low >> (128n - tight) !== high >> (128n - tight)) tight--;
    out.push(`${formatV6((low >> (128n - tight)) << (128n - tight))}/${tight}`);
    return;
  }
  const part = ranges.intersect(filled, block);
  descend6(base, length + 1, part, inside, out);
  descend6(base + size / 2n, length + 1, part, inside, out);
}

/** The public part of a set. */
export function publicPart(set: AddrSet): AddrSet {
  return subtract(set, DONT_CARE);
}

/** An address of the set that reads well in a report: from a documentation range if there is one. */
export function sampleAddress(set: AddrSet): string | null {
  const examples = cidr("203.0.113.9", "198.51.100.9", "192.0.2.9", "2001:db8::9");
  for (const part of [intersect(set, examples), set]) {
    const v4 = part.v4[0];
    // The first addresses of a subnet are the network's own.
    if (v4 !== undefined)
      return formatV4(
        part === set ? Math.min(v4[0] + 4, v4[1]) : (part.v4[part.v4.length - 1] as readonly [number, number])[0],
      );
    const v6 = part.v6[0];
    if (v6 !== undefined) return formatV6(v6[0]);
  }
  return null;
}

export const loopback: AddrSet = cidr("127.0.0.0/8", "::1/128");
