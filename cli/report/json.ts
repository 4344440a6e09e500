import type { Evidence, Finding, HostRow, PathStep, Report } from "../../policies/analysis/verdict/report";
import { safeJson } from "./safe-json";

/**
 * The contract, `schemaVersion` 1: always these keys in this order. `location`, `witness`, `waiver` and `baseline` are absent where there is
 * none; every list is there even when it is empty; `resource` and `at` are null where no single resource or place is meant.
 */
export function renderJson(report: Report): string {
  const ordered: Report = {
    schemaVersion: report.schemaVersion,
    stack: report.stack,
    verdict: report.verdict,
    findings: report.findings.map(finding),
    exposure: report.exposure.map(({ resource, port, internet, internal, undetermined, paths }) => ({
      resource,
      port,
      internet,
      internal,
      undetermined: undetermined.map(({ side, sources, reason, at }) => ({ side, sources, reason, at })),
      paths: paths.map(({ side, certain, path }) => ({ side, certain, path: path.map(step) })),
    })),
    unmodelled: report.unmodelled.map(({ resource, type, reason }) => ({ resource, type, reason })),
    waivers: report.waivers.map(({ policy, urn, owner, reason, expires, daysLeft, state }) => ({
      policy,
      urn,
      owner,
      reason,
      expires,
      daysLeft,
      state,
    })),
    policies: report.policies.map(({ name, severity, enforcement }) => ({ name, severity, enforcement })),
    hosts: report.hosts.map(host),
    approvedSenders: report.approvedSenders.map(({ ports, sources }) => ({ ports, sources })),
    assumptions: report.assumptions,
    ...(report.baseline && { baseline: { stack: report.baseline.stack, gone: report.baseline.gone.map(finding) } }),
  };
  return safeJson(ordered);
}

function finding(f: Finding): Finding {
  return {
    policy: f.policy,
    severity: f.severity,
    enforcement: f.enforcement,
    outcome: f.outcome,
    resource: f.resource,
    ...location(f),
    message: f.message,
    remediation: f.remediation,
    path: f.path.map(step),
    ...(f.witness && {
      witness: {
        source: f.witness.source,
        seenSource: f.witness.seenSource,
        destination: f.witness.destination,
        port: f.witness.port,
      },
    }),
    assumptions: f.assumptions,
    ...(f.waiver && {
      waiver: {
        owner: f.waiver.owner,
        reason: f.waiver.reason,
        expires: f.waiver.expires,
        daysLeft: f.waiver.daysLeft,
      },
    }),
    ...(f.baseline && { baseline: f.baseline }),
  };
}

function step(one: PathStep): PathStep {
  return { kind: one.kind, resource: one.resource, detail: one.detail, ...location(one) };
}

function host(row: HostRow): HostRow {
  const { mta } = row;
  return {
    resource: row.resource,
    ...location(row),
    role: row.role,
    ports: row.ports,
    addresses: row.addresses,
    mta: {
      state: mta.state,
      listeners: mta.listeners.map(({ port, loopbackOnly, relays, undetermined, lines }) => ({
        port,
        loopbackOnly,
        relays,
        undetermined,
        lines: lines.map(evidence),
      })),
      reasons: mta.reasons.map(evidence),
    },
    egress: row.egress,
    sendsAs: row.sendsAs,
  };
}

function evidence({ text, at }: Evidence): Evidence {
  return { text, at };
}

function location<T extends Pick<Finding, "location">>({ location: at }: T): Pick<Finding, "location"> {
  return at === undefined ? {} : { location: { file: at.file, line: at.line, column: at.column } };
}
