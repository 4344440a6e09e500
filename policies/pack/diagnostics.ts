import type { ReportViolation } from "@pulumi/policy";
import type { PathStep, Severity } from "../analysis/verdict/report";
import { defaultEnforcement, type KnownPolicy, type PolicyConfig } from "../config";
import type { Evaluated } from "../judge";
import { printable, printableLine } from "../printable";
import { termsOf, waiverFor, waiverText } from "../waivers";

export type Level = "mandatory" | "advisory";

/** One violation with a severity and a level of its own. What is left out is the policy's. */
export interface Diagnostic {
  readonly message: string;
  readonly urn?: string;
  readonly severity?: Severity;
  readonly enforcementLevel?: Level;
}

/**
 * The SDK's server takes an object beside a text (`makeReportViolationFun` in `@pulumi/policy/server.js`): the only way to give one
 * violation its own severity and level. Its types know the text only, hence the cast; the tests run against the server.
 */
export function sender(report: ReportViolation): (diagnostic: Diagnostic) => void {
  return report as unknown as (diagnostic: Diagnostic) => void;
}

/**
 * A finding as CrossGuard reports it. The policy's configured level is the SDK's secret and applies where none is given here:
 * waived findings are advisory, so are undetermined ones if the configuration says so, and a finding whose severity is not the
 * policy's has the default level of its own severity.
 */
export function toDiagnostic(
  { policy, finding, broken }: Evaluated,
  config: PolicyConfig,
  today: string,
  atMost: Level = "mandatory",
): Diagnostic {
  const waiver = broken ? undefined : waiverFor(policy.name, finding, config.waivers, today);
  const excused = finding.outcome === "undetermined" && !broken && config.undetermined === "advisory";
  const remark =
    waiver !== undefined
      ? `Waived (${waiverText(termsOf(waiver, today))}): `
      : finding.outcome === "undetermined" && !broken
        ? "Undetermined: "
        : "";
  const level =
    waiver !== undefined || excused || atMost === "advisory" ? "advisory" : levelOf(policy, finding.severity);
  return {
    message: [
      `${printableLine(remark)}${remark && " "}${printableLine(finding.message)}`,
      ...chain(finding.path ?? []),
      `Fix: ${printableLine(finding.remediation)}`,
    ].join("\n"),
    urn: finding.resource,
    severity: finding.severity ?? policy.severity,
    ...(level !== undefined && { enforcementLevel: level }),
  };
}

function levelOf(policy: KnownPolicy, severity: Severity | undefined): Level | undefined {
  const own = defaultEnforcement(policy);
  const level = defaultEnforcement(policy, severity);
  return level === own || level === "disabled" ? undefined : level;
}

function chain(path: readonly PathStep[]): string[] {
  return path.map(({ kind, resource, detail }, i) => {
    const name = resource === null ? "" : `${printable(resource.split("::").at(-1) ?? resource)}: `;
    return `  ${i + 1}. ${kind}: ${name}${printableLine(detail)}`;
  });
}
