import type { ResourceSnapshot, Value } from "../../policies/analysis/model/snapshot";

/** What a program declares, as a first preview would see it. */
export interface LoadedStack {
  readonly stack: string;
  readonly project: string;
  /** In the order of registration: parents before children. */
  readonly resources: readonly ResourceSnapshot[];
  /** What the program exports. */
  readonly outputs: { readonly [name: string]: Value };
  /** Warnings of the program and of the engine, one line each, without secrets. */
  readonly warnings: readonly string[];
}

export interface ProgramOptions {
  /** Directory of `Pulumi.yaml`. */
  readonly directory: string;
  /** Stack whose configuration applies; default: the only `Pulumi.<stack>.yaml`, or `dev` if there is none. */
  readonly stack?: string;
  /** How long the program may run, in milliseconds. Default: `RELAYPROOF_TIMEOUT` (seconds) or 120 s. */
  readonly timeoutMs?: number;
  /** File with answers for invokes, stack references, reads and secret configuration. */
  readonly fixtures?: string;
  readonly onProgress?: (text: string) => void;
}

/**
 * Runs the program in `options.directory` on the embedded engine and returns the resources it declares.
 *
 * @throws InputError if there is no such project or stack, or its files do not parse.
 * @throws ProgramError if the program fails, does not end in time, or has no `@pulumi/pulumi` installed.
 */
export async function loadProgram(options: ProgramOptions): Promise<LoadedStack> {
  throw new Error(`not there yet: ${options.directory}`);
}
