// Runs every benchmark, prints the tables, and writes docs/performance.md.
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as analysis from "./analysis.mjs";
import * as check from "./check.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const runs = 7;
const sizes = [100, 1000, 10_000];

process.stderr.write(`${runs} rounds of each program\n`);
const checks = check.report(check.measure({ runs }));
process.stdout.write(`${checks}\n`);
const [shared, scattered] = ["shared", "scattered"].map((shape) => {
  process.stderr.write(`networks of ${sizes.join(", ")} hosts: ${shape}\n`);
  const [measured] = analysis.measure({ sizes, shapes: [shape], limit: 600_000 });
  const text = analysis.report(measured);
  process.stdout.write(`${text}\n`);
  return text;
});

const { pulumi, aws } = versions();
const machine = `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
const page = `# Performance

Measured ${new Date().toISOString().slice(0, 10)} by \`npm run bench\`, which writes this page. Times depend on the machine (here
${machine}) and on what else it does; the ratios are what to compare. No test depends on a time.

## A whole check

The floor is what a check cannot do without: a Node process that loads \`@pulumi/pulumi\` ${pulumi} and \`@pulumi/aws\` ${aws},
transpiles the program without checking types, and runs nothing. Floor and check are run in turn, ${runs} times, after a round that does
not count; the table has medians, and least to most in brackets. The ratio is that of runs side by side.

${checks}
## The analysis alone

Networks generated in memory, without a program: a front end, two Exchange servers, and services with three rules each. *Model* is the
time to build the network and who reaches what, *policies* that of all policies, *memory* the peak above what the process had before.
*Classes* are interfaces that nothing tells apart: they are judged once.

Services of 20 equal hosts, which share a group and get their addresses from AWS:

${shared}
Every host with a fixed address and a group of its own, so that no two are alike, the worst case:

${scattered}`;
writeFileSync(join(root, "docs/performance.md"), page);

function versions() {
  const version = (name) => JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")).version;
  return { pulumi: version("@pulumi/pulumi"), aws: version("@pulumi/aws") };
}
