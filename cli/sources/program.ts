import { Answers } from "../engine/answers/answers";
import { NO_FIXTURES, readFixtures } from "../engine/answers/fixtures";
import { run } from "../engine/run";
import { InputError } from "./input-error";
import type { LoadedStack } from "./loaded-stack";
import { readProject } from "./project";
import { readStackConfig } from "./stack-config";

export interface ProgramOptions {
  /** Directory of `Pulumi.yaml`. */
  readonly directory: string;
  /** Stack whose configuration applies; default: the only `Pulumi.<stack>.yaml`, or `dev` if there is none. */
  readonly stack?: string;
  /** How long the program may run, in milliseconds. Default: `RELAYPROOF_TIMEOUT` (seconds) or 120 s. */
  readonly timeoutMs?: number;
  /** File with answers for invokes, stack references, reads and secret configuration. */
  readonly fixtures?: string;
  readonly onProgress?: (text: string) => void;
}

const DEFAULT_TIMEOUT_MS = 120_000;

/**
 * Runs the program in `options.directory` on the embedded engine and returns the resources it declares.
 *
 * @throws InputError if there is no such project or stack, or its files do not parse.
 * @throws ProgramError if the program fails, does not end in time, or has no `@pulumi/pulumi` installed.
 */
export async function loadProgram(options: ProgramOptions): Promise<LoadedStack> {
  const timeoutMs = options.timeoutMs ?? timeoutFromEnvironment();
  const project = readProject(options.directory);
  const fixtures = options.fixtures === undefined ? NO_FIXTURES : readFixtures(options.fixtures);
  const { stack, organization, config, secretKeys, warnings } = readStackConfig(
    project,
    options.stack,
    fixtures.config,
  );
  const { name, root, pwd, entry, typescript, tsconfig, nodeArgs } = project;
  const result = await run({
    program: {
      project: name,
      stack,
      organization,
      root,
      pwd,
      entry,
      typescript,
      ...(tsconfig !== undefined && { tsconfig }),
      nodeArgs,
      config,
      secretKeys,
    },
    answers: new Answers(fixtures, config),
    timeoutMs,
    ...(options.onProgress && { onProgress: options.onProgress }),
  });
  return { stack, project: name, ...result, warnings: [...warnings, ...result.warnings] };
}

function timeoutFromEnvironment(): number {
  const text = process.env.RELAYPROOF_TIMEOUT;
  if (text === undefined || text === "") {
    return DEFAULT_TIMEOUT_MS;
  }
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= 86_400)) {
    throw new InputError(
      `RELAYPROOF_TIMEOUT is ${JSON.stringify(text)}; a number of seconds between 0 and 86400 was expected.`,
    );
  }
  return seconds * 1000;
}
