import { InputError } from "./input-error";
import { readTextFile } from "./text-file";

/**
 * Reads a JSON file that the user named.
 *
 * @throws InputError naming the file, and the line and column where it is no JSON or says one thing twice.
 */
export function readJsonFile(path: string): unknown {
  const text = readTextFile(path);
  const error = findJsonError(text);
  if (error !== null) throw notJson(path, text, error);
  return JSON.parse(text);
}

/**
 * Reads the JSON values that a text holds one after the other: one document, or one value a line.
 *
 * @throws InputError naming the file, and the line and column where it is no JSON or says one thing twice.
 */
export function parseJsonValues(path: string, text: string): unknown[] {
  const { values, error } = scanJson(text, Number.POSITIVE_INFINITY);
  if (error !== null) throw notJson(path, text, error);
  return values.map(([start, end]) => JSON.parse(text.slice(start, end)));
}

function notJson(path: string, text: string, { offset, message }: JsonError): InputError {
  const lineStart = offset === 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return new InputError(`${path}:${line}:${offset - lineStart + 1}: not valid JSON: ${message}`);
}

interface JsonError {
  readonly offset: number;
  readonly message: string;
}

const MAX_DEPTH = 500;

/**
 * The first place where a text stops being JSON, or names a key of an object for the second time: `JSON.parse` does not tell the
 * former on every version of Node, and takes the last of the latter silently.
 */
export function findJsonError(text: string): JsonError | null {
  return scanJson(text, 1).error;
}

interface Scanned {
  /** Start and end of each value that is in order. */
  readonly values: readonly (readonly [number, number])[];
  readonly error: JsonError | null;
}

/** @param most how many values may stand one after the other; at least one must. */
function scanJson(text: string, most: number): Scanned {
  const values: [number, number][] = [];
  let at = 0;
  try {
    do {
      skip();
      if (values.length === most) fail(`unexpected ${found()} after the end`);
      const start = at;
      value(0);
      values.push([start, at]);
      skip();
    } while (at < text.length);
    return { values, error: null };
  } catch (error) {
    if (error instanceof SyntaxProblem) return { values, error: { offset: error.offset, message: error.message } };
    throw error;
  }

  function value(depth: number): void {
    if (depth > MAX_DEPTH) fail("nested too deeply");
    skip();
    const char = text[at];
    if (char === "{") object(depth);
    else if (char === "[") array(depth);
    else if (char === '"') string();
    else if (!match(/-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?|true|false|null/y))
      fail(`expected a value, found ${found()}`);
  }

  function object(depth: number): void {
    const keys = new Set<string>();
    list("}", () => {
      const start = at;
      if (text[at] !== '"') fail(`expected a key in double quotes, found ${found()}`);
      const key = JSON.parse(string()) as string;
      if (keys.has(key)) fail(`the key ${JSON.stringify(key)} stands twice`, start);
      keys.add(key);
      skip();
      if (text[at] !== ":") fail(`expected ":", found ${found()}`);
      at++;
      value(depth + 1);
    });
  }

  function array(depth: number): void {
    list("]", () => value(depth + 1));
  }

  function list(close: string, item: () => void): void {
    at++;
    skip();
    if (text[at] !== close) {
      for (;;) {
        skip();
        item();
        skip();
        if (text[at] !== ",") break;
        at++;
      }
    }
    if (text[at] !== close) fail(`expected "," or "${close}", found ${found()}`);
    at++;
  }

  /** In pieces: one expression for a whole string keeps a place to go back to for each character. */
  function string(): string {
    const start = at;
    at++;
    do {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings hold no raw control characters
      match(/[^"\\\u0000-\u001f]*/y);
    } while (match(/\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y));
    if (text[at] !== '"') fail("a string that does not end, or a bad escape in it", start);
    at++;
    return text.slice(start, at);
  }

  function match(pattern: RegExp): boolean {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  }

  function skip(): void {
    match(/[ \t\r\n]*/y);
  }

  function found(): string {
    return at >= text.length ? "the end of the file" : JSON.stringify(String.fromCodePoint(text.codePointAt(at) ?? 0));
  }

  function fail(message: string, offset: number = at): never {
    throw new SyntaxProblem(message, offset);
  }
}

class SyntaxProblem extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}
