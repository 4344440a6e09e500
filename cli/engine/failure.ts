import { isAbsolute, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { ProgramError } from "../sources/input-error";
import { type Ending, LEFT_EARLY, type ProgramInfo } from "./child";
import { withoutMarks } from "./marks";

/** How a program ended, in words for whoever wrote it: their own error and where it is, nothing of the engine's. */
export interface Failure {
  readonly program: ProgramInfo;
  readonly ending: Ending;
  /** What the program and the SDK logged as errors, the first one first. */
  readonly errors: readonly string[];
  readonly timeoutMs: number;
  /** Questions to data sources that no fixture answers. */
  readonly asked: readonly string[];
}

/** Nothing if the program ended well. */
export function failureOf(failure: Failure): ProgramError | undefined {
  const { program, ending, errors, timeoutMs } = failure;
  const which = `The program in ${program.root}`;
  const details = withoutMarks([...errors, ending.output].join("\n"));
  const [error] = errors;
  if (error !== undefined) {
    return new ProgramError(`${which} failed${describe(error, program)}${hint(error, failure)}`, details);
  }
  if (ending.timedOut) {
    const limit = `${timeoutMs / 1000} s`;
    return new ProgramError(
      `${which} did not end within ${limit} and was stopped; RELAYPROOF_TIMEOUT=SECONDS allows it more.`,
      details,
    );
  }
  if (ending.code === 0) {
    return undefined;
  }
  if (ending.code === LEFT_EARLY) {
    return new ProgramError(`${which} called process.exit(0) before all its resources were registered.`, details);
  }
  if (/promises? (?:was|were) still active/.test(ending.output)) {
    return new ProgramError(`${which} ended while a resource still waited for a value that never comes.`, details);
  }
  const how = ending.signal === null ? `with status ${ending.code}` : `by signal ${ending.signal}`;
  const said = describe(ending.output, program);
  return new ProgramError(`${which} ended ${how}${said === ": " ? "." : said}`, details);
}

/** `at file:line:column: the first line of the error`. */
function describe(error: string, program: ProgramInfo): string {
  const text = withoutMarks(error)
    .replaceAll(": 2 UNKNOWN: ", ": ")
    .replace(/^Running program '.*' failed with an unhandled exception:\n/, "");
  const lines = text.split("\n").map((line) => line.trim());
  const compiled = /^(.+)\((\d+),(\d+)\): (error TS\d+: .*)$/m.exec(text);
  if (compiled !== null) {
    const [, file = "", line, column, message] = compiled;
    return ` at ${file}:${line}:${column}: ${message}`;
  }
  const message =
    lines.find((line) => /^(?:<ref .*>)?(?:\[?[A-Za-z_$][\w$]*(?:Error|Exception)\b.*?:)/.test(line)) ??
    lines.find((line) => line !== "" && !/^at /.test(line)) ??
    "";
  const place = placeIn(lines, program.root);
  return `${place === undefined ? "" : ` at ${place}`}: ${message}`;
}

/** The first position of a stack trace that is the project's own. */
function placeIn(lines: readonly string[], root: string): string | undefined {
  for (const line of lines) {
    const match = /((?:file:\/\/)?(?:\/|[A-Za-z]:[\\/])[^():'"]*?):(\d+)(?::(\d+))?\)?$/.exec(line);
    const [, uri, row, column] = match ?? [];
    if (uri === undefined) {
      continue;
    }
    const path = uri.startsWith("file://") ? fileURLToPath(uri) : uri;
    const file = relative(root, path);
    if (!file.startsWith("..") && !isAbsolute(file) && !file.split(/[\\/]/).includes("node_modules")) {
      return [file, row, column].filter((part) => part !== undefined).join(":");
    }
  }
  return undefined;
}

function hint(error: string, failure: Failure): string {
  if (/Cannot find (?:module|package) '[^./]/.test(error)) {
    return ` (run \`npm install\` in ${failure.program.root}?)`;
  }
  if (/Unknown file extension "\.ts"/.test(error)) {
    return " (an ES module in TypeScript needs ts-node 10 among its packages)";
  }
  if (/is not a function|is not iterable|\[unknown\]/.test(withoutMarks(error)) && failure.asked.length > 0) {
    const more = failure.asked.length > 3 ? ` and ${failure.asked.length - 3} more` : "";
    return ` (what ${failure.asked.slice(0, 3).join(", ")}${more} would answer is not known; a fixture file can say it)`;
  }
  return "";
}
