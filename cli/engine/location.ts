import { isAbsolute, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { SourceLocation } from "../../policies/analysis/model/snapshot";

/** A position as the SDK reports it. */
export interface Position {
  readonly uri: string;
  readonly line: number;
  readonly column: number;
}

/**
 * The first of the positions that lies in the project and not in a dependency of it, relative to the project's directory.
 *
 * Under ES modules the SDK sends `file:///cwd/file:/abs/path`: it resolves what is a URL already as if it were a path.
 */
export function locate(positions: readonly (Position | undefined)[], directory: string): SourceLocation | undefined {
  for (const position of positions) {
    const path = position === undefined ? undefined : pathOf(position.uri);
    if (position === undefined || path === undefined) {
      continue;
    }
    const file = relative(directory, path);
    if (!file.startsWith("..") && !isAbsolute(file) && !file.split(sep).includes("node_modules")) {
      return { file: file.split(sep).join("/"), line: position.line, column: position.column };
    }
  }
  return undefined;
}

function pathOf(uri: string): string | undefined {
  const nested = /^file:\/\/.*\/(file:\/.*)$/.exec(uri)?.[1];
  try {
    return fileURLToPath(nested === undefined ? uri : nested.replace(/^file:\/*/, "file:///"));
  } catch {
    return undefined;
  }
}
