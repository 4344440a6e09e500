import { setImmediate } from "node:timers/promises";
import type { Report } from "../../policies/analysis/verdict/report";
import type { Origin } from "../report/origin";
import { InputError } from "../sources/input-error";
import { readJsonFile } from "../sources/json-file";
import { STANDARD_INPUT } from "../sources/text-file";
import { parseArguments } from "./arguments";
import {
  type Format,
  formats,
  type OutputFile,
  parseFormat,
  parseOutput,
  render,
  standardOutput,
  writeOutput,
} from "./outputs";
import { startProgress } from "./progress";
import { originOf } from "./repository";
import { parseSubject, SUBJECT_HELP, subjectOptions } from "./subject";
import { warn } from "./warn";

const HELP = `relayproof check: run a Pulumi program offline and judge what it declares

Usage: relayproof check [DIR] [options]
       relayproof check --from FILE [options]

DIR is the folder of Pulumi.yaml; the current one if it is left out. The program
runs as in a first preview, without the Pulumi CLI, a cloud account or a plugin.
Nothing is created.

Options:
${SUBJECT_HELP}
  --policy-config FILE   policy configuration, as for --policy-pack-config
  --baseline REPORT      an earlier report, as --format json writes it: what it
                         has already does not fail, what is new or worse does
  --format FORMAT        what to print: pretty (default), json, sarif, junit,
                         markdown or html
  --output FORMAT=FILE   write another report of the run to a file; repeatable
  --help                 show this text

Exit status: 0 pass, 1 fail or undetermined, 2 the stack could not be judged.
`;

const options = {
  ...subjectOptions,
  "policy-config": { type: "string" },
  baseline: { type: "string" },
  format: { type: "string" },
  output: { type: "string", multiple: true },
  help: { type: "boolean" },
} as const;

/** `relayproof check`; returns the exit status. */
export async function check(argv: readonly string[]): Promise<number> {
  if (argv.includes("--help") || argv.includes("-h")) {
    process.stdout.write(HELP);
    return 0;
  }
  const { values, positionals } = parseArguments(argv, options);
  const subject = parseSubject(values, positionals);
  const format = parseFormat(values.format?.[0] ?? formats[0], "--format");
  const outputs = (values.output ?? []).map((text) => parseOutput(text));
  const configFile = values["policy-config"]?.[0];
  const configJson = configFile === undefined ? {} : readJsonFile(configFile);
  const [baselineFile] = values.baseline ?? [];
  if (baselineFile === STANDARD_INPUT && values.from?.[0] === STANDARD_INPUT)
    throw new InputError("--from and --baseline are both standard input; one of them has to be a file");
  const baseline = baselineFile === undefined ? null : await readEarlier(baselineFile);

  const progress = startProgress(process.stderr, subject.activity);
  try {
    // The program runs in a process of its own. That gets a turn of the event loop to start in, before this process is busy with
    // loading what judges it.
    const loading = subject.load((text) => progress.update(`${subject.activity}: ${text}`));
    loading.catch(() => {});
    await setImmediate();
    const { configWarnings, judgeStack, readPolicyConfig } = await import("./judge-stack.js");
    const config = readPolicyConfig(configJson, configFile);
    const loaded = await loading;
    const judged = judgeStack(loaded, config);
    const report =
      baseline === null ? judged : (await import("../report/baseline.js")).againstBaseline(judged, baseline);
    progress.stop();
    for (const warning of loaded.warnings) warn(warning);
    if (loaded.resources.every((resource) => resource.type === "pulumi:pulumi:Stack")) warn(subject.emptiness);
    for (const warning of configWarnings(config, configFile)) warn(warning);
    await deliver(report, originOf(subject.file), format, outputs);
    return report.verdict === "pass" ? 0 : 1;
  } finally {
    progress.stop();
  }
}

async function readEarlier(path: string) {
  const { readBaseline } = await import("../sources/file/report.js");
  return readBaseline(path);
}

/** Files first: a report that finds no place leaves nothing on standard output. */
async function deliver(report: Report, origin: Origin, format: Format, outputs: readonly OutputFile[]): Promise<void> {
  for (const output of outputs)
    writeOutput(output, await render(report, output.format, { color: false, width: 80 }, origin));
  process.stdout.write(await render(report, format, standardOutput(), origin));
}
