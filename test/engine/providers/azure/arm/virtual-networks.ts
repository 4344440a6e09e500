import { intersect, isEmpty, isSubset, overlaps, unionAll } from "../../../../../policies/analysis/net/addr";
import { cidr, parseCidr, toCidrs } from "../../../../../policies/analysis/net/cidr";
import { isObject, isSame, type Props, type Value } from "../../values";
import { type Cloud, type Item, idIn, nameOf, parentId, texts, usersOf } from "./cloud";
import { limit, refusal } from "./refusal";
import type { Behaviour } from "./resources";

/**
 * Networks, subnets, route tables and peerings:
 * https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq (sizes, overlaps, the five addresses that Azure keeps),
 * https://learn.microsoft.com/azure/virtual-network/manage-subnet-delegation and
 * https://learn.microsoft.com/azure/virtual-network/virtual-network-manage-subnet (what is in use stays).
 */
export const virtualNetworks: Readonly<Record<string, Behaviour>> = {
  "network:VirtualNetwork": {
    put: (cloud, item) => {
      const prefixes = prefixesOf(item);
      for (const prefix of prefixes) refusePrefix(prefix, item.id);
      watch(cloud, item);
      return {};
    },
    whole: refuseSubnets,
    read: () => ({ enableDdosProtection: false }),
    remove: (cloud, item) => {
      for (const subnet of cloud.childrenOf(item.id, "network:Subnet")) refuseUsed(cloud, subnet, "Deleted");
    },
  },
  "network:Subnet": {
    put: (cloud, item, before) => {
      for (const prefix of prefixesOf(item)) refusePrefix(prefix, item.id);
      if (before !== undefined && !isSame([...prefixesOf(before)], [...prefixesOf(item)]))
        refuseUsed(cloud, item, "Updated");
      refuseReserved(item);
      return {};
    },
    read: (cloud, item) => ({
      delegations: [],
      privateEndpointNetworkPolicies: "Disabled",
      privateLinkServiceNetworkPolicies: "Enabled",
      ...item.body,
      ...withUsers("ipConfigurations", configurations(cloud, item)),
    }),
    remove: (cloud, item) => refuseUsed(cloud, item, "Deleted"),
  },
  "network:VirtualNetworkPeering": {
    read: () => ({ peeringState: "Connected", peeringSyncLevel: "FullyInSync" }),
  },
  "network:RouteTable": {
    read: (cloud, item) => ({
      disableBgpRoutePropagation: false,
      ...item.body,
      ...withUsers("subnets", subnetsWith(cloud, item)),
    }),
    remove: (cloud, item) => {
      const [user] = subnetsWith(cloud, item);
      if (user !== undefined)
        throw refusal(
          "InUseRouteTableCannotBeDeleted",
          `Route table ${nameOf(item.id)} is in use and cannot be deleted.`,
        );
    },
  },
  "network:Route": { read: (_, item) => ({ hasBgpOverride: false, ...item.body }) },
};

/** The prefixes of a network or a subnet. */
export function prefixesOf({ body }: Item): readonly string[] {
  const { addressSpace, addressPrefixes, addressPrefix } = body;
  if (isObject(addressSpace)) return texts(addressSpace.addressPrefixes);
  const single = typeof addressPrefix === "string" ? [addressPrefix] : [];
  return [...single, ...texts(addressPrefixes)];
}

/** A back reference as it is told: not at all where there is nothing. */
export function withUsers(key: string, ids: readonly string[]): Props {
  return ids.length === 0 ? {} : { [key]: ids.map((id) => ({ id })) };
}

export function subnetsWith(cloud: Cloud, { id }: Item): string[] {
  return usersOf(cloud, id).flatMap(({ item }) => (item.kind === "network:Subnet" ? [item.id] : []));
}

/** What has an address in a subnet. */
function configurations(cloud: Cloud, subnet: Item): string[] {
  return usersOf(cloud, subnet.id).map(({ via }) => via);
}

function refusePrefix(prefix: string, id: string): void {
  const set = parseCidr(prefix);
  if (set === null || !prefix.includes("/"))
    throw limit(
      `Address prefix ${prefix} of resource ${id} is not formatted correctly. It should follow CIDR notation, for example 10.0.0.0/24.`,
    );
  const [written = prefix] = toCidrs(set);
  if (set.v4.length > 0 && written !== prefix)
    throw refusal(
      "InvalidCIDRNotation",
      `The address prefix ${prefix} in resource ${id} has an invalid CIDR notation. For the given prefix length, the address prefix should be ${written}.`,
    );
}

