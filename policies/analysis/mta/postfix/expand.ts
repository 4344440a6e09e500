import { closing, Unreadable } from "./words";

/** Value of a parameter for `$name`; undefined if the parameter does not exist. Throws `Unreadable` if nobody can tell. */
export type Lookup = (name: string) => string | undefined;

const MAX_DEPTH = 50;
const MAX_STEPS = 50_000;
const MAX_LENGTH = 200_000;

/**
 * Expands `$name`, `${name}`, `$(name)`, `$$` and the conditional forms of postconf(5) as mac_expand(3) does:
 * `${name?text}`, `${name:text}`, `${name?{text}:{text}}`, `${{text} == {text} ? {text} : {text}}`.
 * `lookup` gives raw values, which are expanded in turn.
 *
 * @throws Unreadable on what Postfix calls a syntax error, and on anything that is not covered.
 */
export function expand(text: string, lookup: Lookup): string {
  let steps = 0;
  const counted: Lookup = (name) => {
    if (++steps > MAX_STEPS) throw new Unreadable("parameters refer to each other too often");
    return lookup(name);
  };
  return expandText(text, counted, 0);
}

function expandText(text: string, lookup: Lookup, depth: number): string {
  if (depth > MAX_DEPTH) throw new Unreadable("unreasonable nesting of parameters");
  let result = "";
  for (let i = 0; i < text.length; ) {
    const char = text[i] ?? "";
    if (char !== "$") {
      result += char;
      i++;
      continue;
    }
    const next = text[i + 1] ?? "";
    if (next === "$") {
      result += "$";
      i += 2;
    } else if (next === "{" || next === "(") {
      const end = closing(text, i + 1, next === "{" ? "{}" : "()");
      if (end < 0) throw new Unreadable(`unbalanced brackets in ${text.slice(i, i + 40)}`);
      result += expression(text.slice(i + 2, end), lookup, depth);
      i = end + 1;
    } else {
      const name = /^\w+/.exec(text.slice(i + 1))?.[0];
      if (name === undefined) throw new Unreadable(`no parameter name behind $ in ${text.slice(i, i + 40)}`);
      result += value(name, lookup, depth);
      i += 1 + name.length;
    }
    if (result.length > MAX_LENGTH) throw new Unreadable("a parameter expands to more than 200 000 characters");
  }
  return result;
}

function value(name: string, lookup: Lookup, depth: number): string {
  const raw = lookup(name);
  return raw === undefined ? "" : expandText(raw, lookup, depth + 1);
}

function expression(source: string, lookup: Lookup, depth: number): string {
  let subject: string;
  let rest: string;
  if (/^\s*\{/.test(source)) {
    const left = payload(source);
    const operator = /^[<>!=?+\-*/~&|%]+(?:level)?/.exec(left.rest)?.[0] ?? "";
    const right = payload(left.rest.slice(operator.length));
    // Whitespace inside of the braces counts.
    const truth = compare(
      expandText(left.text, lookup, depth + 1),
      operator,
      expandText(right.text, lookup, depth + 1),
    );
    subject = truth ? "true" : "";
    rest = right.rest;
  } else {
    const match = /^(\w*)([\s\S]*)$/.exec(source);
    const name = match?.[1] ?? "";
    rest = match?.[2] ?? "";
    if (name === "" || (rest !== "" && !/^[?:]/.test(rest))) throw new Unreadable(`\${${source}} is not understood`);
    // Whether the value is empty decides a condition, before it is expanded.
    subject = rest === "" ? value(name, lookup, depth) : (lookup(name) ?? "");
  }
  if (rest === "") return subject;
  let chosen = "";
  if (rest.startsWith("?")) {
    const then = branch(rest.slice(1));
    if (subject !== "") chosen = then.text;
    rest = then.rest;
    if (rest === "") return expandText(chosen, lookup, depth + 1);
  }
  if (!rest.startsWith(":")) throw new Unreadable(`\${${source}} is not understood`);
  const otherwise = branch(rest.slice(1));
  if (otherwise.rest !== "") throw new Unreadable(`\${${source}} is not understood`);
  if (subject === "") chosen = otherwise.text;
  return expandText(chosen, lookup, depth + 1);
}

/** `{text}` and what follows it. */
function payload(source: string): { text: string; rest: string } {
  const start = source.search(/\S/);
  if (start < 0 || source[start] !== "{") throw new Unreadable(`{text} is missing in ${source.slice(0, 40)}`);
  const end = closing(source, start);
  if (end < 0) throw new Unreadable(`unbalanced braces in ${source.slice(0, 40)}`);
  return { text: source.slice(start + 1, end), rest: source.slice(end + 1).trimStart() };
}

/** A result: either `{text}`, or everything that is left. */
function branch(source: string): { text: string; rest: string } {
  return /^\s*\{/.test(source) ? payload(source) : { text: source, rest: "" };
}

function compare(left: string, operator: string, right: string): boolean {
  if (operator === "==") return left === right;
  if (operator === "!=") return left !== right;
  const match = /^(<|<=|>|>=|==|!=)level$/.exec(operator);
  if (match === null) throw new Unreadable(`the operator ${JSON.stringify(operator)} is not covered`);
  const order = level(left) - level(right);
  switch (match[1]) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    case "==":
      return order === 0;
    default:
      return order !== 0;
  }
}

/** A compatibility level such as `2`, `3.6` or `3.10.1` as one number. */
export function level(text: string): number {
  const match = /^(\d{1,4})(?:\.(\d{1,4}))?(?:\.(\d{1,4}))?$/.exec(text);
  if (match === null) throw new Unreadable(`compatibility level ${JSON.stringify(text)} is not understood`);
  return Number(match[1]) * 1e8 + Number(match[2] ?? 0) * 1e4 + Number(match[3] ?? 0);
}
