import type { ResourceSnapshot, SourceLocation, Urn } from "./analysis/model/snapshot";
import { approvedRows } from "./analysis/verdict/approved";
import { exposureRows } from "./analysis/verdict/exposure-rows";
import { hostRow } from "./analysis/verdict/hosts";
import type { Perimeter } from "./analysis/verdict/perimeter";
import type { Finding, PathStep, PolicyFinding, Report, Severity, Verdict } from "./analysis/verdict/report";
import { type KnownPolicy, PERIMETER, type PolicyConfig, type Waiver } from "./config";
import type { Policy } from "./policy";
import { termsOf, useOf, waiverFor } from "./waivers";

/**
 * Turns what the policies found into a report: enforcement, waivers, verdict and order. Pure: the day is an argument.
 */

export interface JudgeInput {
  readonly stack: string;
  readonly project: string;
  /** The model of the stack, or what went wrong when it was built: then nothing is judged, and that is a finding. */
  readonly perimeter: Perimeter | Error;
  readonly policies: readonly Policy[];
  readonly config: PolicyConfig;
  /** Today in UTC, `YYYY-MM-DD`. */
  readonly today: string;
}

export function judge(input: JudgeInput): Report {
  const { perimeter, policies, config, today } = input;
  const failed = perimeter instanceof Error;
  const resources: ReadonlyMap<Urn, ResourceSnapshot> = failed ? new Map() : perimeter.resources;
  const stackUrn = rootOf(resources.values()) ?? rootUrn(input.stack, input.project);

  const evaluated = failed
    ? [notEvaluated(perimeterPolicy, stackUrn, perimeter)]
    : policies
        .filter((policy) => config.enforcementOf(policy) !== "disabled")
        .flatMap((policy) => evaluate(policy, perimeter, stackUrn));

  const used = new Set<Waiver>();
  const findings: Finding[] = [];
  for (const { policy, finding, broken } of evaluated) {
    const level = config.enforcementOf(policy, finding.severity);
    if (level === "disabled") continue;
    const waiver = broken ? undefined : waiverFor(policy.name, finding, config.waivers, today);
    if (waiver !== undefined) used.add(waiver);
    const capped = finding.outcome === "undetermined" && !broken && config.undetermined === "advisory";
    findings.push({
      policy: policy.name,
      severity: finding.severity ?? policy.severity,
      enforcement: capped ? "advisory" : level,
      outcome: waiver === undefined ? finding.outcome : "waived",
      resource: finding.resource,
      ...located(finding.resource, resources),
      message: finding.message,
      remediation: finding.remediation,
      path: place(finding.path ?? [], resources),
      ...(finding.witness === undefined ? {} : { witness: finding.witness }),
      assumptions: finding.assumptions ?? [],
      ...(waiver === undefined ? {} : { waiver: termsOf(waiver, today) }),
    });
  }
  findings.sort(compareFindings);
  return {
    schemaVersion: 1,
    stack: input.stack,
    verdict: verdictOf(findings),
    findings,
    exposure: failed ? [] : exposureRows(perimeter).map((row) => ({ ...row, paths: row.paths.map(placed) })),
    unmodelled: failed ? [] : perimeter.unmodelled,
    waivers: config.waivers.map((waiver) => useOf(waiver, used.has(waiver), today)),
    policies: policies.map((policy) => ({
      name: policy.name,
      severity: policy.severity,
      enforcement: config.enforcementOf(policy),
    })),
    hosts: failed
      ? []
      : perimeter.hosts.map((view) => ({ ...hostRow(perimeter, view), ...located(view.urn, resources) })),
    approvedSenders: failed ? [] : approvedRows(perimeter),
    assumptions: failed ? [] : perimeter.assumptions,
  };

  function placed<T extends { readonly path: readonly PathStep[] }>(way: T): T {
    return { ...way, path: place(way.path, resources) };
  }
}

/** What a failure to build the model is reported as. */
const perimeterPolicy: KnownPolicy = { name: PERIMETER, severity: "critical" };

/** One finding of one policy. */
export interface Evaluated {
  readonly policy: KnownPolicy;
  readonly finding: PolicyFinding;
  /** The policy itself failed: neither a waiver nor the `undetermined` switch excuses that. */
  readonly broken: boolean;
}

/** A check that throws has not shown that anything is closed: that is a finding, and the other policies still run. */
export function evaluate(policy: Policy, perimeter: Perimeter, stackUrn: Urn): Evaluated[] {
  try {
    return policy.check(perimeter).map((finding) => ({ policy, finding, broken: false }));
  } catch (error) {
    return [notEvaluated(policy, stackUrn, error)];
  }
}

export function notEvaluated(policy: KnownPolicy, stackUrn: Urn, error: unknown): Evaluated {
  const detail = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ").trim();
  const finding: PolicyFinding = {
    outcome: "undetermined",
    resource: stackUrn,
    message: `${policy.name} could not be evaluated: ${detail === "" ? "unknown error" : detail}`,
    remediation: "Report this as a defect of relayproof; until it is fixed the stack counts as not judged.",
  };
  return { policy, finding, broken: true };
}

export function verdictOf(findings: readonly Pick<Finding, "enforcement" | "outcome" | "baseline">[]): Verdict {
  const counting = findings.filter((f) => f.enforcement === "mandatory" && f.baseline !== "known");
  const outcomes = new Set(counting.map((f) => f.outcome));
  if (outcomes.has("violation")) return "fail";
  return outcomes.has("undetermined") ? "undetermined" : "pass";
}

const severities: readonly Severity[] = ["critical", "high", "medium", "low"];

/** By severity, policy and URN; then violations first, and by message, so that equal input gives equal reports. */
export function compareFindings(a: Finding, b: Finding): number {
  return (
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    compareText(a.policy, b.policy) ||
    compareText(a.resource, b.resource) ||
    compareText(b.outcome, a.outcome) ||
    compareText(a.message, b.message)
  );
}

/** By code unit: the same on every machine, whatever its locale. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function place(path: readonly PathStep[], resources: ReadonlyMap<Urn, ResourceSnapshot>): readonly PathStep[] {
  return path.map((step) => (step.resource === null ? step : { ...step, ...located(step.resource, resources) }));
}

function located(urn: Urn, resources: ReadonlyMap<Urn, ResourceSnapshot>): { readonly location?: SourceLocation } {
  const location = locate(urn, resources);
  return location === undefined ? {} : { location };
}

/** Where the resource is declared, or the nearest ancestor of it whose place is known. */
function locate(urn: Urn, resources: ReadonlyMap<Urn, ResourceSnapshot>): SourceLocation | undefined {
  const seen = new Set<Urn>();
  for (let at = resources.get(urn); at !== undefined && !seen.has(at.urn); at = resources.get(at.parent ?? "")) {
    if (at.location !== undefined) return at.location;
    seen.add(at.urn);
  }
  return undefined;
}

/** The URN of the stack itself among its resources. */
export function rootOf(resources: Iterable<Pick<ResourceSnapshot, "urn" | "type">>): Urn | undefined {
  for (const resource of resources) if (resource.type === "pulumi:pulumi:Stack") return resource.urn;
  return undefined;
}

export function rootUrn(stack: string, project: string): Urn {
  return `urn:pulumi:${stack}::${project}::pulumi:pulumi:Stack::${project}-${stack}`;
}
