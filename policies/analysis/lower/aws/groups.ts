import { type EndpointSet, noEndpoints } from "../../model/endpoints";
import type { Filter, Protocol, Rule } from "../../model/network";
import type { Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown, type Value } from "../../model/snapshot";
import * as addr from "../../net/addr";
import { type Bounds, between, exactly } from "../../net/bounds";
import { allPorts, formatPorts, noPorts, type PortSet, ports } from "../../net/ports";
import { type References, type Resources, resolve } from "../resources";
import { cidrs, flag, integer, isFields, items, text } from "../values";
import { lowerPrefixList } from "./prefix-lists";
import { GROUP, PREFIX_LIST, VPC } from "./types";
import { DEFAULT_VPC, foreignKey, type Vpcs } from "./vpc";

/** A key that names a security group: its URN, a VPC's default group, or an id outside the stack. */
export type GroupKey = string;

export type GroupDirection = "ingress" | "egress";

/** A peer of a group rule as written: an address set, or the members of a group. */
export type GroupPeer =
  | { readonly kind: "addresses"; readonly set: Bounds<addr.AddrSet>; readonly text: string }
  | { readonly kind: "members"; readonly group: GroupKey; readonly certain: boolean; readonly text: string };

export interface GroupRule {
  readonly direction: GroupDirection;
  readonly protocol: Protocol | "any";
  readonly ports: PortSet;
  /** Why it is not certain that the rule exists, or what it covers. */
  readonly doubt: Reason | null;
  readonly peers: readonly GroupPeer[];
  readonly at: { readonly urn: string; readonly path: string };
  /** The rule allows every client and port: written by AWS itself, or assumed. */
  readonly text: string;
}

export interface Group {
  readonly key: GroupKey;
  readonly resource: ResourceSnapshot | null;
  readonly name: string;
  readonly network: string;
  readonly rules: readonly GroupRule[];
}

export interface Groups {
  group(key: GroupKey): Group;
  readonly known: ReadonlyMap<GroupKey, Group>;
  keys(references: References): { readonly certain: readonly GroupKey[]; readonly possible: readonly GroupKey[] };
}

/** What a reference to a group may resolve to: `vpc.defaultSecurityGroupId` depends on the VPC only. */
export const GROUP_REFERENCE = new Set([...GROUP, ...VPC]);

export function defaultGroup(network: string): GroupKey {
  return `default-group:${network}`;
}

export function keyOfGroup(resource: ResourceSnapshot, resources: Resources, vpcs: Vpcs): GroupKey {
  if (VPC.has(resource.type)) return defaultGroup(resource.type.includes("defaultVpc") ? DEFAULT_VPC : resource.urn);
  if (!resource.type.includes("defaultSecurityGroup")) return resource.urn;
  return defaultGroup(vpcs.networkOf(resolve(resources, resource, "vpcId", resource.properties.vpcId, VPC)));
}

/** Security groups with their rules in every resource form: the union of inline and standalone ones. */
export function lowerGroups(resources: Resources, vpcs: Vpcs): Groups {
  const known = new Map<GroupKey, Group & { rules: GroupRule[] }>();
  const keysOf = (references: References) => ({
    certain: [
      ...references.certain.map((item) => keyOfGroup(item, resources, vpcs)),
      ...references.foreign.map(foreignKey),
    ],
    possible: references.possible.map((item) => keyOfGroup(item, resources, vpcs)),
  });
  const group = (key: GroupKey): Group & { rules: GroupRule[] } => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = key.startsWith("default-group:") ? unmanagedDefault(key) : outside(key);
    known.set(key, made);
    return made;
  };

  for (const resource of resources.ofType(...GROUP)) {
    const key = keyOfGroup(resource, resources, vpcs);
    const network = vpcs.networkOf(resolve(resources, resource, "vpcId", resource.properties.vpcId, VPC));
    const rules = resource.external
      ? openRules(resource.urn, {
          text: "the rules of a group that exists already are not in the stack",
          at: { urn: resource.urn },
        })
      : (["ingress", "egress"] as const).flatMap((direction) =>
          inlineRules(resources, resource, direction, keysOf, key),
        );
    known.set(key, { key, resource, name: resource.name, network, rules });
  }
  for (const resource of resources.ofType(
    "aws:ec2/securityGroupRule:SecurityGroupRule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
  )) {
    if (resource.external) continue;
    const { certain, possible } = keysOf(
      resolve(resources, resource, "securityGroupId", resource.properties.securityGroupId, GROUP_REFERENCE),
    );
    for (const key of certain) group(key).rules.push(...standaloneRules(resources, resource, keysOf, key));
    const doubt: Reason = {
      text: "which group the rule belongs to is not known",
      at: { urn: resource.urn, path: "securityGroupId" },
    };
    for (const key of possible) {
      group(key).rules.push(...standaloneRules(resources, resource, keysOf, key).map((rule) => ({ ...rule, doubt })));
    }
  }
  return { group, known, keys: keysOf };
}

