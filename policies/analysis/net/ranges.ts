/**
 * Sets of integers as sorted, disjoint, maximal closed intervals. Pure, canonical: equal sets are equal arrays, so every
 * operation is idempotent and `a − b`, `a ∩ b`, `a ∪ b` obey the laws of a Boolean algebra.
 */

export type Int = number | bigint;
export type Ranges<T extends Int> = readonly (readonly [T, T])[];

/** Sorts and merges overlapping and adjacent intervals. Intervals with low > high are dropped: they are empty. */
export function normalize<T extends Int>(intervals: Ranges<T>): Ranges<T> {
  if (intervals.length < 2) return intervals.filter(([low, high]) => low <= high);
  const sorted = intervals.filter(([low, high]) => low <= high).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const merged: [T, T][] = [];
  for (const [low, high] of sorted) {
    const last = merged[merged.length - 1];
    if (last !== undefined && !isBeyond(low, last[1])) {
      if (high > last[1]) last[1] = high;
    } else {
      merged.push([low, high]);
    }
  }
  return merged;
}

export function union<T extends Int>(a: Ranges<T>, b: Ranges<T>): Ranges<T> {
  if (a.length === 0 || a === b) return b;
  if (b.length === 0) return a;
  return normalize([...a, ...b]);
}

export function intersect<T extends Int>(a: Ranges<T>, b: Ranges<T>): Ranges<T> {
  if (a === b) return a;
  const result: [T, T][] = [];
  let i = 0;
  let j = 0;
  for (let left = a[i], right = b[j]; left !== undefined && right !== undefined; left = a[i], right = b[j]) {
    const low = larger(left[0], right[0]);
    const high = smaller(left[1], right[1]);
    if (low <= high) result.push([low, high]);
    if (left[1] < right[1]) i++;
    else j++;
  }
  return result;
}

export function subtract<T extends Int>(a: Ranges<T>, b: Ranges<T>): Ranges<T> {
  if (a.length === 0 || b.length === 0) return a;
  const result: [T, T][] = [];
  let j = 0;
  for (const [from, to] of a) {
    let low = from;
    while (j < b.length && (b[j] as readonly [T, T])[1] < low) j++;
    let k = j;
    for (let cut = b[k]; cut !== undefined && cut[0] <= to && low <= to; cut = b[++k]) {
      if (cut[0] > low) result.push([low, previous(cut[0])]);
      low = next(cut[1]);
    }
    if (low <= to) result.push([low, to]);
  }
  return result;
}

export function includes<T extends Int>(a: Ranges<T>, value: T): boolean {
  let low = 0;
  let high = a.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const [from, to] = a[middle] as readonly [T, T];
    if (value < from) high = middle - 1;
    else if (value > to) low = middle + 1;
    else return true;
  }
  return false;
}

export function isSubset<T extends Int>(a: Ranges<T>, b: Ranges<T>): boolean {
  return subtract(a, b).length === 0;
}

export function equal<T extends Int>(a: Ranges<T>, b: Ranges<T>): boolean {
  return a.length === b.length && a.every(([low, high], i) => low === b[i]?.[0] && high === b[i]?.[1]);
}

/** Narrowing by cases keeps number and bigint arithmetic apart without a second copy of every operation. */
function next<T extends Int>(value: T): T {
  return (typeof value === "bigint" ? value + 1n : (value as number) + 1) as T;
}

function previous<T extends Int>(value: T): T {
  return (typeof value === "bigint" ? value - 1n : (value as number) - 1) as T;
}

function larger<T extends Int>(a: T, b: T): T {
  if (a > b) return a;
  return b;
}

function smaller<T extends Int>(a: T, b: T): T {
  if (a < b) return a;
  return b;
}

function isBeyond<T extends Int>(low: T, high: T): boolean {
  return low > next(high);
}
