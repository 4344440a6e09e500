// Runs every benchmark, prints the tables, and writes docs/performance.md.
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as analysis from "./analysis.mjs";
import { chart } from "./chart.mjs";
import * as check from "./check.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const runs = 7;
const sizes = [100, 300, 1000, 3000, 10_000];

process.stderr.write(`${runs} rounds of each program\n`);
const checks = check.report(check.measure({ runs }));
process.stdout.write(`${checks}\n`);
const measured = ["shared", "scattered"].map((shape) => {
  process.stderr.write(`networks of ${sizes.join(", ")} hosts: ${shape}\n`);
  const [one] = analysis.measure({ sizes, shapes: [shape], limit: 600_000 });
  process.stdout.write(`${analysis.report(one)}\n`);
  return one;
});
const [shared, scattered] = measured.map(analysis.report);

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

Networks generated in memory, without a program: a front end and two Exchange servers in a network of their own, peered with one
network for every 2 500 hosts of services; a network ACL for every subnet, ten rules of security groups for every host (100 000 in the
largest), a tenth of which refer to another group, and a load balancer in front of every tenth service. *Model* is the time to build
the network and who reaches what, *policies* that of all policies, *memory* the peak above what the process had before. *Classes* are
interfaces that nothing tells apart: they are judged once.

![Time of lowering, reach and policies against the number of hosts](performance.svg)

The dashed line is growth in proportion to the number of hosts.

Services of 20 equal hosts, which share a group and get their addresses from AWS:

${shared}
Every host with a fixed address and a group of its own, so that no two are alike, the worst case:

${scattered}`;
writeFileSync(join(root, "docs/performance.md"), page);
writeFileSync(
  join(root, "docs/performance.svg"),
  chart({
    title: "Lowering, reach and policies, by hosts",
    series: measured.map(({ results }, i) => ({
      name: ["equal hosts", "all different"][i],
      points: results
        .filter((result) => result.failed === undefined)
        .map(({ hosts, model, policies }) => ({ hosts, seconds: (model + policies) / 1000 })),
    })),
  }),
);

function versions() {
  const version = (name) => JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")).version;
  return { pulumi: version("@pulumi/pulumi"), aws: version("@pulumi/aws") };
}
