// How much longer a check takes than what it cannot do without: loading the SDKs that the program imports, and transpiling it.
// Both are measured in turn, in one run, so that whatever else the machine does weighs on both. Not a test: times are no contract.
//
// node bench/check.mjs [--runs N] [--json]
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { ratio, spread, table } from "./statistics.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const subjects = [
  {
    name: "development stack",
    args: [".", "--stack", "dev"],
    sources: [...sourcesIn("stacks"), ...sourcesIn("components")],
  },
  { name: "small plain program", args: ["bench/program"], sources: ["bench/program/index.ts"] },
];

/** Loads the SDKs, transpiles the program without checking types, and runs nothing. */
const floor = `
  require("node:module").enableCompileCache?.();
  require("@pulumi/pulumi");
  const aws = require("@pulumi/aws");
  // The SDK loads a resource class when it is first asked for it.
  for (const name of ["Vpc", "Subnet", "SecurityGroup", "Instance", "RouteTable"]) aws.ec2[name];
  const ts = require("typescript");
  const { readFileSync } = require("node:fs");
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS };
  for (const file of process.argv.slice(1)) ts.transpileModule(readFileSync(file, "utf8"), { compilerOptions });
`;

/** @param {{ runs: number }} options */
export function measure({ runs }) {
  return subjects.map(({ name, args, sources }) => {
    const floors = [];
    const checks = [];
    // The first round warms caches and does not count.
    for (let round = 0; round <= runs; round++) {
      const low = timed(["--eval", floor, ...sources], [0]);
      const whole = timed(["cli/relayproof.js", "check", ...args, "--format", "json"], [0]);
      if (round === 0) continue;
      floors.push(low);
      checks.push(whole);
    }
    return { name, floor: spread(floors), check: spread(checks), ratio: ratio(checks, floors) };
  });
}

export function report(results) {
  const seconds = ({ median, least, most }) =>
    `${(median / 1000).toFixed(2)} s (${(least / 1000).toFixed(2)} to ${(most / 1000).toFixed(2)})`;
  return table(
    ["program", "floor", "check", "check ÷ floor"],
    results.map((it) => [
      it.name,
      seconds(it.floor),
      seconds(it.check),
      `${it.ratio.median.toFixed(2)} (${it.ratio.least.toFixed(2)} to ${it.ratio.most.toFixed(2)})`,
    ]),
  );
}

function timed(args, expected) {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, stdio: ["ignore", "ignore", "pipe"] });
  const time = performance.now() - start;
  if (!expected.includes(status)) throw new Error(`node ${args.slice(0, 3).join(" ")} ended with ${status}: ${stderr}`);
  return time;
}

function sourcesIn(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = process.argv.indexOf("--runs");
  const results = measure({ runs: at < 0 ? 7 : Number(process.argv[at + 1]) });
  process.stdout.write(process.argv.includes("--json") ? `${JSON.stringify(results)}\n` : report(results));
}
