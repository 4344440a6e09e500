import type { Protocol } from "../../model/network";
import type { Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown, type Value } from "../../model/snapshot";
import * as addr from "../../net/addr";
import { type Bounds, exactly } from "../../net/bounds";
import { allPorts, formatPorts, noPorts, type PortSet } from "../../net/ports";
import { type References, type Resources, resolve } from "../resources";
import { cidrs, flag, isFields, items, text } from "../values";
import { lowerPrefixList } from "./prefix-lists";
import { groupTransport, type Transport } from "./transport";
import { GROUP, PREFIX_LIST, VPC } from "./types";

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

/** Resolves a reference to the keys of the groups that it names. */
export type KeysOf = (references: References) => {
  readonly certain: readonly GroupKey[];
  readonly possible: readonly GroupKey[];
};

/** What a reference to a group may resolve to: `vpc.defaultSecurityGroupId` depends on the VPC only. */
export const GROUP_REFERENCE = new Set([...GROUP, ...VPC]);

/** Rules in the `ingress` and `egress` properties of a group. */
export function inlineRules(
  resources: Resources,
  group: ResourceSnapshot,
  direction: GroupDirection,
  keysOf: KeysOf,
  self: GroupKey,
): GroupRule[] {
  return items(group.properties[direction]).flatMap((item, i) => {
    const at = { urn: group.urn, path: `${direction}[${i}]` };
    if (!isFields(item)) return [unreadable(direction, at, item instanceof Unknown ? item.reason : "no rule")];
    const peers = () => [
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

/** Rules of `SecurityGroupRule` and of the two resources of the `vpc` module. */
export function standaloneRules(
  resources: Resources,
  resource: ResourceSnapshot,
  keysOf: KeysOf,
  group: GroupKey,
): GroupRule[] {
  const p = resource.properties;
  const at = { urn: resource.urn, path: "" };
  if (resource.type.startsWith("aws:vpc/")) {
    const direction = resource.type.includes("Ingress") ? "ingress" : "egress";
    const peers = () => [
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
  const peers = () => [
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
    return directions.length === 1 ? made : doubted(made, { text: "the direction of the rule is not known", at });
  });
}

/** What stands for the rules of a group that the stack does not show. */
export function openRules(urn: string, doubt: Reason): GroupRule[] {
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

export const anywhere: GroupPeer = { kind: "addresses", set: exactly(addr.allAddresses), text: "anywhere" };

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
    if (value === undefined || value === null || value === "") continue;
    peers.push({
      kind: "addresses",
      set: cidrs(value, family, { urn: at.urn, path: path(key) }),
      get text() {
        return describe(value);
      },
    });
  }
  for (const item of items(fields[prefixLists]).filter((id) => id !== "")) {
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
  peersOf: () => readonly GroupPeer[],
  at: { urn: string; path: string },
): GroupRule {
  return new WrittenRule(direction, groupTransport(protocol, fromPort, toPort), peersOf, at);
}

/** Few of the rules of a large stack are ever asked for whom they let pass: peers are read when they are. */
class WrittenRule implements GroupRule {
  readonly direction: GroupDirection;
  readonly doubt: Reason | null;
  readonly at: GroupRule["at"];
  private readonly transport: Transport;
  private readonly peersOf: () => readonly GroupPeer[];
  private known: readonly GroupPeer[] | undefined = undefined;

  constructor(
    direction: GroupDirection,
    transport: Transport,
    peersOf: () => readonly GroupPeer[],
    at: GroupRule["at"],
  ) {
    this.direction = direction;
    this.transport = transport;
    this.peersOf = peersOf;
    this.at = at;
    this.doubt = transport.doubt === null ? null : { text: transport.doubt, at };
  }

  get protocol(): GroupRule["protocol"] {
    return this.transport.kind ?? "tcp";
  }

  get ports(): PortSet {
    return this.transport.kind === null ? noPorts : this.transport.set;
  }

  get peers(): readonly GroupPeer[] {
    this.known ??= this.peersOf();
    return this.known;
  }

  get text(): string {
    const { kind, set } = this.transport;
    const what = kind === "any" ? "all protocols" : `${kind ?? "icmp"} ${formatPorts(set)}`;
    const side = this.direction === "ingress" ? "from" : "to";
    return `allows ${what} ${side} ${this.peers.map((peer) => peer.text).join(", ") || "nobody"}`;
  }
}

/** The rule with a reason why it is not certain. */
export function doubted(rule: GroupRule, doubt: Reason): GroupRule {
  const { direction, protocol, ports, peers, at, text } = rule;
  return { direction, protocol, ports, peers, at, text, doubt };
}

function unreadable(direction: GroupDirection, at: { urn: string; path: string }, reason: string): GroupRule {
  return {
    direction,
    protocol: "any",
    ports: allPorts,
    doubt: { text: `the rule is ${reason}`, at },
    peers: [anywhere],
    at,
    text: `has a rule that is ${reason}`,
  };
}

function describe(value: Value | undefined): string {
  return items(value)
    .map((item) => (item instanceof Unknown ? "an address not known yet" : String(item)))
    .join(", ");
}
