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
  return ranges.normalize([[from, to]]);
}

/**
 * Splits `space` into classes that no set in `sets` tells apart, so that one port of each stands for all of it.
 */
export function portClasses(space: PortSet, sets: Iterable<PortSet>): PortSet[] {
  let classes: PortSet[] = [space];
  for (const set of sets) {
    classes = classes
      .flatMap((part) => [ranges.intersect(part, set), ranges.subtract(part, set)])
      .filter((part) => part.length > 0);
  }
  return classes;
}

/** `25`, `1024-65535`, `25, 587`. */
export function formatPorts(set: PortSet): string {
  if (ranges.equal(set, allPorts)) return "all";
  return set.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(", ");
}
