// The tools that the tests on Pulumi's own engine need, and where they are kept: the CLI, and the emulator of AWS.
//
//   node test/engine/tools.mjs            prints where they are, or what is missing
//   node test/engine/tools.mjs --prepare  builds and installs what is missing, outside the checkout
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const cliModule = join(here, "cli");
/** A file that says that the folder beside it is whole. */
const COMPLETE = ".complete";

const motoRequirements = join(here, "moto/requirements.txt");

/** The version in cli/go.mod: what a build of the module itself does not know about itself. */
const cliVersion = /pulumi\/pkg\/v3 (v\S+)/.exec(readFileSync(join(cliModule, "go.mod"), "utf8"))?.[1] ?? "";

/** The path of a tool, or null where there is none yet. */
export function findTools() {
  return { pulumi: onPath("pulumi") ?? kept(cliFolder(), "pulumi"), moto: kept(motoFolder(), "bin/python") };
}

/** Builds and installs what is missing. Takes minutes the first time. */
export function prepareTools() {
  const found = findTools();
  if (found.pulumi === null) fill(cliFolder(), buildCli);
  if (found.moto === null) fill(motoFolder(), installMoto);
  return findTools();
}

/** The first executable of a name on PATH, or null. */
export function onPath(name) {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find((file) => existing(file) !== null) ?? null;
}

function cliFolder() {
  return join(cacheFolder(), `pulumi-${hashOf(join(cliModule, "go.mod"), join(cliModule, "go.sum"))}`);
}

function motoFolder() {
  return join(cacheFolder(), `moto-${hashOf(motoRequirements)}`);
}

function cacheFolder() {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "relayproof");
}

function buildCli(folder) {
  const module = "github.com/pulumi/pulumi";
  const flags = `-s -w -X ${module}/sdk/v3/go/common/version.Version=${cliVersion}`;
  run(
    "go",
    ["build", "-trimpath", "-ldflags", flags, "-o", join(folder, "pulumi"), `${module}/pkg/v3/cmd/pulumi`],
    cliModule,
  );
}

function installMoto(folder) {
  run("python3", ["-m", "venv", folder], here);
  run(join(folder, "bin/pip"), ["install", "--quiet", "--no-deps", "--requirement", motoRequirements], here);
}

/** What is in a folder counts only once all of it is. */
function fill(folder, make) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  make(folder);
  writeFileSync(join(folder, COMPLETE), "");
}

function kept(folder, file) {
  return existing(join(folder, COMPLETE)) && existing(join(folder, file));
}

function run(command, args, cwd) {
  console.log(`${command} ${args.join(" ")}`);
  try {
    execFileSync(command, args, { cwd, stdio: ["ignore", "inherit", "inherit"] });
  } catch (error) {
    throw new Error(error.code === "ENOENT" ? `${command} is not on PATH` : `${command} failed`);
  }
}

function hashOf(...files) {
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest("hex").slice(0, 16);
}

function existing(file) {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true ? file : null;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const tools = process.argv.includes("--prepare") ? prepareTools() : findTools();
    for (const [name, path] of Object.entries(tools)) console.log(`${name}: ${path ?? "missing"}`);
    process.exitCode = Object.values(tools).includes(null) ? 1 : 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
