import type { ResourceSnapshot } from "../../model/snapshot";
import { push, type Resources } from "../resources";

/**
 * A type token without its API version: `network:Subnet` for `azure-native:network:Subnet`, `azure-native:network/v20230201:Subnet` and
 * the packages that users generate for another version, `azure-native_network_v20230201:network:Subnet`. Null for other types.
 */
export function kindOf(type: string): string | null {
  const match = /^azure-native(?:_\w+_v\w+)?:(\w+)(?:\/v\w+)?:(\w+)$/.exec(type);
  return match === null ? null : `${match[1]}:${match[2]}`;
}

/** How ARM names a kind in an id, and the input that gives a resource a name of the user's choice. */
interface Naming {
  readonly collection: string;
  readonly name: string;
}

const NAMING: { readonly [kind: string]: Naming } = {
  "network:ApplicationGateway": { collection: "applicationGateways", name: "applicationGatewayName" },
  "network:ApplicationSecurityGroup": { collection: "applicationSecurityGroups", name: "applicationSecurityGroupName" },
  "network:AzureFirewall": { collection: "azureFirewalls", name: "azureFirewallName" },
  "network:FirewallPolicy": { collection: "firewallPolicies", name: "firewallPolicyName" },
  "network:InboundNatRule": { collection: "inboundNatRules", name: "inboundNatRuleName" },
  "network:IpGroup": { collection: "ipGroups", name: "ipGroupsName" },
  "network:LoadBalancer": { collection: "loadBalancers", name: "loadBalancerName" },
  "network:LoadBalancerBackendAddressPool": { collection: "backendAddressPools", name: "backendAddressPoolName" },
  "network:NatGateway": { collection: "natGateways", name: "natGatewayName" },
  "network:NetworkGroup": { collection: "networkGroups", name: "networkGroupName" },
  "network:NetworkInterface": { collection: "networkInterfaces", name: "networkInterfaceName" },
  "network:NetworkSecurityGroup": { collection: "networkSecurityGroups", name: "networkSecurityGroupName" },
  "network:PublicIPAddress": { collection: "publicIPAddresses", name: "publicIpAddressName" },
  "network:PublicIPPrefix": { collection: "publicIPPrefixes", name: "publicIpPrefixName" },
  "network:RouteTable": { collection: "routeTables", name: "routeTableName" },
  "network:Subnet": { collection: "subnets", name: "subnetName" },
  "network:VirtualNetwork": { collection: "virtualNetworks", name: "virtualNetworkName" },
  "network:VirtualNetworkGateway": { collection: "virtualNetworkGateways", name: "virtualNetworkGatewayName" },
  "compute:VirtualMachine": { collection: "virtualMachines", name: "vmName" },
  "compute:VirtualMachineScaleSet": { collection: "virtualMachineScaleSets", name: "vmScaleSetName" },
};

/** The resources of azure-native in a stack, found by kind, by id, and by the name that the program gives them. */
export class AzureResources {
  readonly all: Resources;
  private readonly byKind = new Map<string, ResourceSnapshot[]>();
  private readonly byId = new Map<string, ResourceSnapshot>();

  constructor(all: Resources) {
    this.all = all;
    for (const resource of all.all) {
      const kind = kindOf(resource.type);
      if (kind === null) continue;
      push(this.byKind, kind, resource);
      if (resource.id !== undefined) this.byId.set(resource.id.toLowerCase(), resource);
    }
  }

  ofKind(...kinds: readonly string[]): readonly ResourceSnapshot[] {
    return kinds.flatMap((kind) => this.byKind.get(kind) ?? []);
  }

  /** ARM compares ids without regard to case. */
  withId(id: string): ResourceSnapshot | undefined {
    return this.byId.get(id.toLowerCase());
  }

  /** Resources of a kind whose name the program chose to be `name`. */
  named(kind: string, name: string): readonly ResourceSnapshot[] {
    const property = NAMING[kind]?.name;
    if (property === undefined) return [];
    return this.ofKind(kind).filter((resource) => {
      const own = resource.properties[property];
      return typeof own === "string" && own.toLowerCase() === name.toLowerCase();
    });
  }

  collectionOf(kind: string): string | undefined {
    return NAMING[kind]?.collection;
  }
}
