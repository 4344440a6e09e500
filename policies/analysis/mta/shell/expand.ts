import type { Shell, Value } from "./state";
import type { Parameter, Part, Word } from "./syntax";

/** What a word, or a part of one that is split, becomes. */
export interface Field {
  /** Null if it is not known. */
  readonly value: string | null;
  /** The literal text in it, to see what it is about. */
  readonly gist: string;
}

/** Outputs of the commands in a word, by their place in it. */
export type Outputs = ReadonlyMap<Part, string | null>;

const MAX_FIELDS = 2_000;

/** The literal text of a word, as far as it has some. */
export function gist(word: Word): string {
  return word.parts
    .map((part) => (part.kind === "text" ? part.text : part.kind === "parameter" ? `$${part.name}` : "…"))
    .join("");
}

/** The same, with the values of its variables where they are known. */
export function aboutOf(word: Word, shell: Shell, outputs: Outputs): string {
  return word.parts
    .map((part) => {
      const value = valueOfPart(part, shell, outputs);
      if (typeof value === "string") return value;
      return part.kind === "parameter" ? `$${part.name}` : "…";
    })
    .join("");
}

/** The text of a word that is not split: a value, a here-document, the target of a redirection. Null if it is not known. */
export function expandText(word: Word, shell: Shell, outputs: Outputs): string | null {
  let text = "";
  for (const [i, part] of word.parts.entries()) {
    const value = valueOfPart(part, shell, outputs);
    if (value === null || typeof value === "object") {
      if (!Array.isArray(value) || value.includes(null)) return null;
      text += value.join(" ");
    } else text += i === 0 && part.kind === "text" && !part.quoted ? tilde(value) : value;
  }
  return text;
}

/** A pattern as text: what is quoted in it is escaped. */
export function expandPattern(word: Word, shell: Shell, outputs: Outputs): string | null {
  let text = "";
  for (const part of word.parts) {
    const value = valueOfPart(part, shell, outputs);
    if (typeof value !== "string") return null;
    text += "quoted" in part && part.quoted ? value.replace(/[\\*?[\]]/g, "\\$&") : value;
  }
  return text;
}

/** The arguments that words become. */
export function expandWords(words: readonly Word[], shell: Shell, outputs: Outputs): Field[] {
  const fields: Field[] = [];
  for (const word of words) {
    for (const one of braces(word, shell)) fields.push(...expandWord(one, shell, outputs));
    if (fields.length > MAX_FIELDS) return [{ value: null, gist: "…" }];
  }
  return fields;
}

