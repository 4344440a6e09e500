import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { InputError } from "../sources/input-error";

/** What the workflow and its event say, as the runner hands it over: in variables and a file. */

const flag = z.enum(["true", "false"], { error: "true or false" }).transform((text) => text === "true");
const optional = z.string().default("");

const variables = z.object({
  INPUT_DIRECTORY: z.string().default("."),
  INPUT_STACK: optional,
  INPUT_POLICY_CONFIG: optional,
  INPUT_FIXTURES: optional,
  INPUT_INSTALL: z.string().default("auto"),
  INPUT_BASE: z.string().default("auto"),
  INPUT_FAIL_ON: z.enum(["verdict", "opens", "never"], { error: "one of verdict, opens, never" }).default("verdict"),
  INPUT_COMMENT: flag.default(true),
  INPUT_CODE_SCANNING: flag.default(true),
  INPUT_TOKEN: optional,
  GITHUB_WORKSPACE: z.string({ error: "the folder of the checkout" }),
  GITHUB_OUTPUT: z.string({ error: "a file" }),
  GITHUB_STEP_SUMMARY: z.string({ error: "a file" }),
  RUNNER_TEMP: z.string({ error: "a folder" }),
  GITHUB_EVENT_PATH: optional,
  GITHUB_API_URL: z.string().default("https://api.github.com"),
  GITHUB_REPOSITORY: z.string({ error: "owner/name" }),
  GITHUB_SHA: z.string({ error: "a commit" }),
  GITHUB_REF: z.string({ error: "a Git reference" }),
});

const event = z.object({
  before: z.string().optional(),
  pull_request: z.object({ number: z.int(), base: z.object({ sha: z.string() }) }).optional(),
});

export interface Inputs {
  /** Folder of the checkout; every path of the workflow is relative to it. */
  readonly workspace: string;
  readonly directory: string;
  readonly stack: string | null;
  readonly policyConfig: string | null;
  readonly fixtures: string | null;
  readonly install: string;
  /** Commits to compare with: the first that is there, or the last, fetched. None: nothing is compared. */
  readonly base: readonly string[];
  readonly failOn: "verdict" | "opens" | "never";
  readonly comment: boolean;
  readonly codeScanning: boolean;
  /** The runner's folder for what is gone after the job. */
  readonly temporary: string;
  readonly outputFile: string;
  readonly summaryFile: string;
  readonly github: GitHubContext;
}

export interface GitHubContext {
  readonly api: string;
  readonly token: string;
  readonly repository: string;
  readonly sha: string;
  readonly ref: string;
  /** Null outside of a pull request. */
  readonly pullRequest: number | null;
}

/** @throws InputError naming the input, its value and what was expected. */
export function readInputs(env: NodeJS.ProcessEnv): Inputs {
  const result = variables.safeParse(env);
  if (!result.success) {
    const [issue] = result.error.issues;
    const name = String(issue?.path[0]);
    const shown = name.startsWith("INPUT_") ? name.slice("INPUT_".length).toLowerCase().replaceAll("_", "-") : name;
    throw new InputError(`${shown}: ${JSON.stringify(env[name]) ?? "missing"}: expected ${issue?.message}`);
  }
  const it = result.data;
  const happened = it.GITHUB_EVENT_PATH === "" ? {} : readEvent(it.GITHUB_EVENT_PATH);
  const file = (path: string) => (path === "" ? null : resolve(it.GITHUB_WORKSPACE, path));
  return {
    workspace: it.GITHUB_WORKSPACE,
    directory: it.INPUT_DIRECTORY,
    stack: it.INPUT_STACK === "" ? null : it.INPUT_STACK,
    policyConfig: file(it.INPUT_POLICY_CONFIG),
    fixtures: file(it.INPUT_FIXTURES),
    install: it.INPUT_INSTALL,
    base: baseOf(it.INPUT_BASE, it.GITHUB_REF, happened),
    failOn: it.INPUT_FAIL_ON,
    comment: it.INPUT_COMMENT,
    codeScanning: it.INPUT_CODE_SCANNING,
    temporary: it.RUNNER_TEMP,
    outputFile: it.GITHUB_OUTPUT,
    summaryFile: it.GITHUB_STEP_SUMMARY,
    github: {
      api: it.GITHUB_API_URL,
      token: it.INPUT_TOKEN,
      repository: it.GITHUB_REPOSITORY,
      sha: it.GITHUB_SHA,
      ref: it.GITHUB_REF,
      pullRequest: happened.pull_request?.number ?? null,
    },
  };
}

function readEvent(file: string): z.output<typeof event> {
  const result = event.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (!result.success) throw new InputError(`${file}: expected the event of a workflow`);
  return result.data;
}

/** A commit by its hash or a name of it; nothing that Git would take for an option. */
const REVISION = /^[\w][\w./-]*$/;
const NO_COMMIT = /^0+$/;

/** What is checked out for a pull request: its head, merged into the branch that it is for. */
const MERGE_REF = /^refs\/pull\/\d+\/merge$/;

function baseOf(input: string, ref: string, { before, pull_request: pull }: z.output<typeof event>): string[] {
  if (input === "none") return [];
  if (input !== "auto" && input !== "") {
    if (!REVISION.test(input)) throw new InputError(`base: ${JSON.stringify(input)}: expected a commit, auto or none`);
    return [input];
  }
  const commit = pull?.base.sha ?? before ?? "";
  if (!REVISION.test(commit) || NO_COMMIT.test(commit)) return [];
  return MERGE_REF.test(ref) ? ["HEAD^1", commit] : [commit];
}
