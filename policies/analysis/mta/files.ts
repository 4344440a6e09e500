import { createHash } from "node:crypto";
import type { SourceLine } from "./postfix/lines";

type Content = readonly SourceLine[] | null;

/** Links that lead to each other are given up after so many steps. */
const MAX_LINKS = 20;

/**
 * The files of a machine, as far as the program says: contents, folders, symbolic links, and what is certainly not there. Paths are
 * absolute, without `.` and `..`. What is not listed was not touched, and nothing is known about it, unless its folder is known as a
 * whole.
 */
export class Files {
  private readonly contents: Map<string, Content>;
  private readonly gone: Set<string>;
  private readonly links: Map<string, string>;
  /** True for a folder that holds what is listed and nothing else. */
  private readonly folders: Map<string, boolean>;
  /** Files that postmap(1) was run on, and that did not change since. */
  readonly compiled: Set<string>;
  /** How many names were made up. */
  made: number;
  /** The fingerprint, until something changes. */
  private known: string | null = null;

  constructor(before?: Files) {
    this.contents = new Map(before?.contents);
    this.gone = new Set(before?.gone);
    this.links = new Map(before?.links);
    this.folders = new Map(before?.folders);
    this.compiled = new Set(before?.compiled);
    this.made = before?.made ?? 0;
    this.known = before?.known ?? null;
  }

  /** What tells this disk from others; of `within` only, if that is given. */
  fingerprint(within?: (path: string) => boolean): string {
    if (within === undefined && this.known !== null) return this.known;
    const parts = [
      [...this.contents].map(([path, lines]) => `${path} ${lines === null ? "" : digest(lines)}`),
      [...this.gone],
      [...this.links].map(([path, target]) => `${path} ${target}`),
      [...this.folders].map(([path, whole]) => `${path} ${whole}`),
      [...this.compiled],
    ].map((list) => list.filter((it) => within === undefined || within(it)).sort());
    const found = JSON.stringify(parts);
    if (within === undefined) this.known = found;
    return found;
  }

  /** Loses sight of whatever is different on another disk. */
  blur(other: Files): void {
    this.known = null;
    const paths = new Set([...this.contents.keys(), ...other.contents.keys()]);
    for (const path of paths) {
      const [a, b] = [this.contents.get(path), other.contents.get(path)];
      if (a === b || (a != null && b != null && digest(a) === digest(b))) continue;
      this.contents.set(path, null);
      // It may not be there at all.
      if (a === undefined || b === undefined) this.contents.delete(path);
    }
    for (const [a, b] of [
      [this.gone, other.gone],
      [this.compiled, other.compiled],
    ] as const)
      for (const path of [...a]) if (!b.has(path)) a.delete(path);
    for (const path of new Set([...this.links.keys(), ...other.links.keys()])) {
      const [a, b] = [this.links.get(path), other.links.get(path)];
      if (a === b) continue;
      this.links.delete(path);
      this.contents.set(path, null);
    }
    for (const path of new Set([...this.folders.keys(), ...other.folders.keys()])) {
      const [a, b] = [this.folders.get(path), other.folders.get(path)];
      if (a === b) continue;
      if (a === undefined || b === undefined) this.folders.delete(path);
      else this.folders.set(path, false);
    }
    for (const file of paths) {
      if (this.contents.has(file)) continue;
      for (let at = parentOf(file); at !== ""; at = parentOf(at))
        if (this.folders.get(at) === true) this.folders.set(at, false);
    }
  }

  /** Where a path leads to, with its links followed; the last one too if `last`. Null if they lead nowhere. */
  resolve(path: string, last = true): string | null {
    let current = path;
    for (let step = 0; step < MAX_LINKS; step++) {
      const parts = current.split("/");
      let found = false;
      for (let i = 2; i <= parts.length && !found; i++) {
        if (i === parts.length && !last) break;
        const target = this.links.get(parts.slice(0, i).join("/"));
        if (target === undefined) continue;
        current = normalize([target, ...parts.slice(i)].join("/"));
        found = true;
      }
      if (!found) return current;
    }
    return null;
  }

