import type { ResourceSnapshot, Value } from "../../policies/analysis/model/snapshot";

/** What there is to judge, wherever it comes from. */
export interface LoadedStack {
  readonly stack: string;
  readonly project: string;
  /** Parents before children. */
  readonly resources: readonly ResourceSnapshot[];
  /** What the program exports. */
  readonly outputs: { readonly [name: string]: Value };
  /** What whoever asked should know beside the findings, one line each, without secrets. */
  readonly warnings: readonly string[];
}
