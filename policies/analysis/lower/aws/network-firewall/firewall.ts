import type { ResourceSnapshot } from "../../../model/snapshot";
import { type Resources, resolve } from "../../resources";
import { field, items } from "../../values";
import * as types from "../types";
import type { SubnetKey, Vpcs } from "../vpc";
import { type FirewallFilters, lowerPolicy, unknownPolicy } from "./policy";

/** A device that routes lead through: an endpoint of a firewall, or of a Gateway Load Balancer. */
export interface Inspector {
  readonly resource: ResourceSnapshot;
  /** Subnets of its endpoints: their route tables lead on. */
  readonly subnets: readonly SubnetKey[];
  readonly filters: FirewallFilters;
  readonly text: string;
}

/** Null for an endpoint that leads to a service. A Gateway Load Balancer endpoint is taken to pass everything. */
export function lowerInspector(resources: Resources, vpcs: Vpcs, resource: ResourceSnapshot): Inspector | null {
  if (types.ENDPOINT.has(resource.type)) {
    if (resource.properties.vpcEndpointType !== "GatewayLoadBalancer") return null;
    const subnets = vpcs.subnetKeys(
      resolve(resources, resource, "subnetIds", resource.properties.subnetIds, types.SUBNET),
    );
    const text = `Gateway Load Balancer endpoint ${resource.name}`;
    return { resource, subnets: subnets.certain, filters: { request: [], reply: [] }, text };
  }
  if (!types.NETWORK_FIREWALL.has(resource.type)) return null;
  const firewall = firewallOf(resources, resource);
  return {
    resource,
    subnets: subnetsOf(resources, vpcs, resource),
    filters:
      firewall === null
        ? unknownPolicy(resource.urn, "the firewall is not in the stack")
        : filtersOf(resources, vpcs, firewall),
    text: `firewall ${(firewall ?? resource).name}`,
  };
}

/** The firewall itself, or that of an endpoint which another VPC has in it. */
function firewallOf(resources: Resources, resource: ResourceSnapshot): ResourceSnapshot | null {
  if (!resource.type.includes("vpcEndpointAssociation")) return resource;
  const arn = resource.properties.firewallArn;
  const { certain } = resolve(resources, resource, "firewallArn", arn, types.NETWORK_FIREWALL);
  const [found] =
    certain.length === 1
      ? certain
      : resources
          .ofType(...types.NETWORK_FIREWALL)
          .filter((item) => typeof arn === "string" && item.properties.arn === arn);
  return found ?? null;
}

function filtersOf(resources: Resources, vpcs: Vpcs, firewall: ResourceSnapshot): FirewallFilters {
  const arn = firewall.properties.firewallPolicyArn;
  const { certain } = resolve(resources, firewall, "firewallPolicyArn", arn, types.FIREWALL_POLICY);
  const [policy] =
    certain.length === 1
      ? certain
      : resources
          .ofType(...types.FIREWALL_POLICY)
          .filter((item) => typeof arn === "string" && item.properties.arn === arn);
  if (policy === undefined) return unknownPolicy(firewall.urn, "the firewall policy is not in the stack");
  const network = vpcs.networkOf(resolve(resources, firewall, "vpcId", firewall.properties.vpcId, types.VPC));
  const filters = lowerPolicy(resources, policy, vpcs.network(network).space);
  const own = (list: FirewallFilters["request"]) => list.map((item) => ({ ...item, id: `${firewall.urn}/${item.id}` }));
  return { request: own(filters.request), reply: own(filters.reply) };
}

function subnetsOf(resources: Resources, vpcs: Vpcs, resource: ResourceSnapshot): SubnetKey[] {
  const name = resource.type.includes("vpcEndpointAssociation") ? "subnetMapping" : "subnetMappings";
  const ids = items(resource.properties[name]).map((item) => field(item, "subnetId") ?? null);
  return [...vpcs.subnetKeys(resolve(resources, resource, name, ids, types.SUBNET)).certain];
}
