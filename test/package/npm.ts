import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll } from "vitest";

export const root = join(__dirname, "../..");

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder outside of the checkout, with these files, that exists for one test file. */
export function freshFolder(files: Readonly<Record<string, string | object>> = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "relayproof-package-")));
  folders.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content, null, 2));
  }
  return folder;
}

/** What npm would publish of a folder, from the build that is there: a tarball, and the files in it. */
export function packed(folder: string): { readonly tarball: string; readonly files: readonly string[] } {
  const target = freshFolder();
  const output = execFileSync("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", target], {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [result] = JSON.parse(output) as { filename: string; files: { path: string }[] }[];
  if (result === undefined) throw new Error(`npm packed nothing: ${output}`);
  return { tarball: join(target, result.filename), files: result.files.map(({ path }) => path) };
}

export function npm(folder: string, ...args: readonly string[]): string {
  return run(folder, "npm", ...args, "--no-audit", "--no-fund", "--prefer-offline");
}

/** @returns what a command that has to succeed prints */
export function run(folder: string, command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: status ${status}\n${stdout}\n${stderr}`);
  return `${stdout}${stderr}`;
}
