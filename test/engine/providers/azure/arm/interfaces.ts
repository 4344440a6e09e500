import type { Props } from "../../values";
import { type Cloud, type Item, idIn, isSameId, objects, usersOf } from "./cloud";
import { refuseSharedAddress } from "./public-addresses";
import { limit, refusal } from "./refusal";
import type { Behaviour } from "./resources";
import { addressAt, isWithin, prefixesOf, reservedIn, subnetOf } from "./virtual-networks";

/**
 * Network interfaces: https://learn.microsoft.com/azure/virtual-network/virtual-network-network-interface (one machine each) and
 * https://learn.microsoft.com/azure/virtual-network/ip-services/private-ip-addresses (the least free address of the subnet, or one that is
 * asked for).
 */
export const interfaces: Readonly<Record<string, Behaviour>> = {
  "network:NetworkInterface": {
    put: (cloud, item, before) => {
      const made: Record<string, string> = {};
      for (const configuration of objects(item.body.ipConfigurations)) {
        const via = `${item.id}/ipConfigurations/${configuration.name}`;
        const address = addressOf(cloud, item, configuration, {
          via,
          taken: Object.values(made),
          kept: before?.made.addresses,
        });
        if (address !== null) made[String(configuration.name)] = address;
        const published = idIn(configuration.publicIPAddress);
        if (published !== undefined) refuseSharedAddress(cloud, item, published, via);
      }
      return { addresses: made };
    },
    read: (cloud, item) => {
      const machine = machineOf(cloud, item);
      const addresses = (item.made.addresses ?? {}) as Props;
      const configurations = objects(item.body.ipConfigurations).map((configuration, index, all) => ({
        privateIPAddressVersion: "IPv4",
        privateIPAllocationMethod: "Dynamic",
        primary: all.length === 1 || index === 0,
        ...configuration,
        ...(addresses[String(configuration.name)] !== undefined && {
          privateIPAddress: addresses[String(configuration.name)] ?? null,
        }),
        id: `${item.id}/ipConfigurations/${configuration.name}`,
        provisioningState: "Succeeded",
        type: "Microsoft.Network/networkInterfaces/ipConfigurations",
      }));
      return {
        auxiliaryMode: "None",
        auxiliarySku: "None",
        disableTcpStateTracking: false,
        enableAcceleratedNetworking: false,
        enableIPForwarding: false,
        nicType: "Standard",
        tapConfigurations: [],
        ...item.body,
        ipConfigurations: configurations,
        ...(machine !== undefined && { virtualMachine: { id: machine }, primary: true }),
      };
    },
    remove: (cloud, item) => {
      const machine = machineOf(cloud, item);
      if (machine !== undefined)
        throw refusal(
          "NicInUse",
          `Network Interface ${item.id} is used by existing resource ${machine}. In order to delete the network interface, it must be dissociated from the resource. To learn more, see aka.ms/deletenic.`,
        );
    },
  },
};

function machineOf(cloud: Cloud, { id }: Item): string | undefined {
  return usersOf(cloud, id).find(({ item }) => item.kind === "compute:VirtualMachine")?.item.id;
}

interface Asked {
  readonly via: string;
  /** Addresses of the same interface. */
  readonly taken: readonly string[];
  /** Those that it has already, by configuration. */
  readonly kept: unknown;
}

function addressOf(cloud: Cloud, item: Item, configuration: Props, { via, taken, kept }: Asked): string | null {
  const place = subnetOf(cloud, configuration);
  if (place === null || configuration.privateIPAddressVersion === "IPv6") return null;
  const prefix = prefixesOf(place.subnet).find((one) => !one.includes(":"));
  if (prefix === undefined) return null;
  const others = new Map(holders(cloud, place.network).filter(([, holder]) => !holder.startsWith(`${item.id}/`)));
  const { privateIPAddress: asked } = configuration;
  if (typeof asked === "string" && asked !== "") {
    if (!isWithin(asked, [prefix]))
      throw refusal(
        "PrivateIPAddressNotInSubnet",
        `Private static IP address ${asked} does not belong to the range of subnet prefix ${prefix}.`,
      );
    if (reservedIn(prefix).includes(asked))
      throw refusal(
        "PrivateIPAddressInReservedRange",
        `Private static IP address ${asked} falls within reserved IP range of subnet prefix ${prefix}.`,
      );
    const holder = others.get(asked);
    if (holder !== undefined)
      throw refusal(
        "PrivateIPAddressIsAllocated",
        `IP configuration ${via} is using the private IP address ${asked} which is already allocated to resource ${holder}.`,
      );
    return asked;
  }
  const before = (kept as Props | undefined)?.[String(configuration.name)];
  if (typeof before === "string" && isWithin(before, [prefix])) return before;
  const size = 2 ** (32 - Number(prefix.split("/")[1]));
  for (let offset = 4; offset < size - 1; offset++) {
    const address = addressAt(prefix, offset);
    if (!others.has(address) && !taken.includes(address)) return address;
  }
  throw limit(
    `Subnet ${place.subnet.id} with address prefix ${prefix} does not have enough capacity for 1 IP addresses.`,
  );
}

/** The private addresses that are in use in a network, and by which configuration. */
function holders(cloud: Cloud, network: string): [string, string][] {
  return cloud.ofKind("network:NetworkInterface").flatMap((item) =>
    Object.entries((item.made.addresses ?? {}) as Record<string, string>).flatMap(
      ([name, address]): [string, string][] => {
        const configuration = objects(item.body.ipConfigurations).find((one) => one.name === name);
        const place = configuration && subnetOf(cloud, configuration);
        return place && isSameId(place.network, network) ? [[address, `${item.id}/ipConfigurations/${name}`]] : [];
      },
    ),
  );
}
