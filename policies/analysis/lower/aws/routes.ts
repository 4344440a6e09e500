import type { Family, NetId } from "../../model/network";
import type { Provenance } from "../../model/provenance";
import { type ResourceSnapshot, Unknown, type Value } from "../../model/snapshot";
import type { AddrSet } from "../../net/addr";
import { parseCidr } from "../../net/cidr";
import type { Answer, Route as RouteTo } from "../longest-prefix";
import { type Resources, resolve } from "../resources";
import { field, isFields } from "../values";
import { prefixListBlocks } from "./prefix-lists";
import { forwards } from "./source-check";
import * as types from "./types";

/** What a route leads to, by the resource that it refers to and never by the name of the property. */
export type Target =
  | { readonly kind: "local" }
  | { readonly kind: "internet"; readonly gateway: ResourceSnapshot | null; readonly attached: "yes" | "no" | "maybe" }
  | {
      readonly kind: "nat" | "egress-only" | "peering" | "transit" | "vpn" | "endpoint";
      readonly resource: ResourceSnapshot;
    }
  /** A machine, which drops what is not its own unless its source/destination check is off. */
  | { readonly kind: "interface"; readonly resource: ResourceSnapshot; readonly forwards: Answer }
  | { readonly kind: "unknown" };

/** Static routes beat prefix lists on equal length, and those beat propagated ones. */
export type Route = RouteTo<Target>;

/** A route in either spelling: an item of `RouteTable.routes`, or a `Route` resource (`property` is empty). */
export function lowerRoute(
  resources: Resources,
  resource: ResourceSnapshot,
  property: string,
  value: Value,
  path: string,
  network: NetId,
  attached: (gateway: ResourceSnapshot, network: NetId) => Answer,
): Route[] {
  const at: Provenance = path === "" ? { urn: resource.urn } : { urn: resource.urn, path };
  if (!isFields(value)) {
    const reason = value instanceof Unknown ? value.reason : "no route";
    return [
      {
        destination: null,
        family: null,
        rank: 0,
        target: { kind: "unknown" },
        at,
        text: `a route that is ${reason}`,
        doubt: null,
      },
    ];
  }
  const target = targetOf(resources, resource, property, value, network, attached);
  // A gateway endpoint takes the addresses of a storage service, which is nobody's way to a mail server.
  if (target.kind === "endpoint" && isGatewayEndpoint(target.resource)) return [];
  const routes: Route[] = [];
  const add = (destination: AddrSet | null, family: Family | null, rank: number, shown: string) =>
    routes.push({ destination, family, rank, target, at, text: `${shown} to ${describe(target)}`, doubt: null });
  const single = (keys: readonly string[], family: Family) => {
    for (const key of keys) {
      const text = value[key];
      if (text === undefined || text === null || text === "") continue;
      const set = typeof text === "string" ? parseCidr(text) : null;
      add(set, family, 0, set === null ? "an unknown destination" : String(text));
    }
  };
  single(["cidrBlock", "destinationCidrBlock"], 4);
  single(["ipv6CidrBlock", "destinationIpv6CidrBlock"], 6);
  const list = field(value, "destinationPrefixListId");
  if (list !== undefined && list !== null && list !== "") {
    const name = property === "" ? "destinationPrefixListId" : property;
    const blocks = prefixListBlocks(resources, resolve(resources, resource, name, list, types.PREFIX_LIST));
    for (const block of blocks ?? [null]) add(block, null, 1, "a prefix list");
  }
  return routes;
}

const GATEWAYS = [types.INTERNET_GATEWAY, types.VPN_GATEWAY, types.NAT_GATEWAY, types.EGRESS_GATEWAY];
const ENDPOINTS = [types.ENDPOINT, types.NETWORK_FIREWALL];
const MACHINES = [types.INTERFACE, types.INSTANCE];

const ANY_TARGET = union([...GATEWAYS, ...ENDPOINTS, ...MACHINES, types.PEERING, types.TRANSIT_GATEWAY]);

