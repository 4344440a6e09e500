import { join } from "node:path";
import { InputError } from "../sources/input-error";
import type { LoadedStack } from "../sources/loaded-stack";

/** Options that say what is judged, of every command that judges a stack. */
export const subjectOptions = {
  stack: { type: "string" },
  from: { type: "string" },
  fixtures: { type: "string" },
} as const;

export const SUBJECT_HELP = `  --stack NAME           stack configuration to use, Pulumi.NAME.yaml
  --from FILE            judge what Pulumi wrote instead of running a program:
                         pulumi preview --json, pulumi stack export or an event
                         log; - is standard input
  --fixtures FILE        answers for data sources, reads, stack references and
                         secret configuration`;

/** What is judged: the program in a directory, or a file that Pulumi wrote. */
export interface Subject {
  /** The file that stands for it in a report: where a finding is shown that has no place of its own. */
  readonly file: string;
  /** What is going on while it is loaded. */
  readonly activity: string;
  /** What to say if the stack turns out to be empty. */
  readonly emptiness: string;
  load(onProgress: (text: string) => void): Promise<LoadedStack>;
}

/** @throws InputError if the arguments name more than one thing, or options that do not go together. */
export function parseSubject(
  values: Readonly<Partial<Record<keyof typeof subjectOptions, readonly string[]>>>,
  positionals: readonly string[],
): Subject {
  if (positionals.length > 1)
    throw new InputError(
      `expected one directory, got ${positionals.map((text) => JSON.stringify(text)).join(" and ")}`,
    );
  const [stack] = values.stack ?? [];
  const [from] = values.from ?? [];
  const [fixtures] = values.fixtures ?? [];
  const [directory] = positionals;
  if (from === undefined)
    return {
      file: join(directory ?? ".", "Pulumi.yaml"),
      activity: "running the program",
      emptiness:
        "the program declares no resources; is this the right directory, and main in Pulumi.yaml the right file?",
      load: async (onProgress) => {
        const { loadProgram } = await import("../sources/program.js");
        return loadProgram({
          directory: directory ?? ".",
          ...(stack !== undefined && { stack }),
          ...(fixtures !== undefined && { fixtures }),
          onProgress,
        });
      },
    };
  const excess =
    directory !== undefined ? JSON.stringify(directory) : stack !== undefined ? "--stack" : fixtures && "--fixtures";
  if (excess !== undefined) throw new InputError(`--from FILE says everything about the stack; leave out ${excess}`);
  return {
    file: from === "-" ? "Pulumi.yaml" : from,
    activity: "reading the file",
    emptiness: "the stack has no resources",
    load: async () => {
      const { loadFile } = await import("../sources/file/index.js");
      return loadFile(from);
    },
  };
}
