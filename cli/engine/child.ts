import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { ProgramError } from "../sources/input-error";
import { ANSWER_TEXT, SECRET_DEPENDENCY, SECRET_NUMBER, SECRET_TEXT } from "./marks";
import { preloadPath } from "./preload-path";
import { OPEN, SIGNATURE_KEY, Signature, UNKNOWN } from "./wire";

/** What the language host of Pulumi would be told about a program. */
export interface ProgramInfo {
  readonly project: string;
  readonly stack: string;
  readonly organization: string;
  /** Directory of `Pulumi.yaml`. */
  readonly root: string;
  /** Working directory of the program. */
  readonly pwd: string;
  /** File in `pwd`, or `.`. */
  readonly entry: string;
  readonly typescript: boolean;
  readonly tsconfig?: string;
  readonly nodeArgs: readonly string[];
  /** Values by full key; structured ones as JSON. */
  readonly config: ReadonlyMap<string, string>;
  readonly secretKeys: readonly string[];
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** True if it was stopped because its time was over. */
  readonly timedOut: boolean;
  /** The end of what it printed. */
  readonly output: string;
}

/** Exit code of a program that ended itself with `process.exit(0)`; see preload/. */
export const LEFT_EARLY = 97;

/** Variables that would make the program report to a tracing service. */
const TRACING = ["TRACEPARENT", "PULUMI_OTEL_EXPORTER_OTLP_ENDPOINT"];

const PRELOAD_SETTINGS = {
  secretText: SECRET_TEXT,
  secretNumber: SECRET_NUMBER,
  secretDependency: SECRET_DEPENDENCY,
  answerText: ANSWER_TEXT,
  openKey: OPEN,
  unknown: UNKNOWN,
  signatureKey: SIGNATURE_KEY,
  outputSignature: Signature.Output,
  leftEarly: LEFT_EARLY,
};

/** How long a program that has failed may take to leave. */
const FAREWELL_MS = 2000;

/** The program's group does not hear what ends the checker. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const KEPT_OUTPUT = 64 * 1024;

/** A program that runs in a process of its own. */
export class Child {
  readonly ended: Promise<Ending>;
  readonly #process: ChildProcess;
  #timer: NodeJS.Timeout;
  readonly #stop = () => this.kill();
  readonly #interrupt = (signal: NodeJS.Signals) => {
    this.kill();
    this.#forget();
    process.kill(process.pid, signal);
  };
  #output = "";
  #timedOut = false;

  /** @throws ProgramError if the Pulumi SDK is not installed where the program resolves it. */
  constructor(program: ProgramInfo, address: string, timeoutMs: number) {
    const runner = resolveRunner(program);
    const flags = {
      monitor: address,
      engine: address,
      organization: program.organization,
      project: program.project,
      "root-directory": program.root,
      stack: program.stack,
      pwd: program.pwd,
      parallel: "16",
    };
    const args = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
    // One argument each: the SDK turns its support for ES modules in TypeScript off when it sees a separate `--require`.
    const node = [...program.nodeArgs, `--require=${preloadPath()}`];
    this.#process = spawn(process.execPath, [...node, runner, ...args, "--dry-run", program.entry], {
      cwd: program.pwd,
      env: environment(program),
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, so that a program that hangs goes together with what it started.
      detached: process.platform !== "win32",
      windowsHide: true,
    });
    const keep = (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString("utf8")).slice(-KEPT_OUTPUT);
    };
    this.#process.stdout?.on("data", keep);
    this.#process.stderr?.on("data", keep);
    this.#timer = setTimeout(() => {
      this.#timedOut = true;
      this.kill();
    }, timeoutMs);
    process.once("exit", this.#stop);
    for (const signal of SIGNALS) {
      process.once(signal, this.#interrupt);
    }
    this.ended = new Promise((resolve, reject) => {
      this.#process.once("error", (error) => {
        this.#forget();
        reject(new ProgramError(`The program in ${program.root} could not be started: ${error.message}`));
      });
      // "exit" and not "close": a process that the program left behind may hold its output open.
      this.#process.once("exit", (code, signal) => {
        setImmediate(() => {
          this.kill();
          this.#forget();
          resolve({ code, signal, timedOut: this.#timedOut, output: this.#output });
        });
      });
    });
  }

  /** The program has failed and is on its way out; it need not be waited for long. */
  expectEnd(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.kill(), FAREWELL_MS);
  }

  /** Ends the program and everything it started. */
  kill(): void {
    const pid = this.#process.pid;
    try {
      if (pid !== undefined && process.platform !== "win32") {
        process.kill(-pid, "SIGKILL");
      } else {
        this.#process.kill("SIGKILL");
      }
    } catch {
      // It is gone already.
    }
  }

  #forget(): void {
    clearTimeout(this.#timer);
    process.removeListener("exit", this.#stop);
    for (const signal of SIGNALS) {
      process.removeListener(signal, this.#interrupt);
    }
    this.#process.stdout?.destroy();
    this.#process.stderr?.destroy();
  }
}

function resolveRunner(program: ProgramInfo): string {
  try {
    return createRequire(join(program.pwd, "index.js")).resolve("@pulumi/pulumi/cmd/run");
  } catch {
    const manager = existsSync(join(program.root, "yarn.lock")) ? "yarn" : "npm";
    throw new ProgramError(
      `The package @pulumi/pulumi is not installed for the program in ${program.root}; run \`${manager} install\` there first.`,
    );
  }
}

function environment(program: ProgramInfo): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(program.config)),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(program.secretKeys),
    PULUMI_NODEJS_TYPESCRIPT: String(program.typescript),
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    // For ts-node 10, which a program that is an ES module brings itself.
    TS_NODE_TRANSPILE_ONLY: "true",
    RELAYPROOF_PRELOAD: JSON.stringify(PRELOAD_SETTINGS),
  };
  for (const name of TRACING) {
    delete env[name];
  }
  if (program.tsconfig !== undefined) {
    env.PULUMI_NODEJS_TSCONFIG_PATH = program.tsconfig;
  }
  return env;
}
