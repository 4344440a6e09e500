import { type EndpointSet, noEndpoints } from "../../model/endpoints";
import type { Filter, Rule } from "../../model/network";
import * as addr from "../../net/addr";
import { type Bounds, between } from "../../net/bounds";
import { allPorts, type PortSet } from "../../net/ports";
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
    .map((item) => new CompiledRule(item, peerOf));
  return { id, name, at, rules: compiled, otherwise: "deny" };
}

/** A class and no literal: a large stack has hundreds of thousands, and getters of a literal are objects of their own. */
class CompiledRule implements Rule {
  readonly action = "allow";
  readonly sourcePorts = allPorts;
  readonly protocol: Rule["protocol"];
  readonly ports: PortSet;
  private readonly written: GroupRule;
  private readonly peerOf: (peer: GroupPeer) => Bounds<EndpointSet>;
  private peer: Bounds<EndpointSet> | undefined = undefined;

  constructor(written: GroupRule, peerOf: (peer: GroupPeer) => Bounds<EndpointSet>) {
    this.protocol = written.protocol;
    this.ports = written.ports;
    this.written = written;
    this.peerOf = peerOf;
  }

  get source(): Rule["source"] {
    return this.written.direction === "egress" ? null : this.peers;
  }

  get destination(): Rule["destination"] {
    return this.written.direction === "ingress" ? null : this.peers;
  }

  get at(): Rule["at"] {
    const { urn, path } = this.written.at;
    return path === "" ? { urn } : { urn, path };
  }

  get text(): string {
    return this.written.text;
  }

  private get peers(): Bounds<EndpointSet> {
    this.peer ??= peersOf(this.written, this.peerOf);
    return this.peer;
  }
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
