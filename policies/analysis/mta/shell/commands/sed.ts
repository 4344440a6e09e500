import { type SourceLine, sourceLines } from "../../postfix/lines";
import { textOf } from "../run";
import { type Call, contentOf, ended, opaque, optionsOf, pathOf } from "./call";

/** Largest number of lines that is edited. */
const MAX_LINES = 5_000;

/**
 * A regular expression of POSIX with GNU's extensions, as JavaScript has it; null where the two may differ, or where it is not read.
 *
 * @param testing true if only whether it matches counts: which of several alternatives is taken does not matter then
 */
export function regularExpression(
  text: string,
  extended: boolean,
  ignoreCase: boolean,
  testing: boolean,
): RegExp | null {
  let source = "";
  let level = 0;
  /** Whether something stands in front that can be repeated: nothing, a character, or a group. */
  let atom: "none" | "one" | "group" = "none";
  const repeat = (sign: string): boolean => {
    // Repeated groups are told apart by what they hold, and doubly repeated ones take their time.
    if (atom !== "one") return false;
    source += sign;
    atom = "none";
    return true;
  };
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? "";
    if (char === "\\") {
      const next = text[++i] ?? "";
      if (!extended && /[(){}|+?]/.test(next)) {
        if (next === "(" || next === ")") {
          source += next;
          level += next === "(" ? 1 : -1;
          if (level < 0) return null;
          atom = next === ")" ? "group" : "none";
        } else if (next === "|") {
          if (!testing) return null;
          source += "|";
          atom = "none";
        } else if (next === "+" || next === "?") {
          if (!repeat(next)) return null;
        } else return null;
      } else if (/[sSwW]/.test(next)) {
        source += `\\${next}`;
        atom = "one";
      } else if (next === "b") source += "\\b";
      else if (/[^\w\s]/.test(next)) {
        source += `\\${next}`;
        atom = "one";
      } else return null;
    } else if (char === "[") {
      const end = text.indexOf("]", i + (text[i + 1] === "^" ? 3 : 2));
      const inner = text.slice(i + 1, end);
      const classes: Readonly<Record<string, string>> = {
        space: "\\s",
        blank: " \\t",
        digit: "0-9",
        alpha: "a-zA-Z",
        alnum: "a-zA-Z0-9",
      };
      const named = /^(\^?)\[:(\w+):$/.exec(inner);
      if (named !== null && text.startsWith("]]", end)) {
        const known = classes[named[2] ?? ""];
        if (known === undefined) return null;
        source += `[${named[1]}${known}]`;
        i = end + 1;
      } else {
        if (end < 0 || inner.includes("[")) return null;
        source += `[${inner.replace(/\\/g, "\\\\").replace(/(?!^)\^/g, "\\^")}]`;
        i = end;
      }
      atom = "one";
    } else if (char === "*") {
      if (atom === "none" && (source === "" || source.endsWith("^") || source.endsWith("("))) {
        if (extended) return null;
        source += "\\*";
        atom = "one";
      } else if (!repeat("*")) return null;
    } else if (char === "^") {
      if (source !== "" && !/[(|]$/.test(source)) {
        if (extended) return null;
        source += "\\^";
        atom = "one";
      } else source += "^";
    } else if (char === "$") {
      const last =
        i === text.length - 1 || (extended ? /^[)|]/.test(text.slice(i + 1)) : /^\\[)|]/.test(text.slice(i + 1)));
      source += last ? "$" : "\\$";
      if (!last && extended) return null;
    } else if (extended && /[(){}|+?]/.test(char)) {
      if (char === "(" || char === ")") {
        source += char;
        level += char === "(" ? 1 : -1;
        if (level < 0) return null;
        atom = char === ")" ? "group" : "none";
      } else if (char === "|") {
        if (!testing) return null;
        source += "|";
        atom = "none";
      } else if (char === "+" || char === "?") {
        if (!repeat(char)) return null;
      } else return null;
    } else {
      source += char === "." ? "." : char.replace(/[+?(){}|\]/]/g, "\\$&");
      atom = "one";
    }
  }
  // Many stars take their time.
  if (level !== 0 || (source.match(/[*+]/g) ?? []).length > 5) return null;
  try {
    return new RegExp(source, ignoreCase ? "i" : "");
  } catch {
    return null;
  }
}

interface Address {
  readonly matches: (text: string, number: number, last: boolean) => boolean;
}

interface Edit {
  readonly address: Address | null;
  readonly negated: boolean;
  readonly action:
    | {
        readonly kind: "substitute";
        readonly pattern: RegExp;
        readonly by: (match: RegExpExecArray) => string;
        readonly all: boolean;
      }
    | { readonly kind: "delete" | "quit" }
    | { readonly kind: "append" | "insert" | "change"; readonly text: string };
}

