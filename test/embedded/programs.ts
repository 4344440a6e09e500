import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";
import type { LoadedStack } from "../../cli/sources/loaded-stack";
import { loadProgram, type ProgramOptions } from "../../cli/sources/program";
import type { ResourceSnapshot } from "../../policies/analysis/model/snapshot";

/** Programs in test/fixtures/programs resolve the packages of the repository. */
export const PROGRAMS = join(__dirname, "../fixtures/programs");

export function load(name: string, options: Partial<ProgramOptions> = {}): Promise<LoadedStack> {
  return loadProgram({ directory: join(PROGRAMS, name), ...options });
}

export function resource(stack: LoadedStack, name: string): ResourceSnapshot {
  const found = stack.resources.filter((candidate) => candidate.name === name);
  const [only] = found;
  if (only === undefined || found.length > 1) {
    throw new Error(`${found.length} resources are called ${name}`);
  }
  return only;
}

const scratch: string[] = [];

/** Writes a project that exists for one test file and resolves the packages of the repository. */
export function write(files: Record<string, string>): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "relayproof-test-")));
  scratch.push(directory);
  symlinkSync(join(__dirname, "../../node_modules"), join(directory, "node_modules"), "dir");
  for (const [name, text] of Object.entries({ "package.json": "{}", "Pulumi.yaml": PROJECT, ...files })) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return directory;
}

const PROJECT = "name: written\nruntime: nodejs\n";

afterAll(() => {
  for (const directory of scratch.splice(0)) {
    rmSync(directory, { recursive: true, force: true });
  }
});
