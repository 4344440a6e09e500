import type { Finding, Report } from "../../policies/analysis/verdict/report";

/**
 * The contract, `schemaVersion` 1: always these keys in this order. `location` and `witness` are absent where there is none; every
 * list is there even when it is empty; `resource` and `at` are null where no single resource or place is meant.
 */
export function renderJson(report: Report): string {
  const ordered: Report = {
    schemaVersion: report.schemaVersion,
    stack: report.stack,
    verdict: report.verdict,
    findings: report.findings.map(finding),
    exposure: report.exposure.map(({ resource, port, internet, internal, undetermined }) => ({
      resource,
      port,
      internet,
      internal,
      undetermined: undetermined.map(({ side, sources, reason, at }) => ({ side, sources, reason, at })),
    })),
    unmodelled: report.unmodelled.map(({ resource, type, reason }) => ({ resource, type, reason })),
    waivers: report.waivers.map(({ policy, urn, owner, reason, expires, state }) => ({
      policy,
      urn,
      owner,
      reason,
      expires,
      state,
    })),
  };
  return `${JSON.stringify(ordered, null, 2).replace(STILL_UNSAFE, escapeUnits)}\n`;
}

function finding(f: Finding): Finding {
  return {
    policy: f.policy,
    severity: f.severity,
    enforcement: f.enforcement,
    outcome: f.outcome,
    resource: f.resource,
    ...(f.location && { location: { file: f.location.file, line: f.location.line, column: f.location.column } }),
    message: f.message,
    remediation: f.remediation,
    path: f.path.map(({ kind, resource, detail }) => ({ kind, resource, detail })),
    ...(f.witness && {
      witness: {
        source: f.witness.source,
        seenSource: f.witness.seenSource,
        destination: f.witness.destination,
        port: f.witness.port,
      },
    }),
    assumptions: f.assumptions,
  };
}

/** `JSON.stringify` escapes the other control characters. These are legal in JSON, but a terminal may obey them. */
const STILL_UNSAFE = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

function escapeUnits(char: string): string {
  return Array.from({ length: char.length }, (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, "0")}`).join(
    "",
  );
}
