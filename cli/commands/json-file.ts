import { readFileSync } from "node:fs";
import { InputError } from "../sources/input-error";

/**
 * Reads a JSON file that the user named.
 *
 * @throws InputError naming the file, and the line and column where it is no JSON or says one thing twice.
 */
export function readJsonFile(path: string): unknown {
  const text = readTextFile(path).replace(/^\ufeff/, "");
  const error = findJsonError(text);
  if (error !== null) {
    const before = text.slice(0, error.offset).split("\n");
    const column = (before.at(-1)?.length ?? 0) + 1;
    throw new InputError(`${path}:${before.length}:${column}: not valid JSON: ${error.message}`);
  }
  return JSON.parse(text);
}

/** @throws InputError naming the file if it cannot be read. */
export function readTextFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new InputError(`${path}: ${systemError(error)}`);
  }
}

/** What the operating system refused, in words. */
export function systemError(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
      return "no such file or directory";
    case "EISDIR":
      return "is a directory, expected a file";
    case "ENOTDIR":
      return "a part of the path is no directory";
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "EROFS":
      return "read-only file system";
    case "ENOSPC":
      return "no space left on device";
    default:
      return code ?? message;
  }
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
  let at = 0;
  try {
    value(0);
    skip();
    if (at < text.length) fail(`unexpected ${found()} after the end`);
    return null;
  } catch (error) {
    if (error instanceof SyntaxProblem) return { offset: error.offset, message: error.message };
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

  function string(): string {
    const start = at;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings hold no raw control characters
    if (!match(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y))
      fail("a string that does not end, or a bad escape in it");
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
