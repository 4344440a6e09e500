import type { Host, IfaceClass, MailNetwork } from "../../model/network";
import { endpointId } from "../../model/network";
import type { Urn } from "../../model/snapshot";
import type { AddrSet } from "../../net/addr";
import { unmodelled, unmodelledWays } from "../coverage";
import { push, type Resources } from "../resources";
import { edgeRange } from "./accelerator-edge";
import { lowerAccelerations } from "./accelerators";
import { lowerAcls } from "./acls";
import { nodeEndpoint, nodeEndpoints } from "./balancer-nodes";
import { targetsByGroup } from "./balancer-targets";
import { lowerPublicAccess } from "./block-public-access";
import { type AwsClass, classify, type GroupMember, Members, membersOf } from "./classes";
import { commandsFor } from "./commands";
import { lowerEndpointServices } from "./endpoint-services";
import { Filters } from "./filters";
import { flowLogs } from "./flow-logs";
import { foreignBalancers } from "./foreign-balancers";
import { lowerGroups } from "./groups";
import { weaknessesOf } from "./hardening";
import { lowerInterfaces } from "./interfaces";
import { type Launch, lowerLaunches } from "./launches";
import { lowerLinks } from "./links";
import { type Balancing, lowerLoadBalancers } from "./load-balancers";
import { MANAGED } from "./managed-compute";
import { lowerNaming } from "./naming";
import { lowerNat } from "./nat";
import { lowerInspector } from "./network-firewall/firewall";
import { AwsPaths } from "./paths";
import { placeSubnets } from "./placement";
import { lowerMailEndpoints, type MailEndpoint, mailEndpoint, mailEndpoints } from "./private-endpoints";
import { lowerRoutes } from "./route-tables";
import * as types from "./types";
import { lowerVpcs } from "./vpc";

/** Lowers a stack's AWS resources to the neutral model. Pure: equal snapshots give equal networks. */
export function lowerAws(resources: Resources): MailNetwork {
  const vpcs = lowerVpcs(resources);
  const groups = lowerGroups(resources, vpcs);
  const launches = lowerLaunches(resources);
  placeSubnets(resources, vpcs, groups, launches);
  const interfaces = lowerInterfaces(resources, vpcs, groups, launches);
  const classes = classify(interfaces);
  const links = lowerLinks(resources, vpcs);
  const balancing = lowerLoadBalancers(resources, vpcs, groups);
  const mail = lowerMailEndpoints(resources, vpcs, groups);
  const members = new Members(
    [
      ...classes.flatMap(membersOf),
      ...balancing.flatMap(nodeMembers),
      ...mail.map((item) => ({
        network: item.subnet.network,
        groups: item.groups,
        endpoints: mailEndpoints(item),
      })),
    ],
    groups,
    (network) => vpcs.network(network).space,
    (network) =>
      new Set(
        links
          .from(network)
          .filter((link) => link.references)
          .map((link) => link.to),
      ),
    vpcs.mayBeOne,
  );
  const gaps = unmodelled(resources, types.MODELLED, MANAGED);
  const foreign = foreignBalancers(resources, targetsByGroup(resources));
  const ways = unmodelledWays(
    resources,
    gaps.filter(({ type }) => !MANAGED.has(type)),
    (type) => types.INSTANCE.has(type) || types.INTERFACE.has(type),
  );

  const filters = new Filters(groups, members);
  const ofClass = {
    ingress: memoize((item: AwsClass) => filters.of(item.groups, item.network, "ingress")),
    egress: memoize((item: AwsClass) => filters.of(item.groups, item.network, "egress")),
  };
  const tables = lowerRoutes(resources, vpcs);
  const paths = new AwsPaths({
    vpcs,
    classes,
    publicAccess: lowerPublicAccess(resources, vpcs),
    acls: memoize(lowerAcls(resources, vpcs)),
    tables: memoize(tables.of),
    edge: memoize(tables.edge),
    inspector: (endpoint) => lowerInspector(resources, vpcs, endpoint),
    membershipFilter: (carried, network, direction) => filters.of(carried, network, direction),
    groupFilter: (item, direction) => ofClass[direction](item),
    throughFilter: (carried, network, way) => filters.through(carried, network, way),
    gateway: tables.gateway,
    accelerations: lowerAccelerations(resources, vpcs),
    mailEndpoints: mail,
    services: lowerEndpointServices(resources),
    balancing,
    links,
    nat: (gateway) => lowerNat(resources, vpcs, gateway),
    unmodelledWays: (item) =>
      [...new Set([...item.interfaces, ...item.hosts])].flatMap((urn) => [
        ...(ways.get(urn) ?? []),
        ...(foreign.get(urn) ?? []),
      ]),
  });

  return {
    networks: vpcs.networks,
    classes: new Map<string, IfaceClass>(classes.map((item) => [item.id, item])),
    hosts: hosts(resources, launches, classes),
    securityGroups: [...groups.known.values()],
    logged: flowLogs(resources),
    naming: lowerNaming(resources, interfaces),
    ranges: new Map([...ranges(classes), ...balancing.flatMap(nodeRanges), ...mail.map(mailRange), edgeRange]),
    inbound: memoize((item: IfaceClass) => paths.inbound(item)),
    outbound: memoize((item: IfaceClass) => paths.outbound(item)),
    gates: (item, direction) => paths.gates(item, direction),
    between: (source, target) => paths.between(source, target),
    unmodelled: gaps,
    get assumptions() {
      return vpcs.assumptions;
    },
  };
}

