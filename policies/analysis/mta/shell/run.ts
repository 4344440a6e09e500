import type { Provenance } from "../../model/provenance";
import { concernsPostfix } from "../carrier/signs";
import { type Machine, mainCfPath, masterCfPath } from "../machine";
import { sourceLines } from "../postfix/lines";
import { perform } from "./commands";
import { ShellSyntax } from "./lexer";
import { type Command, type Pipeline, parseScript, type Script } from "./parse";
import { argument, gist, hereText, innerCommands } from "./words";

/** Where a script runs: what it knows, and what it does to the machine. */
export interface Shell {
  readonly machine: Machine;
  /** The resource that holds the script. */
  readonly urn: string;
  readonly variables: Map<string, string | null>;
  readonly functions: Set<string>;
  readonly depth: number;
  /** False if it is not certain that the script runs. */
  readonly certain: boolean;
  directory: string | null;
  /** What precedes the line number in places. */
  readonly label: string;
  finished: boolean;
}

export function newShell(machine: Machine, label: string, outer?: Shell): Shell {
  return {
    machine,
    urn: outer?.urn ?? machine.host,
    variables: new Map(outer?.variables),
    functions: new Set(outer?.functions),
    depth: (outer?.depth ?? 0) + 1,
    certain: outer?.certain ?? true,
    directory: outer?.directory ?? "/",
    label,
    finished: false,
  };
}

/** Runs a script on the machine: what is understood takes effect, anything else is noted as a problem. */
export function runScript(text: string, shell: Shell): void {
  const at = (line: number): Provenance => ({ urn: shell.urn, path: `${shell.label}:${line}` });
  if (shell.depth > 6) {
    shell.machine.opaque("scripts that call each other without an end", at(1));
    return;
  }
  let script: Script;
  try {
    script = parseScript(text.replace(/\r\n/g, "\n"));
  } catch (error) {
    if (!(error instanceof ShellSyntax)) throw error;
    shell.machine.opaque(error.message, at(error.line));
    return;
  }
  for (const name of script.functions) shell.functions.add(name);
  for (const pipeline of script.pipelines) {
    if (shell.finished) return;
    runPipeline(pipeline, shell, at);
  }
}

function runPipeline(pipeline: Pipeline, shell: Shell, at: (line: number) => Provenance): void {
  const certain = pipeline.certain && shell.certain;
  let input: string | null | undefined;
  for (const command of pipeline.commands) {
    for (const inner of [
      ...command.words,
      ...command.redirects.flatMap((it) => (it.target === null ? [] : [it.target])),
    ].flatMap(innerCommands)) {
      runScript(inner, { ...newShell(shell.machine, `${shell.label}:${command.line}`, shell), certain: false });
    }
    input = runCommand(command, input, certain, shell, at(command.line));
  }
}

/** @returns what the command prints: null if it is not known */
function runCommand(
  command: Command,
  piped: string | null | undefined,
  certain: boolean,
  shell: Shell,
  at: Provenance,
): string | null {
  const { variables } = shell;
  const words = [...command.words];
  // name=value before a command, or alone.
  for (;;) {
    const match = /^([A-Za-z_]\w*)=/.exec(words[0] === undefined ? "" : gist(words[0]));
    const [word] = words;
    if (match === null || word === undefined) break;
    const name = match[1] ?? "";
    const value = argument(word, variables);
    if (name === "MAIL_CONFIG") shell.machine.opaque("MAIL_CONFIG chooses another configuration", at);
    if (words.length === 1) variables.set(name, certain && value !== null ? value.slice(name.length + 1) : null);
    words.shift();
  }
  let input = piped;
  for (const redirect of command.redirects) {
    if (redirect.here !== undefined) input = hereText(redirect.here, variables);
    else if (redirect.text === "<<<" && redirect.target !== null) {
      const value = argument(redirect.target, variables);
      input = value === null ? null : `${value}\n`;
    } else if (redirect.text === "<") input = null;
  }
  const what = command.words.map(gist).join(" ").slice(0, 160);
  const values = words.map((word) => argument(word, variables));
  const output =
    values.length === 0 ? "" : perform({ values, gists: words.map(gist), input, certain, what, at, shell });
  for (const redirect of command.redirects) {
    if (!/^(?:>|>>|>\||&>|&>>|<>)$/.test(redirect.text) || redirect.target === null) continue;
    // > >(command): the command was looked at already.
    if (redirect.target.pieces.some((piece) => piece.kind === "command")) continue;
    const target = argument(redirect.target, variables);
    const text = redirect.fd === "" || redirect.fd === "1" ? output : null;
    writeFile(target, gist(redirect.target), text, redirect.text.endsWith(">>"), certain, shell, at, what);
  }
  return output;
}

/** Puts text into a file, as `>` and `>>` do. */
export function writeFile(
  target: string | null,
  gistOfTarget: string,
  text: string | null,
  append: boolean,
  certain: boolean,
  shell: Shell,
  at: Provenance,
  what: string,
): void {
  const path = target === null ? null : resolvePath(target, shell.directory);
  if (path === null) {
    if (concernsPostfix(gistOfTarget) || !gistOfTarget.startsWith("/") || /^\/etc\/?[^/]*[$…]/.test(gistOfTarget))
      shell.machine.opaque(what, at);
    return;
  }
  if (path.startsWith("/dev/") || path.startsWith("/proc/") || path.startsWith("/sys/")) return;
  if ((path === mainCfPath || path === masterCfPath) && (!certain || text === null)) shell.machine.opaque(what, at);
  const lines = text === null || !certain ? null : sourceLines(text, at.urn, `${at.path ?? ""}: ${path}`);
  if (isDirectory(path)) shell.machine.opaque(what, at);
  else if (path.startsWith("/etc/postfix/") || lines !== null || shell.machine.files.has(path))
    shell.machine.write(path, lines, append, at);
}

function isDirectory(path: string): boolean {
  return path === "/" || path === "/etc" || path === "/etc/postfix";
}

/** An absolute path without `.` and `..`; null if it depends on where the script is. */
export function resolvePath(path: string, directory: string | null): string | null {
  if (!path.startsWith("/") && directory === null) return null;
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${directory}/${path}`).split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return `/${parts.join("/")}`;
}
