import { addresses, type EndpointSet, noEndpoints } from "../../model/endpoints";
import type { Protocol, Rule } from "../../model/network";
import type { Provenance, Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown, type Value } from "../../model/snapshot";
import { allAddresses } from "../../net/addr";
import { type Bounds, between } from "../../net/bounds";
import { allPorts, type PortSet } from "../../net/ports";
import * as ranges from "../../net/ranges";
import { type Fields, integer, items, text } from "../values";
import { prefixSet, type TagContext } from "./service-tags";

export type Direction = "inbound" | "outbound";

/** A rule of a network security group or security admin configuration, as written. */
export interface SecurityRule {
  readonly fields: Fields;
  readonly priority: number | Unknown | undefined;
  readonly direction: string | Unknown | undefined;
  readonly access: string | Unknown | undefined;
  readonly at: Provenance;
  readonly name: string;
  /** The rule as a whole is not known. */
  readonly unread: Unknown | null;
  /** Why the rule may belong elsewhere. */
  readonly doubt: Reason | null;
  readonly sources: readonly Peer[];
  readonly destinations: readonly Peer[];
  readonly ports: readonly Value[];
  readonly sourcePorts: readonly Value[];
}

/** One peer of a rule: a prefix or service tag, or an application security group. */
export type Peer =
  | { readonly kind: "prefix"; readonly value: Value }
  | { readonly kind: "group"; readonly key: string; readonly certain: boolean };

/** What compiling a rule needs of its surroundings. */
export interface Surroundings {
  readonly tags: TagContext;
  readonly members: (group: string) => Bounds<EndpointSet>;
}

/** A rule before it is sorted: NSG rules are read from a resource or from a list, in both spellings of every side. */
export function readRule(
  holder: ResourceSnapshot,
  path: string,
  value: Value,
  groupsOf: (property: string, value: Value | undefined) => readonly Peer[],
  doubt: Reason | null,
): SecurityRule {
  const at: Provenance = path === "" ? { urn: holder.urn } : { urn: holder.urn, path };
  const unread = value instanceof Unknown ? value : null;
  const fields: Fields =
    typeof value === "object" && value !== null && !Array.isArray(value) && unread === null ? (value as Fields) : {};
  const name = typeof fields.name === "string" ? fields.name : holder.name;
  const both = (one: string, many: string) =>
    [...items(fields[one]), ...items(fields[many])].filter((item) => item !== "");
  const prefixes = (side: "source" | "destination"): Peer[] => [
    ...both(`${side}AddressPrefix`, `${side}AddressPrefixes`).map(
      (prefix): Peer => ({ kind: "prefix", value: prefix }),
    ),
    ...groupsOf(`${side}ApplicationSecurityGroups`, fields[`${side}ApplicationSecurityGroups`]),
  ];
  return {
    fields,
    priority: unread ?? integer(fields.priority),
    direction: unread ?? text(fields.direction),
    access: unread ?? text(fields.access),
    at,
    name,
    unread,
    doubt,
    sources: prefixes("source"),
    destinations: prefixes("destination"),
    ports: both("destinationPortRange", "destinationPortRanges"),
    sourcePorts: both("sourcePortRange", "sourcePortRanges"),
  };
}

/** Ascending priority; rules of unknown priority come first and are weakened; at equal priority what allows goes first. */
export function inOrder(rules: readonly SecurityRule[]): readonly SecurityRule[] {
  const rank = (rule: SecurityRule) => (typeof rule.priority === "number" ? rule.priority : -1);
  const denies = (rule: SecurityRule) =>
    typeof rule.access === "string" && rule.access.toLowerCase() === "deny" ? 1 : 0;
  return [...rules].sort((a, b) => rank(a) - rank(b) || denies(a) - denies(b));
}

/**
 * The rules of one direction as rules of a filter, one for each peer on the side that the filter is about.
 *
 * @param verbs what an `access` means: the action of the filter, or null for a rule that this filter leaves out
 */
