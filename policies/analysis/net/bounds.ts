import type { Reason } from "../model/provenance";
import type { Algebra } from "./algebra";

/**
 * A set of which a lower and an upper bound are known: `must ⊆ exact ⊆ may` however the unknowns are filled in.
 * `why` holds the reasons for the difference, and is empty iff the bounds are equal.
 */
export interface Bounds<S> {
  readonly must: S;
  readonly may: S;
  readonly why: readonly Reason[];
}

export function exactly<S>(set: S): Bounds<S> {
  return { must: set, may: set, why: [] };
}

export function between<S>(must: S, may: S, why: readonly Reason[]): Bounds<S> {
  return { must, may, why };
}

export function union<S>(algebra: Algebra<S>, a: Bounds<S>, b: Bounds<S>): Bounds<S> {
  return settle(algebra, algebra.union(a.must, b.must), algebra.union(a.may, b.may), [a, b]);
}

export function intersect<S>(algebra: Algebra<S>, a: Bounds<S>, b: Bounds<S>): Bounds<S> {
  return settle(algebra, algebra.intersect(a.must, b.must), algebra.intersect(a.may, b.may), [a, b]);
}

export function subtract<S>(algebra: Algebra<S>, a: Bounds<S>, b: Bounds<S>): Bounds<S> {
  return settle(algebra, algebra.subtract(a.must, b.may), algebra.subtract(a.may, b.must), [a, b]);
}

function settle<S>(algebra: Algebra<S>, must: S, may: S, parts: readonly Bounds<S>[]): Bounds<S> {
  if (parts.every((part) => part.why.length === 0) || algebra.isEmpty(algebra.subtract(may, must))) {
    return { must, may, why: [] };
  }
  return { must, may, why: mergeReasons(parts.flatMap((part) => part.why)) };
}

/** Reasons without repetition, in their first order. */
export function mergeReasons(reasons: readonly Reason[]): readonly Reason[] {
  if (reasons.length < 2) return reasons;
  const seen = new Map<string, Reason>();
  for (const reason of reasons) {
    const key = `${reason.text}\0${reason.at?.urn ?? ""}\0${reason.at?.path ?? ""}`;
    if (!seen.has(key)) seen.set(key, reason);
  }
  return [...seen.values()];
}
