import { addresses, type EndpointSet } from "../../model/endpoints";
import type { Filter, NetId, Protocol, Rule } from "../../model/network";
import type { Provenance, Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown, type Value } from "../../model/snapshot";
import { noAddresses, union } from "../../net/addr";
import { type Bounds, between } from "../../net/bounds";
import { allPorts } from "../../net/ports";
import { push, type Resources, resolve, resolveOwner } from "../resources";
import { cidrs, flag, integer, isFields, items, text } from "../values";
import { aclTransport } from "./transport";
import { ACL, SUBNET, VPC } from "./types";
import type { SubnetKey, Vpcs } from "./vpc";

/** The network ACL of a subnet boundary, one filter for each direction. */
export interface Acl {
  readonly key: string;
  readonly in: Filter;
  readonly out: Filter;
}

/** The ACLs that a subnet may have; one if it is known. */
export interface SubnetAcls {
  readonly options: readonly Acl[];
  readonly why: readonly Reason[];
}

type Direction = "ingress" | "egress";

/**
 * Network ACLs: stateless, ascending rule number, first match, implicit deny. One per subnet; a subnet that none names has
 * the VPC's default ACL, which allows everything unless the stack adopts it. VPC User Guide, "Control subnet traffic with
 * network access control lists".
 */
export function lowerAcls(resources: Resources, vpcs: Vpcs): (subnet: SubnetKey) => SubnetAcls {
  const certain = new Map<SubnetKey, Acl[]>();
  const possible = new Map<SubnetKey, Acl[]>();
  const keyOf = (acl: ResourceSnapshot) => keyOfAcl(acl, resources, vpcs);
  const standalone = standaloneRules(resources, keyOf);
  const acls = new Map(
    resources
      .ofType(...ACL)
      .map((acl) => [keyOf(acl), acl.external ? outside(acl) : lower(acl, standalone.get(keyOf(acl)) ?? [])]),
  );
  const byDefault = (network: NetId): Acl => {
    const key = defaultAcl(network);
    const found = acls.get(key);
    if (found !== undefined) return found;
    const made = open(key, standalone.get(key) ?? []);
    acls.set(key, made);
    return made;
  };
  const claim = (acl: Acl, resource: ResourceSnapshot, property: string) => {
    const keys = vpcs.subnetKeys(resolveOwner(resources, resource, property, resource.properties[property], SUBNET));
    for (const key of keys.certain) push(certain, key, acl);
    for (const key of keys.possible) push(possible, key, acl);
  };
  for (const resource of resources.ofType(...ACL)) {
    claim(acls.get(keyOf(resource)) as Acl, resource, "subnetIds");
  }
  for (const association of resources.ofType("aws:ec2/networkAclAssociation:NetworkAclAssociation")) {
    const owner = resolveOwner(resources, association, "networkAclId", association.properties.networkAclId, REFERENCE);
    const named = [...owner.certain, ...owner.possible].map((acl) =>
      VPC.has(acl.type) ? byDefault(vpcs.keyOf(acl)) : (acls.get(keyOf(acl)) as Acl),
    );
    for (const acl of named.length > 0 ? named : [outside(association)]) claim(acl, association, "subnetId");
  }

  return (key) => {
    const subnet = vpcs.subnet(key);
    const fallback = subnet.outside === null ? byDefault(subnet.network) : unknownAcl(subnet.key, subnet.outside);
    const named = certain.get(key) ?? [];
    const others = possible.get(key) ?? [];
    // Two resources that certainly claim a subnet are one association in the end; which of them is not known.
    if (named.length === 1 && others.length === 0) return { options: named, why: [] };
    const options = [...named, ...others, ...(named.length === 0 ? [fallback] : [])];
    if (options.length === 1) return { options, why: [] };
    return {
      options: [...new Set(options)],
      why: [{ text: `which network ACL the subnet ${subnet.name} has is not known` }],
    };
  };
}

const REFERENCE = new Set([...ACL, ...VPC]);

function defaultAcl(network: NetId): string {
  return `default-acl:${network}`;
}