function mailRange(item: MailEndpoint): [string, AddrSet] {
  const { id, address } = mailEndpoint(item);
  return [id, address.kind === "within" ? address.range : address.addr];
}

function nodeMembers(way: Balancing): GroupMember[] {
  const { groups } = way;
  if (groups === null) return [];
  return way.nodes.flatMap((node) =>
    ([4, 6] as const).map((family) => ({
      network: node.subnet.network,
      groups,
      endpoints: nodeEndpoints(way.balancer, node, family),
    })),
  );
}

function nodeRanges(way: Balancing): [string, AddrSet][] {
  return way.nodes.flatMap((node) =>
    ([4, 6] as const).flatMap((family): [string, AddrSet][] => {
      const endpoint = nodeEndpoint(way.balancer, node, family);
      return endpoint?.address.kind === "within" ? [[endpoint.id, endpoint.address.range]] : [];
    }),
  );
}

function hosts(resources: Resources, launches: readonly Launch[], classes: readonly AwsClass[]): readonly Host[] {
  const byHost = new Map<Urn, AwsClass[]>();
  for (const item of classes) for (const host of item.hosts) push(byHost, host, item);
  return launches.map((launch): Host => {
    const { host, hardware, carriers, tags } = launch;
    const own = byHost.get(host.urn) ?? [];
    return {
      urn: host.urn,
      resource: host,
      classes: own.map((item) => item.id),
      memberOf: [...new Set(own.flatMap((item) => item.groups.certain))],
      weaknesses: weaknessesOf(resources, host.name, hardware, carriers),
      tags,
      carriers: [...carriers, ...commandsFor(resources, launch)],
    };
  });
}

function ranges(classes: readonly AwsClass[]): ReadonlyMap<string, AddrSet> {
  const result = new Map<string, AddrSet>();
  for (const item of classes) {
    for (const family of [4, 6] as const) {
      const address = family === 4 ? item.address.v4 : item.address.v6;
      if (address === null) continue;
      result.set(endpointId(item.id, family), address.kind === "within" ? address.range : address.addr);
    }
  }
  return result;
}

function memoize<K, V>(compute: (key: K) => V): (key: K) => V {
  const memo = new Map<K, V>();
  return (key) => {
    let value = memo.get(key);
    if (value === undefined) {
      value = compute(key);
      memo.set(key, value);
    }
    return value;
  };
}