type KeysOf = Groups["keys"];

function unmanagedDefault(key: GroupKey): Group & { rules: GroupRule[] } {
  const network = key.slice("default-group:".length);
  const at = { urn: network, path: "defaultSecurityGroupId" };
  const rule = { protocol: "any", ports: allPorts, doubt: null, at } as const;
  return {
    key,
    resource: null,
    name: "default security group",
    network,
    rules: [
      {
        ...rule,
        direction: "ingress",
        peers: [{ kind: "members", group: key, certain: true, text: "itself" }],
        text: "default group: all from itself",
      },
      { ...rule, direction: "egress", peers: [anywhere], text: "default group: all out" },
    ],
  };
}

const anywhere: GroupPeer = { kind: "addresses", set: exactly(addr.allAddresses), text: "anywhere" };

function outside(key: GroupKey): Group & { rules: GroupRule[] } {
  const id = key.replace(/^foreign:/, "");
  return {
    key,
    resource: null,
    name: id,
    network: "",
    rules: openRules(id, { text: `the rules of security group ${id} are not in the stack` }),
  };
}

function openRules(urn: string, doubt: Reason): GroupRule[] {
  return (["ingress", "egress"] as const).map((direction) => ({
    direction,
    protocol: "any",
    ports: allPorts,
    doubt,
    peers: [anywhere],
    at: { urn, path: direction },
    text: doubt.text,
  }));
}

function inlineRules(
  resources: Resources,
  group: ResourceSnapshot,
  direction: GroupDirection,
  keysOf: KeysOf,
  self: GroupKey,
): GroupRule[] {
  return items(group.properties[direction]).flatMap((item, i) => {
    const at = { urn: group.urn, path: `${direction}[${i}]` };
    if (!isFields(item)) return [unreadable(direction, at, item instanceof Unknown ? item.reason : "no rule")];
    const peers = [
      ...addressPeers(
        resources,
        group,
        direction,
        item,
        at,
        [
          ["cidrBlocks", 4],
          ["ipv6CidrBlocks", 6],
        ],
        "prefixListIds",
      ),
      ...groupPeers(resources, group, direction, item.securityGroups, keysOf),
      ...selfPeer(item.self, self),
    ];
    return [rule(direction, item.protocol, item.fromPort, item.toPort, peers, at)];
  });
}