/** Subnets lie in the space of their network and apart from each other; networks are between /2 and /29, subnets of IPv6 are /64. */
function refuseSubnets(cloud: Cloud, network: Item): void {
  const space = cidr(...prefixesOf(network));
  const name = nameOf(network.id);
  const placed: { name: string; prefixes: readonly string[] }[] = [];
  for (const subnet of cloud.childrenOf(network.id, "network:Subnet")) {
    const own = nameOf(subnet.id);
    const prefixes = prefixesOf(subnet);
    for (const prefix of prefixes) {
      const length = Number(prefix.split("/")[1]);
      if (prefix.includes(":") ? length !== 64 : length > 29)
        throw limit(`Subnet '${own}' has prefix ${prefix}, which is no size of a subnet: /29 or larger, /64 for IPv6.`);
      if (!isSubset(cidr(prefix), space))
        throw refusal("NetcfgInvalidSubnet", `Subnet '${own}' is not valid in virtual network '${name}'.`);
    }
    const clash = placed.find((other) =>
      overlaps(unionAll(other.prefixes.map((it) => cidr(it))), unionAll(prefixes.map((it) => cidr(it)))),
    );
    if (clash !== undefined)
      throw refusal(
        "NetcfgSubnetRangesOverlap",
        `Subnet '${own}' is not valid because its IP address range overlaps with that of an existing subnet in virtual network '${name}'.`,
      );
    placed.push({ name: own, prefixes });
  }
}

/** A subnet with something in it neither goes nor moves. */
function refuseUsed(cloud: Cloud, subnet: Item, what: "Deleted" | "Updated"): void {
  const [user] = configurations(cloud, subnet);
  if (user === undefined) return;
  const name = nameOf(subnet.id);
  throw what === "Deleted"
    ? refusal(
        "InUseSubnetCannotBeDeleted",
        `Subnet ${name} is in use by ${user} and cannot be deleted. In order to delete the subnet, delete all the resources within the subnet. See aka.ms/deletesubnet.`,
      )
    : refusal("InUseSubnetCannotBeUpdated", `Subnet ${name} is in use and cannot be updated.`);
}

/**
 * Azure Firewall takes no security group: https://learn.microsoft.com/azure/firewall/firewall-faq, "Why does Azure Firewall … NSGs are not
 * supported on the AzureFirewallSubnet".
 */
function refuseReserved(subnet: Item): void {
  const firewall = /^AzureFirewall(Management)?Subnet$/i.test(nameOf(subnet.id));
  if (firewall && idIn(subnet.body.networkSecurityGroup) !== undefined)
    throw limit(`Subnet ${nameOf(subnet.id)} does not support a network security group.`);
}

/** What Azure keeps of a subnet: the first four addresses and the last. */
export function reservedIn(prefix: string): readonly string[] {
  const length = Number(prefix.split("/")[1]);
  return [0, 1, 2, 3, 2 ** (32 - length) - 1].map((offset) => addressAt(prefix, offset));
}

export function addressAt(prefix: string, offset: number): string {
  const [start = "0.0.0.0"] = prefix.split("/");
  const value = start.split(".").reduce((sum, part) => sum * 256 + Number(part), 0) + offset;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

export function isWithin(address: string, prefixes: readonly string[]): boolean {
  const set = parseCidr(address);
  return set !== null && !isEmpty(intersect(set, unionAll(prefixes.map((prefix) => cidr(prefix)))));
}

/** Azure makes a network watcher for each region that has a network: https://learn.microsoft.com/azure/network-watcher/network-watcher-create */
function watch(cloud: Cloud, network: Item): void {
  const location: Value = network.body.location ?? "";
  const subscription = network.id.split("/").slice(0, 3).join("/");
  const group = `${subscription}/resourceGroups/NetworkWatcherRG`;
  const watcher = `${group}/providers/Microsoft.Network/networkWatchers/NetworkWatcher_${location}`;
  const platform = { body: { location }, made: {}, platform: true };
  if (cloud.find(group) === undefined) cloud.set({ id: group, kind: "resources:ResourceGroup", ...platform });
  if (cloud.find(watcher) === undefined) cloud.set({ id: watcher, kind: "network:NetworkWatcher", ...platform });
}

/** The subnet of a reference, and its network. */
export function subnetOf(
  cloud: Cloud,
  configuration: Props,
): { readonly subnet: Item; readonly network: string } | null {
  const id = idIn(configuration.subnet);
  const subnet = id === undefined ? undefined : cloud.find(id);
  return subnet === undefined ? null : { subnet, network: parentId(subnet.id) };
}