  /** What stands at a path; null if it is not known. */
  kind(path: string): "file" | "folder" | "gone" | null {
    const real = this.resolve(path);
    if (real === null) return null;
    if (this.contents.has(real)) return "file";
    if (this.folders.has(real) || ["/", "/etc", "/tmp", "/root", "/run", "/var", "/usr", "/opt"].includes(real))
      return "folder";
    for (let at = real; at !== ""; at = parentOf(at)) {
      if (this.gone.has(at) || (at !== real && this.folders.get(at) === true)) return "gone";
      if (at !== real && this.folders.has(at)) return null;
    }
    return null;
  }

  isLink(path: string): boolean {
    const real = this.resolve(path, false);
    return real !== null && this.links.has(real);
  }

  /** Content of a file: undefined if it was not touched, null if it is not known. */
  read(path: string): Content | undefined | "gone" {
    const real = this.resolve(path);
    if (real === null) return null;
    const content = this.contents.get(real);
    if (content !== undefined) return content;
    return this.kind(real) === "gone" ? "gone" : undefined;
  }

  write(path: string, content: Content): void {
    const real = this.resolve(path);
    if (real === null) return;
    this.appear(real);
    this.compiled.delete(real);
    this.contents.set(real, content);
  }

  /** Another file takes the place of the one at a path, by rename(2): a link there is not followed, but gone. */
  replace(path: string, content: Content): void {
    const real = this.resolve(path, false);
    if (real === null) return;
    this.clear(real);
    this.appear(real);
    this.contents.set(real, content);
  }

  compile(path: string): void {
    const real = this.resolve(path);
    if (real === null) return;
    this.known = null;
    this.compiled.add(real);
  }

  makeFolder(path: string): void {
    const real = this.resolve(path);
    if (real === null || this.folders.has(real)) return;
    const fresh = this.kind(real) === "gone";
    this.appear(real);
    this.folders.set(real, fresh);
  }

  link(path: string, target: string): void {
    const real = this.resolve(path, false);
    if (real === null) return;
    this.clear(real);
    this.appear(real);
    this.links.set(real, target);
  }

  /** Removes a file, a link, or a folder with everything in it. */
  remove(path: string): void {
    const real = this.resolve(path, false);
    if (real === null) return;
    this.clear(real);
    this.gone.add(real);
  }

  /** Nothing is known of a path any more, and of what is below it. */
  forget(path: string): void {
    const real = this.resolve(path, false);
    if (real === null) return;
    this.clear(real);
    this.appear(real);
  }

  /** Whether a folder holds what is listed and nothing else, all the way down. */
  isWhole(path: string): boolean {
    const real = this.resolve(path);
    if (real === null || this.folders.get(real) !== true) return false;
    return [...this.folders].every(([folder, whole]) => whole || !folder.startsWith(`${real}/`));
  }

  isEmpty(path: string): boolean {
    const real = this.resolve(path) ?? path;
    const listed = [this.contents, this.folders, this.links].some((entries) =>
      [...entries.keys()].some((it) => it.startsWith(`${real}/`)),
    );
    return !listed && this.folders.get(real) === true;
  }

  /** Whether everything at and below a path is listed, or nothing is known of it at all. */
  isTouched(path: string): boolean {
    const real = this.resolve(path);
    return real !== null && (this.contents.has(real) || this.folders.has(real) || this.below(real).length > 0);
  }

  /** Files that are listed below a folder. */
  below(path: string): string[] {
    const real = this.resolve(path) ?? path;
    return [...this.contents.keys()].filter((it) => it.startsWith(`${real}/`));
  }

  /** Whether nothing is different from before, but that contents are not known that were, or that were not there. */
  onlyLost(before: Files): boolean {
    const same = (a: Iterable<unknown>, b: Iterable<unknown>) => JSON.stringify([...a]) === JSON.stringify([...b]);
    if (!same(this.links, before.links) || !same(this.gone, before.gone)) return false;
    const paths = new Set([...this.contents.keys(), ...before.contents.keys()]);
    return [...paths].every(
      (path) => this.contents.get(path) === null || this.contents.get(path) === before.contents.get(path),
    );
  }

