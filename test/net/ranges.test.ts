import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Algebra } from "../../policies/analysis/net/algebra";
import * as bounds from "../../policies/analysis/net/bounds";
import { portClasses, ports } from "../../policies/analysis/net/ports";
import * as ranges from "../../policies/analysis/net/ranges";
import { bounded, has, ranges as someRanges, universe } from "./arbitraries";

/** Membership, value by value, decides what an operation must give; canonical form is checked beside it. */
const operations = [
  ["union", ranges.union, (a: boolean, b: boolean) => a || b],
  ["intersect", ranges.intersect, (a: boolean, b: boolean) => a && b],
  ["subtract", ranges.subtract, (a: boolean, b: boolean) => a && !b],
] as const;

describe("ranges", () => {
  it.each(operations)("%s holds exactly the values that it should, in canonical form", (_, operate, wanted) => {
    fc.assert(
      fc.property(someRanges, someRanges, (a, b) => {
        const result = operate(a, b);
        for (const value of universe) expect(has(result, value)).toBe(wanted(has(a, value), has(b, value)));
        expect(ranges.normalize(result)).toEqual(result);
        for (const [i, [low]] of result.slice(1).entries()) expect(low).toBeGreaterThan((result[i]?.[1] ?? 0) + 1);
      }),
    );
  });

  it("is a Boolean algebra", () => {
    fc.assert(
      fc.property(someRanges, someRanges, someRanges, (a, b, c) => {
        expect(ranges.union(a, b)).toEqual(ranges.union(b, a));
        expect(ranges.intersect(a, ranges.union(b, c))).toEqual(
          ranges.union(ranges.intersect(a, b), ranges.intersect(a, c)),
        );
        expect(ranges.subtract(a, ranges.union(b, c))).toEqual(ranges.subtract(ranges.subtract(a, b), c));
        expect(ranges.isSubset(ranges.intersect(a, b), a)).toBe(true);
        expect(ranges.equal(a, b)).toBe(ranges.isSubset(a, b) && ranges.isSubset(b, a));
      }),
    );
  });

  it("answers membership as the list does", () => {
    fc.assert(
      fc.property(someRanges, (set) => {
        for (const value of universe) expect(ranges.includes(set, value)).toBe(has(set, value));
      }),
    );
  });
});

describe("bounds: must ⊆ exact ⊆ may, however the unknown is filled in", () => {
  const algebra: Algebra<ranges.Ranges<number>> = { ...ranges, isEmpty: (set) => set.length === 0 };
  const pairs = [
    ["union", bounds.union, ranges.union],
    ["intersect", bounds.intersect, ranges.intersect],
    ["subtract", bounds.subtract, ranges.subtract],
  ] as const;

  it.each(pairs)("%s", (_, operate, exactly) => {
    fc.assert(
      fc.property(bounded, bounded, (a, b) => {
        const result = operate(algebra, a.bounds, b.bounds);
        const exact = exactly(a.exact, b.exact);
        expect(ranges.isSubset(result.must, exact)).toBe(true);
        expect(ranges.isSubset(exact, result.may)).toBe(true);
        expect(result.why.length === 0).toBe(ranges.equal(result.must, result.may));
      }),
    );
  });

  it("merges equal reasons and keeps their order", () => {
    const reasons = [{ text: "b" }, { text: "a", at: { urn: "u" } }, { text: "b" }, { text: "a", at: { urn: "v" } }];
    expect(bounds.mergeReasons(reasons)).toEqual([reasons[0], reasons[1], reasons[3]]);
  });
});

describe("ports", () => {
  it("splits a space into classes that no set tells apart, and loses nothing", () => {
    fc.assert(
      fc.property(fc.array(someRanges, { maxLength: 4 }), (sets) => {
        const classes = portClasses([[0, 23]], sets);
        expect(classes.reduce(ranges.union, [])).toEqual([[0, 23]]);
        for (const part of classes) {
          for (const set of sets) {
            const inside = ranges.intersect(part, set);
            expect(inside.length === 0 || ranges.equal(inside, part)).toBe(true);
          }
        }
      }),
    );
  });

  it.each([-1, 65536, 2.5, Number.NaN])("refuses port %s", (port) => {
    expect(() => ports(port)).toThrow(`port ${port}: expected an integer from 0 to 65535`);
  });
});
