import { type Sdk, sdkOf } from "./sdk";

/**
 * What the specification of the API says of a type beyond the names and shapes of its properties, which `@pulumi/azure-native` has. The
 * package leaves the rest out, so it is written down here: paths from github.com/Azure/azure-rest-api-specs; properties that cannot be
 * changed in place from `provider/pkg/gen/replacement.go` of github.com/pulumi/pulumi-azure-native and `x-ms-mutability` of the
 * specifications.
 */
export interface Facts {
  /** The id below the resource group, with the inputs that name things in braces. */
  readonly path: string;
  /** Inputs that cannot be changed in place, besides those in the path. */
  readonly replaceOn?: readonly string[];
  /** Collections inside that have types of their own: `subnets` of a network. */
  readonly children?: Readonly<Record<string, string>>;
  /** Inputs that the service never shows: passwords, cloud-init data. */
  readonly writeOnly?: readonly string[];
}

const network = (path: string, more: Omit<Facts, "path"> = {}): Facts => ({
  path: `Microsoft.Network/${path}`,
  ...more,
});
const compute = (path: string, more: Omit<Facts, "path"> = {}): Facts => ({
  path: `Microsoft.Compute/${path}`,
  replaceOn: ["location"],
  ...more,
});

const KNOWN: Readonly<Record<string, Facts>> = {
  "authorization:RoleAssignment": {
    path: "{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
    replaceOn: ["principalId", "roleDefinitionId"],
  },
  "compute:Disk": compute("disks/{diskName}"),
  "compute:DiskEncryptionSet": compute("diskEncryptionSets/{diskEncryptionSetName}"),
  "compute:VirtualMachine": compute("virtualMachines/{vmName}", {
    writeOnly: ["osProfile.adminPassword", "osProfile.customData", "userData"],
  }),
  "compute:VirtualMachineExtension": compute("virtualMachines/{vmName}/extensions/{vmExtensionName}", {
    writeOnly: ["protectedSettings"],
  }),
  "compute:VirtualMachineRunCommandByVirtualMachine": compute("virtualMachines/{vmName}/runCommands/{runCommandName}", {
    writeOnly: ["protectedParameters", "runAsPassword"],
  }),
  "compute:VirtualMachineScaleSet": compute("virtualMachineScaleSets/{vmScaleSetName}"),
  "keyvault:Key": { path: "Microsoft.KeyVault/vaults/{vaultName}/keys/{keyName}", replaceOn: ["properties"] },
  "keyvault:Secret": {
    path: "Microsoft.KeyVault/vaults/{vaultName}/secrets/{secretName}",
    writeOnly: ["properties.value"],
  },
  "keyvault:Vault": { path: "Microsoft.KeyVault/vaults/{vaultName}", replaceOn: ["location"] },
  "managedidentity:UserAssignedIdentity": {
    path: "Microsoft.ManagedIdentity/userAssignedIdentities/{resourceName}",
    replaceOn: ["location"],
  },
  "network:ApplicationSecurityGroup": network("applicationSecurityGroups/{applicationSecurityGroupName}"),
  "network:AzureFirewall": network("azureFirewalls/{azureFirewallName}"),
  "network:BastionHost": network("bastionHosts/{bastionHostName}"),
  "network:FirewallPolicy": network("firewallPolicies/{firewallPolicyName}"),
  "network:FirewallPolicyRuleCollectionGroup": network(
    "firewallPolicies/{firewallPolicyName}/ruleCollectionGroups/{ruleCollectionGroupName}",
  ),
  "network:FlowLog": network("networkWatchers/{networkWatcherName}/flowLogs/{flowLogName}"),
  "network:IpGroup": network("ipGroups/{ipGroupsName}"),
  "network:LoadBalancer": network("loadBalancers/{loadBalancerName}", {
    children: { backendAddressPools: "LoadBalancerBackendAddressPool", inboundNatRules: "InboundNatRule" },
  }),
  "network:InboundNatRule": network("loadBalancers/{loadBalancerName}/inboundNatRules/{inboundNatRuleName}"),
  "network:LoadBalancerBackendAddressPool": network(
    "loadBalancers/{loadBalancerName}/backendAddressPools/{backendAddressPoolName}",
  ),
  "network:NatGateway": network("natGateways/{natGatewayName}"),
  "network:NetworkInterface": network("networkInterfaces/{networkInterfaceName}"),
  "network:NetworkSecurityGroup": network("networkSecurityGroups/{networkSecurityGroupName}", {
    children: { securityRules: "SecurityRule" },
  }),
  "network:NetworkWatcher": network("networkWatchers/{networkWatcherName}"),
  "network:PrivateEndpoint": network("privateEndpoints/{privateEndpointName}", { replaceOn: ["subnet"] }),
  "network:PublicIPAddress": network("publicIPAddresses/{publicIpAddressName}", {
    replaceOn: ["location", "publicIPAddressVersion", "publicIPPrefix", "sku"],
  }),
  "network:PublicIPPrefix": network("publicIPPrefixes/{publicIpPrefixName}"),
  "network:Route": network("routeTables/{routeTableName}/routes/{routeName}"),
  "network:RouteTable": network("routeTables/{routeTableName}", { children: { routes: "Route" } }),
  "network:SecurityRule": network("networkSecurityGroups/{networkSecurityGroupName}/securityRules/{securityRuleName}"),
  "network:Subnet": network("virtualNetworks/{virtualNetworkName}/subnets/{subnetName}"),
  "network:VirtualNetwork": network("virtualNetworks/{virtualNetworkName}", {
    replaceOn: ["location"],
    children: { subnets: "Subnet", virtualNetworkPeerings: "VirtualNetworkPeering" },
  }),
  "network:VirtualNetworkGateway": network("virtualNetworkGateways/{virtualNetworkGatewayName}"),
  "network:VirtualNetworkPeering": network(
    "virtualNetworks/{virtualNetworkName}/virtualNetworkPeerings/{virtualNetworkPeeringName}",
  ),
  "operationalinsights:Workspace": { path: "Microsoft.OperationalInsights/workspaces/{workspaceName}" },
  "resources:ResourceGroup": { path: "", replaceOn: ["location"] },
  "storage:StorageAccount": {
    path: "Microsoft.Storage/storageAccounts/{accountName}",
    replaceOn: ["isHnsEnabled", "location"],
  },
};

