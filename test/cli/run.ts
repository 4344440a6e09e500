import { spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(__dirname, "../..");

export const command = join(root, "cli/relayproof.js");

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command as a user does, with neither a terminal nor colour. */
export function relayproof(args: readonly string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): Ran {
  const { FORCE_COLOR: _, NO_COLOR: __, RELAYPROOF_DEBUG: ___, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], {
    cwd: options.cwd ?? root,
    env: { ...env, ...options.env },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { status, stdout, stderr };
}
