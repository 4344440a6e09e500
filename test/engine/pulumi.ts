import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, relative } from "node:path";
import { describe, onTestFinished } from "vitest";
import { findTools, onPath } from "./tools.mjs";

/** The repository. */
export const root = join(__dirname, "../..");
export const pack = join(root, "policies");

const tools = findTools();
const pulumi = tools.pulumi ?? "";
/** A Python that has moto. Empty only where the tests are skipped. */
export const moto = tools.moto ?? "";

/** Tests on Pulumi's own engine, skipped where its CLI or the emulator is not here: announce.mts says so. */
export function describeOnEngine(name: string, tests: () => void): void {
  describe.skipIf(pulumi === "" || moto === "")(name, tests);
}

/** What became of a resource in an operation. */
export interface Change {
  readonly op: string;
  readonly urn: string;
  /** Properties that differ. */
  readonly properties: readonly string[];
}

export interface PolicyDiagnostic {
  readonly policy: string;
  readonly level: string;
  readonly severity: string;
  readonly urn: string;
  readonly message: string;
}

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Resources that did not stay as they were. */
  readonly changes: readonly Change[];
  readonly policies: readonly PolicyDiagnostic[];
}

export interface WorkspaceOptions {
  /** Folder of `Pulumi.yaml`. */
  readonly project: string;
  /** Address of an emulator; without one, the test provider keeps all resources in files. */
  readonly endpoint?: () => string;
  /** File with what the account and other stacks answer, as for the checker. Default: what the embedded engine makes up. */
  readonly answers?: string;
}

/**
 * A copy of a project for one test, with a state of its own in a file, without a login and an account, in which the CLI runs as a user runs it. The
 * plugins are those of the tests: the language host where there is no other, the providers always.
 */
export class Workspace {
  readonly directory: string;
  /** Where the test providers keep what the emulator does not. */
  readonly store: string;
  readonly #home: string;
  readonly #endpoint: (() => string) | undefined;
  readonly #answers: string | undefined;
  #count = 0;

