import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  aggregate,
  firstOverlap,
  isUsable,
  planSubnets,
  publicDestinations,
} from "../../components/aws/parts/network-plan";
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
    expect(plan).toEqual({ dmz: ["10.20.0.0/24", "10.20.1.0/24"], internal: ["10.20.2.0/24", "10.20.3.0/24"] });
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