/**
 * The properties that name a target, and what they can name at all. EC2 API, `CreateRoute`: each parameter takes ids of its own kind,
 * but `GatewayId`, which takes those of other gateways and of endpoints too.
 */
const TARGETS: readonly (readonly [string, ReadonlySet<string>])[] = [
  ["gatewayId", union([...GATEWAYS, ...ENDPOINTS])],
  ["natGatewayId", types.NAT_GATEWAY],
  ["egressOnlyGatewayId", types.EGRESS_GATEWAY],
  ["networkInterfaceId", union(MACHINES)],
  ["vpcPeeringConnectionId", types.PEERING],
  ["transitGatewayId", types.TRANSIT_GATEWAY],
  ["vpcEndpointId", union(ENDPOINTS)],
  ["carrierGatewayId", new Set()],
  ["localGatewayId", new Set()],
  ["coreNetworkArn", new Set()],
  ["instanceId", union(MACHINES)],
];

function union(sets: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  return new Set(sets.flatMap((set) => [...set]));
}

function targetOf(
  resources: Resources,
  resource: ResourceSnapshot,
  property: string,
  value: { readonly [key: string]: Value },
  network: NetId,
  attached: (gateway: ResourceSnapshot, network: NetId) => Answer,
): Target {
  for (const [name, own] of TARGETS) {
    const id = value[name];
    if (id === undefined || id === null || id === "") continue;
    if (id === "local") return { kind: "local" };
    const among = (types: ReadonlySet<string>) => {
      const { certain } = resolve(resources, resource, property === "" ? name : property, id, types);
      return certain.length === 1 ? certain[0] : undefined;
    };
    // Where the routes of a table share what they depend on, the name of the property tells their targets apart.
    const found = among(ANY_TARGET) ?? among(own) ?? endpointOfFirewall(resources, id);
    if (found === undefined) return { kind: "unknown" };
    if (types.INTERNET_GATEWAY.has(found.type))
      return { kind: "internet", gateway: found, attached: attached(found, network) };
    if (types.NAT_GATEWAY.has(found.type)) return { kind: "nat", resource: found };
    if (types.EGRESS_GATEWAY.has(found.type)) return { kind: "egress-only", resource: found };
    if (types.PEERING.has(found.type)) return { kind: "peering", resource: found };
    if (types.TRANSIT_GATEWAY.has(found.type)) return { kind: "transit", resource: found };
    if (types.VPN_GATEWAY.has(found.type)) return { kind: "vpn", resource: found };
    if (types.INTERFACE.has(found.type) || types.INSTANCE.has(found.type))
      return { kind: "interface", resource: found, forwards: forwards(resources, found) };
    return { kind: "endpoint", resource: found };
  }
  return { kind: "unknown" };
}

function isGatewayEndpoint({ type, properties }: ResourceSnapshot): boolean {
  return types.ENDPOINT.has(type) && (properties.vpcEndpointType ?? "Gateway") === "Gateway";
}

/** A firewall whose state names an endpoint. */
function endpointOfFirewall(resources: Resources, id: Value): ResourceSnapshot | undefined {
  if (typeof id !== "string") return undefined;
  const names = (value: Value | undefined): boolean =>
    value === id ||
    (Array.isArray(value) && value.some((item: Value) => names(item))) ||
    (isFields(value) && Object.values(value).some(names));
  return resources
    .ofType(...types.NETWORK_FIREWALL)
    .find(({ properties }) => names(properties.firewallStatuses) || names(properties.vpcEndpointAssociationStatuses));
}

function describe(target: Target): string {
  switch (target.kind) {
    case "local":
      return "the VPC itself";
    case "internet":
      return `Internet gateway ${target.gateway?.name ?? "of the default VPC"}`;
    case "unknown":
      return "a target that is not in the stack";
    default:
      return `${target.kind} ${target.resource.name}`;
  }
}
