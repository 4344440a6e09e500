import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";

const directories: string[] = [];

/** A directory with these files that exists for one test file. */
export function directoryOf(files: Record<string, string | Buffer>): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "relayproof-test-")));
  directories.push(directory);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return directory;
}

/** What `act` throws, in one line and with the directory left out. */
export function complaint(directory: string, act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message.replaceAll(directory, "DIR")}`;
  }
  return "nothing";
}

afterAll(() => {
  for (const directory of directories.splice(0)) {
    rmSync(directory, { recursive: true, force: true });
  }
});