export function compile(
  rule: SecurityRule,
  direction: Direction,
  around: Surroundings,
  verbs: (access: string) => "allow" | "deny" | null = accessVerb,
): Rule[] {
  if (typeof rule.direction === "string" && rule.direction.toLowerCase() !== direction) return [];
  const why: Reason[] = rule.doubt === null ? [] : [rule.doubt];
  const unsure = (what: string) => why.push({ text: `${what} of rule ${rule.name} is not known yet`, at: rule.at });
  if (typeof rule.direction !== "string") unsure("the direction");
  if (typeof rule.priority !== "number") unsure("the priority");
  const protocol = protocolOf(text(rule.fields.protocol));
  if (protocol === null) return [];
  if (protocol instanceof Unknown) unsure("the protocol");
  const ports = portsOf(rule.ports);
  const sourcePorts = portsOf(rule.sourcePorts);
  if (ports.doubt || sourcePorts.doubt) unsure("a port range");
  if (typeof rule.access !== "string") unsure("the access");
  const verb = typeof rule.access === "string" ? verbs(rule.access.toLowerCase()) : "unknown";
  if (verb === null) return [];
  const near = direction === "inbound" ? "sources" : "destinations";
  const far = direction === "inbound" ? "destinations" : "sources";
  const actions: readonly ("allow" | "deny")[] = verb === "unknown" ? ["allow", "deny"] : [verb];
  return actions.flatMap((action) => {
    const others = sideOf(rule[far], action, around);
    const list = rule[near].length === 0 ? [whole(action)] : rule[near].map((peer) => peerOf(peer, action, around));
    return list.map(({ set, atom }): Rule => {
      const peer = why.length === 0 ? set : between(noEndpoints, set.may, [...why, ...set.why]);
      const mine = isAnyone(peer) ? null : peer;
      return {
        action,
        protocol: protocol instanceof Unknown ? "any" : protocol,
        source: direction === "inbound" ? mine : others,
        destination: direction === "inbound" ? others : mine,
        ports: ports.set,
        sourcePorts: sourcePorts.set,
        at: rule.at,
        text: describe(rule, action, direction),
        ...(atom === null || why.length > 0
          ? {}
          : { atom: { side: direction === "inbound" ? ("source" as const) : ("destination" as const), name: atom } }),
      };
    });
  });
}

function accessVerb(access: string): "allow" | "deny" | null {
  return access === "allow" ? "allow" : access === "deny" ? "deny" : null;
}

/** A side that a rule leaves out is refused by the API: everything for what allows, nothing for what denies. */
function whole(action: "allow" | "deny"): { set: Bounds<EndpointSet>; atom: string | null } {
  const all = addresses(allAddresses);
  return { set: action === "allow" ? between(all, all, []) : between(noEndpoints, noEndpoints, []), atom: null };
}

function sideOf(peers: readonly Peer[], action: "allow" | "deny", around: Surroundings): Bounds<EndpointSet> | null {
  if (peers.length === 0) return action === "allow" ? null : between(noEndpoints, noEndpoints, []);
  const sets = peers.map((peer) => peerOf(peer, action, around).set);
  const union = {
    must: sets.map((set) => set.must).reduce(unite, noEndpoints),
    may: sets.map((set) => set.may).reduce(unite, noEndpoints),
    why: sets.flatMap((set) => set.why),
  };
  return isAnyone(union) ? null : union;
}

function unite(a: EndpointSet, b: EndpointSet): EndpointSet {
  return {
    addr: { v4: ranges.union(a.addr.v4, b.addr.v4), v6: ranges.union(a.addr.v6, b.addr.v6) },
    ifaces: new Set([...a.ifaces, ...b.ifaces]),
  };
}

function isAnyone(set: Bounds<EndpointSet>): boolean {
  return ranges.equal(set.must.addr.v4, allAddresses.v4) && ranges.equal(set.must.addr.v6, allAddresses.v6);
}