function expandWord(word: Word, shell: Shell, outputs: Outputs): Field[] {
  const fields: Field[] = [];
  let current = "";
  let present = false;
  let unknown = false;
  let pattern = false;
  const about = aboutOf(word, shell, outputs);
  const end = () => {
    if (present || current !== "") fields.push({ value: current, gist: current });
    current = "";
    present = false;
  };
  for (const [i, part] of word.parts.entries()) {
    const value = valueOfPart(part, shell, outputs);
    if (value === null) {
      unknown = true;
      continue;
    }
    if (typeof value === "object") {
      if (value.includes(null)) unknown = true;
      const items = value as readonly string[];
      const whole = part.kind === "parameter" && part.quoted && (part.index ?? part.name) === "@";
      const list = whole ? items : items.flatMap((it) => (part.kind === "parameter" && part.quoted ? [it] : split(it)));
      if (!whole && part.kind === "parameter" && part.quoted) {
        current += items.join(" ");
        present = true;
        continue;
      }
      for (const [k, item] of list.entries()) {
        if (k > 0) end();
        current += item;
        present = true;
      }
      continue;
    }
    if (part.kind === "text") {
      if (part.quoted) present = true;
      else pattern ||= /[*?]|\[.+\]/.test(part.text) && !/=/.test(current + part.text.split(/[*?[]/)[0]);
      current += i === 0 && !part.quoted ? tilde(value) : value;
    } else if ("quoted" in part && part.quoted) {
      present = true;
      current += value;
    } else {
      if (shell.variables.has("IFS") && value !== "") {
        unknown = true;
        continue;
      }
      if (/[*?[\\]/.test(value)) unknown = true;
      if (/^\s/.test(value) && (current !== "" || present)) end();
      const pieces = split(value);
      for (const [k, piece] of pieces.entries()) {
        if (k > 0) end();
        current += piece;
      }
      if (/\s$/.test(value) && pieces.length > 0) end();
    }
  }
  if (unknown || (pattern && about !== "[" && about !== "[[")) return [{ value: null, gist: about }];
  end();
  return fields;
}

function split(text: string): string[] {
  return text.split(/[ \t\n]+/).filter((it) => it !== "");
}

function tilde(text: string): string {
  return /^~(?:\/|$)/.test(text) ? `/root${text.slice(1)}` : text;
}

/** `a{b,c}d`, `{1..3}`; a word of its own for each. */
function braces(word: Word, shell: Shell): readonly Word[] {
  const at = word.parts.findIndex((part) => part.kind === "text" && !part.quoted && part.text.includes("{"));
  if (at < 0) return [word];
  // Units: characters that may have a meaning, and everything else.
  type Unit = { readonly char: string } | { readonly part: Part };
  const units = word.parts.flatMap((part): Unit[] =>
    part.kind === "text" && !part.quoted ? [...part.text].map((char) => ({ char })) : [{ part }],
  );
  const isChar = (unit: Unit | undefined, char: string) => unit !== undefined && "char" in unit && unit.char === char;
  const alternatives = (list: readonly Unit[], budget = { left: 500 }): Unit[][] | null => {
    if (--budget.left < 0) return null;
    for (let open = 0; open < list.length; open++) {
      if (!isChar(list[open], "{")) continue;
      let level = 0;
      let close = -1;
      const commas: number[] = [];
      for (let i = open; i < list.length && close < 0; i++) {
        if (isChar(list[i], "{")) level++;
        else if (isChar(list[i], "}") && --level === 0) close = i;
        else if (isChar(list[i], ",") && level === 1) commas.push(i);
      }
      if (close < 0) continue;
      const inner = list.slice(open + 1, close);
      const plain = inner.map((unit) => ("char" in unit ? unit.char : "\0")).join("");
      const range = /^(-?\d{1,4})\.\.(-?\d{1,4})$/.exec(plain);
      let options: Unit[][];
      if (commas.length > 0) {
        const cuts = [open, ...commas, close];
        options = cuts.slice(1).map((cut, i) => list.slice((cuts[i] ?? 0) + 1, cut));
      } else if (range !== null) {
        const [from, to] = [Number(range[1]), Number(range[2])];
        if (/^-?0\d/.test(range[1] ?? "") || Math.abs(to - from) > 300) return null;
        const step = from <= to ? 1 : -1;
        options = Array.from({ length: Math.abs(to - from) + 1 }, (_, i) =>
          [...String(from + step * i)].map((char) => ({ char })),
        );
      } else if (plain.includes("..")) return null;
      else continue;
      const tails = alternatives(list.slice(close + 1), budget);
      if (tails === null) return null;
      const heads: Unit[][] = [];
      for (const option of options) {
        const inside = alternatives(option, budget);
        if (inside === null) return null;
        heads.push(...inside);
      }
      const all = heads.flatMap((head) => tails.map((tail) => [...list.slice(0, open), ...head, ...tail]));
      return all.length > 500 ? null : all;
    }
    return [[...list]];
  };
  const found = units.length > 5_000 ? null : alternatives(units);
  const unclear: Word = {
    line: word.line,
    parts: [
      { kind: "text", text: gist(word), quoted: true },
      { kind: "parameter", name: "\0", quoted: true },
    ],
  };
  if (found === null || (found.length > 1 && !shell.bash)) return [unclear];
  return found.map((list) => {
    const parts: Part[] = [];
    for (const unit of list) {
      const last = parts[parts.length - 1];
      if ("part" in unit) parts.push(unit.part);
      else if (last?.kind === "text" && !last.quoted)
        parts[parts.length - 1] = { ...last, text: last.text + unit.char };
      else parts.push({ kind: "text", text: unit.char, quoted: false });
    }
    return { parts, line: word.line };
  });
}

function valueOfPart(part: Part, shell: Shell, outputs: Outputs): Value {
  switch (part.kind) {
    case "text":
      return part.text;
    case "parameter":
      return parameter(part, shell, outputs);
    case "command":
      return outputs.get(part)?.replace(/\n+$/, "") ?? null;
    case "arithmetic":
      return part.commands.length > 0 ? null : calculate(part.text, shell);
    case "process":
      return null;
  }
}

/** Variables that a shell, or what starts it, sets by itself. */
const given =
  /^(?:PATH|USER|LOGNAME|SHELL|LANG|LC_\w+|TERM|PWD|OLDPWD|HOSTNAME|HOSTTYPE|OSTYPE|MACHTYPE|UID|PPID|IFS|OPT\w+|RANDOM|SECONDS|SRANDOM|EPOCH\w+|LINENO|SHLVL|SHELLOPTS|BASH\w*|FUNCNAME|GROUPS|DIRSTACK|PS\d|PIPESTATUS|REPLY|INVOCATION_ID|JOURNAL_STREAM|SYSTEMD_\w+|DEBIAN_FRONTEND|TZ|TMPDIR|AWS_\w+|SSM_\w+|MAIL|_|\W)$/;

/** The value of a variable: undefined if it is not set. */
export function variable(name: string, shell: Shell): Value | undefined {
  const value = shell.variables.get(name);
  if (value !== undefined) return value;
  if (shell.unset.has(name)) return undefined;
  return shell.environment || given.test(name) ? null : undefined;
}

function parameter(part: Parameter, shell: Shell, outputs: Outputs): Value {
  const { name, index, prefix, operator } = part;
  let value: Value | undefined;
  if (/^[@*]$/.test(name)) value = shell.positional;
  else if (name === "#") return shell.positional === null ? null : String(shell.positional.length);
  else if (name === "0") value = null;
  else if (/^\d+$/.test(name)) value = shell.positional === null ? null : shell.positional[Number(name) - 1];
  else if (name === "?") return shell.status === "yes" || shell.status === "likely" ? "0" : null;
  else if (/^\W$/.test(name)) value = null;
  else value = variable(name, shell);
  if (prefix === "!") return null;
  const list = Array.isArray(value);
  if (index !== undefined && value !== undefined) {
    const items: readonly (string | null)[] = list ? (value as readonly (string | null)[]) : [value as string | null];
    if (index === "@" || index === "*") value = items;
    else if (/^\d+$/.test(index)) value = items[Number(index)];
    else value = null;
  } else if (list && !/^[@*]$/.test(name)) value = (value as readonly (string | null)[])[0];
  if (prefix === "#") {
    if (value === null) return null;
    if (Array.isArray(value)) return String(value.length);
    if (value === undefined) return unsetText(name, shell) === null ? null : "0";
    return String([...(value as string)].length);
  }
  if (operator === undefined) {
    if (value !== undefined) return value;
    return /^[@*]$/.test(name) || index !== undefined ? [] : unsetText(name, shell);
  }
  return operated(part, value, shell, outputs);
}

/** A variable that is never set: it may be meant to be, and its author may be wrong about what happens. */
function unsetText(name: string, shell: Shell): string | null {
  return shell.unset.has(name) || /^\d+$/.test(name) ? "" : null;
}

function operated(part: Parameter, value: Value | undefined, shell: Shell, outputs: Outputs): Value {
  const { name, operator = "", operand } = part;
  const other = (): string | null => (operand === undefined ? "" : expandText(operand, shell, outputs));
  if (value === null) return null;
  if (Array.isArray(value)) return value.length > 0 && /^:?[-=?]$/.test(operator) && value[0] !== "" ? value : null;
  const text = value as string | undefined;
  const missing = text === undefined || (operator.startsWith(":") && text === "");
  switch (operator) {
    case ":-":
    case "-":
      return missing ? other() : text;
    case ":=":
    case "=":
      if (missing) shell.variables.set(name, other());
      return missing ? other() : text;
    case ":+":
    case "+":
      return missing ? "" : other();
    case ":?":
    case "?":
      return missing ? null : text;
  }
  if (text === undefined) return unsetText(name, shell);
  if (operator === "^^") return operand?.parts.length === 0 ? text.toUpperCase() : null;
  if (operator === ",,") return operand?.parts.length === 0 ? text.toLowerCase() : null;
  if (/^[%#]/.test(operator)) {
    const pattern = operand === undefined ? "" : expandPattern(operand, shell, outputs);
    return pattern === null ? null : trimmed(text, pattern, operator);
  }
  if (operator === "/" || operator === "//") return replaced(text, operand, operator === "//", shell, outputs);
  return null;
}

function trimmed(text: string, pattern: string, operator: string): string | null {
  const matches = globMatcher(pattern);
  if (matches === null || text.length > 10_000) return null;
  const fromEnd = operator.startsWith("%");
  const longest = operator.length === 2;
  const sizes = Array.from({ length: text.length + 1 }, (_, i) => (longest ? text.length - i : i));
  for (const size of sizes) {
    const piece = fromEnd ? text.slice(text.length - size) : text.slice(0, size);
    if (matches(piece)) return fromEnd ? text.slice(0, text.length - size) : text.slice(size);
  }
  return text;
}

function replaced(
  text: string,
  operand: Word | undefined,
  all: boolean,
  shell: Shell,
  outputs: Outputs,
): string | null {
  const whole = operand === undefined ? "" : expandText(operand, shell, outputs);
  // The pattern ends at the first slash that is not quoted; others are not told apart here.
  const match = /^([^/\\*?[\]&]+)(?:\/([^/\\&]*))?$/.exec(whole ?? "/");
  if (match === null) return null;
  const [, from = "", to = ""] = match;
  return all ? text.split(from).join(to) : text.replace(from, () => to);
}

/** A pattern of file names as a test; null if it is not covered. */
export function globMatcher(pattern: string): ((text: string) => boolean) | null {
  if (/[@!+?*]\(|\[\[|\[[^\]]*\\|\[\^?\]/.test(pattern)) return null;
  let source = "";
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] ?? "";
    if (char === "*") source += source.endsWith(".*") ? "" : ".*";
    else if (char === "?") source += ".";
    else if (char === "[") {
      const end = pattern.indexOf("]", i + 2);
      if (end < 0) return null;
      source += `[${pattern
        .slice(i + 1, end)
        .replace(/^!/, "^")
        .replace(/[[\]\\]/g, "\\$&")}]`;
      i = end;
    } else if (char === "\\") source += (pattern[++i] ?? "").replace(/[^\w\s]/g, "\\$&");
    else source += char.replace(/[.+^${}()|\]/-]/g, "\\$&");
  }
  if ((source.match(/\.\*/g) ?? []).length > 4) return null;
  try {
    const compiled = new RegExp(`^${source}$`, "s");
    return (text) => compiled.test(text);
  } catch {
    return null;
  }
}

/** Whole numbers with + - * and brackets; null for anything else. */
export function calculate(text: string, shell: Shell): string | null {
  const plain = text.replace(/\$?\b([A-Za-z_]\w*)\b|\$\{([A-Za-z_]\w*)\}/g, (_, a?: string, b?: string) => {
    const value = shell.variables.get(a ?? b ?? "");
    return typeof value === "string" && /^-?(?:0|[1-9]\d{0,8})$/.test(value) ? `(${value})` : "?";
  });
  if (!/^[\d\s()+*-]{1,200}$/.test(plain) || /\b0\d|\d\s+\d|\+\+|--|\*\*/.test(plain)) return null;
  const tokens = plain.match(/\d+|[()+*-]/g) ?? [];
  let at = 0;
  const atom = (): number => {
    const token = tokens[at++];
    if (token === "-") return -atom();
    if (token === "+") return atom();
    if (token === "(") {
      const inner = sum();
      return tokens[at++] === ")" ? inner : Number.NaN;
    }
    return token === undefined || !/^\d+$/.test(token) ? Number.NaN : Number(token);
  };
  const product = (): number => {
    let left = atom();
    while (tokens[at] === "*") {
      at++;
      left *= atom();
    }
    return left;
  };
  const sum = (): number => {
    let left = product();
    while (tokens[at] === "+" || tokens[at] === "-") left = tokens[at++] === "+" ? left + product() : left - product();
    return left;
  };
  const result = sum();
  return at === tokens.length && Number.isSafeInteger(result) ? String(result === 0 ? 0 : result) : null;
}
