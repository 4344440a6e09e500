// Time and memory of the analysis alone on generated networks of growing size. Each size runs in a process of its own.
//
// node bench/analysis.mjs [--sizes 100,1000,10000] [--shape shared|scattered] [--json]
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { generate } from "./network.mjs";
import { table } from "./statistics.mjs";

const self = fileURLToPath(import.meta.url);

/** One measurement, in this process. */
function judgeOne(shape, hosts) {
  const require = createRequire(join(dirname(self), "../dist/policies/judge.js"));
  const { buildPerimeter } = require("./analysis/verdict/perimeter");
  const { parsePolicyConfig } = require("./config");
  const { judge } = require("./judge");
  const { policies } = require("./rules");
  const resources = generate(shape, hosts);
  const config = parsePolicyConfig({}, policies);
  const before = process.memoryUsage().rss;
  const start = performance.now();
  const perimeter = buildPerimeter(resources, config.settings);
  const built = performance.now();
  const report = judge({ stack: "bench", project: "bench", perimeter, policies, config, today: "2026-01-01" });
  const end = performance.now();
  return {
    resources: resources.length,
    model: built - start,
    policies: end - built,
    memory: process.resourceUsage().maxRSS * 1024 - before,
    classes: perimeter.network.classes.size,
    rows: report.exposure.length,
    findings: report.findings.length,
    verdict: report.verdict,
  };
}

/** @param {{ sizes: readonly number[], shapes: readonly string[], limit?: number }} options */
export function measure({ sizes, shapes, limit = 300_000 }) {
  return shapes.map((shape) => ({
    shape,
    results: sizes.map((hosts) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [self, "--one", shape, String(hosts)], {
        encoding: "utf8",
        timeout: limit,
      });
      if (status === 0) return { hosts, ...JSON.parse(stdout) };
      return { hosts, failed: status === null ? `more than ${limit / 1000} s` : stderr.trim().split("\n").at(-1) };
    }),
  }));
}

export function report({ results }) {
  const time = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);
  const mebibytes = (bytes) => `${Math.round(bytes / 2 ** 20)} MiB`;
  return table(
    ["hosts", "resources", "classes", "model", "policies", "growth", "memory"],
    results.map((it, i) => {
      const hosts = it.hosts.toLocaleString("en").replaceAll(",", " ");
      if (it.failed !== undefined) return [hosts, "", "", it.failed, "", "", ""];
      const last = results[i - 1];
      const growth =
        last?.model === undefined
          ? ""
          : `×${((it.model + it.policies) / (last.model + last.policies)).toFixed(1)} for ×${Number((it.hosts / last.hosts).toFixed(1))}`;
      const cells = [hosts, String(it.resources), String(it.classes), time(it.model), time(it.policies), growth];
      return [...cells, mebibytes(it.memory)];
    }),
  );
}

if (process.argv[1] === self) {
  const value = (option, other) => {
    const at = process.argv.indexOf(option);
    return at < 0 ? other : process.argv[at + 1];
  };
  if (process.argv[2] === "--one") {
    process.stdout.write(JSON.stringify(judgeOne(process.argv[3], Number(process.argv[4]))));
  } else {
    const sizes = value("--sizes", "100,1000,10000").split(",").map(Number);
    const shapes = value("--shape", "shared,scattered").split(",");
    const measured = measure({ sizes, shapes });
    if (process.argv.includes("--json")) process.stdout.write(`${JSON.stringify(measured)}\n`);
    else for (const one of measured) process.stdout.write(`${one.shape}\n\n${report(one)}\n`);
  }
}
