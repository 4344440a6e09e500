import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { buildPerimeter } from "../../policies/analysis/verdict/perimeter";
import { parsePolicyConfig } from "../../policies/config";
import { judge } from "../../policies/judge";
import { policies } from "../../policies/rules";
import { load, PROGRAMS } from "./programs";

/** Programs as people write them who have never heard of the checker: what it says of each. */
const EXPECTED: Readonly<Record<string, { verdict: string; worst: readonly string[]; unmodelled: readonly string[] }>> =
  {
    "awsx-fargate": {
      verdict: "pass",
      worst: [],
      unmodelled: ["aws:ecs/service:Service", "awsx:ec2:Vpc", "awsx:lb:ApplicationLoadBalancer"],
    },
    "default-vpc": { verdict: "pass", worst: [], unmodelled: [] },
    eks: { verdict: "pass", worst: [], unmodelled: ["aws:eks/cluster:Cluster", "aws:eks/nodeGroup:NodeGroup"] },
    "looked-up": { verdict: "pass", worst: [], unmodelled: [] },
    "nat-instance": { verdict: "pass", worst: [], unmodelled: [] },
    "open-relay": {
      verdict: "fail",
      worst: ["mta-trust-list", "open-relay-path", "smtp-internet-exposure"],
      unmodelled: [],
    },
    serverless: { verdict: "pass", worst: [], unmodelled: ["aws:lambda/function:Function"] },
    webapp: { verdict: "pass", worst: [], unmodelled: ["aws:rds/instance:Instance"] },
  };

describe("a program by a stranger", () => {
  it("is each one that is expected", () => {
    expect(readdirSync(join(PROGRAMS, "strangers")).sort()).toEqual(Object.keys(EXPECTED).sort());
  });

  it.each(Object.entries(EXPECTED))("%s", async (name, expected) => {
    const { resources } = await load(join("strangers", name));
    const config = parsePolicyConfig({}, policies);
    const perimeter = buildPerimeter(resources, config.settings);
    const report = judge({ stack: "dev", project: name, perimeter, policies, config, today: "2026-01-01" });
    const worst = report.findings.filter(({ severity }) => severity === "critical" || severity === "high");
    expect({
      verdict: report.verdict,
      worst: [...new Set(worst.map(({ policy }) => policy))].sort(),
      unmodelled: [...new Set(report.unmodelled.map(({ type }) => type))].sort(),
    }).toEqual(expected);
  });
});
