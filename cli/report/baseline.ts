import type { AddrSet } from "../../policies/analysis/net/addr";
import { allAddresses, isSubset, unionAll } from "../../policies/analysis/net/addr";
import { parseCidr } from "../../policies/analysis/net/cidr";
import type { BaselineState, Finding, Report, Severity } from "../../policies/analysis/verdict/report";
import { verdictOf } from "../../policies/judge";
import { type Comparable, type ExposureChange, exposureChanges, findingPairs, inStack, opens } from "./difference";

/**
 * Holds a report against an earlier one of the same stack: a finding that was there already is `known`, and does not count for the
 * verdict, as long as it has not become worse.
 */
export function againstBaseline(report: Report, baseline: Comparable): Report {
  const old = inStack(baseline, report.stack);
  const pairs = findingPairs(old.findings, report.findings);
  const opened = exposureChanges(old, report).filter(opens);
  const findings = report.findings.map((after): Finding => {
    const before = pairs.twins.get(after);
    return { ...after, baseline: before === undefined ? "new" : stateOf(before, after) };
  });
  return {
    ...report,
    verdict: verdictOf(findings),
    findings,
    baseline: { stack: baseline.stack, gone: pairs.gone },
  };

  function stateOf(before: Finding, after: Finding): BaselineState {
    if (isFailure(after) || rank(after) > rank(before)) return "worse";
    if (severities.indexOf(after.severity) > severities.indexOf(before.severity)) return "worse";
    // What is not known now was not known then: it may be for another reason.
    if (after.outcome !== "violation") return "known";
    const connects = reachedFrom(after);
    if (connects !== null && opened.some((change) => isAbout(change, after, connects))) return "worse";
    const relayed = after.path.some(({ kind }) => kind === "mta") ? relayedBy(old, after) : null;
    if (relayed !== null && !isSubset(relayedBy(report, after) ?? allAddresses, relayed)) return "worse";
    // Where no set tells, what it says does.
    return connects !== null || relayed !== null || after.message === before.message ? "known" : "worse";
  }
}

const severities: readonly Severity[] = ["low", "medium", "high", "critical"];

/** Waived is not known: a waiver that has ended is not renewed by a baseline. */
function rank({ outcome }: Finding): number {
  return { waived: 0, undetermined: 1, violation: 2 }[outcome];
}

/** A policy that could not be evaluated, or a model that could not be built, is about the stack itself. Nothing excuses it. */
function isFailure({ outcome, resource }: Finding): boolean {
  return outcome === "undetermined" && resource.split("::")[2] === "pulumi:pulumi:Stack";
}

/** The side from which a path begins that is about SMTP; null if the finding is about something else. */
function reachedFrom({ path, witness }: Finding): ExposureChange["side"] | null {
  const [first] = path;
  if (witness === undefined || !SMTP.has(witness.port)) return null;
  return first?.kind === "internet" ? "internet" : first?.kind === "network" ? "internal" : null;
}

const SMTP: ReadonlySet<number> = new Set([25, 465, 587, 2525]);

function isAbout({ resource, side }: ExposureChange, finding: Finding, connects: ExposureChange["side"]): boolean {
  return resource === finding.resource && side === connects;
}

/** For whom the MTA of a finding's host relays, or may; null where the report does not tell. */
function relayedBy({ hosts }: Comparable, { resource }: Finding): AddrSet | null {
  const mta = hosts?.find((host) => host.resource === resource)?.mta;
  if (mta === undefined) return null;
  const texts = mta.listeners.flatMap(({ relays, undetermined }) => [...relays, ...undetermined]);
  return unionAll(texts.flatMap((text) => parseCidr(text) ?? []));
}
