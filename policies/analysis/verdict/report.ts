import type { Role } from "../model/settings";
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
  /** Where the resource is declared; `judge` adds it. */
  readonly location?: SourceLocation;
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
  /** Who accepted it, why and until when; with `outcome` `waived` only. */
  readonly waiver?: WaiverTerms;
  /** What it is beside an earlier report; absent where there is none. What is known does not count for the verdict. */
  readonly baseline?: BaselineState;
}

/** `known`: it was there before, and is no worse. */
export type BaselineState = "new" | "known" | "worse";

export interface WaiverTerms {
  readonly owner: string;
  readonly reason: string;
  /** Last day on which it is valid, UTC. */
  readonly expires: string;
  /** Days from today to the last day: 0 on the last day itself, negative once expired. */
  readonly daysLeft: number;
}

export interface UndeterminedSources {
  readonly side: "internet" | "internal";
  readonly sources: readonly string[];
  readonly reason: string;
  /** `<urn> <property path>`, or null where no single place is to blame. */
  readonly at: string | null;
}

/** Who can connect to one SMTP port of one host. */
export interface ExposureSets {
  readonly resource: Urn;
  readonly port: number;
  readonly internet: readonly string[];
  readonly internal: readonly string[];
  readonly undetermined: readonly UndeterminedSources[];
}

export interface ExposureRow extends ExposureSets {
  /** One way in for each side from which anything connects: the rules and routes that let it. */
  readonly paths: readonly ExposurePath[];
}

export interface ExposurePath {
  readonly side: "internet" | "internal";
  /** False if it is not certain that anything connects this way. */
  readonly certain: boolean;
  readonly path: readonly PathStep[];
}

/** A line of configuration, or why something is not known, and where: `<urn> <property path or line>`. */
export interface Evidence {
  readonly text: string;
  readonly at: string | null;
}

export interface MtaListener {
  readonly port: number;
  readonly loopbackOnly: boolean;
  /** Addresses, as the MTA sees them, for which it relays to anybody without authentication. */
  readonly relays: readonly string[];
  /** Addresses for which it may relay. */
  readonly undetermined: readonly string[];
  /** The configuration lines that decide it. */
  readonly lines: readonly Evidence[];
}

export interface MtaState {
  /** `none`: nothing in the stack configures an MTA on the host. */
  readonly state: "known" | "undetermined" | "none";
  readonly listeners: readonly MtaListener[];
  /** What of it is not known. */
  readonly reasons: readonly Evidence[];
}

export type EgressAnswer = "open" | "undetermined" | "closed";

/** A machine of the stack, or a group of equal machines, whatever is known about it. */
export interface HostRow {
  readonly resource: Urn;
  readonly location?: SourceLocation;
  readonly role: Role | null;
  /** Ports on which a declared front end may be reached from the Internet. */
  readonly ports: readonly number[];
  /** Addresses of its own that are known. */
  readonly addresses: readonly string[];
  readonly mta: MtaState;
  /** Whether it can open port 25 to the Internet. */
  readonly egress: EgressAnswer;
  /** As which public addresses its mail leaves, by the name of the resource: those that PTR and SPF records speak of. */
  readonly sendsAs: readonly string[];
}

/** A policy of this run, and what its findings of its own severity do to the verdict. */
export interface PolicyState {
  readonly name: string;
  readonly severity: Severity;
  readonly enforcement: Enforcement;
}

/** Who may open SMTP to internal mail servers on these ports. */
export interface ApprovedSenders {
  readonly ports: readonly number[];
  /** CIDR prefixes, and URNs of interfaces whose address is not known yet. */
  readonly sources: readonly string[];
}

export interface Unmodelled {
  readonly resource: Urn;
  readonly type: string;
  readonly reason: string;
}

export interface WaiverUse extends WaiverTerms {
  readonly policy: string;
  readonly urn: string;
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
  readonly policies: readonly PolicyState[];
  readonly hosts: readonly HostRow[];
  /** A row for each set of ports that have the same senders. */
  readonly approvedSenders: readonly ApprovedSenders[];
  /** Documented defaults that the model applied to the whole stack where the program says nothing. */
  readonly assumptions: readonly string[];
  /** The earlier report that this one was held against, if it was. */
  readonly baseline?: Baseline;
}

export interface Baseline {
  readonly stack: string;
  /** Findings of it that are there no more. */
  readonly gone: readonly Finding[];
}
