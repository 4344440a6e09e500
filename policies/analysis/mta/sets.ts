import type { Reason } from "../model/provenance";
import { type AddrSet, allAddresses, isEmpty, noAddresses, sets, subtract } from "../net/addr";
import * as bounds from "../net/bounds";
import { publicPart } from "../net/cover";

/** Bounded sets of client addresses, and the few operations on them. */
export type Clients = bounds.Bounds<AddrSet>;

export const everybody: Clients = bounds.exactly(allAddresses);
export const nobody: Clients = bounds.exactly(noAddresses);

export const either = (a: Clients, b: Clients): Clients => bounds.union(sets, a, b);
export const both = (a: Clients, b: Clients): Clients => bounds.intersect(sets, a, b);
export const except = (a: Clients, b: Clients): Clients => bounds.subtract(sets, a, b);
export const others = (a: Clients): Clients => except(everybody, a);

/** Anything from `must` to `may`; the reason is dropped where there is no difference. */
export function between(must: AddrSet, may: AddrSet, why: Reason): Clients {
  return isEmpty(subtract(may, must)) ? bounds.exactly(must) : bounds.between(must, may, [why]);
}

/** Perhaps everybody, perhaps nobody. */
export function anybody(why: Reason): Clients {
  return between(noAddresses, allAddresses, why);
}

/** Addresses of the Internet whose owner decides about their PTR record, and so about the name that a mail server sees. */
export const publicAddresses: AddrSet = publicPart(allAddresses);
