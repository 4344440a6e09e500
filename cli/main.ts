import { didYouMean } from "../policies/config/suggest";
import { printableLine } from "../policies/printable";
import { InputError } from "./sources/input-error";

const HELP = `relayproof: prove that a mail perimeter is no open relay, before it exists

Usage: relayproof <command> [options]

Commands:
  check [DIR]   run the Pulumi program in DIR offline and judge what it declares
  explain [DIR] say why a source can or cannot reach a mail server
  diff OLD NEW  say what a change newly exposes or closes

Options:
  --help        show this text, or that of a command
  --version     show the version

Exit status: 0 all is well, 1 there is something to fix, 2 the question could
not be put.
`;

const commands = ["check", "explain", "diff"];

const signals = [
  ["SIGHUP", 129],
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const;

/** Runs the command line and ends the process with its exit status. */
export async function main(argv: readonly string[]): Promise<void> {
  for (const event of ["uncaughtException", "unhandledRejection"]) {
    process.on(event, (error: unknown) => end(fail(error)));
  }
  // Dying of a signal, Node runs no exit handlers, and one of those takes the program down that is being judged.
  for (const [signal, status] of signals) process.once(signal, () => process.exit(status));
  // A reader that goes away early, such as `head`, is no error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => (error.code === "EPIPE" ? end(0) : end(fail(error))));
  try {
    await end(await run(argv));
  } catch (error) {
    await end(fail(error));
  }
}

async function run(argv: readonly string[]): Promise<number> {
  const [command, ...rest] = argv;
  switch (command) {
    case "check": {
      const { check } = await import("./commands/check.js");
      return check(rest);
    }
    case "explain": {
      const { explain } = await import("./commands/explain.js");
      return explain(rest);
    }
    case "diff": {
      const { diff } = await import("./commands/diff.js");
      return diff(rest);
    }
    case "--help":
    case "-h":
    case "help":
      process.stdout.write(HELP);
      return 0;
    case "--version":
    case "-v": {
      const { version } = await import("./version.js");
      process.stdout.write(`${version}\n`);
      return 0;
    }
    case undefined:
      throw new InputError("no command; try relayproof --help");
    default: {
      const kind = command.startsWith("-") ? "option" : "command";
      throw new InputError(
        `unknown ${kind} ${JSON.stringify(command)}${didYouMean(command, [...commands, "--help", "--version"])}`,
      );
    }
  }
}

/** Says on one line of standard error what is wrong, and returns the exit status of a question that could not be put. */
function fail(error: unknown): number {
  const known = error instanceof InputError;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`relayproof: ${known ? "" : "internal error: "}${printableLine(message)}\n`);
  if (process.env.RELAYPROOF_DEBUG === "1" && error instanceof Error) {
    const { details } = error as { details?: unknown };
    process.stderr.write(`${typeof details === "string" && details !== "" ? details : error.stack}\n`);
  }
  return 2;
}

/** Ends the process once everything it wrote is on its way, whatever handles are still open. */
async function end(status: number): Promise<void> {
  process.exitCode = status;
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableLength > 0) await new Promise<void>((resolve) => stream.write("", () => resolve()));
  }
  process.exit(status);
}
