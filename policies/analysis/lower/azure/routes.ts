import type { NetId } from "../../model/network";
import type { Provenance, Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown, type Value } from "../../model/snapshot";
import { type AddrSet, allV4, allV6 } from "../../net/addr";
import { cidr, parseCidr } from "../../net/cidr";
import type { Routes, Route as RouteTo } from "../longest-prefix";
import { push } from "../resources";
import { field, isFields, items, text } from "../values";
import type { Firewalls } from "./firewalls";
import type { Peering } from "./peerings";
import { resolveByName, type Wanted } from "./references";
import type { AzureResources } from "./tokens";
import type { Subnet, Vnets } from "./vnets";

/** What a route leads to. */
export type Target =
  | { readonly kind: "network" }
  | { readonly kind: "peer"; readonly network: NetId }
  | { readonly kind: "internet" }
  | { readonly kind: "none" }
  | { readonly kind: "firewall"; readonly firewall: ResourceSnapshot }
  /** Another appliance, or a next hop that is not known. */
  | { readonly kind: "appliance"; readonly address: AddrSet | null }
  | { readonly kind: "gateway" };

export type Route = RouteTo<Target>;

export interface RouteTable extends Routes<Target> {
  readonly name: string;
  readonly at: Provenance | null;
  /** Routes of the user's own. */
  readonly own: readonly Route[];
}

export interface SubnetTables {
  readonly options: readonly RouteTable[];
  readonly why: readonly Reason[];
}

const TABLE: Wanted = { kind: "network:RouteTable" };
const GATEWAY_KINDS = ["network:VirtualNetworkGateway", "network:ExpressRouteGateway", "network:VpnGateway"];

/** "Virtual network traffic routing": of equal length a user's route beats BGP, and that a system route. */
const RANK = { system: 2, learned: 1, user: 0 } as const;

/** The effective routes of each subnet: the system's, and those of its route table. */
export function lowerRoutes(
  azure: AzureResources,
  vnets: Vnets,
  peerings: readonly Peering[],
  firewalls: Firewalls,
): (subnet: Subnet) => SubnetTables {
  const standalone = standaloneRoutes(azure);
  const gateways = networksWithGateway(azure, vnets);
  const system = (network: NetId, table: ResourceSnapshot | null): Route[] => [
    ...systemRoutes(vnets, network, peerings),
    ...(gateways.has(network) && table?.properties.disableBgpRoutePropagation !== true ? [learned(network)] : []),
  ];
  const tables = new Map<string, RouteTable>();
  const tableOf = (resource: ResourceSnapshot, network: NetId): RouteTable => {
    const key = `${resource.urn}@${network}`;
    let table = tables.get(key);
    if (table === undefined) {
      const own = [
        ...items(resource.properties.routes).map((value, i) => userRoute(firewalls, resource, value, `routes[${i}]`)),
        ...(standalone.get(resource.urn) ?? []).map((route) => userRoute(firewalls, route, route.properties, "")),
      ];
      const unread = resource.external
        ? { text: `the routes of ${resource.name} are not in the stack`, at: { urn: resource.urn } }
        : null;
      table = {
        name: resource.name,
        at: { urn: resource.urn },
        own,
        routes: [...own, ...system(network, resource)],
        unread,
      };
      tables.set(key, table);
    }
    return table;
  };
  const defaults = new Map<NetId, RouteTable>();
  const byDefault = (network: NetId): RouteTable => {
    const made = defaults.get(network) ?? {
      name: "the system routes",
      at: null,
      own: [],
      routes: system(network, null),
      unread: null,
    };
    defaults.set(network, made);
    return made;
  };
  return (subnet) => {
    const why = { text: `which route table the subnet ${subnet.name} has is not known` };
    if (subnet.outside !== null) return { options: [unreadTable(subnet.name, subnet.outside)], why: [] };
    const { certain, possible, foreign, absent } = vnets.resolve(subnet, "routeTable", TABLE);
    if (absent) return { options: [byDefault(subnet.network)], why: [] };
    const options = [...certain, ...possible].map(({ resource }) => tableOf(resource, subnet.network));
    const outside = foreign.map((id) =>
      unreadTable(subnet.name, {
        text: `the route table ${typeof id === "string" ? id : ""} of ${subnet.name} is not in the stack`,
      }),
    );
    const all = [...options, ...outside];
    return { options: all, why: all.length > 1 ? [why] : [] };
  };
}

function unreadTable(name: string, unread: Reason): RouteTable {
  return { name: `the route table of ${name}`, at: null, own: [], routes: [], unread };
}

