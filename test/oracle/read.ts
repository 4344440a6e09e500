import type { ResourceSnapshot, Value } from "../../policies/analysis/model/snapshot";

/** Readers of plain, known values: the oracle is asked only about networks without unknowns. */

export type Fields = { readonly [key: string]: Value };

export function text(value: Value | undefined): string | null {
  if (value === undefined || value === null || value === "") return null;
  if (typeof value === "object") throw new Error(`the oracle expected a plain value, found ${JSON.stringify(value)}`);
  return String(value);
}

export function number(value: Value | undefined): number | null {
  const shown = text(value);
  return shown === null ? null : Number(shown);
}

export function texts(value: Value | undefined): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Error("the oracle expected a list");
  return (value as readonly Value[]).flatMap((item) => text(item) ?? []);
}

export function objects(value: Value | undefined): Fields[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Error("the oracle expected a list of objects");
  return (value as readonly Value[]).map((item) => item as Fields);
}

export class Stock {
  private readonly all: readonly ResourceSnapshot[];

  constructor(all: readonly ResourceSnapshot[]) {
    this.all = all;
  }

  /** Resources whose type ends in this name: `Vpc`, `SecurityGroup`. */
  named(name: string): readonly ResourceSnapshot[] {
    return this.all.filter((resource) => resource.type.endsWith(`:${name}`));
  }
}

export function idOf(resource: ResourceSnapshot): string {
  return found(resource.id, resource.urn);
}

export function known(value: Parameters<typeof text>[0]): string {
  return found(text(value), "a property");
}

export function found<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Error(`the oracle misses ${what}`);
  return value;
}
