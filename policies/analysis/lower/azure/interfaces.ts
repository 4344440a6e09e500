import type { Address } from "../../model/network";
import type { Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown, type Urn, type Value } from "../../model/snapshot";
import { isEmpty } from "../../net/addr";
import { parseCidr } from "../../net/cidr";
import { field, flag, isFields, items, text } from "../values";
import { type PublicIp, publicIpOf } from "./public-ips";
import { type ArmReferences, keyOf, type Named, resolveArm, SUBNET, type Wanted } from "./references";
import type { AzureResources } from "./tokens";
import type { Subnet, Vnets } from "./vnets";

export const NSG: Wanted = { kind: "network:NetworkSecurityGroup" };
const ASG: Wanted = { kind: "network:ApplicationSecurityGroup" };
const NIC: Wanted = { kind: "network:NetworkInterface" };
export const POOL: Wanted = {
  kind: "network:LoadBalancerBackendAddressPool",
  inside: { kind: "network:LoadBalancer", list: "backendAddressPools", link: "loadBalancerName" },
};
export const NAT_RULE: Wanted = {
  kind: "network:InboundNatRule",
  inside: { kind: "network:LoadBalancer", list: "inboundNatRules", link: "loadBalancerName" },
};

const NAT_POOL: Wanted = {
  kind: "network:InboundNatPool",
  inside: { kind: "network:LoadBalancer", list: "inboundNatPools", link: "loadBalancerName" },
};

/** Groups, pools or rules that a configuration lists, by key. */
export interface Listed {
  readonly certain: readonly string[];
  readonly possible: readonly string[];
}

/** One address of a network interface, with what the interface carries: an ipConfiguration. */
export interface Interface {
  readonly resource: ResourceSnapshot;
  readonly host: Urn | null;
  readonly subnet: Subnet;
  readonly family: 4 | 6;
  readonly address: Address;
  readonly nsgs: ArmReferences;
  readonly asgs: Listed;
  readonly publicIp: PublicIp | null;
  readonly pools: Listed;
  readonly natRules: Listed;
  readonly forwards: boolean;
  /** Why it may lie in another subnet, or not exist. */
  readonly doubt: Reason | null;
}

/** Where an interface is written: a resource of its own, or a part of a machine or scale set. */
interface Card {
  readonly holder: ResourceSnapshot;
  /** Top-level property that unknown references inside fall back to. */
  readonly property: string;
  readonly path: string;
  readonly host: Urn | null;
  readonly nsg: Value | undefined;
  readonly configurations: Value | undefined;
  readonly publicKey: "publicIPAddress" | "publicIPAddressConfiguration";
  readonly forwards: boolean;
}

/** Every address of every interface in the stack. Azure Virtual Network documentation, "Network interfaces". */
export function lowerInterfaces(azure: AzureResources, vnets: Vnets): readonly Interface[] {
  return cards(azure).flatMap((card) =>
    (card.configurations instanceof Unknown ? [card.configurations] : items(card.configurations)).flatMap((value, i) =>
      addressesOf(azure, vnets, card, value, `${card.path}[${i}]`),
    ),
  );
}

function cards(azure: AzureResources): Card[] {
  const owners = interfaceOwners(azure);
  const own = azure.ofKind(NIC.kind).map((nic): Card => {
    const p = nic.properties;
    return {
      holder: nic,
      property: "",
      path: "ipConfigurations",
      host: owners.get(nic.urn) ?? null,
      nsg: p.networkSecurityGroup,
      configurations: nic.external ? new Unknown([], "not in the stack") : p.ipConfigurations,
      publicKey: "publicIPAddress",
      forwards: flag(p.enableIPForwarding) !== undefined && flag(p.enableIPForwarding) !== false,
    };
  });
  const inline = azure.ofKind("compute:VirtualMachine", "compute:VirtualMachineScaleSet").flatMap((machine) => {
    const isSet = machine.type.endsWith("ScaleSet");
    const top = isSet ? "virtualMachineProfile" : "networkProfile";
    const profile = isSet
      ? field(machine.properties.virtualMachineProfile, "networkProfile")
      : machine.properties.networkProfile;
    const prefix = isSet ? "virtualMachineProfile.networkProfile" : "networkProfile";
    return items(field(profile, "networkInterfaceConfigurations")).map((item, i): Card => {
      const forwards = flag(field(item, "enableIPForwarding"));
      return {
        holder: machine,
        property: top,
        path: `${prefix}.networkInterfaceConfigurations[${i}].ipConfigurations`,
        host: machine.urn,
        nsg: field(item, "networkSecurityGroup"),
        configurations: item instanceof Unknown ? item : field(item, "ipConfigurations"),
        publicKey: "publicIPAddressConfiguration",
        forwards: forwards !== undefined && forwards !== false,
      };
    });
  });
  return [...own, ...inline];
}

