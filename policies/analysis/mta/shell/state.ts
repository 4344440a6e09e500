import type { Provenance } from "../../model/provenance";
import { normalize } from "../files";
import type { Machine } from "../machine";
import type { Node } from "./syntax";

/** Text that a command reads or prints; null if it is not known. */
export type Text = { readonly text: string; readonly line?: number } | null;

/**
 * How a command ends: with success, with failure, or either. `likely`: it succeeds, unless something goes wrong that nobody plans for;
 * `rare` is the contrary of that.
 */
export type Status = "yes" | "no" | "likely" | "rare" | "unknown";

/** Null is a value that is not known. */
export type Value = string | null | readonly (string | null)[];

export interface Work {
  /** Commands that may still be looked at. */
  left: number;
}

/** One of the ways that a script may take so far: what it knows, and what it has done to the machine. */
export interface Shell {
  machine: Machine;
  /** The resource that holds the script. */
  readonly urn: string;
  /** What precedes the line number in places. */
  label: string;
  /** Line on which a text that is run by itself stands; 0 if it counts its own lines. */
  base: number;
  /** True for bash; sh may be another shell. */
  bash: boolean;
  /** True if variables that the script does not set may have a value. */
  environment: boolean;
  variables: Map<string, Value>;
  unset: Set<string>;
  exported: Set<string>;
  positional: readonly (string | null)[] | null;
  functions: Map<string, Node>;
  directory: string | null;
  depth: number;
  /** What standard input holds: undefined for what the script itself was given, null if it is not known. */
  input: Text | undefined;
  output: Text;
  /** What is piped into the next command, in words. */
  feed: string | null;
  status: Status;
  flow: "exit" | "return" | "break" | "continue" | null;
  /** `set -e` */
  errexit: boolean;
  /** `set -o pipefail` */
  pipefail: boolean;
  /** True where a failure is looked at: a condition. */
  asked: boolean;
  /** True on a way that begins with the failure of a command that is expected to succeed. */
  unlikely: boolean;
  /** Whether something may have been printed as an error. */
  noise: boolean;
  /** What the local variables of a function hide. */
  hidden: Map<string, Value | undefined> | null;
  /** What `trap … EXIT` has to do at the end. */
  atExit: string | null | undefined;
  readonly work: Work;
}

export function newShell(machine: Machine, label: string, more: Partial<Shell> = {}): Shell {
  return {
    machine,
    urn: machine.host,
    label,
    base: 0,
    bash: true,
    environment: false,
    variables: new Map<string, Value>([
      ["HOME", "/root"],
      ["UID", "0"],
      ["EUID", "0"],
    ]),
    unset: new Set(),
    exported: new Set(),
    positional: [],
    functions: new Map(),
    directory: "/",
    depth: 0,
    input: undefined,
    output: nothing,
    feed: null,
    status: "yes",
    flow: null,
    errexit: false,
    pipefail: false,
    noise: false,
    hidden: null,
    asked: false,
    unlikely: false,
    atExit: undefined,
    work: { left: 50_000 },
    ...more,
  };
}

export const nothing: Text = { text: "" };

/** A way of its own. */
export function fork(shell: Shell): Shell {
  return {
    ...shell,
    machine: shell.machine.clone(),
    variables: new Map(shell.variables),
    unset: new Set(shell.unset),
    exported: new Set(shell.exported),
    functions: new Map(shell.functions),
    hidden: shell.hidden === null ? null : new Map(shell.hidden),
  };
}

/** The variables, functions and directory of `outer`, and what `inner` has done to the machine: a subshell has ended. */
export function leaveSubshell(inner: Shell, outer: Shell): Shell {
  const {
    variables,
    unset,
    functions,
    directory,
    flow,
    errexit,
    pipefail,
    positional,
    atExit,
    bash,
    environment,
    asked,
    hidden,
  } = outer;
  return {
    ...inner,
    variables: new Map(variables),
    unset: new Set(unset),
    functions: new Map(functions),
    directory,
    flow,
    errexit,
    pipefail,
    hidden,
    positional,
    atExit,
    bash,
    environment,
    asked,
    depth: outer.depth,
    input: outer.input,
    label: outer.label,
    base: outer.base,
  };
}

