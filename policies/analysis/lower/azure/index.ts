import { noNaming } from "../../model/naming";
import type { IfaceClass, MailNetwork } from "../../model/network";
import { endpointId } from "../../model/network";
import type { Value } from "../../model/snapshot";
import { type AddrSet, noAddresses, unionAll } from "../../net/addr";
import { parseCidr } from "../../net/cidr";
import { unmodelled, unmodelledWays } from "../coverage";
import { push, type Resources } from "../resources";
import { field, items } from "../values";
import { lowerAdminRules } from "./admin-rules";
import { gatewayWays } from "./application-gateways";
import { classify, groupMembers, rangeOf } from "./classes";
import { type FirewallRules, firewallRules } from "./firewall-rules";
import { lowerFirewalls } from "./firewalls";
import { flowLogs } from "./flow-logs";
import { lowerInterfaces } from "./interfaces";
import { lowerLoadBalancers, outboundPools } from "./load-balancers";
import { lowerMachines, MACHINES } from "./machines";
import { AzurePaths } from "./paths";
import { lowerPeerings } from "./peerings";
import { childrenOf, keyOf } from "./references";
import { lowerRoutes, type SubnetTables } from "./routes";
import { lowerSecurityGroups } from "./security-groups";
import { AzureResources, kindOf } from "./tokens";
import { lowerVnets, type Subnet } from "./vnets";

/** Lowers a stack's Azure resources to the neutral model. Pure: equal snapshots give equal networks. */
export function lowerAzure(resources: Resources): MailNetwork {
  const azure = new AzureResources(resources);
  const vnets = lowerVnets(azure);
  const classes = classify(lowerInterfaces(azure, vnets));
  const peerings = lowerPeerings(azure, vnets);
  const firewalls = lowerFirewalls(azure, vnets);
  const groups = lowerSecurityGroups(azure);
  const balancing = lowerLoadBalancers(azure);
  const tables = memoize((subnet: Subnet) => subnet.key, lowerRoutes(azure, vnets, peerings, firewalls));
  const gaps = unmodelled(resources, NOTHING);
  const ways = unmodelledWays(resources, gaps, (type) => OWN.has(kindOf(type) ?? ""));
  const byGateway = gatewayWays(azure);
  const paths = new AzurePaths({
    vnets,
    classes,
    tables: (subnet): SubnetTables => tables(subnet),
    groups,
    admin: lowerAdminRules(azure),
    members: groupMembers(classes),
    balancing,
    poolAddresses: poolAddresses(azure),
    outboundPools: outboundPools(azure, balancing),
    firewalls,
    rulesOf: memoize(
      (firewall) => firewall.urn,
      (firewall): FirewallRules => firewallRules(azure, firewall),
    ),
    peerings,
    unmodelledWays: (item) => [
      ...[...new Set([...item.interfaces, ...item.hosts])].flatMap((urn) => ways.get(urn) ?? []),
      ...byGateway(item),
    ],
  });
  return {
    networks: vnets.networks,
    classes: new Map<string, IfaceClass>(classes.map((item) => [item.id, item])),
    hosts: lowerMachines(azure, classes),
    securityGroups: groups.all,
    logged: flowLogs(azure),
    naming: noNaming,
    ranges: new Map(classes.map((item) => [endpointId(item.id, item.family), rangeOf(item)])),
    inbound: memoize(
      (item: IfaceClass) => item.id,
      (item) => paths.inbound(item),
    ),
    outbound: memoize(
      (item: IfaceClass) => item.id,
      (item) => paths.outbound(item),
    ),
    gates: (item, direction) => paths.gates(item, direction),
    between: (source, target) => paths.between(source, target),
    unmodelled: [],
    assumptions: [],
  };
}

const OWN = new Set<string>(["network:NetworkInterface", ...MACHINES]);
const NOTHING: ReadonlySet<string> = new Set();

/** Addresses that backend pools list themselves. */
function poolAddresses(azure: AzureResources): ReadonlyMap<string, AddrSet> {
  const found = new Map<string, AddrSet[]>();
  const add = (key: string, list: Value | undefined) => {
    for (const item of items(list)) {
      const address = field(item, "ipAddress");
      push(found, key, (typeof address === "string" ? parseCidr(address) : null) ?? noAddresses);
    }
  };
  for (const balancer of azure.ofKind("network:LoadBalancer"))
    for (const { name, value } of childrenOf(balancer, "backendAddressPools"))
      add(keyOf({ resource: balancer, child: name }), field(value, "loadBalancerBackendAddresses"));
  for (const pool of azure.ofKind("network:LoadBalancerBackendAddressPool"))
    add(pool.urn, pool.properties.loadBalancerBackendAddresses);
  return new Map([...found].map(([key, sets]) => [key, unionAll(sets)]));
}

function memoize<K, V>(keyOf: (key: K) => string, compute: (key: K) => V): (key: K) => V {
  const memo = new Map<string, V>();
  return (key) => {
    const id = keyOf(key);
    let value = memo.get(id);
    if (value === undefined) {
      value = compute(key);
      memo.set(id, value);
    }
    return value;
  };
}