  /** Something in a folder may have changed. */
  smudge(path: string): void {
    const real = this.resolve(path) ?? path;
    this.known = null;
    const inside = (it: string) => it === real || it.startsWith(`${real}/`);
    for (const file of [...this.contents.keys()]) if (inside(file)) this.contents.set(file, null);
    for (const folder of [...this.folders.keys()]) if (inside(folder)) this.folders.set(folder, false);
    for (const entries of [this.gone, this.links, this.compiled])
      for (const file of [...entries.keys()]) if (inside(file) && file !== real) entries.delete(file);
  }

  /** A tree becomes a copy of another one; links inside of it are copied as such. */
  copy(from: string, to: string): void {
    const source = this.resolve(from);
    const target = this.resolve(to);
    if (source === null || target === null || source === target) return;
    this.put(this.take(source), target);
  }

  /** A tree, or a link, takes another place. What stood there is gone. */
  move(from: string, to: string): void {
    const source = this.resolve(from, false);
    const target = this.resolve(to, false);
    if (source === null || target === null || source === target) return;
    const tree = this.take(source);
    this.clear(source);
    this.gone.add(source);
    this.put(tree, target);
  }

  /** Two trees change places: renameat2(2), RENAME_EXCHANGE. */
  exchange(from: string, to: string): void {
    const a = this.resolve(from, false);
    const b = this.resolve(to, false);
    if (a === null || b === null || a === b) return;
    const [first, second] = [this.take(a), this.take(b)];
    this.put(first, b);
    this.put(second, a);
  }

  /** Contents by every path that they are found by, links included. */
  view(): ReadonlyMap<string, Content> {
    if (this.links.size === 0) return this.contents;
    const found = new Map(this.contents);
    for (const link of this.links.keys()) {
      const real = this.resolve(link);
      if (real === null) continue;
      for (const [path, content] of this.contents)
        if (path === real || path.startsWith(`${real}/`)) found.set(link + path.slice(real.length), content);
    }
    return found;
  }

  private appear(real: string): void {
    this.known = null;
    for (let at = real; at !== ""; at = parentOf(at)) {
      if (!this.gone.delete(at)) continue;
      // What is made where nothing was holds nothing else.
      if (at !== real) this.folders.set(at, true);
    }
    for (let at = parentOf(real); at !== ""; at = parentOf(at)) if (!this.folders.has(at)) this.folders.set(at, false);
  }

  private take(root: string) {
    const inside = (path: string) => path === root || path.startsWith(`${root}/`);
    const cut = (path: string) => path.slice(root.length);
    const pairs = <T>(entries: Map<string, T>) =>
      [...entries].filter(([path]) => inside(path)).map(([path, it]) => [cut(path), it] as const);
    return {
      contents: pairs(this.contents),
      links: pairs(this.links),
      folders: pairs(this.folders),
      gone: [...this.gone].filter(inside).map(cut),
      compiled: [...this.compiled].filter(inside).map(cut),
    };
  }

  private put(tree: ReturnType<Files["take"]>, root: string): void {
    this.clear(root);
    this.appear(root);
    for (const [path, it] of tree.contents) this.contents.set(root + path, it);
    for (const [path, it] of tree.links) this.links.set(root + path, it);
    for (const [path, it] of tree.folders) this.folders.set(root + path, it);
    for (const path of tree.gone) this.gone.add(root + path);
    for (const path of tree.compiled) this.compiled.add(root + path);
  }

  private clear(root: string): void {
    this.known = null;
    const inside = (path: string) => path === root || path.startsWith(`${root}/`);
    for (const entries of [this.contents, this.links, this.folders, this.gone, this.compiled])
      for (const path of [...entries.keys()]) if (inside(path)) entries.delete(path);
  }
}

const digests = new WeakMap<readonly SourceLine[], string>();

/** The text of a file, in short. */
function digest(lines: readonly SourceLine[]): string {
  const before = digests.get(lines);
  if (before !== undefined) return before;
  const hash = createHash("sha256");
  for (const { text, open } of lines) hash.update(open === true ? text : `${text}\n`);
  const found = hash.digest("base64");
  digests.set(lines, found);
  return found;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/** An absolute path without `.`, `..` and double slashes. */
export function normalize(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return `/${parts.join("/")}`;
}
