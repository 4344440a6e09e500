import { isIPv6 } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as addr from "../../policies/analysis/net/addr";
import { cidr, formatV4, formatV6, parseCidr, size, toCidrs } from "../../policies/analysis/net/cidr";
import { cover, DONT_CARE, sampleAddress } from "../../policies/analysis/net/cover";
import { addresses } from "./arbitraries";

describe("CIDR blocks", () => {
  it("come back from their text", () => {
    fc.assert(
      fc.property(addresses, (set) => {
        expect(addr.equal(addr.unionAll(toCidrs(set).map((text) => cidr(text))), set)).toBe(true);
      }),
    );
  });

  it("are the fewest that hold the set: no two of them make one", () => {
    fc.assert(
      fc.property(addresses, (set) => {
        const blocks = toCidrs(set);
        const halves = blocks.map((block) => sibling(block));
        expect(blocks.filter((block) => halves.includes(block))).toEqual([]);
      }),
    );
  });

  it("mask host bits, as the clouds' APIs do", () => {
    expect(toCidrs(cidr("100.68.0.18/18"))).toEqual(["100.68.0.0/18"]);
    expect(toCidrs(cidr("1.0.0.0/0"))).toEqual(["0.0.0.0/0"]);
    expect(toCidrs(cidr("2001:db8::1/32"))).toEqual(["2001:db8::/32"]);
  });

  it.each(["0::/0", "::/0", "0000:0000:0000:0000:0000:0000:0000:0000/0"])("reads %s as every IPv6 address", (text) => {
    expect(addr.equal(cidr(text), addr.allV6)).toBe(true);
  });

  it("keep the families apart", () => {
    expect(addr.overlaps(cidr("0.0.0.0/0"), cidr("::/0"))).toBe(false);
    expect(addr.overlaps(cidr("::ffff:10.0.0.1"), cidr("10.0.0.0/8"))).toBe(false);
  });

  it.each([
    "",
    "undefined",
    "10.0.0.0/33",
    "10.0.0/8",
    "10.0.0.256",
    "::/129",
    "10.0.0.0/-1",
    "a.b.c.d",
    "10.0.0.0/8 x",
    "[::1]",
    "fe80::1%eth0",
  ])("refuses %j", (text) => {
    expect(parseCidr(text)).toBeNull();
    expect(() => cidr(text)).toThrow(JSON.stringify(text));
  });

  it("write IPv6 addresses that Node reads back (RFC 5952)", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: addr.V6_MAX }), (value) => {
        const text = formatV6(value);
        expect(isIPv6(text)).toBe(true);
        expect(cidr(text).v6).toEqual([[value, value]]);
      }),
    );
    expect(formatV6(1n)).toBe("::1");
    expect(formatV6(0x20010db8000000000001000000000001n)).toBe("2001:db8::1:0:0:1");
  });

  it("count addresses", () => {
    expect(size(cidr("10.0.0.0/8", "::/64"))).toBe(2n ** 24n + 2n ** 64n);
  });
});

describe("the cover of a set", () => {
  const own = cidr("10.20.0.0/16");
  const dontCare = addr.union(DONT_CARE, own);

  it("prints everything but the network's own range as everything", () => {
    expect(cover(addr.subtract(addr.allAddresses, own), dontCare)).toEqual(["0.0.0.0/0", "::/0"]);
    expect(cover(addr.subtract(addr.allV4, cidr("192.168.0.0/16")), dontCare)).toEqual(["0.0.0.0/0"]);
  });

  it("is empty for what nobody cares about", () => {
    expect(cover(DONT_CARE, dontCare)).toEqual([]);
    expect(cover(cidr("10.20.3.0/24"), dontCare)).toEqual([]);
  });

  it("counts documentation and benchmark ranges as Internet", () => {
    expect(cover(cidr("203.0.113.0/24", "198.18.0.0/15"), dontCare)).toEqual(["198.18.0.0/15", "203.0.113.0/24"]);
  });

  it("shrinks each prefix to what is cared for", () => {
    expect(cover(cidr("0.0.0.0/1"), dontCare)).toEqual(["0.0.0.0/1"]);
    expect(cover(cidr("11.0.0.0/8"), dontCare)).toEqual(["11.0.0.0/8"]);
    // 10.0.0.0/7 holds nothing else but private space, and so does every prefix between the two.
    expect(cover(cidr("10.0.0.0/7"), dontCare)).toEqual(["11.0.0.0/8"]);
  });

  it("holds the set, and beyond it nothing but don't-care addresses; IPv4 first, ascending, disjoint", () => {
    fc.assert(
      fc.property(addresses, (set) => {
        const blocks = cover(set, dontCare);
        const covered = addr.unionAll(blocks.map((block) => cidr(block)));
        expect(addr.isSubset(addr.subtract(set, dontCare), covered)).toBe(true);
        expect(addr.isSubset(addr.subtract(covered, dontCare), set)).toBe(true);
        const sizes = blocks.reduce((sum, block) => sum + size(cidr(block)), 0n);
        expect(sizes).toBe(size(covered));
        const firsts = blocks.map((block) => cidr(block));
        firsts.slice(1).forEach((block, i) => {
          const before = firsts[i] as addr.AddrSet;
          expect(before.v4.length >= block.v4.length).toBe(true);
          if (before.v4[0] && block.v4[0]) expect(before.v4[0][0]).toBeLessThan(block.v4[0][0]);
        });
      }),
    );
  });
});

it("a sample address is one of the set, from a documentation range if there is one", () => {
  expect(sampleAddress(addr.allAddresses)).toBe("203.0.113.9");
  expect(sampleAddress(addr.noAddresses)).toBeNull();
  fc.assert(
    fc.property(addresses, (set) => {
      const text = sampleAddress(set);
      expect(text === null).toBe(addr.isEmpty(set));
      if (text !== null) expect(addr.isSubset(cidr(text), set)).toBe(true);
    }),
  );
});

it("formats IPv4", () => expect(formatV4(0xc0000201)).toBe("192.0.2.1"));

/** The other half of the block that is one bit shorter. */
function sibling(block: string): string {
  const [set, length] = [cidr(block), Number(block.split("/")[1])];
  if (length === 0) return "";
  const v4 = set.v4[0];
  if (v4 !== undefined) {
    const width = 2 ** (32 - length);
    const other = (v4[0] / width) % 2 === 0 ? v4[0] + width : v4[0] - width;
    return `${formatV4(other)}/${length}`;
  }
  const [low] = set.v6[0] as readonly [bigint, bigint];
  const width = 1n << BigInt(128 - length);
  return `${formatV6((low / width) % 2n === 0n ? low + width : low - width)}/${length}`;
}
