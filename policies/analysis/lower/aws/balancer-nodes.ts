import type { EndpointSet } from "../../model/endpoints";
import { addresses } from "../../model/endpoints";
import { type Address, type Endpoint, endpointId, type Family } from "../../model/network";
import type { Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown } from "../../model/snapshot";
import { type AddrSet, noAddresses } from "../../net/addr";
import type { Bounds } from "../../net/bounds";
import { parseCidr } from "../../net/cidr";
import { type Resources, resolve } from "../resources";
import { field, flag, items, text } from "../values";
import { ROUTED_V6 } from "./address-space";
import { GROUP_REFERENCE } from "./group-rules";
import { defaultGroup, type Groups } from "./groups";
import type { GroupMembership } from "./interfaces";
import * as types from "./types";
import { DEFAULT_VPC, type Subnet, type Vpcs } from "./vpc";

/** One node of a load balancer, in one subnet: clients can pick it by its address. */
export interface BalancerNode {
  readonly subnet: Subnet;
  readonly v4: Address;
  readonly v6: Address | null;
}

export type Facing = "internet" | "internal" | "unknown";

/** Clients of a family that have an address to connect to. */
export interface Clients {
  readonly family: Family;
  readonly doubt: Reason | null;
}

/** The nodes of a load balancer by the subnets that it names; one that names only zones is in the default VPC. */
export function nodesOf(resources: Resources, vpcs: Vpcs, balancer: ResourceSnapshot): BalancerNode[] {
  const { subnets, subnetMappings, availabilityZones } = balancer.properties;
  const listed = items(subnetMappings).map((item) => ({
    id: field(item, "subnetId") ?? item,
    fixed: { 4: field(item, "privateIpv4Address"), 6: field(item, "ipv6Address") },
  }));
  const property = listed.length > 0 ? "subnetMappings" : "subnets";
  const ids = listed.length > 0 ? listed.map((item) => item.id) : items(subnets);
  if (ids.length === 0) {
    return items(availabilityZones).length === 0 ? [] : [nodeIn(vpcs.subnet(DEFAULT_VPC), {})];
  }
  const keys = vpcs.subnetKeys(resolve(resources, balancer, property, ids, types.SUBNET));
  return [...keys.certain, ...keys.possible].map((key, i) => nodeIn(vpcs.subnet(key), listed[i]?.fixed ?? {}));
}

function nodeIn(subnet: Subnet, fixed: { readonly [family in Family]?: unknown }): BalancerNode {
  const address = (family: Family, range: Bounds<AddrSet> | null): Address | null => {
    const given = fixed[family];
    const known = typeof given === "string" ? parseCidr(given) : null;
    if (known !== null) return { kind: "known", addr: known };
    return range === null ? null : { kind: "within", range: range.why.length === 0 ? range.must : range.may };
  };
  return {
    subnet,
    v4: address(4, subnet.v4) ?? { kind: "within", range: { v4: [], v6: [] } },
    v6: address(6, subnet.v6),
  };
}

/** A node that targets of IPv6 are reached from: it has such an address, known or not. */
export function withV6(node: BalancerNode): BalancerNode {
  return node.v6 === null ? { ...node, v6: { kind: "within", range: ROUTED_V6 } } : node;
}

/** A network load balancer without groups lets every client pass; the other kinds get the VPC's default group. */
export function groupsOf(
  resources: Resources,
  vpcs: Vpcs,
  groups: Groups,
  balancer: ResourceSnapshot,
  network: boolean,
): GroupMembership | null {
  const references = resolve(
    resources,
    balancer,
    "securityGroups",
    balancer.properties.securityGroups,
    GROUP_REFERENCE,
  );
  const keys = groups.keys(references);
  if (keys.certain.length > 0 || keys.possible.length > 0) return keys;
  if (network) return null;
  const [node] = nodesOf(resources, vpcs, balancer);
  return node === undefined ? null : { certain: [defaultGroup(node.subnet.network)], possible: [] };
}

export function clientsOf(balancer: ResourceSnapshot): readonly Clients[] {
  const type = text(balancer.properties.ipAddressType) ?? "ipv4";
  const v4 = { family: 4 as const, doubt: null };
  if (type === "ipv4") return [v4];
  const doubt = {
    text: "whether the load balancer takes IPv6 is not known yet",
    at: { urn: balancer.urn, path: "ipAddressType" },
  };
  return [v4, { family: 6, doubt: type instanceof Unknown ? doubt : null }];
}

/** Whether the stack tells in which subnets a load balancer has nodes. */
export function nodeSubnets(balancer: ResourceSnapshot): boolean {
  const { subnets, subnetMappings } = balancer.properties;
  return items(subnets).length > 0 || items(subnetMappings).length > 0;
}

export function facingOf(balancer: ResourceSnapshot): Facing {
  const internal = flag(balancer.properties.internal) ?? false;
  return internal instanceof Unknown ? "unknown" : internal ? "internal" : "internet";
}

/** The identity of a node in filters; null in a family in which it has no address. */
export function nodeEndpoint(balancer: ResourceSnapshot, node: BalancerNode, family: Family): Endpoint | null {
  const address = family === 4 ? node.v4 : node.v6;
  return address === null ? null : { id: endpointId(`node:${balancer.urn}@${node.subnet.key}`, family), address };
}

export function nodeEndpoints(balancer: ResourceSnapshot, node: BalancerNode, family: Family): EndpointSet {
  const endpoint = nodeEndpoint(balancer, node, family);
  if (endpoint === null) return addresses(noAddresses);
  return endpoint.address.kind === "known"
    ? addresses(endpoint.address.addr)
    : { addr: noAddresses, ifaces: new Set([endpoint.id]) };
}

export function nodeRange(node: BalancerNode, family: Family): AddrSet {
  const address = family === 4 ? node.v4 : node.v6;
  return address === null ? noAddresses : address.kind === "known" ? address.addr : address.range;
}
