import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  aggregate,
  firstOverlap,
  isUsable,
  planSpare,
  planSubnets,
  publicDestinations,
} from "../../components/parts/network-plan";
import { addressAt, isInside, isOverlapping, prefixLength } from "../../components/schemas";
import { allV4, equal, union } from "../../policies/analysis/net/addr";
import { cidr } from "../../policies/analysis/net/cidr";

const block = (low: number, high: number) =>
  fc
    .record({ start: fc.nat(2 ** 32 - 1), length: fc.integer({ min: low, max: high }) })
    .map(
      ({ start, length }) =>
        `${addressAt("0.0.0.0/0", Math.floor(start / 2 ** (32 - length)) * 2 ** (32 - length))}/${length}`,
    );

describe("planSubnets", () => {
  test("a /16 yields /24s, each tier in one block", () => {
    const plan = planSubnets("10.20.0.0/16", 2);
    expect(plan).toMatchObject({ dmz: ["10.20.0.0/24", "10.20.1.0/24"], internal: ["10.20.2.0/24", "10.20.3.0/24"] });
    expect(aggregate(plan?.dmz ?? [])).toEqual(["10.20.0.0/23"]);
  });

  test("subnets lie inside, apart, and hold what AWS keeps and a front end", () => {
    fc.assert(
      fc.property(block(16, 28), fc.integer({ min: 2, max: 4 }), (network, zones) => {
        const plan = planSubnets(network, zones);
        if (plan === null) {
          expect(prefixLength(network)).toBeGreaterThan(zones === 2 ? 26 : 25);
          return;
        }
        const all = [...plan.dmz, ...plan.internal];
        expect(all).toHaveLength(2 * zones);
        expect(firstOverlap(all)).toBeNull();
        for (const subnet of all) {
          expect(isInside(subnet, [network])).toBe(true);
          expect(isUsable(addressAt(subnet, 10), subnet)).toBe(true);
        }
      }),
    );
  });
});

describe("planSpare", () => {
  test("follow the runs of both tiers, further zones included", () => {
    const { runs = [] } = planSubnets("10.20.0.0/16", 3) ?? {};
    expect(runs).toHaveLength(8);
    expect(planSpare("10.20.0.0/16", runs, 3, 28)).toEqual(["10.20.8.0/28", "10.20.8.16/28", "10.20.8.32/28"]);
  });

  test("fill the gaps that are left, across several of them", () => {
    const taken = ["10.0.0.0/26", "10.0.0.80/28", "10.0.0.128/25"];
    expect(planSpare("10.0.0.0/24", taken, 3, 28)).toEqual(["10.0.0.64/28", "10.0.0.96/28", "10.0.0.112/28"]);
    expect(planSpare("10.0.0.0/24", taken, 4, 28)).toBeNull();
    expect(planSpare("10.0.0.0/27", ["10.0.0.0/29"], 1, 28)).toEqual(["10.0.0.16/28"]);
  });

  test("lie inside, apart from each other and from everything else", () => {
    const sizes = fc.tuple(block(16, 26), fc.array(fc.tuple(fc.nat(2 ** 16), fc.integer({ min: 18, max: 30 }))));
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 4 }), ([network, raw], zones) => {
        const size = 2 ** (32 - prefixLength(network));
        const taken = raw.map(([at, length]) => {
          const own = Math.max(length, prefixLength(network));
          const step = 2 ** (32 - own);
          return `${addressAt(network, Math.floor((at % size) / step) * step)}/${own}`;
        });
        const found = planSpare(network, taken, zones, 28);
        if (found === null) return;
        expect(found).toHaveLength(zones);
        expect(firstOverlap(found)).toBeNull();
        for (const subnet of found) {
          expect(prefixLength(subnet)).toBe(28);
          expect(isInside(subnet, [network])).toBe(true);
          for (const other of taken) expect(isOverlapping(subnet, other)).toBe(false);
        }
      }),
    );
  });
});

describe("publicDestinations", () => {
  test("touch no network, and with the networks' blocks make up everything", () => {
    fc.assert(
      fc.property(fc.array(block(8, 28), { minLength: 1, maxLength: 5 }), (networks) => {
        const destinations = publicDestinations(networks);
        for (const destination of destinations) {
          for (const network of networks) expect(isOverlapping(destination, network)).toBe(false);
        }
        const closed = [...networks, "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];
        expect(equal(union(cidr(...destinations), cidr(...closed)), allV4)).toBe(true);
      }),
    );
  });

  test("are 38 blocks where the networks are private", () => {
    expect(publicDestinations(["10.20.0.0/16", "172.16.0.0/16", "192.168.7.0/24"])).toHaveLength(38);
  });
});

test("AWS keeps the first four addresses and the last", () => {
  const usable = Array.from({ length: 16 }, (_, i) => isUsable(addressAt("10.0.0.16/28", i), "10.0.0.16/28"));
  expect(usable.map((yes, i) => (yes ? i : -1)).filter((i) => i >= 0)).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
});
