import type { NetId } from "../../model/network";
import type { Provenance, Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown } from "../../model/snapshot";
import { allV4 } from "../../net/addr";
import type { Answer } from "../longest-prefix";
import { push, type Resources, resolve, resolveOwner } from "../resources";
import { items } from "../values";
import { propagated } from "./propagated-routes";
import { lowerRoute, type Route } from "./routes";
import * as types from "./types";
import { DEFAULT_VPC, foreignKey, type Subnet, type SubnetKey, type Vpcs } from "./vpc";

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

/** Which tables apply to what leaves a subnet, and to what enters a network by its Internet gateway. */
export interface RouteTables {
  of(subnet: SubnetKey): SubnetTables;
  /** Tables on the Internet gateway of a network; none if nothing is associated. */
  edge(network: NetId): SubnetTables;
  /** Whether a network has an Internet gateway. */
  gateway(network: NetId): Answer;
}

const REFERENCE = new Set([...types.TABLE, ...types.VPC]);

/** Route tables, which subnet has which, and the implicit local route. VPC User Guide, "Configure route tables". */
export function lowerRoutes(resources: Resources, vpcs: Vpcs): RouteTables {
  const attached = gatewayAttachments(resources, vpcs);
  const tables = new Map<string, RouteTable & { routes: Route[] }>();
  const mains = new Map<NetId, readonly string[]>();
  const certain = new Map<SubnetKey, string[]>();
  const possible = new Map<SubnetKey, string[]>();
  const edges: string[] = [];

  const table = (key: string, network: NetId | null): RouteTable & { routes: Route[] } => {
    let found = tables.get(key);
    if (found === undefined) {
      found = implicit(key, network, vpcs);
      tables.set(key, found);
    }
    return found;
  };
  const keysOf = (resource: ResourceSnapshot, property: string) => {
    const references = resolveOwner(resources, resource, property, resource.properties[property], REFERENCE);
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
  for (const resource of resources.ofType(...types.TABLE)) {
    const routes = propagated(resources, resource, "propagatingVgws");
    if (routes.length > 0) table(tableKey(resource, resources, vpcs), null).routes.push(...routes);
  }
  for (const resource of resources.ofType("aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation")) {
    const keys = keysOf(resource, "routeTableId");
    const routes = propagated(resources, resource, "vpnGatewayId");
    const doubt = { text: "which table the VPN gateway propagates to is not known", at: { urn: resource.urn } };
    for (const key of keys.certain) table(key, null).routes.push(...routes);
    for (const key of keys.possible) table(key, null).routes.push(...routes.map((route) => ({ ...route, doubt })));
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
    const owner = resolveOwner(resources, resource, "vpcId", resource.properties.vpcId, types.VPC);
    const keys = keysOf(resource, "routeTableId");
    const options = [...keys.certain, ...keys.possible];
    for (const vpc of owner.possible) mains.set(vpcs.keyOf(vpc), [`main:${vpcs.keyOf(vpc)}`, ...options]);
    if (owner.possible.length === 0) mains.set(vpcs.networkOf(owner), options);
  }
  for (const resource of resources.ofType("aws:ec2/routeTableAssociation:RouteTableAssociation")) {
    const subnets = vpcs.subnetKeys(
      resolveOwner(resources, resource, "subnetId", resource.properties.subnetId, types.SUBNET),
    );
    const keys = keysOf(resource, "routeTableId");
    const { absent, certain: vpns } = resolve(
      resources,
      resource,
      "gatewayId",
      resource.properties.gatewayId,
      types.VPN_GATEWAY,
    );
    if (!absent && vpns.length === 0) edges.push(...keys.certain, ...keys.possible);
    for (const subnet of subnets.certain) {
      for (const key of keys.certain) push(certain, subnet, key);
      for (const key of keys.possible) push(possible, subnet, key);
    }
    for (const subnet of subnets.possible)
      for (const key of [...keys.certain, ...keys.possible]) push(possible, subnet, key);
  }

  const edge = (network: NetId): SubnetTables => {
    const options = [...new Set(edges)].map((key) => table(key, null)).filter((item) => item.network === network);
    const why = options.length < 2 ? [] : [{ text: "which route table the Internet gateway has is not known" }];
    return { options, why };
  };
  const of = (key: SubnetKey): SubnetTables => {
    const subnet = vpcs.subnet(key);
    const named = certain.get(key) ?? [];
    const others = possible.get(key) ?? [];
    const main = mains.get(subnet.network) ?? [`main:${subnet.network}`];
    if (subnet.outside !== null && named.length === 0) return { options: [unread(key, subnet)], why: [] };
    const keys = [...new Set([...named, ...others, ...(named.length === 0 ? main : [])])];
    const why = keys.length === 1 ? [] : [{ text: `which route table the subnet ${subnet.name} has is not known` }];
    return { options: keys.map((item) => table(item, subnet.network)), why };
  };
  const gateway = (network: NetId): Answer => {
    if (network === DEFAULT_VPC) return "yes";
    if (!vpcs.network(network).created) return "maybe";
    const answers = resources.ofType(...types.INTERNET_GATEWAY).map((item) => attached(item, network));
    return answers.includes("yes") ? "yes" : answers.includes("maybe") ? "maybe" : "no";
  };
  return { of, edge, gateway };
}

function tableKey(resource: ResourceSnapshot, resources: Resources, vpcs: Vpcs): string {
  if (types.VPC.has(resource.type))
    return `main:${resource.type.includes("defaultVpc") ? "default-vpc" : resource.urn}`;
  if (!resource.type.includes("defaultRouteTable")) return resource.urn;
  const vpc = resolve(resources, resource, "defaultRouteTableId", resource.properties.defaultRouteTableId, types.VPC);
  return `main:${vpcs.networkOf(vpc)}`;
}

function unread(key: SubnetKey, subnet: Subnet): RouteTable {
  return {
    key: `unread:${key}`,
    network: subnet.network,
    name: `the route table of ${subnet.name}`,
    at: null,
    routes: [],
    unread: subnet.outside,
  };
}

/** A table that no resource declares: the main table made with the VPC, or one outside the stack. */
function implicit(key: string, network: NetId | null, vpcs: Vpcs): RouteTable & { routes: Route[] } {
  if (!key.startsWith("main:")) {
    const name = key.replace(/^foreign:/, "");
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
    const owner = resolveOwner(
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