  constructor({ project, endpoint, answers }: WorkspaceOptions) {
    this.#home = realpathSync(mkdtempSync(join(tmpdir(), "relayproof-engine-")));
    this.store = join(this.#home, "store");
    this.#endpoint = endpoint;
    this.#answers = answers;
    for (const folder of ["repository", "state", "pulumi"]) mkdirSync(join(this.#home, folder));
    this.directory = copyProject(project, join(this.#home, "repository"));
    onTestFinished(() => rmSync(this.#home, { recursive: true, force: true }));
  }

  /** Makes another stack, of which only the outputs matter. Without a login every organization is called `organization`. */
  async publish(project: string, stack: string, outputs: unknown): Promise<void> {
    const directory = join(this.#home, project);
    mkdirSync(directory);
    writeFileSync(join(directory, "Pulumi.yaml"), `name: ${project}\nruntime: nodejs\n`);
    const type = "pulumi:pulumi:Stack";
    const resource = {
      urn: `urn:pulumi:${stack}::${project}::${type}::${project}-${stack}`,
      custom: false,
      type,
      outputs,
    };
    const manifest = { time: "2026-01-01T00:00:00Z", magic: "", version: "" };
    const state = join(directory, "state.json");
    writeFileSync(state, JSON.stringify({ version: 3, deployment: { manifest, resources: [resource] } }));
    await this.must("stack", "init", stack, "--cwd", directory);
    await this.must("stack", "import", "--stack", stack, "--file", state, "--cwd", directory);
  }

  /** Runs the CLI, which fails for the caller to judge. */
  async run(...args: readonly string[]): Promise<Ran> {
    const log = join(this.#home, `events-${++this.#count}.jsonl`);
    const logged = /^(preview|up|refresh|destroy)$/.test(args[0] ?? "");
    const all = [...args, "--non-interactive", "--color", "never", ...(logged ? ["--event-log", log] : [])];
    const { status, stdout, stderr } = await execute(pulumi, all, this.directory, this.#environment());
    const fromStdout = args.includes("--json") && args[0] === "policy" ? stdout : "";
    const events = eventsOf(existsSync(log) ? readFileSync(log, "utf8") : fromStdout);
    return { status, stdout, stderr, changes: events.flatMap(toChange), policies: events.flatMap(toPolicy) };
  }

  /** Runs the CLI where it must not fail. */
  async must(...args: readonly string[]): Promise<Ran> {
    const ran = await this.run(...args);
    if (ran.status !== 0)
      throw new Error(`pulumi ${args.join(" ")} ended with ${ran.status}:\n${ran.stdout}${ran.stderr}`);
    return ran;
  }

  #environment(): NodeJS.ProcessEnv {
    const host = onPath("pulumi-language-nodejs") === null ? [join(__dirname, "host")] : [];
    const endpoint = this.#endpoint?.();
    const { AWS_PROFILE: _, AWS_ENDPOINT_URL: __, NODE_OPTIONS: ___, ...env } = process.env;
    return {
      ...env,
      PATH: [join(__dirname, "providers"), ...host, process.env.PATH].join(delimiter),
      PULUMI_HOME: join(this.#home, "pulumi"),
      PULUMI_BACKEND_URL: `file://${join(this.#home, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "a passphrase for tests",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_DEBUG_COMMANDS: "true", // For --event-log.
      // Checked by `npm run check` already.
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
      RELAYPROOF_TEST_STORE: this.store,
      ...(this.#answers !== undefined && { RELAYPROOF_TEST_ANSWERS: this.#answers }),
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      NODE_NO_WARNINGS: "1",
      ...(endpoint !== undefined && { AWS_ENDPOINT_URL: endpoint }),
    };
  }
}

/**
 * What the CLI writes to is copied. What the project reaches by relative paths is around it as in the repository: the program, which
 * resolves links, imports the sources themselves.
 */
function copyProject(project: string, repository: string): string {
  const directory = join(repository, relative(root, project));
  const copied = project === root ? ["Pulumi.yaml", "stacks"] : ["."];
  for (const name of copied) cpSync(join(project, name), join(directory, name), { recursive: true });
  for (const name of [
    "PulumiPlugin.yaml",
    "components",
    "dist",
    "policies",
    "node_modules",
    "package.json",
    "tsconfig.json",
  ])
    symlinkSync(join(root, name), join(repository, name));
  return directory;
}

function execute(file: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv) {
  return new Promise<{ status: number; stdout: string; stderr: string }>((resolve, reject) => {
    const options = { cwd, env, maxBuffer: 256 * 1024 * 1024 };
    const child = execFile(file, [...args], options, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== "number") reject(error);
      else resolve({ status: Number(error?.code ?? 0), stdout, stderr });
    });
    child.stdin?.end();
  });
}

interface EngineEvent {
  readonly resourcePreEvent?: { readonly metadata: StepMetadata };
  readonly policyEvent?: {
    readonly policyName: string;
    readonly enforcementLevel: string;
    readonly severity?: string;
    readonly resourceUrn?: string;
    readonly message: string;
  };
}

interface StepMetadata {
  readonly op: string;
  readonly urn: string;
  readonly diffs?: readonly string[] | null;
}

function eventsOf(lines: string): EngineEvent[] {
  return lines.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as EngineEvent] : []));
}

function toChange({ resourcePreEvent }: EngineEvent): Change[] {
  if (resourcePreEvent === undefined) return [];
  const { op, urn, diffs } = resourcePreEvent.metadata;
  return /^(same|read|refresh)$/.test(op) ? [] : [{ op, urn, properties: diffs ?? [] }];
}

function toPolicy({ policyEvent }: EngineEvent): PolicyDiagnostic[] {
  if (policyEvent === undefined) return [];
  const { policyName, enforcementLevel, severity = "", resourceUrn = "", message } = policyEvent;
  return [{ policy: policyName, level: enforcementLevel, severity, urn: resourceUrn, message }];
}