function systemRoutes(vnets: Vnets, network: NetId, peerings: readonly Peering[]): Route[] {
  const home = vnets.network(network);
  const at = { urn: home.urn ?? network };
  const made = (destination: AddrSet, target: Target, what: string, doubt: Reason | null = null): Route => ({
    destination,
    family: null,
    rank: RANK.system,
    target,
    at,
    text: `system route ${what}`,
    doubt,
  });
  const [unsure] = home.space.why;
  return [
    // The network's own prefixes win over what BGP brings, and over peers.
    { ...made(home.space.may, { kind: "network" }, "within the VNet", unsure ?? null), rank: RANK.learned - 0.5 },
    ...peerings
      .filter((peering) => peering.from === network)
      .map((peering) => {
        const peer = vnets.network(peering.to);
        const [open] = peer.space.why;
        return {
          ...made(
            peer.space.may,
            { kind: "peer", network: peering.to },
            `to ${peer.name} by ${peering.text}`,
            open ?? null,
          ),
          rank: RANK.learned - 0.5,
        };
      }),
    made(allV4, { kind: "internet" }, "0.0.0.0/0 to the Internet"),
    made(allV6, { kind: "internet" }, "::/0 to the Internet"),
    made(UNROUTED, { kind: "none" }, "for private space to nowhere"),
  ];
}

const UNROUTED = cidr("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10");

/** What a gateway learns is not in the stack: any private network. A default route among it would only close, and is not counted. */
function learned(network: NetId): Route {
  const at = { urn: network };
  const doubt = { text: "routes that a virtual network gateway learns are not in the stack", at };
  return {
    destination: UNROUTED,
    family: null,
    rank: RANK.learned,
    target: { kind: "gateway" },
    at,
    text: "learned routes to the gateway",
    doubt,
  };
}

function networksWithGateway(azure: AzureResources, vnets: Vnets): ReadonlySet<NetId> {
  const found = new Set<NetId>();
  for (const subnet of vnets.subnets.values()) {
    const name = subnet.fields.name ?? subnet.fields.subnetName;
    if (typeof name === "string" && name.toLowerCase() === "gatewaysubnet" && azure.ofKind(...GATEWAY_KINDS).length > 0)
      found.add(subnet.network);
  }
  return found;
}

function standaloneRoutes(azure: AzureResources): ReadonlyMap<string, ResourceSnapshot[]> {
  const found = new Map<string, ResourceSnapshot[]>();
  for (const route of azure.ofKind("network:Route")) {
    const { certain, possible } = resolveByName(azure, route, "routeTableName", TABLE.kind);
    for (const { resource } of [...certain, ...possible]) push(found, resource.urn, route);
  }
  return found;
}

function userRoute(firewalls: Firewalls, holder: ResourceSnapshot, value: Value, path: string): Route {
  const at: Provenance = path === "" ? { urn: holder.urn } : { urn: holder.urn, path };
  if (!isFields(value)) {
    const reason = value instanceof Unknown ? value.reason : "no route";
    return {
      destination: null,
      family: null,
      rank: RANK.user,
      target: { kind: "appliance", address: null },
      at,
      text: `a route that is ${reason}`,
      doubt: null,
    };
  }
  const prefix = text(value.addressPrefix);
  const destination = typeof prefix === "string" ? parseCidr(prefix) : null;
  const target = targetOf(firewalls, holder, path, value);
  const shown = typeof prefix === "string" ? prefix : "an unknown destination";
  return {
    destination,
    family: null,
    rank: RANK.user,
    target,
    at,
    text: `${shown} to ${describe(target)}`,
    doubt: null,
  };
}

function targetOf(
  firewalls: Firewalls,
  holder: ResourceSnapshot,
  path: string,
  value: { readonly [key: string]: Value },
): Target {
  const kind = text(value.nextHopType);
  if (typeof kind !== "string") return { kind: "appliance", address: null };
  switch (kind.toLowerCase()) {
    case "internet":
      return { kind: "internet" };
    case "none":
      return { kind: "none" };
    case "vnetlocal":
      return { kind: "network" };
    case "virtualnetworkgateway":
      return { kind: "gateway" };
    case "virtualappliance": {
      const hop = field(value, "nextHopIpAddress");
      const firewall = firewalls.at(holder, path === "" ? "nextHopIpAddress" : "routes", hop);
      if (firewall !== null) return { kind: "firewall", firewall };
      return { kind: "appliance", address: typeof hop === "string" ? parseCidr(hop) : null };
    }
    default:
      return { kind: "appliance", address: null };
  }
}

function describe(target: Target): string {
  switch (target.kind) {
    case "network":
      return "the VNet";
    case "peer":
      return "a peered VNet";
    case "internet":
      return "the Internet";
    case "none":
      return "nowhere";
    case "firewall":
      return `firewall ${target.firewall.name}`;
    case "appliance":
      return "an appliance";
    case "gateway":
      return "the gateway";
  }
}

/** Prefixes of a subnet's own routes: they count as part of its `VirtualNetwork` tag. */
export function routedPrefixes(tables: SubnetTables): readonly AddrSet[] {
  return tables.options.flatMap((table) => table.own.flatMap((route) => route.destination ?? []));
}