/** Which machine each interface belongs to. */
export function interfaceOwners(azure: AzureResources): ReadonlyMap<Urn, Urn> {
  const owners = new Map<Urn, Urn>();
  for (const machine of azure.ofKind("compute:VirtualMachine")) {
    const listed = field(machine.properties.networkProfile, "networkInterfaces");
    const { certain, possible } = resolveArm(azure, machine, "networkProfile", listed, NIC);
    for (const { resource } of [...certain, ...possible]) owners.set(resource.urn, machine.urn);
  }
  return owners;
}

function addressesOf(azure: AzureResources, vnets: Vnets, card: Card, value: Value, path: string): Interface[] {
  const { holder } = card;
  const fields = isFields(value) ? value : {};
  const property = card.property === "" ? "ipConfigurations" : card.property;
  const at = { urn: holder.urn, path };
  const resolve = (key: string, wanted: Wanted) => resolveArm(azure, holder, property, fields[key], wanted);
  const keys = ({ certain, possible, foreign }: ArmReferences) => ({
    certain: [
      ...certain.map(keyOf),
      ...foreign.map((id) => (typeof id === "string" ? `foreign:${id.toLowerCase()}` : "foreign:unknown")),
    ],
    possible: possible.map((item: Named) => keyOf(item)),
  });
  const unread: Reason | null =
    value instanceof Unknown ? { text: `the configuration of the interface is ${value.reason}`, at } : null;
  const place = vnets.subnetsOf(
    unread === null
      ? resolve("subnet", SUBNET)
      : { certain: [], possible: [], foreign: [value as Unknown], absent: false },
    holder,
  );
  const many = place.possible.length > 0 || place.certain.length > 1;
  const unplaced: Reason | null = many
    ? { text: "which subnet the interface is in is not known", at: { ...at, path: `${path}.subnet` } }
    : null;
  const version = text(fields.privateIPAddressVersion);
  const family = typeof version === "string" && version.toLowerCase() === "ipv6" ? 6 : 4;
  const given = typeof fields.privateIPAddress === "string" ? parseCidr(fields.privateIPAddress) : null;
  const publicPath = `${path}.${card.publicKey}`;
  const publicIp: PublicIp | null =
    unread === null
      ? publicIpOf(azure, holder, property, publicPath, fields[card.publicKey])
      : { sku: "unknown", family, at, text: "a public IP address", doubt: unread };
  return [...place.certain, ...place.possible].map((subnet): Interface => {
    const range = family === 4 ? subnet.v4 : subnet.v6;
    return {
      resource: holder,
      host: card.host,
      subnet,
      family,
      address:
        given === null || isEmpty(given)
          ? { kind: "within", range: isEmpty(range.must) ? range.may : range.must }
          : { kind: "known", addr: given },
      nsgs:
        unread === null
          ? resolveArm(azure, holder, card.property === "" ? "networkSecurityGroup" : card.property, card.nsg, NSG)
          : { certain: [], possible: [], foreign: [value as Unknown], absent: false },
      asgs: keys(resolve("applicationSecurityGroups", ASG)),
      publicIp,
      pools: keys(resolve("loadBalancerBackendAddressPools", POOL)),
      natRules: merge(
        keys(resolve("loadBalancerInboundNatRules", NAT_RULE)),
        keys(resolve("loadBalancerInboundNatPools", NAT_POOL)),
      ),
      forwards: card.forwards,
      doubt: unread ?? unplaced,
    };
  });
}

function merge(a: Listed, b: Listed): Listed {
  return { certain: [...a.certain, ...b.certain], possible: [...a.possible, ...b.possible] };
}