/** The default ACL goes by its VPC, whether a resource adopts it or not. */
function keyOfAcl(resource: ResourceSnapshot, resources: Resources, vpcs: Vpcs): string {
  if (VPC.has(resource.type)) return defaultAcl(vpcs.keyOf(resource));
  if (!resource.type.includes("defaultNetworkAcl")) return resource.urn;
  const vpc = resolve(resources, resource, "defaultNetworkAclId", resource.properties.defaultNetworkAclId, VPC);
  return defaultAcl(vpcs.networkOf(vpc));
}

/** The default ACL as a VPC is made with it: rule 100, and 101 for IPv6, allows everything that no earlier rule denies. */
function open(key: string, added: readonly Entry[]): Acl {
  const before = order(added.filter(({ number }) => typeof number !== "number" || number <= 100));
  const filter = (direction: Direction): Filter => ({
    id: `${key}:${direction}`,
    name: "default network ACL",
    at: null,
    rules: before.flatMap((entry) => compile(entry, direction)),
    otherwise: "allow",
  });
  return { key, in: filter("ingress"), out: filter("egress") };
}

function outside(resource: ResourceSnapshot): Acl {
  return unknownAcl(resource.urn, {
    text: "the rules of a network ACL that exists already are not in the stack",
    at: { urn: resource.urn },
  });
}

function unknownAcl(key: string, why: Reason): Acl {
  const filter = (direction: string): Filter => ({
    id: `unknown-acl:${key}:${direction}`,
    name: "network ACL outside the stack",
    at: why.at ?? null,
    rules: [
      {
        action: "deny",
        protocol: "any",
        source: { must: addresses(noAddresses), may: everyone, why: [why] },
        destination: null,
        ports: allPorts,
        sourcePorts: allPorts,
        at: why.at ?? { urn: key },
        text: why.text,
      },
    ],
    otherwise: "allow",
  });
  return { key: `unknown-acl:${key}`, in: filter("in"), out: filter("out") };
}

const everyone: EndpointSet = addresses({ v4: [[0, 0xffffffff]], v6: [[0n, (1n << 128n) - 1n]] });

interface Entry {
  readonly direction: Direction | Unknown;
  readonly fields: { readonly [key: string]: Value };
  readonly number: number | Unknown | undefined;
  readonly action: string | Unknown | undefined;
  readonly at: Provenance;
  /** Why the entry may belong to another ACL. */
  readonly doubt?: Reason;
}

function lower(acl: ResourceSnapshot, standalone: readonly Entry[]): Acl {
  const inline = (["ingress", "egress"] as const).flatMap((direction) =>
    items(acl.properties[direction]).map((item, i): Entry => {
      const at = { urn: acl.urn, path: `${direction}[${i}]` };
      if (!isFields(item)) {
        const unknown = item instanceof Unknown ? item : new Unknown([], "no rule");
        return { direction, fields: {}, number: unknown, action: unknown, at };
      }
      return { direction, fields: item, number: integer(item.ruleNo), action: text(item.action), at };
    }),
  );
  const entries = [...inline, ...standalone];
  const filter = (direction: Direction): Filter => ({
    id: `${acl.urn}:${direction}`,
    name: acl.name,
    at: { urn: acl.urn },
    rules: order(entries).flatMap((entry) => compile(entry, direction)),
    otherwise: "deny",
  });
  return { key: acl.urn, in: filter("ingress"), out: filter("egress") };
}

function standaloneRules(resources: Resources, keyOf: (acl: ResourceSnapshot) => string): Map<string, Entry[]> {
  const found = new Map<string, Entry[]>();
  for (const resource of resources.ofType("aws:ec2/networkAclRule:NetworkAclRule")) {
    const p = resource.properties;
    const owner = resolveOwner(resources, resource, "networkAclId", p.networkAclId, REFERENCE);
    const egress = flag(p.egress) ?? false;
    const entry: Entry = {
      direction: egress instanceof Unknown ? egress : egress ? "egress" : "ingress",
      fields: p,
      number: integer(p.ruleNumber),
      action: text(p.ruleAction),
      at: { urn: resource.urn },
    };
    for (const acl of owner.certain) push(found, keyOf(acl), entry);
    for (const acl of owner.possible) {
      push(found, keyOf(acl), {
        ...entry,
        doubt: { text: "which network ACL the rule belongs to is not known", at: entry.at },
      });
    }
  }
  return found;
}

