import { type EndpointSet, noEndpoints } from "../../model/endpoints";
import type { Filter, Rule } from "../../model/network";
import * as addr from "../../net/addr";
import { type Bounds, between } from "../../net/bounds";
import { allPorts } from "../../net/ports";
import type { GroupDirection, GroupPeer, GroupRule } from "./group-rules";

/**
 * Compiles group rules into a filter, once their members are known as endpoints. Most rules of a large stack are ruled out by their
 * ports alone, so peers are made only for who asks for them.
 */
export function groupFilter(
  id: string,
  name: string,
  at: Filter["at"],
  rules: readonly GroupRule[],
  direction: GroupDirection,
  peerOf: (peer: GroupPeer) => Bounds<EndpointSet>,
): Filter {
  const compiled = rules
    .filter((item) => item.direction === direction && item.ports.length > 0)
    .map((item): Rule => {
      let peer: Bounds<EndpointSet> | undefined;
      return {
        action: "allow",
        protocol: item.protocol,
        get source() {
          if (direction === "egress") return null;
          peer ??= peersOf(item, peerOf);
          return peer;
        },
        get destination() {
          if (direction === "ingress") return null;
          peer ??= peersOf(item, peerOf);
          return peer;
        },
        ports: item.ports,
        sourcePorts: allPorts,
        at: { urn: item.at.urn, ...(item.at.path === "" ? {} : { path: item.at.path }) },
        get text() {
          return item.text;
        },
      };
    });
  return { id, name, at, rules: compiled, otherwise: "deny" };
}

function peersOf(item: GroupRule, peerOf: (peer: GroupPeer) => Bounds<EndpointSet>): Bounds<EndpointSet> {
  const sets = item.peers.map(peerOf);
  const [first] = sets;
  if (sets.length === 1 && first !== undefined && item.doubt === null) return first;
  const must = item.doubt === null ? sets.map((set) => set.must) : [];
  const why = [...(item.doubt === null ? [] : [item.doubt]), ...sets.flatMap((set) => set.why)];
  return between(uniteAll(must), uniteAll(sets.map((set) => set.may)), why);
}

function uniteAll(sets: readonly EndpointSet[]): EndpointSet {
  if (sets.length === 0) return noEndpoints;
  return { addr: addr.unionAll(sets.map((set) => set.addr)), ifaces: new Set(sets.flatMap((set) => [...set.ifaces])) };
}