/** A type of the package. */
export interface Type extends Facts {
  /** `network:Subnet` */
  readonly kind: string;
  /** Inputs that the path holds, from the outside in: the last is the resource's own name. */
  readonly names: readonly string[];
  readonly sdk: Sdk;
}

const types = new Map<string, Type | null>();

/** @param token `azure-native:network:Subnet`. Null if there is no such type. */
export function typeOf(token: string): Type | null {
  const known = types.get(token);
  if (known !== undefined) return known;
  const [, module = "", name = ""] = token.split(":");
  const sdk = sdkOf(module, name);
  const kind = `${module}:${name}`;
  const facts = sdk && (KNOWN[kind] ?? guessed(module, sdk));
  const type = facts && { ...facts, kind, sdk, names: namesIn(facts.path) };
  types.set(token, type);
  return type;
}

/** The type below another by the key of a collection: `securityRules` of a security group. */
export function childType(type: Type, collection: string): Type | null {
  const name = type.children?.[collection];
  return name === undefined ? null : typeOf(`azure-native:${type.kind.split(":")[0]}:${name}`);
}

function namesIn(path: string): string[] {
  return path === "" ? ["resourceGroupName"] : [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
}

/** A path in the manner of all others: what names a resource is an input and no output, the last one optional. */
function guessed(module: string, { inputs, outputs, required }: Sdk): Facts {
  const naming = [...inputs.keys()].filter(
    (key) => /Name$/.test(key) && !outputs.has(key) && key !== "resourceGroupName",
  );
  const ordered = [...naming.filter((key) => required.has(key)), ...naming.filter((key) => !required.has(key))];
  const segments = ordered.map((key) => `${key.replace(/Name$/, "")}s/{${key}}`);
  return { path: [`Microsoft.${module[0]?.toUpperCase()}${module.slice(1)}`, ...segments].join("/") };
}
