import type { ResourceSnapshot, Value } from "../../policies/analysis/model/snapshot";
import type { Answers } from "./answers/answers";
import { Child, type ProgramInfo } from "./child";
import { Deployment } from "./deployment";
import { failureOf } from "./failure";
import type { EngineLog } from "./log";
import { withoutMarks } from "./marks";
import { LoopbackServer } from "./server";

export interface RunOptions {
  readonly program: ProgramInfo;
  readonly answers: Answers;
  readonly timeoutMs: number;
  readonly onProgress?: (text: string) => void;
}

export interface RunResult {
  readonly resources: readonly ResourceSnapshot[];
  readonly outputs: { readonly [name: string]: Value };
  readonly warnings: readonly string[];
}

/**
 * Runs a program as a first preview of it would, through its own copy of the Pulumi SDK, without Pulumi's engine, a provider or a cloud.
 *
 * @throws ProgramError if the program fails or does not end in time.
 */
export async function run(options: RunOptions): Promise<RunResult> {
  const { program } = options;
  const server = await LoopbackServer.listen();
  try {
    const child = new Child(program, server.address, options.timeoutMs);
    try {
      return await conduct(options, server, child);
    } finally {
      child.kill();
    }
  } finally {
    server.close();
  }
}

function toLine(text: string): string {
  return withoutMarks(text)
    .trim()
    .replace(/\s*\n\s*/g, " ");
}

async function conduct(options: RunOptions, server: LoopbackServer, child: Child): Promise<RunResult> {
  const { program, answers, onProgress } = options;
  // Loaded only now: the program starts up meanwhile.
  const { startServices } = await import("./services.js");
  const deployment = new Deployment(program.stack, program.project);
  const log: EngineLog = { warnings: [], errors: [], onError: () => child.expectEnd() };
  const onResource = (count: number) => onProgress?.(`${count} resources`);
  const services = startServices({ deployment, answers, directory: program.root, onResource, log });
  server.serve(services.accept);
  try {
    const ending = await child.ended;
    const { errors } = log;
    const failure = failureOf({
      program,
      ending,
      errors,
      timeoutMs: options.timeoutMs,
      asked: answers.asked,
    });
    if (failure !== undefined) {
      throw failure;
    }
    return { resources: deployment.resources, outputs: deployment.outputs, warnings: log.warnings.map(toLine) };
  } finally {
    services.close();
  }
}
