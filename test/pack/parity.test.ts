import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { judgeStack, readPolicyConfig } from "../../cli/commands/judge-stack";
import type { LoadedStack } from "../../cli/sources/loaded-stack";
import { loadProgram } from "../../cli/sources/program";
import { type ResourceSnapshot, Unknown, type Value } from "../../policies/analysis/model/snapshot";
import { buildPerimeter } from "../../policies/analysis/verdict/perimeter";
import { packArgs } from "../../policies/pack";
import { policies } from "../../policies/rules";
import { checkResource } from "../../policies/rules/smtp-security-group-ingress";
import { Analyzer, UNKNOWN, type WireResource } from "./analyzer";

/**
 * The checker and the pack find the same: a program runs on the embedded engine, and its resources are handed to the pack as Pulumi's
 * engine would on a first preview, outputs with dropped properties included.
 */
const root = join(__dirname, "../..");
const ingress = "smtp-security-group-ingress";
let analyzer: Analyzer;

beforeAll(async () => {
  analyzer = await Analyzer.serve(
    packArgs({ policies, buildPerimeter, resourceChecks: { [ingress]: checkResource }, now: () => new Date() }),
  );
});

afterAll(() => analyzer.close());

it.each([["."], ["examples/open-relay"], ["examples/exchange-only"]])("in %s", async (directory) => {
  const loaded = await loadProgram({ directory: join(root, directory), stack: "dev" });
  const report = judgeStack(loaded, readPolicyConfig({}));
  const fromChecker = report.findings
    .filter((finding) => finding.policy !== ingress)
    .map(({ policy, severity, enforcement, outcome, resource }) => ({
      policy,
      severity,
      level: enforcement,
      outcome,
      urn: resource,
    }));

  for (const resource of loaded.resources) {
    const early = await analyzer.analyze(inputsOf(resource));
    // Single rules are judged without a graph: advice at most, and none about what is built from our components alone.
    expect(early.filter((one) => directory !== "examples/open-relay" || one.level !== "advisory")).toEqual([]);
  }
  const diagnostics = await analyzer.analyzeStack(outputsOf(loaded));
  const fromPack = diagnostics.map(({ policy, severity, level, urn, message }) => {
    return {
      policy,
      severity,
      level,
      outcome: message.startsWith("Undetermined: ") ? "undetermined" : "violation",
      urn,
    };
  });
  expect(sorted(fromPack)).toEqual(sorted(fromChecker));
});

function sorted<T>(items: readonly T[]): string[] {
  return items.map((item) => JSON.stringify(item, Object.keys(item as object).sort())).sort();
}

function inputsOf(resource: ResourceSnapshot): WireResource {
  return {
    urn: resource.urn,
    type: resource.type,
    provider: resource.custom,
    props: wireValue(resource.properties) as object,
    dependencies: resource.propertyDependencies,
    ...(resource.parent !== undefined && { parent: resource.parent }),
  };
}

/** What a bridged provider answers at preview: inputs without those that hold something unknown inside, and computed properties. */
function outputsOf(loaded: LoadedStack): WireResource[] {
  return loaded.resources.map((resource) => {
    if (!resource.custom) return { ...inputsOf(resource), props: {} };
    const whole = Object.entries(resource.properties).filter(
      ([, value]) => value instanceof Unknown || !holdsUnknown(value),
    );
    const computed = { id: UNKNOWN, arn: UNKNOWN, ownerId: UNKNOWN, ingress: [], tagsAll: {} };
    return { ...inputsOf(resource), props: { ...computed, ...(wireValue(Object.fromEntries(whole)) as object) } };
  });
}

function holdsUnknown(value: Value): boolean {
  if (typeof value !== "object" || value === null) return false;
  return value instanceof Unknown || Object.values(value).some(holdsUnknown);
}

function wireValue(value: Value): unknown {
  if (value instanceof Unknown) return UNKNOWN;
  if (Array.isArray(value)) return value.map(wireValue);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, wireValue(item)]));
}