/** Reads a sed script: s///, d, a, i and c, at a line, a pattern, the last line, or everywhere. Null for anything else. */
function parseSed(script: string, extended: boolean): Edit[] | null {
  const edits: Edit[] = [];
  let at = 0;
  const delimited = (delimiter: string, isPattern: boolean): string | null => {
    let text = "";
    for (; at < script.length; at++) {
      const char = script[at] ?? "";
      if (char === delimiter) {
        at++;
        return text;
      }
      if (char === "\n" && isPattern) return null;
      if (char === "\\") {
        const next = script[++at] ?? "";
        // An escaped delimiter stands for itself, unless it means something of its own.
        if (next === delimiter) {
          if (!/[/,:|#@%!]/.test(delimiter) || (isPattern && extended && delimiter === "|")) return null;
          text += delimiter;
        } else text += `\\${next}`;
      } else if (char === "[" && isPattern) {
        // A delimiter inside of brackets is read in different ways.
        const end = script.indexOf("]", at + 2);
        if (end < 0 || script.slice(at, end).includes(delimiter)) return null;
        text += char;
      } else text += char;
    }
    return null;
  };
  while (at < script.length) {
    if (/[\s;]/.test(script[at] ?? "")) {
      at++;
      continue;
    }
    if (script[at] === "#") {
      if (at === 0 && script[1] === "n") return null;
      const end = script.indexOf("\n", at);
      at = end < 0 ? script.length : end;
      continue;
    }
    let address: Address | null = null;
    const number = /^\d+/.exec(script.slice(at, at + 6));
    if (script[at] === "$") {
      at++;
      address = { matches: (_, __, last) => last };
    } else if (number !== null) {
      at += number[0].length;
      const wanted = Number(number[0]);
      if (wanted === 0) return null;
      address = { matches: (_, line) => line === wanted };
    } else if (script[at] === "/" || script[at] === "\\") {
      if (script[at] === "\\") at++;
      const delimiter = script[at++] ?? "";
      const text = delimited(delimiter, true);
      let ignoreCase = false;
      if (script[at] === "I") {
        ignoreCase = true;
        at++;
      }
      const pattern = text === null || text === "" ? null : regularExpression(text, extended, ignoreCase, true);
      if (pattern === null) return null;
      address = { matches: (line) => pattern.test(line) };
    }
    while (script[at] === " ") at++;
    let negated = false;
    if (script[at] === "!") {
      negated = true;
      at++;
      while (script[at] === " ") at++;
    }
    const command = script[at++];
    if (command === "s") {
      const delimiter = script[at++] ?? "";
      if (!/[/,:|#@%!]/.test(delimiter)) return null;
      const from = delimited(delimiter, true);
      const to = from === null ? null : delimited(delimiter, false);
      const flags = /^[gIi]*/.exec(script.slice(at, at + 5))?.[0] ?? "";
      at += flags.length;
      const pattern = from === null || from === "" ? null : regularExpression(from, extended, /i/i.test(flags), false);
      const by = to === null ? null : replacement(to);
      if (pattern === null || by === null) return null;
      edits.push({ address, negated, action: { kind: "substitute", pattern, by, all: flags.includes("g") } });
    } else if (command === "d" || command === "q") {
      if (command === "q") return null;
      edits.push({ address, negated, action: { kind: "delete" } });
    } else if (command === "a" || command === "i" || command === "c") {
      // The text goes on to the end of the line; `a\` and a new line come before it.
      const match = /^[ \t]*(?:\\\n|(?=[^\s\\]))([^\n\\]*)(?:\n|$)/.exec(script.slice(at));
      if (match === null) return null;
      at += match[0].length;
      const kind = { a: "append", i: "insert", c: "change" } as const;
      edits.push({ address, negated, action: { kind: kind[command], text: match[1] ?? "" } });
      continue;
    } else return null;
    const end = /^[ \t]*(?:[;\n]|$|#)/.exec(script.slice(at));
    if (end === null) return null;
  }
  return edits;
}

function replacement(text: string): ((match: RegExpExecArray) => string) | null {
  const pieces: ((match: RegExpExecArray) => string)[] = [];
  for (const [, escaped, plain] of text.matchAll(/\\([\s\S])|([^\\])/g)) {
    if (escaped === undefined) {
      if (plain === "&") pieces.push((match) => match[0]);
      else pieces.push(() => plain ?? "");
    } else if (/\d/.test(escaped)) pieces.push((match) => match[Number(escaped)] ?? "");
    else if (escaped === "n") pieces.push(() => "\n");
    else if (escaped === "t") pieces.push(() => "\t");
    else if (/[^\w]/.test(escaped)) pieces.push(() => escaped);
    else return null;
  }
  return (match) => pieces.map((piece) => piece(match)).join("");
}

function substitute(
  text: string,
  pattern: RegExp,
  by: (match: RegExpExecArray) => string,
  all: boolean,
): string | null {
  let result = "";
  let from = 0;
  const global = new RegExp(pattern.source, `${pattern.flags}g`);
  for (let count = 0; count < 1_000; count++) {
    const match = global.exec(text);
    if (match === null) return result + text.slice(from);
    // Empty matches are counted in different ways.
    if (match[0] === "" && all) return null;
    result += text.slice(from, match.index) + by(match);
    from = match.index + match[0].length;
    if (!all) return result + text.slice(from);
  }
  return null;
}

function editLines(lines: readonly SourceLine[], edits: readonly Edit[], call: Call): SourceLine[] | null {
  if (lines.length > MAX_LINES || lines.some((line) => line.open === true)) return null;
  const result: SourceLine[] = [];
  for (const [i, line] of lines.entries()) {
    let text: string | null = line.text;
    let at = line.at;
    const behind: string[] = [];
    for (const { address, negated, action } of edits) {
      if (text === null) break;
      const applies: boolean = address === null || address.matches(text, i + 1, i === lines.length - 1) !== negated;
      if (!applies) continue;
      if (action.kind === "substitute") {
        // What an edit has broken into lines is one line to the next.
        if (text.includes("\n")) return null;
        const after: string | null = substitute(text, action.pattern, action.by, action.all);
        if (after === null) return null;
        if (after !== text) at = call.at;
        text = after;
      } else if (action.kind === "append") behind.push(action.text);
      else if (action.kind === "insert") result.push({ text: action.text, at: call.at });
      else {
        if (action.kind === "change") result.push({ text: action.text, at: call.at });
        text = null;
      }
    }
    if (text !== null) result.push(...text.split("\n").map((one) => ({ text: one, at })));
    result.push(...behind.map((one) => ({ text: one, at: call.at })));
  }
  return result;
}

/** sed: edits files in place, or prints what it makes of its input. */
export function sed(call: Call) {
  const { shell } = call;
  const words: (string | null)[] = [];
  let suffix: string | null | undefined;
  for (const word of call.values.slice(1)) {
    const match = word === null ? null : /^(?:-([nErsz]*)i([\s\S]*)|--in-place(?:=([\s\S]*))?)$/.exec(word);
    if (match === null) {
      words.push(word);
      continue;
    }
    suffix = match[2] ?? match[3] ?? "";
    if (match[1]) words.push(`-${match[1]}`);
  }
  const options = optionsOf(
    { ...call, values: ["sed", ...words], gists: ["sed", ...words.map((it, i) => it ?? call.gists[i + 1] ?? "…")] },
    ["e", "f", "expression", "file", "l"],
  );
  const scripts = [...(options.values.get("e") ?? []), ...(options.values.get("expression") ?? [])];
  const mixed = (options.values.get("e") ?? []).length > 0 && (options.values.get("expression") ?? []).length > 0;
  const given = scripts.length > 0 || options.values.has("f") || options.values.has("file");
  const operands = given ? options.operands : options.operands.slice(1);
  if (!given) scripts.push(options.operands[0]?.value ?? null);
  const extended = ["E", "r", "regexp-extended"].some((it) => options.flags.has(it));
  const supported =
    !mixed &&
    !options.values.has("f") &&
    !options.values.has("file") &&
    [...options.flags].every((it) => ["E", "r", "regexp-extended", "s"].includes(it));
  const edits = supported && !scripts.includes(null) ? parseSed(scripts.join("\n"), extended) : null;
  if (suffix === undefined) {
    const path = operands.length === 1 ? pathOf(operands[0]?.value, shell) : null;
    const input = shell.input == null ? null : sourceLines(shell.input.text, call.at.urn, call.at.path ?? "");
    const lines = operands.length === 0 ? input : contentOf(path, shell);
    if (operands.length === 0) shell.input = null;
    // w and e write and run.
    if (edits === null && call.gists.some((word) => /(?:^|[/;\s])[we]\b/.test(word) && !word.startsWith("-")))
      return opaque(call);
    const result = lines === null || edits === null ? null : editLines(lines, edits, call);
    return ended(call, "likely", result === null ? null : { text: textOf(result) });
  }
  for (const { value, gist } of operands) {
    const path = pathOf(value, shell);
    if (path === null) return opaque({ ...call, what: `${call.what} (${gist})` });
    const { disk } = shell.machine;
    if (disk.kind(path) === "gone") return ended(call, "no");
    const lines = contentOf(path, shell);
    const result = lines === null || edits === null ? null : editLines(lines, edits, call);
    if (suffix !== "" && suffix !== null) disk.copy(path, suffix.includes("*") ? `${path}.bak` : path + suffix);
    if (result === null) {
      if (shell.machine.isMain(path) || shell.machine.isMain(disk.resolve(path) ?? ""))
        shell.machine.opaque(call.what, call.at);
    }
    shell.machine.replace(path, result);
  }
  return ended(call, "likely");
}
