import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { ResourceSnapshot } from "../../policies/analysis/model/snapshot";
import { buildPerimeter } from "../../policies/analysis/verdict/perimeter";
import { parsePolicyConfig } from "../../policies/config";
import { judge } from "../../policies/judge";
import { policies } from "../../policies/rules";
import { mailPerimeterArgs } from "./arbitraries";
import { runPerimeters } from "./programs";

/**
 * A component of ours never produces a finding of ours. The perimeters run in one program and are judged one by one; this proves
 * nothing about a stack that holds several of them, nor that AWS accepts the resources.
 */

const runs = Number(process.env.RELAYPROOF_RUNS ?? 24);
const seed = Number(process.env.RELAYPROOF_SEED ?? Date.now() % 2 ** 31);
const samples = fc.sample(mailPerimeterArgs, { numRuns: runs, seed });
let perimeters: ReadonlyMap<string, readonly ResourceSnapshot[]>;

beforeAll(async () => {
  perimeters = await runPerimeters(samples);
}, 120_000);

describe(`generated perimeters (RELAYPROOF_SEED=${seed})`, () => {
  it("all ran", () => expect(perimeters.size).toBe(runs));

  it.each(samples.map((args, i) => [`p${i}`, args] as const))("%s has no finding", (name, args) => {
    const config = parsePolicyConfig({}, policies);
    const perimeter = buildPerimeter(perimeters.get(name) ?? [], config.settings);
    const report = judge({ stack: "dev", project: "generated", perimeter, policies, config, today: "2026-01-01" });
    expect(
      report.findings.map((finding) => `${finding.policy}: ${finding.message}`),
      JSON.stringify(args),
    ).toEqual([]);
    expect(perimeter.frontEnds.length).toBe(args.hostnames.length);
    expect(perimeter.internalMail.length).toBe(1);
  });
});
