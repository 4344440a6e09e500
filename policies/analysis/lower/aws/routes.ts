import type { Family, NetId, RouteLine } from "../../model/network";
import type { Provenance, Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown, type Value } from "../../model/snapshot";
import { type AddrSet, allV4, allV6, isEmpty, noAddresses, subtract, union, unionAll } from "../../net/addr";
import { type Bounds, between, mergeReasons } from "../../net/bounds";
import { parseCidr } from "../../net/cidr";
import { push, type Resources, resolve } from "../resources";
import { field, isFields, items, only } from "../values";
import { lowerPrefixList } from "./prefix-lists";
import * as types from "./types";
import { foreignKey, type SubnetKey, type Vpcs } from "./vpc";

/** What a route leads to, by the resource that it refers to and never by the name of the property. */
export type Target =
  | { readonly kind: "local" }
  | { readonly kind: "internet"; readonly gateway: ResourceSnapshot | null; readonly attached: "yes" | "no" | "maybe" }
  | {
      readonly kind: "nat" | "egress-only" | "peering" | "transit" | "vpn" | "interface" | "endpoint";
      readonly resource: ResourceSnapshot;
    }
  | { readonly kind: "unknown" };

export interface Route {
  /** Null where the destination is not known. */
  readonly destination: AddrSet | null;
  readonly family: Family | null;
  /** Static routes beat prefix lists on equal length. */
  readonly rank: number;
  readonly target: Target;
  readonly at: Provenance;
  readonly text: string;
  readonly doubt: Reason | null;
}

export interface RouteTable {
  readonly key: string;
  readonly network: NetId;
  readonly name: string;
  readonly at: Provenance | null;
  readonly routes: readonly Route[];
  /** Set for a table outside the stack: any address may be routed anywhere. */
  readonly unread: Reason | null;
}

/** The tables that a subnet may have; one if it is known. */
export interface SubnetTables {
  readonly options: readonly RouteTable[];
  readonly why: readonly Reason[];
}

export type Answer = "yes" | "no" | "maybe";

/** The addresses whose longest matching route leads to a wanted target. */
export function toward(table: RouteTable, family: Family, wanted: (target: Target) => Answer): Bounds<AddrSet> {
  const universe = family === 4 ? allV4 : allV6;
  if (table.unread !== null) return between(noAddresses, universe, [table.unread]);
  const entries: { set: AddrSet; length: number; route: Route }[] = [];
  const floating: Route[] = [];
  for (const route of table.routes) {
    if (route.destination === null) {
      if (route.family === null || route.family === family) floating.push(route);
      continue;
    }
    for (const single of blocks(only(route.destination, family))) entries.push({ ...single, route });
  }
  entries.sort((a, b) => b.length - a.length || a.route.rank - b.route.rank);
  let certainlyClaimed = noAddresses;
  let possiblyClaimed = noAddresses;
  const must: AddrSet[] = [];
  const may: AddrSet[] = [];
  const why: Reason[] = [];
  for (const { set, route } of entries) {
    const answer = wanted(route.target);
    if (answer !== "no") may.push(subtract(set, certainlyClaimed));
    if (answer === "yes" && route.doubt === null) must.push(subtract(set, possiblyClaimed));
    if (answer === "maybe") why.push({ text: route.text, at: route.at });
    if (route.doubt !== null) why.push(route.doubt);
    if (route.doubt === null) certainlyClaimed = union(certainlyClaimed, set);
    possiblyClaimed = union(possiblyClaimed, set);
  }
  let least = unionAll(must);
  for (const route of floating) {
    const answer = wanted(route.target);
    if (answer !== "no") may.push(universe);
    if (answer !== "yes") least = noAddresses;
    why.push({ text: `the destination of a route is not known yet (${route.text})`, at: route.at });
  }
  const most = unionAll(may);
  return between(least, most, why.length === 0 || isEmpty(subtract(most, least)) ? [] : mergeReasons(why));
}

/** The known routes of a table, the longest first. */
export function routeLines(table: RouteTable, family: Family): readonly RouteLine[] {
  return table.routes
    .flatMap((route) =>
      route.destination === null ? [] : blocks(only(route.destination, family)).map((block) => ({ ...block, route })),
    )
    .sort((a, b) => b.length - a.length || a.route.rank - b.route.rank)
    .map(({ set, route }) => ({ destination: set, text: route.text, at: route.at }));
}

function blocks(set: AddrSet): { set: AddrSet; length: number }[] {
  return [
    ...set.v4.map(([low, high]) => ({
      set: { v4: [[low, high] as const], v6: [] },
      length: 32 - Math.log2(high - low + 1),
    })),
    ...set.v6.map(([low, high]) => ({
      set: { v4: [], v6: [[low, high] as const] },
      length: 128 - ((high - low + 1n).toString(2).length - 1),
    })),
  ];
}