function standaloneRules(
  resources: Resources,
  resource: ResourceSnapshot,
  keysOf: KeysOf,
  group: GroupKey,
): GroupRule[] {
  const p = resource.properties;
  const at = { urn: resource.urn, path: "" };
  if (resource.type.startsWith("aws:vpc/")) {
    const direction = resource.type.includes("Ingress") ? "ingress" : "egress";
    const peers = [
      ...addressPeers(
        resources,
        resource,
        "",
        p,
        at,
        [
          ["cidrIpv4", 4],
          ["cidrIpv6", 6],
        ],
        "prefixListId",
      ),
      ...groupPeers(resources, resource, "referencedSecurityGroupId", p.referencedSecurityGroupId, keysOf),
    ];
    return [rule(direction, p.ipProtocol, p.fromPort, p.toPort, peers, at)];
  }
  const peers = [
    ...addressPeers(
      resources,
      resource,
      "",
      p,
      at,
      [
        ["cidrBlocks", 4],
        ["ipv6CidrBlocks", 6],
      ],
      "prefixListIds",
    ),
    ...groupPeers(resources, resource, "sourceSecurityGroupId", p.sourceSecurityGroupId, keysOf),
    ...selfPeer(p.self, group),
  ];
  const type = text(p.type);
  const directions: GroupDirection[] = type === "ingress" || type === "egress" ? [type] : ["ingress", "egress"];
  return directions.map((direction) => {
    const made = rule(direction, p.protocol, p.fromPort, p.toPort, peers, at);
    return directions.length === 1 ? made : { ...made, doubt: { text: "the direction of the rule is not known", at } };
  });
}

/** @param property top-level property whose dependencies apply; empty where each key is a property of its own */
function addressPeers(
  resources: Resources,
  resource: ResourceSnapshot,
  property: string,
  fields: { readonly [key: string]: Value },
  at: { urn: string; path: string },
  keys: readonly (readonly [string, 4 | 6])[],
  prefixLists: string,
): GroupPeer[] {
  const peers: GroupPeer[] = [];
  const path = (key: string) => (at.path === "" ? key : `${at.path}.${key}`);
  for (const [key, family] of keys) {
    const value = fields[key];
    if (value === undefined || value === null) continue;
    peers.push({
      kind: "addresses",
      set: cidrs(value, family, { urn: at.urn, path: path(key) }),
      text: describe(value),
    });
  }
  for (const item of items(fields[prefixLists])) {
    const references = resolve(resources, resource, property === "" ? prefixLists : property, item, PREFIX_LIST);
    const set = lowerPrefixList(resources, references, { urn: at.urn, path: path(prefixLists) });
    peers.push({ kind: "addresses", set, text: `prefix list ${references.certain[0]?.name ?? describe(item)}` });
  }
  return peers;
}

