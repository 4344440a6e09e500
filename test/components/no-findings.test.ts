import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadProgram } from "../../cli/sources/program";
import { Resources } from "../../policies/analysis/lower/resources";
import type { ResourceSnapshot } from "../../policies/analysis/model/snapshot";
import { buildPerimeter } from "../../policies/analysis/verdict/perimeter";
import { parsePolicyConfig } from "../../policies/config";
import { judge } from "../../policies/judge";
import { policies } from "../../policies/rules";
import { mailPerimeterArgs } from "./arbitraries";

/**
 * A component of ours never produces a finding of ours. The perimeters run in one program and are judged one by one; this proves
 * nothing about a stack that holds several of them, nor that AWS accepts the resources.
 */

const runs = Number(process.env.RELAYPROOF_RUNS ?? 24);
const seed = Number(process.env.RELAYPROOF_SEED ?? Date.now() % 2 ** 31);
const samples = fc.sample(mailPerimeterArgs, { numRuns: runs, seed });
const scratch = mkdtempSync(join(tmpdir(), "relayproof-args-"));
const perimeters = new Map<string, ResourceSnapshot[]>();

beforeAll(async () => {
  const file = join(scratch, "args.json");
  writeFileSync(file, JSON.stringify(samples));
  process.env.RELAYPROOF_TEST_ARGS = file;
  const directory = join(__dirname, "../fixtures/generated-perimeters");
  const { resources } = await loadProgram({ directory, stack: "dev" });
  const index = new Resources(resources);
  for (const resource of resources) {
    const top = [...index.lineage(resource)].find((ancestor) => ancestor.type === "relayproof:aws:MailPerimeter");
    if (top !== undefined) perimeters.set(top.name, [...(perimeters.get(top.name) ?? []), resource]);
  }
}, 120_000);

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

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
