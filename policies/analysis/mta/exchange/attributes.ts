import type { Reason } from "../../model/provenance";

/** A value of a connector: known, or not, with the reasons. */
export type Scalar<T> = { readonly value: T } | { readonly open: readonly Reason[] };

/** Values of a list: those that are certainly in it, and why there may be others. */
export interface Several {
  readonly has: readonly string[];
  readonly open: readonly Reason[];
}

export const none: Several = { has: [], open: [] };

export function several(...has: string[]): Several {
  return { has, open: [] };
}

export function unknownList(...open: readonly Reason[]): Several {
  return { has: [], open };
}

export function isClosed(list: Several): boolean {
  return list.open.length === 0;
}

/** Whether the list holds a value, compared without case. */
export function holds(list: Several, value: string): "yes" | "no" | "maybe" {
  if (includes(list.has, value)) return "yes";
  return isClosed(list) ? "no" : "maybe";
}

export function includes(list: readonly string[], value: string): boolean {
  return list.some((it) => it.toLowerCase() === value.toLowerCase());
}

export function plus(list: Several, more: Several): Several {
  const added = more.has.filter((it) => !includes(list.has, it));
  return { has: [...list.has, ...added], open: [...list.open, ...more.open] };
}

/** Without what is removed; if that is not known, nothing certainly stays. */
export function minus(list: Several, less: Several): Several {
  if (!isClosed(less)) return { has: [], open: [...list.open, ...less.open] };
  return { has: list.has.filter((it) => !includes(less.has, it)), open: list.open };
}

/** One of two lists, nobody knows which. */
export function eitherList(a: Several, b: Several, why: Reason): Several {
  const has = a.has.filter((it) => includes(b.has, it));
  const same = has.length === a.has.length && has.length === b.has.length;
  return { has, open: [...a.open, ...b.open, ...(same ? [] : [why])] };
}

export function eitherScalar<T>(a: Scalar<T>, b: Scalar<T>, why: Reason): Scalar<T> {
  if ("value" in a && "value" in b) return a.value === b.value ? a : { open: [why] };
  return { open: [...("open" in a ? a.open : []), ...("open" in b ? b.open : [])] };
}

export function knownValue<T>(scalar: Scalar<T>): T | undefined {
  return "value" in scalar ? scalar.value : undefined;
}
