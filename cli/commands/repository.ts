import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import type { Origin } from "../report/origin";

/**
 * Where a file lies in its repository, which is the nearest directory above it that holds `.git`. Outside a repository the file's
 * own directory counts as the root.
 */
export function originOf(path: string): Origin {
  const start = resolved(dirname(path));
  const file = basename(path);
  for (let root = start; ; root = dirname(root)) {
    if (existsSync(join(root, ".git"))) return { directory: relative(root, start).split(sep).join("/"), file };
    if (dirname(root) === root) return { directory: "", file };
  }
}

function resolved(directory: string): string {
  try {
    return realpathSync(directory);
  } catch {
    return directory;
  }
}
