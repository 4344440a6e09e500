import type { NetId } from "../../model/network";
import { type AddrSet, isEmpty, isSubset, noAddresses, overlaps, unionAll } from "../../net/addr";
import { parseCidr } from "../../net/cidr";
import { push } from "../resources";
import type { AwsClass } from "./classes";
import type { Balancing } from "./load-balancers";

/** Whether a listener certainly leads to a class: by machine, or by an address that is the class's. */
export function leadsTo(way: Balancing, target: AwsClass): boolean {
  switch (way.target.kind) {
    case "machine":
      return target.interfaces.includes(way.target.urn) || (target.hosts.has(way.target.urn) && target.sample.primary);
    case "address": {
      const set = parseCidr(way.target.address);
      const own = addressOf(way, target);
      return set !== null && own?.kind === "known" && !isEmpty(set) && isSubset(set, own.addr);
    }
    case "balancer":
    case "unknown":
      return false;
  }
}

/** Addresses that some interface certainly has, by network: nobody else in it gets them. */
export type TakenAddresses = ReadonlyMap<NetId, AddrSet>;

export function takenAddresses(classes: readonly AwsClass[]): TakenAddresses {
  const taken = new Map<NetId, AddrSet[]>();
  for (const { network, address, sample } of classes) {
    if (sample.doubt !== null) continue;
    if (address.v4?.kind === "known") push(taken, network, address.v4.addr);
    if (address.v6?.kind === "known") push(taken, network, address.v6.addr);
  }
  return new Map([...taken].map(([network, sets]) => [network, unionAll(sets)]));
}

/** The listener with why it may lead to a class; null if it cannot. A target that is not known may be any machine of the network. */
export function mayLeadTo(way: Balancing, target: AwsClass, taken: TakenAddresses): Balancing | null {
  if (way.target.kind === "address") {
    const set: AddrSet | null = parseCidr(way.target.address);
    const own = addressOf(way, target);
    if (set === null || own?.kind !== "within" || !overlaps(set, own.range)) return null;
    if (isSubset(set, taken.get(target.network) ?? noAddresses)) return null;
    const text = `whether ${target.sample.resource.name} gets the address ${way.target.address} is not known`;
    return { ...way, doubts: [...way.doubts, { text, at: way.at }] };
  }
  if (way.target.kind !== "unknown" || !way.nodes.some((node) => node.subnet.network === target.network)) return null;
  return { ...way, doubts: [...way.doubts, way.target.why] };
}

function addressOf(way: Balancing, target: AwsClass) {
  return way.family === 4 ? target.address.v4 : target.address.v6;
}
