import { isObject } from "../../values";
import { type Cloud, type Item, usersOf } from "./cloud";
import { refusal } from "./refusal";
import type { Behaviour } from "./resources";

/**
 * Public addresses: https://learn.microsoft.com/azure/virtual-network/ip-services/public-ip-addresses (Standard is static; Basic is retired
 * since 2025-09-30, and no more of them are made).
 */
export const publicAddresses: Readonly<Record<string, Behaviour>> = {
  "network:PublicIPAddress": {
    put: (cloud, item, before) => {
      const { sku, publicIPAllocationMethod: method = "Dynamic" } = item.body;
      const name = isObject(sku) ? sku.name : undefined;
      if (!/^Standard/i.test(String(name ?? "Basic")))
        throw refusal(
          "IPv4BasicSkuPublicIpCountLimitReached",
          "Cannot create more than 0 IPv4 Basic SKU public IP addresses for this subscription in this region.",
        );
      if (String(method).toLowerCase() !== "static")
        throw refusal(
          "StandardAndStandardV2SkuPublicIPAddressesMustBeStatic",
          `Standard sku publicIp ${item.id} must have AllocationMethod set to Static.`,
        );
      return { ipAddress: before?.made.ipAddress ?? freeAddress(cloud, item) };
    },
    read: (cloud, item) => {
      const { dnsSettings: dns, sku, location } = item.body;
      const label = isObject(dns) ? dns.domainNameLabel : undefined;
      const [user] = usersOf(cloud, item.id);
      return {
        idleTimeoutInMinutes: 4,
        ipTags: [],
        publicIPAddressVersion: "IPv4",
        ...item.body,
        sku: { tier: "Regional", ...(isObject(sku) ? sku : {}) },
        ...(typeof label === "string" &&
          isObject(dns) && { dnsSettings: { ...dns, fqdn: `${label}.${location}.cloudapp.azure.com` } }),
        ...(typeof item.made.ipAddress === "string" && { ipAddress: item.made.ipAddress }),
        ...(user !== undefined && { ipConfiguration: { id: user.via } }),
      };
    },
    remove: (cloud, item) => {
      const [user] = usersOf(cloud, item.id);
      if (user !== undefined)
        throw refusal(
          "PublicIPAddressCannotBeDeleted",
          `Public IP address ${item.id} can not be deleted since it is still allocated to resource ${user.via}. In order to delete the public IP, disassociate/detach the Public IP address from the resource. To learn how to do this, see aka.ms/deletepublicip.`,
        );
    },
  },
};

/** The next one of a range of Azure's own that nobody has. */
function freeAddress(cloud: Cloud, item: Item): string {
  const taken = new Set(cloud.ofKind("network:PublicIPAddress").map(({ made }) => made.ipAddress));
  const isV6 = item.body.publicIPAddressVersion === "IPv6";
  for (let index = 1; ; index++) {
    const address = isV6 ? `2603:1020:201::${index.toString(16)}` : `20.50.${Math.floor(index / 256)}.${index % 256}`;
    if (!taken.has(address)) return address;
  }
}

/** A public address belongs to one configuration: https://learn.microsoft.com/azure/virtual-network/ip-services/associate-public-ip-address-vm */
export function refuseSharedAddress(cloud: Cloud, item: Item, address: string, via: string): void {
  const other = usersOf(cloud, address).find((user) => user.item.id !== item.id);
  if (other !== undefined)
    throw refusal(
      "PublicIPAddressInUse",
      `Resource ${via} is referencing public IP address ${address} that is already allocated to resource ${other.via}.`,
    );
}
