import { readFileSync } from "node:fs";
import { LineCounter, parseDocument } from "yaml";
import { InputError } from "./input-error";

/** A parsed YAML or JSON file that can say where a value stands in it. */
export interface YamlFile {
  readonly path: string;
  readonly value: unknown;
  /** `path:line` of the value at these keys, or of the nearest parent that is there. */
  at(keys: readonly (string | number)[]): string;
}

/** @throws InputError with file and line if the file cannot be read or parsed. */
export function readYaml(path: string): YamlFile {
  const text = readText(path);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const error = document.errors[0];
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new InputError(`${path}:${line}:${col}: the file is not valid YAML: ${firstLine(error.message)}`);
  }
  const at = (keys: readonly (string | number)[]): string => {
    for (let length = keys.length; length > 0; length--) {
      const node: unknown = document.getIn(keys.slice(0, length), true);
      const range = (node as { range?: readonly number[] | null } | undefined)?.range;
      if (range?.[0] !== undefined) {
        return `${path}:${lines.linePos(range[0]).line}`;
      }
    }
    return path;
  };
  return { path, value: document.toJS({ maxAliasCount: 1000 }), at };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new InputError(`${path}: the file cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
