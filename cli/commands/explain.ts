import { InputError } from "../sources/input-error";
import { readJsonFile } from "../sources/json-file";
import { parseArguments } from "./arguments";
import { parseFormat, standardOutput } from "./outputs";
import { startProgress } from "./progress";
import { parseSubject, SUBJECT_HELP, subjectOptions } from "./subject";
import { warn } from "./warn";

const HELP = `relayproof explain: say why a source can or cannot reach a mail server

Usage: relayproof explain [DIR] --source SOURCE --target RESOURCE[:PORT]
       relayproof explain --from FILE --source SOURCE --target RESOURCE[:PORT]

SOURCE is an address, a CIDR prefix, internet, or a machine of the stack.
RESOURCE is a machine of the stack. A machine goes by its URN, its name, or a
pattern with * that matches one machine only. PORT is the one that the machine
listens on, 25 if it is left out.

The answer has every way from the source to the port with every rule and route
on it: what stops a packet first, what else would stop it, and the smallest
changes that open or close it. Where the packet arrives, it says for whom the
mail server would relay.

Options:
  --source SOURCE        who connects
  --target RESOURCE[:PORT]
                         to whom
${SUBJECT_HELP}
  --policy-config FILE   policy configuration, as for --policy-pack-config
  --format FORMAT        what to print: pretty (default) or json
  --help                 show this text

Exit status: 0 whatever the answer is, 2 the question could not be put.
`;

const options = {
  ...subjectOptions,
  source: { type: "string" },
  target: { type: "string" },
  "policy-config": { type: "string" },
  format: { type: "string" },
  help: { type: "boolean" },
} as const;

/** `relayproof explain`; returns the exit status. */
export async function explain(argv: readonly string[]): Promise<number> {
  if (argv.includes("--help") || argv.includes("-h")) {
    process.stdout.write(HELP);
    return 0;
  }
  const { values, positionals } = parseArguments(argv, options, "explain");
  const subject = parseSubject(values, positionals);
  const format = parseFormat(values.format?.[0] ?? "pretty", "--format", ["pretty", "json"]);
  const [source] = values.source ?? [];
  const [target] = values.target ?? [];
  if (source === undefined)
    throw new InputError("--source is missing: an address, a CIDR prefix, internet or a machine");
  if (target === undefined) throw new InputError("--target is missing: a machine of the stack, such as mx1 or mx1:25");
  const configFile = values["policy-config"]?.[0];
  const configJson = configFile === undefined ? {} : readJsonFile(configFile);

  const progress = startProgress(process.stderr, subject.activity);
  try {
    const { configWarnings, perimeterOf, readPolicyConfig } = await import("./judge-stack.js");
    const config = readPolicyConfig(configJson, configFile);
    const loaded = await subject.load((text) => progress.update(`${subject.activity}: ${text}`));
    const perimeter = perimeterOf(loaded, config);
    if (perimeter instanceof Error) throw perimeter;
    const { chooseSource, chooseTarget } = await import("./choose-host.js");
    const { view, port } = chooseTarget(perimeter, target);
    const from = chooseSource(perimeter, source);
    if (from.kind === "interfaces" && from.urn === view.urn)
      throw new InputError(`--source and --target are both ${view.name}`);
    const { explainReach } = await import("../../policies/analysis/verdict/explanation.js");
    const explanation = explainReach(perimeter, loaded.stack, from, view, port);
    if (explanation.parts.length === 0)
      throw new InputError(`--source ${source} is the address of ${view.name} itself`);
    progress.stop();
    for (const warning of [...loaded.warnings, ...configWarnings(config, configFile)]) warn(warning);
    if (format === "json") {
      const { safeJson } = await import("../report/safe-json.js");
      process.stdout.write(safeJson(explanation));
    } else {
      const { renderExplanation } = await import("../report/explanation-pretty.js");
      process.stdout.write(renderExplanation(explanation, standardOutput()));
    }
    return 0;
  } finally {
    progress.stop();
  }
}
