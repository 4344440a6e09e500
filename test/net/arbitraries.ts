import fc from "fast-check";
import type { AddrSet } from "../../policies/analysis/net/addr";
import { type Bounds, between, exactly } from "../../policies/analysis/net/bounds";
import { normalize, type Ranges } from "../../policies/analysis/net/ranges";

/** Sets over a small universe, so that membership can be asked value by value. */
export const SIZE = 24;

export const ranges: fc.Arbitrary<Ranges<number>> = fc
  .array(fc.tuple(fc.nat(SIZE - 1), fc.nat(SIZE - 1)), { maxLength: 5 })
  .map((pairs) => normalize(pairs.map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)));

export const universe = Array.from({ length: SIZE }, (_, i) => i);

/** Address sets whose bounds are where mistakes are: the ends of the families, and neighbouring blocks. */
const v4Ends = [0, 1, 0x0a000000, 0x0affffff, 0x7fffffff, 0x80000000, 0xcb007100, 0xcb0071ff, 0xfffffffe, 0xffffffff];
const v6Ends = [
  0n,
  1n,
  0x20010db8n << 96n,
  (0x20010db9n << 96n) - 1n,
  1n << 127n,
  (1n << 128n) - 2n,
  (1n << 128n) - 1n,
];

function between2<T extends number | bigint>(ends: readonly T[]): fc.Arbitrary<readonly [T, T]> {
  return fc.tuple(fc.constantFrom(...ends), fc.constantFrom(...ends)).map(([a, b]) => (a < b ? [a, b] : [b, a]));
}

export const addresses: fc.Arbitrary<AddrSet> = fc.record({
  v4: fc.array(between2(v4Ends), { maxLength: 3 }).map((list) => normalize(list)),
  v6: fc.array(between2(v6Ends), { maxLength: 2 }).map((list) => normalize(list)),
});

/** An exact set together with bounds around it. */
export const bounded: fc.Arbitrary<{ exact: Ranges<number>; bounds: Bounds<Ranges<number>> }> = fc
  .tuple(ranges, ranges, ranges)
  .map(([exact, less, more]) => {
    const must = keep(exact, (value) => !has(less, value));
    const may = keep(universeSet, (value) => has(exact, value) || has(more, value));
    const equal = JSON.stringify(must) === JSON.stringify(may);
    return { exact, bounds: equal ? exactly(exact) : between(must, may, [{ text: "unknown" }]) };
  });

const universeSet: Ranges<number> = [[0, SIZE - 1]];

export function has(set: Ranges<number>, value: number): boolean {
  return set.some(([low, high]) => low <= value && value <= high);
}

function keep(set: Ranges<number>, wanted: (value: number) => boolean): Ranges<number> {
  return normalize(
    universe.filter((value) => has(set, value) && wanted(value)).map((value) => [value, value] as const),
  );
}