export function placeOf(shell: Shell, line: number): Provenance {
  return { urn: shell.urn, path: `${shell.label}:${shell.base > 0 ? shell.base : line}` };
}

export function print(shell: Shell, text: Text): void {
  const before = shell.output;
  if (before === null || text === null) shell.output = null;
  else shell.output = before.text === "" ? text : text.text === "" ? before : { text: before.text + text.text };
}

/** An absolute path without `.` and `..`; null if it depends on where the script is. */
export function resolvePath(path: string, directory: string | null): string | null {
  if (path.startsWith("/")) return normalize(path);
  return directory === null ? null : normalize(`${directory}/${path}`);
}

const LIMIT = 8;

/**
 * Ways that are the same from here on become one. Ways that differ in variables only become one, too, where there are many: those
 * variables are not known then. Of too many ways, the rest is given up, as not followed.
 */
export function joined(ways: readonly Shell[]): Shell[] {
  if (ways.length < 2) return [...ways];
  const distinct = new Map<string, Shell>();
  for (const way of ways) {
    const key = `${fingerprint(way)} ${way.machine.fingerprint()}`;
    const same = distinct.get(key);
    if (same === undefined) distinct.set(key, way);
    else if (!way.unlikely) same.unlikely = false;
  }
  if (distinct.size <= LIMIT) return [...distinct.values()];
  const byMachine = new Map<string, Shell>();
  for (const way of distinct.values()) {
    const key = `${way.flow} ${way.machine.fingerprint()}`;
    const same = byMachine.get(key);
    byMachine.set(key, same === undefined ? way : unified(same, way));
  }
  if (byMachine.size <= LIMIT) return [...byMachine.values()];
  // Files that Postfix does not read are given up before its own are.
  const byCore = new Map<string, Shell>();
  for (const way of byMachine.values()) {
    const key = `${way.flow} ${way.machine.core()}`;
    const same = byCore.get(key);
    if (same !== undefined) same.machine.blur(way.machine);
    byCore.set(key, same === undefined ? way : unified(same, way));
  }
  const kept = [...byCore.values()].slice(0, LIMIT);
  if (byCore.size > LIMIT)
    for (const way of kept) way.machine.opaque("more conditions than are followed", placeOf(way, 1));
  return kept;
}

function fingerprint({
  variables,
  unset,
  functions,
  directory,
  flow,
  status,
  output,
  input,
  positional,
  errexit,
  atExit,
}: Shell): string {
  const names = [...variables].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([
    names,
    [...unset].sort(),
    [...functions.keys()],
    directory,
    flow,
    status,
    output,
    input ?? typeof input,
    positional,
    errexit,
    atExit ?? typeof atExit,
  ]);
}

function unified(a: Shell, b: Shell): Shell {
  const variables = new Map<string, Value>();
  for (const name of new Set([...a.variables.keys(), ...b.variables.keys(), ...a.unset, ...b.unset])) {
    const [x, y] = [a.variables.get(name), b.variables.get(name)];
    variables.set(name, x !== undefined && JSON.stringify(x) === JSON.stringify(y) ? x : null);
  }
  const same = <T>(x: T, y: T, otherwise: T): T => (JSON.stringify(x) === JSON.stringify(y) ? x : otherwise);
  return {
    ...a,
    variables,
    unset: new Set(),
    directory: same(a.directory, b.directory, null),
    status: same(a.status, b.status, "unknown"),
    output: same(a.output, b.output, null),
    input: same<Text | undefined>(a.input, b.input, null),
    positional: same(a.positional, b.positional, null),
    errexit: a.errexit && b.errexit,
    unlikely: a.unlikely && b.unlikely,
    atExit: same<string | null | undefined>(a.atExit, b.atExit, null),
  };
}
