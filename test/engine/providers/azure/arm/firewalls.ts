import { type Cloud, type Item, idIn, nameOf, objects } from "./cloud";
import { refuseSharedAddress } from "./public-addresses";
import { limit } from "./refusal";
import type { Behaviour } from "./resources";
import { addressAt, prefixesOf, subnetOf } from "./virtual-networks";

/**
 * Services that need a subnet of a certain name and size:
 * https://learn.microsoft.com/azure/firewall/firewall-faq ("a /26 subnet size"),
 * https://learn.microsoft.com/azure/bastion/configuration-settings#subnet ("/26 or larger"),
 * https://learn.microsoft.com/azure/vpn-gateway/vpn-gateway-about-vpn-gateway-settings#gwsub ("as small as /29", /27 or larger is advised).
 */
export const firewalls: Readonly<Record<string, Behaviour>> = {
  "network:AzureFirewall": {
    put: inSubnet("AzureFirewallSubnet", 26),
    read: (cloud, item) => ({
      threatIntelMode: "Alert",
      ...item.body,
      ipConfigurations: objects(item.body.ipConfigurations).map((one) => {
        const prefix = prefixIn(cloud, one);
        return {
          ...one,
          ...(prefix !== undefined && { privateIPAddress: addressAt(prefix, 4) }),
          id: `${item.id}/ipConfigurations/${one.name}`,
          provisioningState: "Succeeded",
        };
      }),
    }),
  },
  "network:BastionHost": { put: inSubnet("AzureBastionSubnet", 26) },
  "network:VirtualNetworkGateway": { put: inSubnet("GatewaySubnet", 29) },
};

function inSubnet(name: string, longest: number): NonNullable<Behaviour["put"]> {
  return (cloud, item) => {
    for (const configuration of objects(item.body.ipConfigurations)) {
      const published = idIn(configuration.publicIPAddress);
      if (published !== undefined)
        refuseSharedAddress(cloud, item, published, `${item.id}/ipConfigurations/${configuration.name}`);
      const place = subnetOf(cloud, configuration);
      if (place === null) continue;
      if (nameOf(place.subnet.id) !== name)
        throw limit(`${nameOf(item.id)} needs a subnet named ${name}, not ${nameOf(place.subnet.id)}.`);
      const prefix = prefixIn(cloud, configuration) ?? "0.0.0.0/32";
      if (Number(prefix.split("/")[1]) > longest)
        throw limit(`${name} has prefix ${prefix}; ${nameOf(item.id)} needs /${longest} or larger.`);
    }
    return {};
  };
}

function prefixIn(cloud: Cloud, configuration: Item["body"]): string | undefined {
  const place = subnetOf(cloud, configuration);
  return place === null ? undefined : prefixesOf(place.subnet).find((prefix) => !prefix.includes(":"));
}