function peerOf(
  peer: Peer,
  action: "allow" | "deny",
  around: Surroundings,
): { set: Bounds<EndpointSet>; atom: string | null } {
  if (peer.kind === "group") {
    const members = around.members(peer.key);
    const set = peer.certain
      ? members
      : between(noEndpoints, members.may, [
          ...members.why,
          { text: "which application security group a rule names is not known" },
        ]);
    return { set, atom: null };
  }
  if (typeof peer.value !== "string") {
    const reason = peer.value instanceof Unknown ? peer.value.reason : "no text";
    const open = between(noEndpoints, addresses(allAddresses), [{ text: `an address prefix of a rule is ${reason}` }]);
    return { set: open, atom: null };
  }
  const { allow, deny, atom } = prefixSet(peer.value, around.tags);
  const { must, may, why } = action === "allow" ? allow : deny;
  return { set: between(addresses(must), addresses(may), why), atom };
}

/** Null for a protocol that carries neither TCP nor UDP. */
function protocolOf(value: string | Unknown | undefined): Protocol | "any" | Unknown | null {
  if (value === undefined || value instanceof Unknown) return value ?? "any";
  switch (value.toLowerCase()) {
    case "*":
    case "any":
      return "any";
    case "tcp":
      return "tcp";
    case "udp":
      return "udp";
    default:
      return null;
  }
}

/** `*`, `25`, `20-30`; none at all counts as every port. */
export function portsOf(values: readonly Value[]): { set: PortSet; doubt: boolean } {
  if (values.length === 0) return { set: allPorts, doubt: false };
  const list: (readonly [number, number])[] = [];
  for (const value of values) {
    const match = /^\s*(?:(\*)|(\d+)(?:\s*-\s*(\d+))?)\s*$/.exec(
      typeof value === "number" ? String(value) : typeof value === "string" ? value : "",
    );
    if (match === null) return { set: allPorts, doubt: true };
    if (match[1] !== undefined) list.push([0, 65535]);
    else list.push([Number(match[2]), Math.min(65535, Number(match[3] ?? match[2]))]);
  }
  return { set: ranges.normalize(list), doubt: false };
}

function describe(rule: SecurityRule, action: "allow" | "deny", direction: Direction): string {
  const show = (values: readonly Value[]) =>
    values.map((value) => (value instanceof Unknown ? "?" : String(value))).join(", ") || "any";
  const peers = (direction === "inbound" ? rule.sources : rule.destinations).map((peer) =>
    peer.kind === "group" ? "an application security group" : peer.value instanceof Unknown ? "?" : String(peer.value),
  );
  const number = typeof rule.priority === "number" ? `rule ${rule.priority} ${rule.name}` : `rule ${rule.name}`;
  const protocol = text(rule.fields.protocol);
  const what =
    typeof protocol === "string" && protocol !== "*"
      ? `${protocol.toLowerCase()} ${show(rule.ports)}`
      : show(rule.ports);
  return `${number} ${action === "allow" ? "allows" : "denies"} ${what} ${direction === "inbound" ? "from" : "to"} ${peers.join(", ") || "any"}`;
}

/** The default rules of every network security group, for one direction. "Azure network security groups overview". */
export function defaultRules(direction: Direction, around: Surroundings, at: Provenance): Rule[] {
  const rule = (priority: number, name: string, access: string, source: string, destination: string): SecurityRule => ({
    fields: { protocol: "*" },
    priority,
    direction,
    access,
    at,
    name,
    unread: null,
    doubt: null,
    sources: [{ kind: "prefix", value: source }],
    destinations: [{ kind: "prefix", value: destination }],
    ports: [],
    sourcePorts: [],
  });
  const side = direction === "inbound" ? "InBound" : "OutBound";
  const rules = [
    rule(65000, `AllowVnet${side}`, "Allow", "VirtualNetwork", "VirtualNetwork"),
    direction === "inbound"
      ? rule(65001, "AllowAzureLoadBalancerInBound", "Allow", "AzureLoadBalancer", "*")
      : rule(65001, "AllowInternetOutBound", "Allow", "*", "Internet"),
  ];
  return rules.flatMap((item) => compile(item, direction, around));
}
