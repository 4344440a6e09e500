import { type ResourceSnapshot, Unknown, type Value } from "../../model/snapshot";
import { isEmpty, isSubset } from "../../net/addr";
import { parseCidr } from "../../net/cidr";
import { field, items } from "../values";
import { type ArmReferences, resolveArm, SUBNET } from "./references";
import { type AzureResources, kindOf } from "./tokens";
import type { Subnet, Vnets } from "./vnets";

/** An Azure Firewall with the subnet that holds nothing but it. */
export interface Firewall {
  readonly resource: ResourceSnapshot;
  readonly subnet: Subnet | null;
  /** Public addresses by reference: what a DNAT rule may name as its destination. */
  readonly publicIps: readonly Value[];
}

export interface Firewalls {
  readonly all: readonly Firewall[];
  /** The firewall whose private address a next hop is; null if it is none that the stack shows. */
  at(holder: ResourceSnapshot, property: string, hop: Value | undefined): ResourceSnapshot | null;
}

/** Azure Firewalls in a VNet. A next hop inside `AzureFirewallSubnet` is the firewall: the subnet holds nothing else. */
export function lowerFirewalls(azure: AzureResources, vnets: Vnets): Firewalls {
  const all = azure.ofKind("network:AzureFirewall").map((resource): Firewall => {
    const configurations = items(resource.properties.ipConfigurations);
    const references = configurations.map((item) =>
      resolveArm(azure, resource, "ipConfigurations", field(item, "subnet"), SUBNET),
    );
    const subnet =
      references.map((reference) => subnetOf(vnets, reference, resource)).find((found) => found !== null) ?? null;
    const publicIps = configurations.flatMap((item) => items(field(item, "publicIPAddress")));
    return { resource, subnet, publicIps };
  });
  return {
    all,
    at(holder, property, hop) {
      if (typeof hop === "string") {
        const address = parseCidr(hop);
        if (address === null) return null;
        return (
          all.find(({ subnet }) => subnet !== null && !isEmpty(subnet.v4.must) && isSubset(address, subnet.v4.must))
            ?.resource ?? null
        );
      }
      if (!(hop instanceof Unknown)) return null;
      const urns = hop.dependsOn.length > 0 ? hop.dependsOn : (holder.propertyDependencies[property] ?? []);
      const named = urns
        .flatMap((urn) => azure.all.get(urn) ?? [])
        .filter((item) => kindOf(item.type) === "network:AzureFirewall");
      return named.length === 1 && named[0] !== undefined ? named[0] : null;
    },
  };
}

function subnetOf(vnets: Vnets, reference: ArmReferences, owner: ResourceSnapshot): Subnet | null {
  if (reference.absent) return null;
  const { certain } = vnets.subnetsOf(reference, owner);
  return certain[0] ?? null;
}
