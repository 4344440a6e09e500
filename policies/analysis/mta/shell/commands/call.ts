import type { Provenance } from "../../../model/provenance";
import { concernsPostfix } from "../../carrier/signs";
import type { SourceLine } from "../../postfix/lines";
import { nothing, print, resolvePath, type Shell, type Status, type Text } from "../state";
import type { Redirect } from "../syntax";

/** A command that is about to run. */
export interface Call {
  /** Its words; null for one that is not known. */
  readonly values: readonly (string | null)[];
  /** The literal text in each word. */
  readonly gists: readonly string[];
  readonly what: string;
  readonly at: Provenance;
  readonly line: number;
  readonly shell: Shell;
  readonly redirects: readonly Redirect[];
}

/** What a command is: what it does to the shell and the machine, and the ways that this may go. */
export type Command = (call: Call) => Shell[];

export function ended(call: Call, status: Status, text: Text = nothing): Shell[] {
  const { shell } = call;
  shell.status = status;
  print(shell, text);
  return [shell];
}

/** What may touch Postfix in a way that is not read. */
export function opaque(call: Call): Shell[] {
  call.shell.machine.opaque(call.what, call.at);
  return ended(call, "likely", null);
}

/** The same command without its first words. */
export function rest(call: Call, from: number): Call {
  return { ...call, values: call.values.slice(from), gists: call.gists.slice(from) };
}

export function pathOf(word: string | null | undefined, shell: Shell): string | null {
  return word === null || word === undefined || word === "" ? null : resolvePath(word, shell.directory);
}

export function contentOf(path: string | null, shell: Shell): readonly SourceLine[] | null {
  const lines = path === null ? null : shell.machine.disk.read(path);
  return Array.isArray(lines) ? (lines as readonly SourceLine[]) : null;
}

export interface Options {
  /** Options that are there, without what belongs to them. */
  readonly flags: ReadonlySet<string>;
  /** Values of options that take one. */
  readonly values: ReadonlyMap<string, readonly (string | null)[]>;
  readonly operands: readonly { readonly value: string | null; readonly gist: string }[];
}

/**
 * Takes arguments apart as getopt_long(3) does. Null if one is not known, so that it may be an option.
 *
 * @param withValue options that take a value: letters, and long names
 */
export function optionsOf(call: Call, withValue: readonly string[], mixed = true): Options {
  const flags = new Set<string>();
  const values = new Map<string, (string | null)[]>();
  const operands: { value: string | null; gist: string }[] = [];
  const add = (name: string, value: string | null) => values.set(name, [...(values.get(name) ?? []), value]);
  let only = false;
  for (let i = 1; i < call.values.length; i++) {
    const word = call.values[i] ?? null;
    const about = call.gists[i] ?? "";
    if (only || word === null || word === "-" || !word.startsWith("-")) {
      if (!mixed) only = true;
      operands.push({ value: word, gist: about });
    } else if (word === "--") only = true;
    else if (word.startsWith("--")) {
      const [, name = "", value] = /^--([^=]*)(?:=([\s\S]*))?$/.exec(word) ?? [];
      if (value !== undefined) add(name, value);
      else if (withValue.includes(name)) add(name, call.values[++i] ?? null);
      else flags.add(name);
    } else {
      for (let k = 1; k < word.length; k++) {
        const letter = word[k] ?? "";
        if (withValue.includes(letter)) {
          add(letter, k + 1 < word.length ? word.slice(k + 1) : (call.values[++i] ?? null));
          break;
        }
        flags.add(letter);
      }
    }
  }
  return { flags, values, operands };
}

/** Whether an argument names, or may name, a file of Postfix. */
export function touchesPostfix(call: Call): boolean {
  const { shell } = call;
  return call.gists.slice(1).some((word, i) => {
    if (concernsPostfix(word)) return true;
    const value = call.values[i + 1];
    if (value === null || value === undefined || value.startsWith("-")) return false;
    const path = resolvePath(value.replace(/^\w+=/, ""), shell.directory);
    if (path === null) return /\.cf\b/.test(word);
    return inPostfix(path, shell) && /[./]/.test(value);
  });
}

/** Whether a path is, or leads to, something below /etc/postfix, or holds it. */
export function inPostfix(path: string, shell: Shell): boolean {
  const real = shell.machine.disk.resolve(path) ?? path;
  const home = shell.machine.disk.resolve("/etc/postfix") ?? "/etc/postfix";
  return [path, real].some((it) => it === home || it.startsWith(`${home}/`) || /^\/etc\/postfix(?:\/|$)/.test(it));
}
