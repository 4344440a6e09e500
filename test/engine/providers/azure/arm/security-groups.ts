import type { Props } from "../../values";
import { type Cloud, type Item, nameOf, texts, usersOf } from "./cloud";
import { limit, refusal } from "./refusal";
import type { Behaviour } from "./resources";
import { subnetsWith, withUsers } from "./virtual-networks";

/**
 * Security groups and their rules: https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview (priorities, defaults)
 * and https://learn.microsoft.com/azure/virtual-network/manage-network-security-group (what is in use stays).
 */
export const securityGroups: Readonly<Record<string, Behaviour>> = {
  "network:NetworkSecurityGroup": {
    whole: refuseConflicts,
    read: (cloud, item) => ({
      defaultSecurityRules: DEFAULTS.map((rule) => ({ ...rule, id: `${item.id}/defaultSecurityRules/${rule.name}` })),
      ...withUsers("subnets", subnetsWith(cloud, item)),
      ...withUsers("networkInterfaces", interfacesWith(cloud, item)),
    }),
    remove: (cloud, item) => {
      const users = [...subnetsWith(cloud, item), ...interfacesWith(cloud, item)];
      if (users.length > 0)
        throw refusal(
          "InUseNetworkSecurityGroupCannotBeDeleted",
          `Network security group ${item.id} cannot be deleted because it is in use by the following resources: ${users.join(", ")}. In order to delete the Network security group, remove the association with the resource(s). To learn how to do this, see aka.ms/deletensg.`,
        );
    },
  },
  "network:SecurityRule": {
    put: (_, item) => {
      refuseRule(item);
      return {};
    },
    read: (_, item) => ({
      sourceAddressPrefixes: [],
      sourcePortRanges: [],
      destinationAddressPrefixes: [],
      destinationPortRanges: [],
      ...item.body,
    }),
  },
  "network:ApplicationSecurityGroup": {
    remove: (cloud, item) => {
      const [user] = usersOf(cloud, item.id);
      if (user !== undefined)
        throw limit(`Application security group ${item.id} cannot be deleted because it is in use by ${user.via}.`);
    },
  },
};

function interfacesWith(cloud: Cloud, { id }: Item): string[] {
  return usersOf(cloud, id).flatMap(({ item }) => (item.kind === "network:NetworkInterface" ? [item.id] : []));
}

const RULES_PER_GROUP = 1000;

/** Two rules of one direction have no priority in common. */
function refuseConflicts(cloud: Cloud, group: Item): void {
  const taken = new Map<string, string>();
  const rules = cloud.childrenOf(group.id, "network:SecurityRule");
  if (rules.length > RULES_PER_GROUP)
    throw limit(
      `Cannot create more than ${RULES_PER_GROUP} security rules for network security group ${nameOf(group.id)}.`,
    );
  for (const { id, body } of rules) {
    const place = `${String(body.direction).toLowerCase()} ${body.priority}`;
    const other = taken.get(place);
    if (other !== undefined)
      throw refusal(
        "SecurityRuleConflict",
        `Security rule ${nameOf(id)} conflicts with rule ${other}. Rules cannot have the same Priority and Direction. To learn more, see aka.ms/nsgrules.`,
      );
    taken.set(place, nameOf(id));
  }
}

function refuseRule({ id, body }: Item): void {
  const { priority } = body;
  if (typeof priority !== "number" || priority < 100 || priority > 4096)
    throw refusal(
      "SecurityRuleInvalidPriority",
      `Security rule has invalid Priority. Value provided: ${priority ?? 0} Allowed range 100-4096.`,
    );
  for (const side of ["source", "destination"] as const) {
    const [Side, groups] = [side === "source" ? "Source" : "Destination", `${side}ApplicationSecurityGroups`];
    const given = [`${side}AddressPrefix`, `${side}AddressPrefixes`, groups].filter((key) => isGiven(body, key));
    if (given.length === 0)
      throw limit(
        `Required security rule parameters are missing for security rule with Id: ${id}. Security rule must specify ${Side}AddressPrefixes, ${Side}AddressPrefix, or ${Side}ApplicationSecurityGroups.`,
      );
    if (!isGiven(body, `${side}PortRange`) && !isGiven(body, `${side}PortRanges`))
      throw limit(
        `Required security rule parameters are missing for security rule with Id: ${id}. Security rule must specify ${Side}PortRanges or ${Side}PortRange.`,
      );
  }
}

function isGiven(body: Props, key: string): boolean {
  const value = body[key];
  return Array.isArray(value) ? value.length > 0 || texts(value).length > 0 : typeof value === "string" && value !== "";
}

const DEFAULTS: readonly (Props & { readonly name: string })[] = [
  ["AllowVnetInBound", "Inbound", "Allow", 65000, "VirtualNetwork", "VirtualNetwork"] as const,
  ["AllowAzureLoadBalancerInBound", "Inbound", "Allow", 65001, "AzureLoadBalancer", "*"] as const,
  ["DenyAllInBound", "Inbound", "Deny", 65500, "*", "*"] as const,
  ["AllowVnetOutBound", "Outbound", "Allow", 65000, "VirtualNetwork", "VirtualNetwork"] as const,
  ["AllowInternetOutBound", "Outbound", "Allow", 65001, "*", "Internet"] as const,
  ["DenyAllOutBound", "Outbound", "Deny", 65500, "*", "*"] as const,
].map(([name, direction, access, priority, sourceAddressPrefix, destinationAddressPrefix]) => ({
  name,
  direction,
  access,
  priority,
  protocol: "*",
  sourceAddressPrefix,
  sourcePortRange: "*",
  destinationAddressPrefix,
  destinationPortRange: "*",
  provisioningState: "Succeeded",
}));
