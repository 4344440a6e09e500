import { addresses, type EndpointSet, noEndpoints } from "../../model/endpoints";
import type { NetId } from "../../model/network";
import { type Address, endpointId, type Family, type IfaceClass } from "../../model/network";
import type { Reason } from "../../model/provenance";
import type { Urn } from "../../model/snapshot";
import type { AddrSet } from "../../net/addr";
import * as addr from "../../net/addr";
import { type Bounds, between, exactly, mergeReasons } from "../../net/bounds";
import { toCidrs } from "../../net/cidr";
import { push } from "../resources";
import type { GroupKey, GroupPeer } from "./group-rules";
import type { Groups } from "./groups";
import type { GroupMembership, Interface } from "./interfaces";

/** A class of interfaces together with what only AWS's own lowering needs of it. */
export interface AwsClass extends IfaceClass {
  readonly sample: Interface;
  readonly groups: GroupMembership;
}

/** Interfaces that share everything a packet can notice form one class. */
export function classify(interfaces: readonly Interface[]): readonly AwsClass[] {
  const byKey = new Map<string, { sample: Interface; interfaces: Urn[]; hosts: Set<Urn> }>();
  for (const item of interfaces) {
    const key = [
      item.subnet.key,
      item.groups.certain.join(","),
      item.groups.possible.join(","),
      known(item.v4),
      known(item.v6),
      item.v6Doubt?.text ?? "",
      publicKey(item),
      item.primary ? "primary" : "",
      item.forwards === "no" ? "" : `forwards ${item.forwards} ${item.resource.urn}`,
      item.doubt?.at?.urn ?? "",
    ].join("|");
    const found = byKey.get(key);
    if (found === undefined) {
      byKey.set(key, {
        sample: item,
        interfaces: [item.resource.urn],
        hosts: new Set(item.host === null ? [] : [item.host]),
      });
    } else {
      if (found.sample.resource !== item.resource) found.interfaces.push(item.resource.urn);
      if (item.host !== null) found.hosts.add(item.host);
    }
  }
  return [...byKey.values()].map(({ sample, interfaces: members, hosts }, i) => ({
    id: `class-${i}`,
    network: sample.subnet.network,
    subnet: sample.subnet.key,
    address: { v4: sample.v4, v6: sample.v6 },
    interfaces: members,
    hosts,
    sample,
    groups: sample.groups,
  }));
}

function known(address: Address | null): string {
  if (address === null) return "none";
  return address.kind === "known" ? toCidrs(address.addr).join(",") : "within";
}

function publicKey(item: Interface): string {
  if (item.publicV4.kind === "none") return "private";
  return item.publicV4.doubt === null ? "public" : `maybe ${item.publicV4.doubt.text}`;
}

/** The endpoint that stands for a class: its address where that is known, else its identity. */
export function endpointOf(item: IfaceClass, family: Family): EndpointSet {
  const address = family === 4 ? item.address.v4 : item.address.v6;
  if (address === null) return noEndpoints;
  if (address.kind === "known") return addresses(address.addr);
  return { addr: addr.noAddresses, ifaces: new Set([endpointId(item.id, family)]) };
}

/** Something that carries groups: a class of interfaces, or a node of a load balancer. */
export interface GroupMember {
  readonly network: NetId;
  readonly groups: GroupMembership;
  readonly endpoints: EndpointSet;
}

/** A class as a member of its groups, by family: one that may lie elsewhere, or have no such address, is only a possible member. */
export function membersOf(item: AwsClass): readonly GroupMember[] {
  return ([4, 6] as const).map((family) => ({
    network: item.network,
    groups:
      doubtOf(item, family) === null && !item.sample.subnet.scattered
        ? item.groups
        : { certain: [], possible: [...item.groups.certain, ...item.groups.possible] },
    endpoints: endpointOf(item, family),
  }));
}

/** Why it is not certain that the class exists as it is described. */
export function doubtOf(item: AwsClass, family: Family): Reason | null {
  return item.sample.doubt ?? (family === 6 ? item.sample.v6Doubt : null);
}

