import type { EndpointSet } from "../../../model/endpoints";
import { addresses, endpoints, noEndpoints } from "../../../model/endpoints";
import type { Leg, Protocol, Rule } from "../../../model/network";
import type { Provenance, Reason } from "../../../model/provenance";
import { type AddrSet, allAddresses } from "../../../net/addr";
import { type Bounds, between, intersect } from "../../../net/bounds";
import { allPorts, type PortSet } from "../../../net/ports";
import * as ranges from "../../../net/ranges";
import { isEverything } from "./sets";

/** A connection is judged twice: while it is opened, and once data flows. Both must pass. */
export type Phase = "handshake" | "data";

/** What a rule matches, without what it does. */
export interface Match {
  readonly protocol: Protocol | "any";
  readonly source: Bounds<EndpointSet> | null;
  readonly destination: Bounds<EndpointSet> | null;
  readonly ports: PortSet;
  readonly sourcePorts: PortSet;
}

export const matchAll: Match = {
  protocol: "any",
  source: null,
  destination: null,
  ports: allPorts,
  sourcePorts: allPorts,
};

/** A step of the engine for one phase and leg. `forward` hands the packet to the stateful engine. */
export interface Step {
  readonly action: "allow" | "deny" | "forward";
  readonly match: Match;
  readonly at: Provenance;
  readonly text: string;
}

export type StepsOf = (phase: Phase, leg: Leg) => readonly Step[];

export function peer(set: Bounds<AddrSet>): Bounds<EndpointSet> | null {
  return isEverything(set) ? null : between(addresses(set.must), addresses(set.may), set.why);
}

/** A match of which it is not certain that it applies. */
export function weaken(match: Match, why: Reason): Match {
  const source = match.source ?? between(noEndpoints, addresses(allAddresses), []);
  return { ...match, source: between(noEndpoints, source.may, [...source.why, why]) };
}

/** What both match; null for nothing. */
export function meet(a: Match, b: Match): Match | null {
  if (a.protocol !== "any" && b.protocol !== "any" && a.protocol !== b.protocol) return null;
  const both = {
    protocol: a.protocol === "any" ? b.protocol : a.protocol,
    source: meetPeers(a.source, b.source),
    destination: meetPeers(a.destination, b.destination),
    ports: ranges.intersect(a.ports, b.ports),
    sourcePorts: ranges.intersect(a.sourcePorts, b.sourcePorts),
  };
  return both.ports.length === 0 || both.sourcePorts.length === 0 ? null : both;
}

function meetPeers(a: Bounds<EndpointSet> | null, b: Bounds<EndpointSet> | null): Bounds<EndpointSet> | null {
  return a === null ? b : b === null ? a : intersect(endpoints, a, b);
}

export function toRule(action: "allow" | "deny", step: Step, match: Match = step.match): Rule {
  return { action, ...match, at: step.at, text: step.text };
}