/** Ascending by number; entries whose number is not known come first, and are weakened when they are compiled. */
function order(entries: readonly Entry[]): readonly Entry[] {
  const rank = (entry: Entry) => (typeof entry.number === "number" ? entry.number : -1);
  return [...entries].sort((a, b) => rank(a) - rank(b));
}

function compile(entry: Entry, direction: Direction): Rule[] {
  if (typeof entry.direction === "string" && entry.direction !== direction) return [];
  const why: Reason[] = entry.doubt === undefined ? [] : [entry.doubt];
  const unsure = (what: string) => why.push({ text: `${what} of the rule is not known yet`, at: entry.at });
  if (entry.direction instanceof Unknown) unsure("the direction");
  if (typeof entry.number !== "number") unsure("the number");
  const { kind, set, doubt } = aclTransport(entry.fields.protocol, entry.fields.fromPort, entry.fields.toPort);
  if (doubt !== null) why.push({ text: doubt, at: entry.at });
  if (kind === null) return [];
  const action = typeof entry.action === "string" ? entry.action.toLowerCase() : entry.action;
  const known = action === "allow" || action === "deny";
  if (!known) unsure("the action");
  const peer = peerOf(entry);
  const bounds: Bounds<EndpointSet> =
    why.length === 0 ? peer : between(addresses(noAddresses), peer.may, [...why, ...peer.why]);
  const actions: readonly ("allow" | "deny")[] = known ? [action] : ["allow", "deny"];
  return actions.map((verb) => ({
    action: verb,
    protocol: kind as Protocol | "any",
    source: direction === "ingress" ? bounds : null,
    destination: direction === "egress" ? bounds : null,
    ports: set,
    sourcePorts: allPorts,
    at: entry.at,
    text: describe(entry, verb),
  }));
}

function peerOf(entry: Entry): Bounds<EndpointSet> {
  const { cidrBlock, ipv6CidrBlock } = entry.fields;
  const path = (key: string) => ({
    urn: entry.at.urn,
    path: entry.at.path === undefined ? key : `${entry.at.path}.${key}`,
  });
  const blank = (value: Value | undefined) => value === undefined || value === null || value === "";
  if (typeof entry.action !== "string" && Object.keys(entry.fields).length === 0) {
    return between(addresses(noAddresses), everyone, [{ text: "the rule is not known yet", at: entry.at }]);
  }
  const v4 = blank(cidrBlock) ? null : cidrs(cidrBlock, 4, path("cidrBlock"));
  const v6 = blank(ipv6CidrBlock) ? null : cidrs(ipv6CidrBlock, 6, path("ipv6CidrBlock"));
  const parts = [v4, v6].filter((part) => part !== null);
  return between(
    addresses(parts.reduce((set, part) => union(set, part.must), noAddresses)),
    addresses(parts.reduce((set, part) => union(set, part.may), noAddresses)),
    parts.flatMap((part) => part.why),
  );
}

function describe(entry: Entry, action: string): string {
  const { protocol, fromPort, toPort, cidrBlock, ipv6CidrBlock } = entry.fields;
  const show = (value: Value | undefined) =>
    value instanceof Unknown ? "?" : value === undefined || value === null ? "" : String(value);
  const number = typeof entry.number === "number" ? `rule ${entry.number}` : "a rule";
  const ports =
    show(fromPort) === "" || show(protocol) === "-1"
      ? ""
      : ` ${show(fromPort)}${show(toPort) === show(fromPort) ? "" : `-${show(toPort)}`}`;
  const what = show(protocol) === "-1" || show(protocol) === "all" ? "all traffic" : `${show(protocol)}${ports}`;
  return `${number} ${action === "allow" ? "allows" : "denies"} ${what} ${entry.direction === "egress" ? "to" : "from"} ${show(cidrBlock) || show(ipv6CidrBlock)}`;
}
