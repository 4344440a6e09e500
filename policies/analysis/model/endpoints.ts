import type { AddrSet } from "../net/addr";
import * as addr from "../net/addr";
import type { Algebra } from "../net/algebra";

/** A class of interfaces that no filter, route or address tells apart, and one address family of it: `<class>/4`. */
export type EndpointId = string;

/**
 * A set of packet endpoints: address space, plus interfaces whose address is not known yet. An interface with a known
 * address is represented by that address alone, so each endpoint has exactly one representation.
 */
export interface EndpointSet {
  readonly addr: AddrSet;
  readonly ifaces: ReadonlySet<EndpointId>;
}

const none: ReadonlySet<EndpointId> = new Set();

export const noEndpoints: EndpointSet = { addr: addr.noAddresses, ifaces: none };

export function addresses(set: AddrSet): EndpointSet {
  return { addr: set, ifaces: none };
}

export const endpoints: Algebra<EndpointSet> = {
  union: (a, b) => (a === b ? a : { addr: addr.union(a.addr, b.addr), ifaces: unite(a.ifaces, b.ifaces) }),
  intersect: (a, b) =>
    a === b ? a : { addr: addr.intersect(a.addr, b.addr), ifaces: filter(a.ifaces, (id) => b.ifaces.has(id)) },
  subtract: (a, b) => ({
    addr: addr.subtract(a.addr, b.addr),
    ifaces: b.ifaces.size === 0 ? a.ifaces : filter(a.ifaces, (id) => !b.ifaces.has(id)),
  }),
  isEmpty: (a) => a.ifaces.size === 0 && addr.isEmpty(a.addr),
};

function unite<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): ReadonlySet<T> {
  if (a.size === 0) return b;
  if (b.size === 0) return a;
  return new Set([...a, ...b]);
}

function filter<T>(set: ReadonlySet<T>, keep: (item: T) => boolean): ReadonlySet<T> {
  return set.size === 0 ? set : new Set([...set].filter(keep));
}
