import { type Input, type Inputs, type Options, type Resource, Stack } from "../stack";

/** A stack under construction, in the words of Azure: `network:Subnet` is `azure-native:network:Subnet`. */
export class AzureStack extends Stack {
  azure(kind: string, inputs: Inputs = {}, options: Options = {}): Resource {
    const type = kind.startsWith("azure-native") ? kind : `azure-native:${kind}`;
    return this.addType(type, { resourceGroupName: "mail", ...inputs }, options);
  }
}

export const ANY = "*";

let next = 0;

/** A rule of a network security group that allows TCP 25 from everywhere, changed as given. */
export function rule(change: Inputs = {}): { [key: string]: Input } {
  next += 1;
  const base: { [key: string]: Input } = {
    ...{ name: `rule-${next}`, priority: 100, direction: "Inbound", access: "Allow", protocol: "Tcp" },
    ...{ sourceAddressPrefix: ANY, sourcePortRange: ANY, destinationAddressPrefix: ANY, destinationPortRange: "25" },
  };
  const given = Object.entries(change);
  for (const [key, value] of given) {
    if (value === undefined) delete base[key];
    else base[key] = value;
  }
  return base;
}

export interface Edge {
  readonly stack: AzureStack;
  readonly vnet: Resource;
  readonly subnet: Resource;
  readonly nsg: Resource | null;
  readonly nic: Resource;
  readonly host: Resource;
}

/**
 * The network of most cases: E has a standard public IP and a network security group on its subnet that admits SMTP from everywhere.
 * Each part can be replaced or extended.
 */
export function edge(
  change: {
    readonly vnet?: Inputs;
    readonly subnet?: Inputs;
    /** Rules of the subnet's group; null for no group. */
    readonly rules?: readonly Input[] | null;
    readonly publicIp?: Inputs | null;
    readonly nic?: Inputs;
    readonly configuration?: Inputs;
  } = {},
): Edge {
  const stack = new AzureStack();
  const vnet = stack.azure(
    "network:VirtualNetwork",
    { addressSpace: { addressPrefixes: ["10.0.0.0/16"] }, ...change.vnet },
    { name: "vnet" },
  );
  const nsg =
    change.rules === null
      ? null
      : stack.azure("network:NetworkSecurityGroup", { securityRules: change.rules ?? [rule()] }, { name: "nsg" });
  const subnet = stack.azure(
    "network:Subnet",
    {
      virtualNetworkName: vnet,
      addressPrefix: "10.0.1.0/24",
      ...(nsg === null ? {} : { networkSecurityGroup: { id: nsg } }),
      ...change.subnet,
    },
    { name: "subnet" },
  );
  const pip =
    change.publicIp === null
      ? null
      : stack.azure("network:PublicIPAddress", { sku: { name: "Standard" }, ...change.publicIp }, { name: "pip" });
  const nic = stack.azure(
    "network:NetworkInterface",
    {
      ipConfigurations: [
        {
          name: "primary",
          subnet: { id: subnet },
          ...(pip === null ? {} : { publicIPAddress: { id: pip } }),
          ...defined(change.configuration ?? {}),
        },
      ],
      ...change.nic,
    },
    { name: "nic" },
  );
  const host = stack.azure(
    "compute:VirtualMachine",
    { networkProfile: { networkInterfaces: [{ id: nic }] } },
    { name: "E" },
  );
  return { stack, vnet, subnet, nsg, nic, host };
}

/** Another machine without a public address. */
export function machine(stack: AzureStack, name: string, subnet: Resource, configuration: Inputs = {}): Resource {
  const nic = stack.azure(
    "network:NetworkInterface",
    { ipConfigurations: [{ name: "primary", subnet: { id: subnet }, ...defined(configuration) }] },
    { name: `${name}-nic` },
  );
  return stack.azure("compute:VirtualMachine", { networkProfile: { networkInterfaces: [{ id: nic }] } }, { name });
}

function defined(inputs: Inputs): { [key: string]: Input } {
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
  );
}
