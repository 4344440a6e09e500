import type { Reason } from "../model/provenance";
import { type AddrSet, allAddresses, intersect, isEmpty, noAddresses, subtract, union } from "../net/addr";
import type { Algebra } from "../net/algebra";
import * as bounds from "../net/bounds";
import { cidr } from "../net/cidr";

/** Bounded sets of client addresses, and the few operations on them. */
export type Clients = bounds.Bounds<AddrSet>;

const algebra: Algebra<AddrSet> = { union, intersect, subtract, isEmpty };

export const everybody: Clients = bounds.exactly(allAddresses);
export const nobody: Clients = bounds.exactly(noAddresses);

export const either = (a: Clients, b: Clients): Clients => bounds.union(algebra, a, b);
export const both = (a: Clients, b: Clients): Clients => bounds.intersect(algebra, a, b);
export const except = (a: Clients, b: Clients): Clients => bounds.subtract(algebra, a, b);
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
export const publicAddresses: AddrSet = subtract(
  allAddresses,
  cidr(
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/3",
    "::/128",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
  ),
);

export const loopback: AddrSet = cidr("127.0.0.0/8", "::1/128");
