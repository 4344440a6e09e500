import type { Perimeter } from "./analysis/verdict/perimeter";
import type { Enforcement, PolicyFinding, Severity } from "./analysis/verdict/report";

/** A requirement of a published framework that a policy checks. */
export interface Framework {
  readonly name: string;
  readonly version?: string;
  readonly reference: string;
  readonly specification: string;
}

/** One policy: metadata and a pure check. The name is stable: people put it into configuration files. */
export interface Policy {
  readonly name: string;
  readonly severity: Severity;
  /** Its default where severity does not decide: critical and high are mandatory, medium and low advisory. */
  readonly enforcement?: Enforcement;
  /** What it rejects, as a sentence. */
  readonly description: string;
  /** The attack or accident that it prevents. */
  readonly rationale: string;
  /** How to fix a violation, step by step. */
  readonly remediation: string;
  readonly frameworks: readonly Framework[];
  check(perimeter: Perimeter): readonly PolicyFinding[];
}
