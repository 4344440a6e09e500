import { posix } from "node:path";
import type { SourceLocation } from "../../policies/analysis/model/snapshot";

/** Where a report comes from, for tools that show findings in the files of a repository. */
export interface Origin {
  /** The project's directory relative to the root of the repository, with `/` between names; empty if that is the root. */
  readonly directory: string;
  /** The file, relative to the project's directory, that stands for what has no place of its own. */
  readonly file: string;
}

/** A place in a file of the repository. */
export interface Place {
  /** Relative to the root of the repository. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Where something is declared; the first line of the project's own file where that is not known. */
export function placeIn(origin: Origin, location: SourceLocation | undefined): Place {
  const { file, line, column } = location ?? { file: origin.file, line: 1, column: 1 };
  return { file: posix.join(origin.directory, file), line: Math.max(1, line), column: Math.max(1, column) };
}
