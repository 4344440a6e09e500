import * as ranges from "./ranges";

/** A set of TCP or UDP port numbers, 0–65535. */
export type PortSet = ranges.Ranges<number>;

export const noPorts: PortSet = [];
export const allPorts: PortSet = [[0, 65535]];
/** Ports that a client can bind as its source: an attacker chooses freely. */
export const sourcePorts: PortSet = [[1, 65535]];

/** @throws RangeError if a bound is no integer between 0 and 65535. */
export function ports(from: number, to: number = from): PortSet {
  for (const port of [from, to]) {
    if (!Number.isInteger(port) || port < 0 || port > 65535)
      throw new RangeError(`port ${port}: expected an integer from 0 to 65535`);
  }
  return from > to ? noPorts : [[from, to]];
}

/**
 * Splits `space` into classes that no set in `sets` tells apart, so that one port of each stands for all of it; in the order
 * of their lowest ports. A sweep over the bounds of all sets: what costs is how many of them overlap, not how many there are.
 */
export function portClasses(space: PortSet, sets: Iterable<PortSet>): PortSet[] {
  const bounds: { readonly at: number; readonly set: number; readonly opens: boolean }[] = [];
  let count = 0;
  for (const set of [space, ...sets]) {
    for (const [from, to] of set) {
      bounds.push({ at: from, set: count, opens: true }, { at: to + 1, set: count, opens: false });
    }
    count++;
  }
  bounds.sort((a, b) => a.at - b.at);
  const classes = new Map<string, [number, number][]>();
  const inside = new Set<number>();
  for (let i = 0; i < bounds.length; ) {
    const at = (bounds[i] as (typeof bounds)[number]).at;
    for (let bound = bounds[i]; bound?.at === at; bound = bounds[++i]) {
      if (bound.opens) inside.add(bound.set);
      else inside.delete(bound.set);
    }
    const next = bounds[i];
    if (next === undefined || !inside.has(0)) continue;
    const key = [...inside].sort((a, b) => a - b).join(",");
    const known = classes.get(key);
    if (known === undefined) classes.set(key, [[at, next.at - 1]]);
    else known.push([at, next.at - 1]);
  }
  return [...classes.values()].map((part) => ranges.normalize(part));
}

/** `tcp 25, 587`, `every udp port`, `every tcp port but 25, 587`. */
export function describePorts(protocol: string, set: PortSet): string {
  if (set.length === 0) return `no ${protocol} port`;
  const real = ranges.intersect(set, sourcePorts);
  const missing = ranges.subtract(sourcePorts, real);
  if (missing.length === 0) return `every ${protocol} port`;
  const many = real.reduce((sum, [from, to]) => sum + to - from + 1, 0) > 32_768;
  return many ? `every ${protocol} port but ${formatPorts(missing)}` : `${protocol} ${formatPorts(set)}`;
}

/** A port of the set that a reader knows, if there is one. */
export function samplePort(set: PortSet): number {
  const known = [25, 22, 3389, 445, 443, 80].find((port) => set.some(([from, to]) => from <= port && port <= to));
  return known ?? Math.max(1, set[0]?.[0] ?? 1);
}

/** `25`, `1024-65535`, `25, 587`. */
export function formatPorts(set: PortSet): string {
  if (ranges.equal(set, allPorts)) return "all";
  return set.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(", ");
}
