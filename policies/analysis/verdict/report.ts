import type { SourceLocation, Urn } from "../model/snapshot";

/**
 * The result of judging a stack: the contract of `relayproof check --format json`, `schemaVersion` 1.
 */

export const Severity = { Critical: "critical", High: "high", Medium: "medium", Low: "low" } as const;
export type Severity = (typeof Severity)[keyof typeof Severity];

export const Enforcement = { Mandatory: "mandatory", Advisory: "advisory", Disabled: "disabled" } as const;
export type Enforcement = (typeof Enforcement)[keyof typeof Enforcement];

export type Outcome = "violation" | "undetermined" | "waived";
export type Verdict = "pass" | "fail" | "undetermined";

export type StepKind =
  | "internet"
  | "network"
  | "host"
  | "gateway"
  | "route"
  | "filter"
  | "load-balancer"
  | "firewall"
  | "translation"
  | "mta"
  | "egress";

/** One hop of a path, in the order in which a packet, then a message, takes it. */
export interface PathStep {
  readonly kind: StepKind;
  readonly resource: Urn | null;
  readonly detail: string;
}

/** A concrete packet that shows the finding. Names stand in for addresses that are not known yet. */
export interface Witness {
  readonly source: string;
  readonly seenSource: string;
  readonly destination: string;
  readonly port: number;
}

/** What a policy's `check` returns; `judge` adds enforcement, location and waivers. */
export interface PolicyFinding {
  readonly outcome: "violation" | "undetermined";
  /** The host or rule that the finding is about. */
  readonly resource: Urn;
  /** One sentence that names the resource and what is wrong. */
  readonly message: string;
  /** The change that closes it. */
  readonly remediation: string;
  readonly path?: readonly PathStep[];
  readonly witness?: Witness;
  readonly assumptions?: readonly string[];
  /** Where it differs from the policy's own, e.g. `mta-trust-list` about a merely wide range. */
  readonly severity?: Severity;
}

export interface Finding {
  readonly policy: string;
  readonly severity: Severity;
  readonly enforcement: Exclude<Enforcement, "disabled">;
  readonly outcome: Outcome;
  readonly resource: Urn;
  readonly location?: SourceLocation;
  readonly message: string;
  readonly remediation: string;
  readonly path: readonly PathStep[];
  readonly witness?: Witness;
  readonly assumptions: readonly string[];
}

export interface UndeterminedSources {
  readonly side: "internet" | "internal";
  readonly sources: readonly string[];
  readonly reason: string;
  /** `<urn> <property path>`, or null where no single place is to blame. */
  readonly at: string | null;
}

/** Who can connect to one SMTP port of one host. */
export interface ExposureRow {
  readonly resource: Urn;
  readonly port: number;
  readonly internet: readonly string[];
  readonly internal: readonly string[];
  readonly undetermined: readonly UndeterminedSources[];
}

export interface Unmodelled {
  readonly resource: Urn;
  readonly type: string;
  readonly reason: string;
}

export interface WaiverUse {
  readonly policy: string;
  readonly urn: string;
  readonly owner: string;
  readonly reason: string;
  readonly expires: string;
  readonly state: "used" | "unused" | "expired";
}

export interface Report {
  readonly schemaVersion: 1;
  readonly stack: string;
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  readonly exposure: readonly ExposureRow[];
  readonly unmodelled: readonly Unmodelled[];
  readonly waivers: readonly WaiverUse[];
}
