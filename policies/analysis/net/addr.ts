import type { Algebra } from "./algebra";
import * as ranges from "./ranges";

/** A set of IP addresses. The families are disjoint worlds: `0.0.0.0/0` never covers IPv6. */
export interface AddrSet {
  readonly v4: ranges.Ranges<number>;
  readonly v6: ranges.Ranges<bigint>;
}

export const V4_MAX = 0xffffffff;
export const V6_MAX = (1n << 128n) - 1n;

export const noAddresses: AddrSet = { v4: [], v6: [] };
export const allV4: AddrSet = { v4: [[0, V4_MAX]], v6: [] };
export const allV6: AddrSet = { v4: [], v6: [[0n, V6_MAX]] };
export const allAddresses: AddrSet = { v4: allV4.v4, v6: allV6.v6 };

export function union(a: AddrSet, b: AddrSet): AddrSet {
  if (isEmpty(a) || a === b) return b;
  if (isEmpty(b)) return a;
  return { v4: ranges.union(a.v4, b.v4), v6: ranges.union(a.v6, b.v6) };
}

export function unionAll(sets: Iterable<AddrSet>): AddrSet {
  const v4: (readonly [number, number])[] = [];
  const v6: (readonly [bigint, bigint])[] = [];
  for (const set of sets) {
    v4.push(...set.v4);
    v6.push(...set.v6);
  }
  return { v4: ranges.normalize(v4), v6: ranges.normalize(v6) };
}

export function intersect(a: AddrSet, b: AddrSet): AddrSet {
  return a === b ? a : { v4: ranges.intersect(a.v4, b.v4), v6: ranges.intersect(a.v6, b.v6) };
}

export function subtract(a: AddrSet, b: AddrSet): AddrSet {
  return { v4: ranges.subtract(a.v4, b.v4), v6: ranges.subtract(a.v6, b.v6) };
}

/** True for the set of a single address. */
export function isHost(a: AddrSet): boolean {
  const [v4] = a.v4;
  const [v6] = a.v6;
  if (a.v4.length + a.v6.length !== 1) return false;
  return v4 !== undefined ? v4[0] === v4[1] : v6?.[0] === v6?.[1];
}

export function isEmpty(a: AddrSet): boolean {
  return a.v4.length === 0 && a.v6.length === 0;
}

export function isSubset(a: AddrSet, b: AddrSet): boolean {
  return ranges.isSubset(a.v4, b.v4) && ranges.isSubset(a.v6, b.v6);
}

export function equal(a: AddrSet, b: AddrSet): boolean {
  return ranges.equal(a.v4, b.v4) && ranges.equal(a.v6, b.v6);
}

export function overlaps(a: AddrSet, b: AddrSet): boolean {
  return !isEmpty(intersect(a, b));
}

/** The algebra of address sets, for bounds. */
export const sets: Algebra<AddrSet> = { union, intersect, subtract, isEmpty };
