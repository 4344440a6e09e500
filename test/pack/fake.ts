import type { Settings } from "../../policies/analysis/model/settings";
import type { ResourceSnapshot } from "../../policies/analysis/model/snapshot";
import { buildPerimeter, type Perimeter } from "../../policies/analysis/verdict/perimeter";
import type { PolicyFinding, Severity } from "../../policies/analysis/verdict/report";
import type { Policy } from "../../policies/policy";

/** As much of a model as judging needs. */
export function fakePerimeter(
  resources: readonly ResourceSnapshot[],
  settings: Settings,
  rest: Partial<Perimeter> = {},
): Perimeter {
  const map = new Map(resources.map((resource) => [resource.urn, resource]));
  const empty = buildPerimeter(resources, settings);
  return { ...empty, resources: map, hosts: [], unmodelled: [], assumptions: [], ...rest };
}

export function fakePolicy(
  name: string,
  severity: Severity,
  check: Policy["check"],
  rest: Pick<Policy, "enforcement"> = {},
): Policy {
  return {
    name,
    severity,
    description: `${name}.`,
    rationale: "",
    remediation: "Fix it.",
    frameworks: [],
    check,
    ...rest,
  };
}

export function finding(resource: string, rest: Partial<PolicyFinding> = {}): PolicyFinding {
  return { outcome: "violation", resource, message: "It is open.", remediation: "Close it.", ...rest };
}
