import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchesGlob } from "../../policies/config/glob";

describe("globs over URNs", () => {
  it.each([
    ["*", "", true],
    ["", "", true],
    ["", "a", false],
    ["urn:*::front-?", "urn:pulumi:dev::p::aws:ec2/instance:Instance::front-1", true],
    ["urn:*::front-?", "urn:pulumi:dev::p::aws:ec2/instance:Instance::front-12", false],
    ["*::Instance::a", "x::Instance::b", false],
    ["a.c", "abc", false],
    ["[ab]", "a", false],
    ["*a*b", "xaxbxb", true],
    ["**", "anything", true],
  ])("%j against %j: %j", (glob, text, expected) => {
    expect(matchesGlob(glob, text)).toBe(expected);
  });

  it("agrees with the regular expression that says the same", () => {
    const alphabet = fc.string({ unit: fc.constantFrom("a", "b", "*", "?", ".", ":"), maxLength: 8 });
    const texts = fc.string({ unit: fc.constantFrom("a", "b", ".", ":"), maxLength: 10 });
    fc.assert(
      fc.property(alphabet, texts, (glob, text) => {
        const source = glob.replace(/[.]/g, "\\.").replaceAll("*", "[^]*").replaceAll("?", "[^]");
        expect(matchesGlob(glob, text)).toBe(new RegExp(`^${source}$`).test(text));
      }),
      { numRuns: 1000 },
    );
  });

  it("matches every text against itself, and any part of it replaced by a star", () => {
    const plain = fc.string({ maxLength: 20 }).filter((text) => !/[*?]/.test(text));
    fc.assert(
      fc.property(plain, fc.nat(20), fc.nat(20), (text, from, size) => {
        expect(matchesGlob(text, text)).toBe(true);
        expect(matchesGlob(`${text.slice(0, from)}*${text.slice(from + size)}`, text)).toBe(true);
      }),
    );
  });

  it("is not slow where a backtracking matcher is", () => {
    expect(matchesGlob(`${"*a".repeat(200)}b`, "a".repeat(5000))).toBe(false);
  });
});
