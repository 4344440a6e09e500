import { addresses, type EndpointId, type EndpointSet, endpoints, noEndpoints } from "../model/endpoints";
import type { Address, Endpoint, Filter, Leg, Protocol, Rule } from "../model/network";
import type { Reason } from "../model/provenance";
import type { AddrSet } from "../net/addr";
import * as addr from "../net/addr";
import { type Bounds, between, mergeReasons } from "../net/bounds";
import * as ranges from "../net/ranges";

/** Which end of the connection a question leaves open: the clients that can connect, or the servers that can be opened. */
export type Vary = "clients" | "servers";

/** The connection that is asked about: one end, the service port, and the port that the client binds. */
export interface Question {
  readonly fixed: Endpoint;
  readonly vary: Vary;
  readonly protocol: Protocol;
  readonly port: number;
  readonly clientPort: number;
  readonly rangeOf: (id: EndpointId) => AddrSet;
  /** Interfaces match by membership only, not by the range that their address lies in. */
  readonly byIdentity?: boolean;
}

/** The part of `space` whose packets on `leg` the filter lets pass. */
export function admitted(
  filter: Filter,
  leg: Leg,
  question: Question,
  space: Bounds<EndpointSet>,
): Bounds<EndpointSet> {
  let certainlyAllowed = noEndpoints;
  let possiblyAllowed = noEndpoints;
  let certainlyDenied = noEndpoints;
  let possiblyDenied = noEndpoints;
  const why: Reason[] = [...space.why];
  const decided = new Set<string>();
  const varies = variesSource(leg, question) ? "source" : "destination";
  for (const rule of filter.rules) {
    const atom = rule.atom?.side === varies ? rule.atom.name : null;
    if (atom !== null && decided.has(atom)) continue;
    const match = matched(rule, leg, question, space.may);
    if (match === null) continue;
    if (atom !== null && match.whole) decided.add(atom);
    why.push(...match.why);
    if (rule.action === "allow") {
      possiblyAllowed = endpoints.union(possiblyAllowed, endpoints.subtract(match.may, certainlyDenied));
      certainlyAllowed = endpoints.union(certainlyAllowed, endpoints.subtract(match.must, possiblyDenied));
    } else {
      possiblyDenied = endpoints.union(possiblyDenied, endpoints.subtract(match.may, certainlyAllowed));
      certainlyDenied = endpoints.union(certainlyDenied, endpoints.subtract(match.must, possiblyAllowed));
    }
  }
  if (filter.otherwise === "allow") {
    possiblyAllowed = endpoints.subtract(space.may, certainlyDenied);
    certainlyAllowed = endpoints.subtract(space.must, possiblyDenied);
  }
  const must = endpoints.intersect(certainlyAllowed, space.must);
  const may = possiblyAllowed;
  return between(
    must,
    may,
    why.length === 0 || endpoints.isEmpty(endpoints.subtract(may, must)) ? [] : mergeReasons(why),
  );
}

/** The rule that lets one endpoint pass, the first that certainly does or else that may; null for the filter's default. */
export function decidingRule(filter: Filter, leg: Leg, question: Question, who: EndpointSet): Rule | null {
  let possible: Rule | null = null;
  for (const rule of filter.rules) {
    const match = matched(rule, leg, question, who);
    if (match === null || endpoints.isEmpty(match.may)) continue;
    if (!endpoints.isEmpty(match.must)) return possible ?? rule;
    if (rule.action === "allow") possible ??= rule;
  }
  return possible;
}

/** Whether the end that the question leaves open is the sender of the packets of a leg. */
function variesSource(leg: Leg, question: Question): boolean {
  return (question.vary === "clients") === (leg === "request");
}

/** What a rule matches of `space`, null for nothing; `whole` if that is its whole peer, whatever the peer holds. */
export function matched(
  rule: Rule,
  leg: Leg,
  question: Question,
  space: EndpointSet,
): (Bounds<EndpointSet> & { readonly whole: boolean }) | null {
  if (rule.protocol !== "any" && rule.protocol !== question.protocol) return null;
  const request = leg === "request";
  const [from, to] = request ? [question.clientPort, question.port] : [question.port, question.clientPort];
  if (!ranges.includes(rule.ports, to) || !ranges.includes(rule.sourcePorts, from)) return null;
  const varyIsSource = variesSource(leg, question);
  const fixed = hits(varyIsSource ? rule.destination : rule.source, question.fixed);
  if (fixed.answer === "no") return null;
  const peer = select(
    varyIsSource ? rule.source : rule.destination,
    space,
    question.byIdentity ? () => addr.noAddresses : question.rangeOf,
  );
  if (fixed.answer === "yes") return { ...peer, whole: true };
  return { ...between(noEndpoints, peer.may, [...peer.why, ...fixed.why]), whole: false };
}

/** Whether the fixed end is in a rule's peer. */
function hits(
  peer: Bounds<EndpointSet> | null,
  fixed: Endpoint,
): { answer: "yes" | "no" | "maybe"; why: readonly Reason[] } {
  if (peer === null) return { answer: "yes", why: [] };
  const space = fixed.address.kind === "known" ? fixed.address.addr : fixed.address.range;
  if (peer.must.ifaces.has(fixed.id) || addr.isSubset(space, peer.must.addr)) return { answer: "yes", why: [] };
  if (!peer.may.ifaces.has(fixed.id) && !addr.overlaps(space, peer.may.addr)) return { answer: "no", why: [] };
  return { answer: "maybe", why: peer.why.length > 0 ? peer.why : [unknownAddress(fixed.address)] };
}

function unknownAddress(address: Address): Reason {
  return {
    text:
      address.kind === "known"
        ? "a rule covers some addresses of the interface"
        : "the private address is chosen only at creation",
  };
}

/** The part of `space` that is in a rule's peer: an interface without a known address by identity, else by its range. */
export function select(
  peer: Bounds<EndpointSet> | null,
  space: EndpointSet,
  rangeOf: (id: EndpointId) => AddrSet,
): Bounds<EndpointSet> {
  if (peer === null) return between(space, space, []);
  if (space.ifaces.size === 0) {
    return between(
      addresses(addr.intersect(space.addr, peer.must.addr)),
      addresses(addr.intersect(space.addr, peer.may.addr)),
      peer.why,
    );
  }
  const must = new Set<EndpointId>();
  const may = new Set<EndpointId>();
  let partial = false;
  for (const id of space.ifaces) {
    const range = rangeOf(id);
    if (peer.must.ifaces.has(id) || (!addr.isEmpty(range) && addr.isSubset(range, peer.must.addr))) must.add(id);
    if (must.has(id) || peer.may.ifaces.has(id) || addr.overlaps(range, peer.may.addr)) may.add(id);
    partial ||= may.has(id) && !must.has(id);
  }
  const why =
    partial && peer.why.length === 0
      ? [{ text: "the private address of a source is chosen only at creation" }]
      : peer.why;
  return between(
    { addr: addr.intersect(space.addr, peer.must.addr), ifaces: must },
    { addr: addr.intersect(space.addr, peer.may.addr), ifaces: may },
    why,
  );
}
