// The first step of the GitHub Action, run from its checkout, where nothing is installed: it installs what the program needs, and
// finds the checker among it or installs that beside it.
import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const { env } = process;
const directory = resolve(env.GITHUB_WORKSPACE ?? ".", env.INPUT_DIRECTORY || ".");
if (!existsSync(directory)) fail(`directory: ${JSON.stringify(env.INPUT_DIRECTORY)}: there is no such folder`);

installProgram(directory, env.INPUT_INSTALL || "auto");
appendFileSync(required("GITHUB_OUTPUT"), `package=${(env.INPUT_PACKAGE ? null : own()) ?? installed()}\n`);

/** @param {string} folder @param {string} how */
function installProgram(folder, how) {
  if (how !== "auto") run("bash", ["-euo", "pipefail", "-c", how], folder);
  else if (existsSync(join(folder, "package-lock.json")))
    run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder);
}

/** The checker that the program depends on, so that everybody who works on it has the same one. */
function own() {
  try {
    const found = createRequire(join(directory, "package.json")).resolve("relayproof/package.json");
    return existsSync(join(dirname(found), "dist/cli/action/main.js")) ? dirname(found) : null;
  } catch {
    return null;
  }
}

function installed() {
  const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
  const { version, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const folder = join(required("RUNNER_TEMP"), "relayproof");
  mkdirSync(folder, { recursive: true });
  // Of its peers, the checker itself needs only the engine's protocol; the providers are the program's.
  const packages = [
    env.INPUT_PACKAGE || `relayproof@${version}`,
    `@pulumi/pulumi@${devDependencies["@pulumi/pulumi"]}`,
  ];
  const options = ["--legacy-peer-deps", "--ignore-scripts", "--no-save", "--no-audit", "--no-fund"];
  run("npm", ["install", "--prefix", folder, ...options, ...packages], env.GITHUB_WORKSPACE ?? ".");
  return join(folder, "node_modules/relayproof");
}

/** @param {string} command @param {string[]} args @param {string} cwd */
function run(command, args, cwd) {
  const { status, error } = spawnSync(command, args, { cwd, stdio: "inherit" });
  if (error !== undefined) fail(`${command}: ${error.message}`);
  if (status !== 0) fail(`${[command, ...args].join(" ")} ended with status ${status}`);
}

/** @param {string} name */
function required(name) {
  return env[name] ?? fail(`${name} is not set: this runs as a step of GitHub Actions`);
}

/** @param {string} text @returns {never} */
function fail(text) {
  console.log(`::error title=Relayproof::${text.replace(/\s+/g, " ")}`);
  process.exit(2);
}
