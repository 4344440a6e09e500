import { isIP, isIPv4 } from "node:net";
import { type AddrSet, unionAll } from "./addr";

/**
 * Reads `10.0.0.0/8`, `2001:db8::/32` or a bare address. Host bits are masked away, as the cloud APIs do
 * (`100.68.0.18/18` means `100.68.0.0/18`). An IPv4-mapped IPv6 address stays IPv6: no filter treats it as IPv4.
 *
 * @returns null if `text` is neither; nothing is guessed.
 */
export function parseCidr(text: string): AddrSet | null {
  const match = /^\s*([0-9a-fA-F.:]+)(?:\/(\d{1,3}))?\s*$/.exec(text);
  if (match === null) return null;
  const [, address = "", length] = match;
  const family = isIP(address);
  if (family === 0) return null;
  const bits = family === 4 ? 32 : 128;
  const prefix = length === undefined ? bits : Number(length);
  if (prefix > bits) return null;
  return family === 4 ? prefixV4(parseV4(address), prefix) : prefixV6(parseV6(address), prefix);
}

/** @throws Error naming the value if it is no CIDR or address: for constants of ours. */
export function cidr(...texts: string[]): AddrSet {
  return unionAll(
    texts.map((text) => {
      const set = parseCidr(text);
      if (set === null) throw new Error(`${JSON.stringify(text)}: expected an IPv4 or IPv6 address or CIDR block`);
      return set;
    }),
  );
}

export function prefixV4(address: number, length: number): AddrSet {
  const size = 2 ** (32 - length);
  const low = Math.floor(address / size) * size;
  return { v4: [[low, low + size - 1]], v6: [] };
}

export function prefixV6(address: bigint, length: number): AddrSet {
  const size = 1n << BigInt(128 - length);
  const low = address - (address % size);
  return { v4: [], v6: [[low, low + size - 1n]] };
}

function parseV4(text: string): number {
  return text.split(".").reduce((value, part) => value * 256 + Number(part), 0);
}

function parseV6(text: string): bigint {
  let hex = text;
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted !== null && isIPv4(dotted[2] ?? "")) {
    const value = parseV4(dotted[2] ?? "");
    hex = `${dotted[1]}${(value >>> 16).toString(16)}:${(value & 0xffff).toString(16)}`;
  }
  const [head = "", tail] = hex.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const groups =
    tail === undefined ? left : [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right];
  return groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

export function formatV4(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

/** RFC 5952 text form. */
export function formatV6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(16 * (7 - i))) & 0xffffn));
  let best = { start: -1, length: 1 };
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length++;
    if (length > best.length) best = { start: i, length };
  }
  const text = groups.map((group) => group.toString(16));
  if (best.start < 0) return text.join(":");
  return `${text.slice(0, best.start).join(":")}::${text.slice(best.start + best.length).join(":")}`;
}

/** The fewest prefixes whose union is the set: IPv4 before IPv6, ascending. */
export function toCidrs(set: AddrSet): string[] {
  const result: string[] = [];
  for (const [low, high] of set.v4) {
    for (let at = low; at <= high; ) {
      let length = 32;
      while (length > 0 && at % 2 ** (33 - length) === 0 && at + 2 ** (33 - length) - 1 <= high) length--;
      result.push(`${formatV4(at)}/${length}`);
      at += 2 ** (32 - length);
    }
  }
  for (const [low, high] of set.v6) {
    for (let at = low; at <= high; ) {
      let length = 128;
      while (length > 0 && at % (1n << BigInt(129 - length)) === 0n && at + (1n << BigInt(129 - length)) - 1n <= high)
        length--;
      result.push(`${formatV6(at)}/${length}`);
      at += 1n << BigInt(128 - length);
    }
  }
  return result;
}

/** Any one address of the set as text, the lowest of IPv4 first; null if it is empty. */
export function firstAddress(set: AddrSet): string | null {
  const v4 = set.v4[0];
  if (v4 !== undefined) return formatV4(v4[0]);
  const v6 = set.v6[0];
  return v6 === undefined ? null : formatV6(v6[0]);
}

/** Number of addresses, as a bigint, for breadth checks. */
export function size(set: AddrSet): bigint {
  return (
    set.v4.reduce((sum, [low, high]) => sum + BigInt(high - low + 1), 0n) +
    set.v6.reduce((sum, [low, high]) => sum + high - low + 1n, 0n)
  );
}
