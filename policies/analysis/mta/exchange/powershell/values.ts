import type { Block } from "./ast";

/** What an expression yields. A list is what a pipeline carries; nothing is the empty list or null. */
export type Value = null | boolean | number | string | readonly Value[] | Table | Thing | Script | Opaque;

/** A hashtable or custom object: keys in lower case, with their spelling. */
export class Table {
  readonly entries: ReadonlyMap<string, { readonly key: string; readonly value: Value }>;

  constructor(entries: Iterable<readonly [string, Value]>) {
    this.entries = new Map([...entries].map(([key, value]) => [key.toLowerCase(), { key, value }]));
  }

  get(key: string): Value | undefined {
    return this.entries.get(key.toLowerCase())?.value;
  }

  with(key: string, value: Value): Table {
    return new Table([...this.pairs().filter(([name]) => name.toLowerCase() !== key.toLowerCase()), [key, value]]);
  }

  pairs(): (readonly [string, Value])[] {
    return [...this.entries.values()].map(({ key, value }) => [key, value] as const);
  }
}

/** An object of a product, such as a connector, as it was when it was read. */
export class Thing {
  /** What the product's commands know it by. */
  readonly identity: string;
  readonly properties: Table;
  /** False for an object that the model does not have, although something is done to it. */
  readonly found: boolean;

  constructor(identity: string, properties: Table, found: boolean) {
    this.identity = identity;
    this.properties = properties;
    this.found = found;
  }
}

/** A script block as a value. */
export class Script {
  readonly block: Block;

  constructor(block: Block) {
    this.block = block;
  }
}

/** A value that is not known, and why. */
export class Opaque {
  readonly why: string;
  /** What it is one of, or none of, where that is known. */
  readonly among: readonly Value[] | null;

  constructor(why: string, among: readonly Value[] | null = null) {
    this.why = why;
    this.among = among;
  }
}

/** Stands for the name of the machine that a script runs on. */
export const MACHINE_NAME = "\ue000";

/** Lists and texts beyond this are not followed. */
export const MAX_ITEMS = 5_000;
export const MAX_TEXT = 1_000_000;

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** The values that a pipeline gets: a list's items, nothing for null. */
export function itemsOf(value: Value): readonly Value[] {
  if (isList(value)) return value;
  return value === null ? [] : [value];
}

/** What a pipeline's output is as one value. */
export function collapse(values: readonly Value[]): Value {
  return values.length === 0 ? null : values.length === 1 ? (values[0] as Value) : listOf(values);
}

const weights = new WeakMap<object, number>();

/** Values in a list and the lists in it: one that doubles at each step is soon beyond any memory. */
function weightOf(value: Value): number {
  if (value === null || typeof value !== "object" || !(isList(value) || value instanceof Table)) return 1;
  const known = weights.get(value);
  if (known !== undefined) return known;
  const parts = isList(value) ? value : [...value.entries.values()].map((it) => it.value);
  const weight = parts.reduce((sum: number, item) => sum + weightOf(item), 1);
  weights.set(value, weight);
  return weight;
}

/** A list, unless it is larger than any real one. */
export function listOf(values: readonly Value[]): Value {
  return values.length > MAX_ITEMS || weightOf(values) > MAX_ITEMS ? new Opaque("a list that is too long") : values;
}

/** A table, unless it is larger than any real one. */
export function tableOf(pairs: readonly (readonly [string, Value])[]): Value {
  const table = new Table(pairs);
  return weightOf(table) > MAX_ITEMS ? new Opaque("a table that is too large") : table;
}

export function textOf(value: Value): string | Opaque {
  if (value instanceof Opaque) return value;
  if (value === null) return "";
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return String(value);
  if (value instanceof Thing) return value.identity;
  if (isList(value)) {
    const parts: string[] = [];
    let length = 0;
    for (const item of value) {
      const text = textOf(item);
      if (text instanceof Opaque) return text;
      length += text.length + 1;
      if (length > MAX_TEXT) return new Opaque("a text that is too long");
      parts.push(text);
    }
    return parts.join(" ");
  }
  return new Opaque("an object as text");
}

/** Null where it is not known. */
export function truth(value: Value): boolean | null {
  if (value instanceof Opaque) return null;
  if (isList(value)) return value.length === 0 ? false : value.length === 1 ? truth(value[0] as Value) : true;
  if (value instanceof Thing) return value.found;
  if (typeof value === "string") return value !== "";
  if (typeof value === "number") return value !== 0;
  return value === null ? false : value === true || value instanceof Table || value instanceof Script;
}

/** Whether two values are certainly the same. */
export function same(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (isList(a) && isList(b)) return a.length === b.length && a.every((item, i) => same(item, b[i] as Value));
  if (a instanceof Table && b instanceof Table) {
    return a.entries.size === b.entries.size && a.pairs().every(([key, value]) => same(value, b.get(key) ?? null));
  }
  return false;
}

/** `*` and `?` as -like knows them, without case; null for a pattern that is not read. */
export function wildcard(pattern: string): RegExp | null {
  if (pattern.length > 500 || /[[\]`]/.test(pattern)) return null;
  const source = pattern
    .replace(/[.+^${}()|\\]/g, "\\$&")
    .replace(/\*+/g, "[^]*")
    .replaceAll("?", "[^]");
  return (source.match(/\[\^\]\*/g)?.length ?? 0) > 8 ? null : new RegExp(`^${source}$`, "iu");
}