function groupPeers(
  resources: Resources,
  resource: ResourceSnapshot,
  property: string,
  value: Value | undefined,
  keysOf: KeysOf,
): GroupPeer[] {
  // "account/sg-…" names a group of another account.
  const plain = typeof value === "string" ? value.replace(/^\d+\//, "") : value;
  const { certain, possible } = keysOf(resolve(resources, resource, property, plain, GROUP_REFERENCE));
  const name = (key: GroupKey) =>
    `members of ${resources.get(key)?.name ?? key.replace(/^(foreign|default-group):/, "")}`;
  return [
    ...certain.map((group): GroupPeer => ({ kind: "members", group, certain: true, text: name(group) })),
    ...possible.map((group): GroupPeer => ({ kind: "members", group, certain: false, text: name(group) })),
  ];
}

function selfPeer(value: Value | undefined, group: GroupKey): GroupPeer[] {
  const self = flag(value);
  if (self === undefined || self === false) return [];
  return [{ kind: "members", group, certain: self === true, text: "its own members" }];
}

function rule(
  direction: GroupDirection,
  protocol: Value | undefined,
  fromPort: Value | undefined,
  toPort: Value | undefined,
  peers: readonly GroupPeer[],
  at: { urn: string; path: string },
): GroupRule {
  const { kind, set, doubt } = transport(protocol, fromPort, toPort);
  const what = kind === "any" ? "all protocols" : `${kind ?? "icmp"} ${formatPorts(set)}`;
  const side = direction === "ingress" ? "from" : "to";
  return {
    direction,
    protocol: kind ?? "tcp",
    ports: kind === null ? noPorts : set,
    doubt: doubt === null ? null : { text: doubt, at },
    peers,
    at,
    text: `allows ${what} ${side} ${peers.map((peer) => peer.text).join(", ") || "nobody"}`,
  };
}

/**
 * Protocol and ports of a group rule. EC2 API, IpPermission: `-1` and every number but 6, 17, 1 and 58 mean all traffic
 * whatever the ports say; TCP `0–0` is port 0 only. `null` is ICMP, which opens no port.
 */
export function transport(
  protocol: Value | undefined,
  fromPort: Value | undefined,
  toPort: Value | undefined,
): { kind: Protocol | "any" | null; set: PortSet; doubt: string | null } {
  const name = text(protocol);
  if (name === undefined) return { kind: "any", set: allPorts, doubt: "the protocol is missing" };
  if (name instanceof Unknown) return { kind: "any", set: allPorts, doubt: `the protocol is ${name.reason}` };
  const known: { [name: string]: Protocol | null } = {
    tcp: "tcp",
    "6": "tcp",
    udp: "udp",
    "17": "udp",
    icmp: null,
    "1": null,
    icmpv6: null,
    "58": null,
  };
  const kind = known[name.trim().toLowerCase()];
  if (kind === undefined) return { kind: "any", set: allPorts, doubt: null };
  if (kind === null) return { kind, set: noPorts, doubt: null };
  const from = integer(fromPort);
  const to = integer(toPort);
  if (from instanceof Unknown || to instanceof Unknown) {
    const low = from instanceof Unknown || from === undefined ? 0 : Math.max(0, from);
    const high = to instanceof Unknown || to === undefined ? 65535 : Math.min(65535, to);
    return { kind, set: low <= high ? ports(low, high) : noPorts, doubt: "the ports are not known yet" };
  }
  if (from === undefined || to === undefined || from === -1 || to === -1) return { kind, set: allPorts, doubt: null };
  return { kind, set: from > to ? noPorts : ports(Math.max(0, from), Math.min(65535, to)), doubt: null };
}

function unreadable(direction: GroupDirection, at: { urn: string; path: string }, reason: string): GroupRule {
  return {
    direction,
    protocol: "any",
    ports: allPorts,
    doubt: { text: `the rule is ${reason}`, at },
    peers: [anywhere],
    at,
    text: `a rule that is ${reason}`,
  };
}

function describe(value: Value | undefined): string {
  return items(value)
    .map((item) => (item instanceof Unknown ? "an address not known yet" : String(item)))
    .join(", ");
}

/** Compiles group rules into a filter, once their members are known as endpoints. */
export function groupFilter(
  id: string,
  name: string,
  at: Filter["at"],
  rules: readonly GroupRule[],
  direction: GroupDirection,
  peerOf: (peer: GroupPeer) => Bounds<EndpointSet>,
): Filter {
  const compiled = rules
    .filter((item) => item.direction === direction && item.ports.length > 0 && item.peers.length > 0)
    .map((item): Rule => {
      const sets = item.peers.map(peerOf);
      const must = item.doubt === null ? sets.map((set) => set.must) : [];
      const why = [...(item.doubt === null ? [] : [item.doubt]), ...sets.flatMap((set) => set.why)];
      const peer = between(uniteAll(must), uniteAll(sets.map((set) => set.may)), why);
      return {
        action: "allow",
        protocol: item.protocol,
        source: direction === "ingress" ? peer : null,
        destination: direction === "egress" ? peer : null,
        ports: item.ports,
        sourcePorts: allPorts,
        at: { urn: item.at.urn, ...(item.at.path === "" ? {} : { path: item.at.path }) },
        text: item.text,
      };
    });
  return { id, name, at, rules: compiled, otherwise: "deny" };
}

function uniteAll(sets: readonly EndpointSet[]): EndpointSet {
  if (sets.length === 0) return noEndpoints;
  return { addr: addr.unionAll(sets.map((set) => set.addr)), ifaces: new Set(sets.flatMap((set) => [...set.ifaces])) };
}