const REFERENCE = new Set([...types.TABLE, ...types.VPC]);
const TARGETS: readonly (readonly [string, ReadonlySet<string>])[] = [
  "gatewayId",
  "natGatewayId",
  "egressOnlyGatewayId",
  "networkInterfaceId",
  "vpcPeeringConnectionId",
  "transitGatewayId",
  "vpcEndpointId",
  "carrierGatewayId",
  "localGatewayId",
  "coreNetworkArn",
  "instanceId",
].map((property) => [
  property,
  new Set(
    [
      types.INTERNET_GATEWAY,
      types.EGRESS_GATEWAY,
      types.NAT_GATEWAY,
      types.INTERFACE,
      types.INSTANCE,
      types.PEERING,
      types.TRANSIT_GATEWAY,
      types.VPN_GATEWAY,
      types.ENDPOINT,
      types.NETWORK_FIREWALL,
    ].flatMap((set) => [...set]),
  ),
]);

/** Route tables, which subnet has which, and the implicit local route. VPC User Guide, "Configure route tables". */
export function lowerRoutes(resources: Resources, vpcs: Vpcs): (subnet: SubnetKey) => SubnetTables {
  const attached = gatewayAttachments(resources, vpcs);
  const tables = new Map<string, RouteTable & { routes: Route[] }>();
  const mains = new Map<NetId, string>();
  const certain = new Map<SubnetKey, string[]>();
  const possible = new Map<SubnetKey, string[]>();

  const table = (key: string, network: NetId | null): RouteTable & { routes: Route[] } => {
    let found = tables.get(key);
    if (found === undefined) {
      found = implicit(key, network, vpcs);
      tables.set(key, found);
    }
    return found;
  };
  const keysOf = (resource: ResourceSnapshot, property: string) => {
    const references = resolve(resources, resource, property, resource.properties[property], REFERENCE);
    const key = (found: ResourceSnapshot) => tableKey(found, resources, vpcs);
    return {
      certain: [...references.certain.map(key), ...references.foreign.map(foreignKey)],
      possible: references.possible.map(key),
    };
  };

  for (const resource of resources.ofType(...types.TABLE)) {
    const key = tableKey(resource, resources, vpcs);
    const vpc = resource.type.includes("defaultRouteTable")
      ? resolve(resources, resource, "defaultRouteTableId", resource.properties.defaultRouteTableId, types.VPC)
      : resolve(resources, resource, "vpcId", resource.properties.vpcId, types.VPC);
    const network = vpcs.networkOf(vpc);
    const routes: Route[] = [local(network, vpcs)];
    items(resource.properties.routes).forEach((item, i) => {
      routes.push(...lowerRoute(resources, resource, "routes", item, `routes[${i}]`, network, attached));
    });
    const unread = resource.external
      ? { text: "the routes of a table that exists already are not in the stack", at: { urn: resource.urn } }
      : null;
    tables.set(key, { key, network, name: resource.name, at: { urn: resource.urn }, routes, unread });
  }
  for (const resource of resources.ofType("aws:ec2/route:Route")) {
    const keys = keysOf(resource, "routeTableId");
    for (const key of keys.certain) {
      const owner = table(key, null);
      owner.routes.push(...lowerRoute(resources, resource, "", resource.properties, "", owner.network, attached));
    }
    for (const key of keys.possible) {
      const owner = table(key, null);
      const doubt = { text: "which table the route belongs to is not known", at: { urn: resource.urn } };
      owner.routes.push(
        ...lowerRoute(resources, resource, "", resource.properties, "", owner.network, attached).map((route) => ({
          ...route,
          doubt,
        })),
      );
    }
  }
  for (const resource of resources.ofType("aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation")) {
    const network = vpcs.networkOf(resolve(resources, resource, "vpcId", resource.properties.vpcId, types.VPC));
    const [key] = keysOf(resource, "routeTableId").certain;
    if (key !== undefined) mains.set(network, key);
  }
  for (const resource of resources.ofType("aws:ec2/routeTableAssociation:RouteTableAssociation")) {
    const subnets = vpcs.subnetKeys(
      resolve(resources, resource, "subnetId", resource.properties.subnetId, types.SUBNET),
    );
    const keys = keysOf(resource, "routeTableId");
    for (const subnet of subnets.certain) {
      for (const key of keys.certain) push(certain, subnet, key);
      for (const key of keys.possible) push(possible, subnet, key);
    }
    for (const subnet of subnets.possible)
      for (const key of [...keys.certain, ...keys.possible]) push(possible, subnet, key);
  }

  return (key) => {
    const subnet = vpcs.subnet(key);
    const named = certain.get(key) ?? [];
    const others = possible.get(key) ?? [];
    const main = subnet.created ? (mains.get(subnet.network) ?? `main:${subnet.network}`) : `unread:${key}`;
    const keys = [...new Set([...named, ...others, ...(named.length === 0 ? [main] : [])])];
    const why = keys.length === 1 ? [] : [{ text: `which route table the subnet ${subnet.name} has is not known` }];
    return { options: keys.map((item) => table(item, subnet.network)), why };
  };
}

function tableKey(resource: ResourceSnapshot, resources: Resources, vpcs: Vpcs): string {
  if (types.VPC.has(resource.type))
    return `main:${resource.type.includes("defaultVpc") ? "default-vpc" : resource.urn}`;
  if (!resource.type.includes("defaultRouteTable")) return resource.urn;
  const vpc = resolve(resources, resource, "defaultRouteTableId", resource.properties.defaultRouteTableId, types.VPC);
  return `main:${vpcs.networkOf(vpc)}`;
}

