import { statSync } from "node:fs";
import type { PolicyConfig } from "../../policies/config";
import type { Comparable, Difference } from "../report/difference";
import { InputError } from "../sources/input-error";
import { readJsonFile } from "../sources/json-file";
import { inputName, STANDARD_INPUT, systemError } from "../sources/text-file";
import { parseArguments } from "./arguments";
import { parseFormat, parseOutput, type Surface, standardOutput, writeOutput } from "./outputs";
import { type Progress, startProgress } from "./progress";
import { parseSubject } from "./subject";
import { warn } from "./warn";

const HELP = `relayproof diff: what a change newly exposes or closes

Usage: relayproof diff OLD NEW [options]

OLD and NEW are each the folder of a Pulumi program, which is run offline as by
relayproof check; a file that check --from judges; or a report that check
--format json wrote earlier. - is standard input.

Options:
  --stack NAME           stack configuration of the programs, Pulumi.NAME.yaml
  --fixtures FILE        answers for data sources, reads, stack references and
                         secret configuration, for the programs
  --policy-config FILE   policy configuration for what is not a report yet
  --format FORMAT        what to print: pretty (default), json or markdown
  --output FORMAT=FILE   write the result to a file as well; repeatable
  --help                 show this text

Exit status: 0 nothing opens; 1 a source can or may connect that could not
before, or a mandatory finding is new or worse; 2 they could not be compared.
`;

const options = {
  stack: { type: "string" },
  fixtures: { type: "string" },
  "policy-config": { type: "string" },
  format: { type: "string" },
  output: { type: "string", multiple: true },
  help: { type: "boolean" },
} as const;

const formats = ["pretty", "json", "markdown"] as const;
type Format = (typeof formats)[number];

/** `relayproof diff`; returns the exit status. */
export async function diff(argv: readonly string[]): Promise<number> {
  if (argv.includes("--help") || argv.includes("-h")) {
    process.stdout.write(HELP);
    return 0;
  }
  const { values, positionals } = parseArguments(argv, options, "diff");
  const format = parseFormat(values.format?.[0] ?? "pretty", "--format", formats);
  const outputs = (values.output ?? []).map((text) => parseOutput(text, formats));
  const [old, next, ...others] = positionals;
  if (old === undefined || next === undefined || others.length > 0)
    throw new InputError(
      `expected OLD and NEW, got ${positionals.map((text) => JSON.stringify(text)).join(", ") || "neither"}`,
    );
  if (old === STANDARD_INPUT && next === STANDARD_INPUT)
    throw new InputError("OLD and NEW are both standard input; one of them has to be a folder or a file");
  const programs = [old, next].map(isDirectory);
  const excess = (["stack", "fixtures"] as const).find((name) => values[name] !== undefined);
  if (excess !== undefined && !programs.includes(true))
    throw new InputError(
      `--${excess} is about programs, and neither ${inputName(old)} nor ${inputName(next)} is a folder`,
    );
  const configFile = values["policy-config"]?.[0];
  const configJson = configFile === undefined ? {} : readJsonFile(configFile);

  const { configWarnings, readPolicyConfig } = await import("./judge-stack.js");
  const config = readPolicyConfig(configJson, configFile);
  const progress = startProgress(process.stderr, "comparing");
  try {
    const { stack, fixtures } = values;
    const about = { ...(stack && { stack }), ...(fixtures && { fixtures }) };
    const before = await judged(old, about, config, progress);
    const after = await judged(next, about, config, progress);
    const { difference } = await import("../report/difference.js");
    const found = difference(before.report, after.report);
    progress.stop();
    for (const warning of [...before.warnings, ...after.warnings, ...configWarnings(config, configFile)]) warn(warning);
    for (const output of outputs) writeOutput(output, await render(found, output.format, { color: false, width: 80 }));
    process.stdout.write(await render(found, format, standardOutput()));
    return found.opens ? 1 : 0;
  } finally {
    progress.stop();
  }
}

interface Judged {
  readonly report: Comparable;
  readonly warnings: readonly string[];
}

/** What is to be compared: an earlier report as it is, and everything else judged now. */
async function judged(
  path: string,
  about: Parameters<typeof parseSubject>[0],
  config: PolicyConfig,
  progress: Progress,
): Promise<Judged> {
  const { judgeStack } = await import("./judge-stack.js");
  if (isDirectory(path)) {
    const subject = parseSubject(about, [path]);
    const loaded = await subject.load((text) => progress.update(`${subject.activity} in ${path}: ${text}`));
    const empty = loaded.resources.every((resource) => resource.type === "pulumi:pulumi:Stack");
    const warnings = [...loaded.warnings, ...(empty ? [subject.emptiness] : [])];
    return { report: judgeStack(loaded, config), warnings: warnings.map((warning) => `${path}: ${warning}`) };
  }
  progress.update(`reading ${inputName(path)}`);
  const { PULUMI_FILES, readValues, toStack } = await import("../sources/file/index.js");
  const { isReport, readReport } = await import("../sources/file/report.js");
  const name = inputName(path);
  const values = await readValues(path);
  if (isReport(values)) return { report: readReport(name, values[0]), warnings: [] };
  const loaded = toStack(name, values, `${PULUMI_FILES}, or a report of relayproof check --format json`);
  return { report: judgeStack(loaded, config), warnings: loaded.warnings };
}

async function render(found: Difference, format: Format, surface: Surface): Promise<string> {
  switch (format) {
    case "json": {
      const { safeJson } = await import("../report/safe-json.js");
      return safeJson(found);
    }
    case "markdown": {
      const { renderDifferenceMarkdown } = await import("../report/difference-markdown.js");
      return renderDifferenceMarkdown(found);
    }
    case "pretty": {
      const { renderDifference } = await import("../report/difference-pretty.js");
      return renderDifference(found, surface);
    }
  }
}

/** @throws InputError if there is nothing of that name. */
function isDirectory(path: string): boolean {
  if (path === STANDARD_INPUT) return false;
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw new InputError(`${path}: ${systemError(error)}`);
  }
}
