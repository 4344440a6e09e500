import fc from "fast-check";
import { expect, it } from "vitest";
import * as addr from "../../policies/analysis/net/addr";
import { cidr, formatV4, formatV6 } from "../../policies/analysis/net/cidr";
import { cover } from "../../policies/analysis/net/cover";
import { normalize } from "../../policies/analysis/net/ranges";

/** The definition of a cover, by trying every prefix over a small space. Nobody cares for what lies outside it. */
const BITS = 6;
const SIZE = 1 << BITS;

interface Prefix {
  readonly base: number;
  readonly length: number;
}

const prefixes: readonly Prefix[] = Array.from({ length: BITS + 1 }, (_, length) =>
  Array.from({ length: 1 << length }, (_, i) => ({ base: i << (BITS - length), length })),
).flat();

function members({ base, length }: Prefix): number[] {
  return Array.from({ length: 1 << (BITS - length) }, (_, i) => base + i);
}

function holds(outer: Prefix, inner: Prefix): boolean {
  return outer.length <= inner.length && inner.base >> (BITS - outer.length) === outer.base >> (BITS - outer.length);
}

function byDefinition(set: ReadonlySet<number>, dontCare: ReadonlySet<number>): Prefix[] {
  const cared = (prefix: Prefix) => members(prefix).filter((value) => !dontCare.has(value));
  const fits = prefixes.filter((prefix) => cared(prefix).length > 0 && cared(prefix).every((value) => set.has(value)));
  const maximal = fits.filter((prefix) => !fits.some((other) => other !== prefix && holds(other, prefix)));
  return maximal
    .map((prefix) => {
      const around = prefixes.filter((other) => cared(prefix).every((value) => members(other).includes(value)));
      return around.reduce((best, other) => (other.length > best.length ? other : best));
    })
    .sort((a, b) => a.base - b.base);
}

const someValues = fc.oneof(
  fc.uniqueArray(fc.nat(SIZE - 1), { maxLength: SIZE }).map((list) => new Set(list)),
  fc
    .array(fc.constantFrom(...prefixes), { maxLength: 5 })
    .map((list) => new Set(list.flatMap((prefix) => members(prefix)))),
);

it("is the maximal prefixes that hold nothing else that is cared for, each shrunk to what is", () => {
  const v4 = 0xcb007100;
  const v6 = 0x20010db8n << 96n;
  fc.assert(
    fc.property(someValues, someValues, (set, dontCare) => {
      const wanted = byDefinition(set, dontCare);

      const in4 = (values: ReadonlySet<number>) => normalize([...values].map((i) => [v4 + i, v4 + i] as const));
      const outside4 = addr.subtract(addr.allV4, cidr(`203.0.113.0/${32 - BITS}`));
      expect(cover({ v4: in4(set), v6: [] }, addr.union(outside4, { v4: in4(dontCare), v6: [] }))).toEqual(
        wanted.map(({ base, length }) => `${formatV4(v4 + base)}/${32 - BITS + length}`),
      );

      const in6 = (values: ReadonlySet<number>) =>
        normalize([...values].map((i) => [v6 + BigInt(i), v6 + BigInt(i)] as const));
      const outside6 = addr.subtract(addr.allV6, cidr(`2001:db8::/${128 - BITS}`));
      expect(cover({ v4: [], v6: in6(set) }, addr.union(outside6, { v4: [], v6: in6(dontCare) }))).toEqual(
        wanted.map(({ base, length }) => `${formatV6(v6 + BigInt(base))}/${128 - BITS + length}`),
      );
    }),
    { numRuns: 300 },
  );
});