/** A table that no resource declares: the main table made with the VPC, or one outside the stack. */
function implicit(key: string, network: NetId | null, vpcs: Vpcs): RouteTable & { routes: Route[] } {
  if (!key.startsWith("main:")) {
    const name = key.replace(/^(foreign|unread):/, "").replace(/^foreign:/, "");
    return {
      key,
      network: network ?? name,
      name,
      at: null,
      routes: [],
      unread: { text: `the route table of ${name} is not in the stack` },
    };
  }
  const home = key.slice("main:".length);
  const owner = vpcs.network(network ?? home);
  const routes: Route[] = [local(home, vpcs)];
  if (home === "default-vpc") {
    routes.push({
      destination: allV4,
      family: 4,
      rank: 0,
      target: { kind: "internet", gateway: null, attached: "yes" },
      at: { urn: owner.urn ?? "default VPC" },
      text: "0.0.0.0/0 to the Internet gateway of the default VPC",
      doubt: null,
    });
  }
  const unread =
    owner.created || home === "default-vpc"
      ? null
      : { text: `the main route table of ${owner.name} is not in the stack` };
  return {
    key,
    network: home,
    name: "main route table",
    at: owner.urn === null ? null : { urn: owner.urn },
    routes,
    unread,
  };
}

function local(network: NetId, vpcs: Vpcs): Route {
  const home = vpcs.network(network);
  return {
    destination: home.space.must,
    family: null,
    rank: -1,
    target: { kind: "local" },
    at: { urn: home.urn ?? network },
    text: "the local route",
    doubt: null,
  };
}

function lowerRoute(
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
    const set = lowerPrefixList(resources, resolve(resources, resource, name, list, types.PREFIX_LIST), at);
    if (set.why.length === 0) add(set.must, null, 1, "a prefix list");
    else add(null, null, 1, "a prefix list");
  }
  return routes;
}

function targetOf(
  resources: Resources,
  resource: ResourceSnapshot,
  property: string,
  value: { readonly [key: string]: Value },
  network: NetId,
  attached: (gateway: ResourceSnapshot, network: NetId) => Answer,
): Target {
  for (const [name, accepted] of TARGETS) {
    const id = value[name];
    if (id === undefined || id === null || id === "") continue;
    if (id === "local") return { kind: "local" };
    const { certain } = resolve(resources, resource, property === "" ? name : property, id, accepted);
    const [found] = certain;
    if (found === undefined || certain.length > 1) return { kind: "unknown" };
    if (types.INTERNET_GATEWAY.has(found.type))
      return { kind: "internet", gateway: found, attached: attached(found, network) };
    if (types.NAT_GATEWAY.has(found.type)) return { kind: "nat", resource: found };
    if (types.EGRESS_GATEWAY.has(found.type)) return { kind: "egress-only", resource: found };
    if (types.PEERING.has(found.type)) return { kind: "peering", resource: found };
    if (types.TRANSIT_GATEWAY.has(found.type)) return { kind: "transit", resource: found };
    if (types.VPN_GATEWAY.has(found.type)) return { kind: "vpn", resource: found };
    if (types.INTERFACE.has(found.type) || types.INSTANCE.has(found.type))
      return { kind: "interface", resource: found };
    return { kind: "endpoint", resource: found };
  }
  return { kind: "unknown" };
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

/** An Internet gateway works only in the VPC that it is attached to, by its own property or by an attachment resource. */
function gatewayAttachments(resources: Resources, vpcs: Vpcs): (gateway: ResourceSnapshot, network: NetId) => Answer {
  const certain = new Map<string, NetId[]>();
  const unsure = new Set<string>();
  const note = (gateway: ResourceSnapshot, holder: ResourceSnapshot) => {
    const value = holder.properties.vpcId;
    if (value === undefined || value === null) return;
    const references = resolve(resources, holder, "vpcId", value, types.VPC);
    if (references.possible.length > 0 || references.foreign.some((item) => item instanceof Unknown))
      unsure.add(gateway.urn);
    else push(certain, gateway.urn, vpcs.networkOf(references));
  };
  for (const gateway of resources.ofType(...types.INTERNET_GATEWAY)) {
    if (gateway.external) unsure.add(gateway.urn);
    note(gateway, gateway);
  }
  for (const attachment of resources.ofType("aws:ec2/internetGatewayAttachment:InternetGatewayAttachment")) {
    const owner = resolve(
      resources,
      attachment,
      "internetGatewayId",
      attachment.properties.internetGatewayId,
      types.INTERNET_GATEWAY,
    );
    for (const gateway of owner.certain) note(gateway, attachment);
    for (const gateway of owner.possible) unsure.add(gateway.urn);
  }
  return (gateway, network) => {
    if (certain.get(gateway.urn)?.includes(network) === true) return "yes";
    return unsure.has(gateway.urn) ? "maybe" : "no";
  };
}