/** Turns the peers of group rules into endpoints: a group stands for the private addresses of the interfaces that carry it. */
export class Members {
  private readonly certain = new Map<GroupKey, GroupMember[]>();
  private readonly possible = new Map<GroupKey, GroupMember[]>();
  private readonly memo = new Map<string, Bounds<EndpointSet>>();
  private readonly groups: Groups;
  private readonly spaceOf: (network: NetId) => Bounds<AddrSet>;
  private readonly joined: (network: NetId) => ReadonlySet<NetId>;
  private readonly mayBeOne: (a: NetId, b: NetId) => boolean;

  constructor(
    members: readonly GroupMember[],
    groups: Groups,
    spaceOf: (network: NetId) => Bounds<AddrSet>,
    joined: (network: NetId) => ReadonlySet<NetId>,
    mayBeOne: (a: NetId, b: NetId) => boolean,
  ) {
    this.mayBeOne = mayBeOne;
    this.groups = groups;
    this.spaceOf = spaceOf;
    this.joined = joined;
    for (const item of members) {
      for (const key of item.groups.certain) push(this.certain, key, item);
      for (const key of item.groups.possible) push(this.possible, key, item);
    }
  }

  endpoints(peer: GroupPeer, network: NetId): Bounds<EndpointSet> {
    if (peer.kind === "addresses")
      return { must: addresses(peer.set.must), may: addresses(peer.set.may), why: peer.set.why };
    const members = this.members(peer.group, network);
    if (peer.certain) return members;
    return between(noEndpoints, members.may, [...members.why, { text: `which group a rule refers to is not known` }]);
  }

  private members(group: GroupKey, network: NetId): Bounds<EndpointSet> {
    const memoKey = `${group}\0${network}`;
    let result = this.memo.get(memoKey);
    if (result === undefined) {
      result = this.compute(group, network);
      this.memo.set(memoKey, result);
    }
    return result;
  }

  private compute(group: GroupKey, network: NetId): Bounds<EndpointSet> {
    const joined = this.joined(network);
    const isHere = (item: GroupMember) => item.network === network || joined.has(item.network);
    const [certain, possible] = [this.certain.get(group) ?? [], this.possible.get(group) ?? []];
    const near = [
      ...possible.filter(isHere),
      ...[...certain, ...possible].filter((item) => this.mayBeOne(item.network, network)),
    ];
    const [must, maybe] = [unite(certain.filter(isHere)), unite(near)];
    const resource = this.groups.group(group).resource;
    const name = this.groups.group(group).name;
    const outside = (resource === null && !group.startsWith("default-group:")) || resource?.external === true;
    if (outside) {
      const space = this.spaceOf(network);
      const everyone: EndpointSet = { addr: space.may, ifaces: new Set([...must.ifaces, ...maybe.ifaces]) };
      return between(must, { addr: addr.unionAll([everyone.addr, must.addr, maybe.addr]), ifaces: everyone.ifaces }, [
        {
          text: `the members of security group ${name} are not in the stack`,
          ...(resource === null ? {} : { at: { urn: resource.urn } }),
        },
      ]);
    }
    if (near.length === 0) return exactly(must);
    const may: EndpointSet = {
      addr: addr.union(must.addr, maybe.addr),
      ifaces: new Set([...must.ifaces, ...maybe.ifaces]),
    };
    return between(must, may, mergeReasons([{ text: `whether an interface carries ${name} is not known` }]));
  }
}

function unite(members: readonly GroupMember[]): EndpointSet {
  const sets = members.map((item) => item.endpoints);
  return { addr: addr.unionAll(sets.map((set) => set.addr)), ifaces: new Set(sets.flatMap((set) => [...set.ifaces])) };
}

/** The address of a class, or the range that it lies in. */
export function rangeOf(item: AwsClass, family: Family): AddrSet {
  const address = family === 4 ? item.address.v4 : item.address.v6;
  return address === null ? addr.noAddresses : address.kind === "known" ? address.addr : address.range;
}
