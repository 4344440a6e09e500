import type { NetId, Network } from "../../model/network";
import type { Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown, type Value } from "../../model/snapshot";
import { type AddrSet, isEmpty, noAddresses, subtract, union, unionAll } from "../../net/addr";
import { type Bounds, between, exactly, mergeReasons } from "../../net/bounds";
import { cidr } from "../../net/cidr";
import { cidrs, type Fields, field, isFields, items, only } from "../values";
import {
  type ArmReferences,
  childrenOf,
  keyOf,
  type Named,
  noArmReferences,
  resolveArm,
  resolveByName,
  SUBNET,
  type Wanted,
} from "./references";
import { PLATFORM } from "./service-tags";
import type { AzureResources } from "./tokens";

/** Where a VNet outside the stack may lie. */
export const PRIVATE_SPACE = cidr("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7");

export type SubnetKey = string;

export interface Subnet {
  readonly key: SubnetKey;
  readonly network: NetId;
  readonly name: string;
  readonly v4: Bounds<AddrSet>;
  readonly v6: Bounds<AddrSet>;
  /** The resource that declares it, and where in it; null for a subnet that the stack only names. */
  readonly holder: ResourceSnapshot | null;
  readonly path: string;
  readonly fields: Fields;
  /** Set for a subnet whose routes and filters the stack does not show: why. */
  readonly outside: Reason | null;
}

export interface Vnets {
  readonly networks: ReadonlyMap<NetId, Network>;
  network(id: NetId): Network;
  readonly subnets: ReadonlyMap<SubnetKey, Subnet>;
  subnet(key: SubnetKey): Subnet;
  /** Subnets that a reference may name; the first of `certain` is the one if there is one. */
  subnetsOf(
    references: ArmReferences,
    owner: ResourceSnapshot,
  ): {
    readonly certain: readonly Subnet[];
    readonly possible: readonly Subnet[];
  };
  networkOf(references: ArmReferences): NetId;
  /** A reference inside a subnet, such as its network security group. */
  resolve(subnet: Subnet, property: string, wanted: Wanted): ArmReferences;
}

/** VNets and their subnets, in the VNet or as resources of their own. Azure Virtual Network documentation, "Add, change, or delete a subnet". */
export function lowerVnets(azure: AzureResources): Vnets {
  const networks = new Map<NetId, Network>();
  const subnets = new Map<SubnetKey, Subnet>();

  for (const vnet of azure.ofKind("network:VirtualNetwork")) {
    networks.set(vnet.urn, {
      id: vnet.urn,
      urn: vnet.urn,
      name: vnet.name,
      space: vnet.external ? unknownSpace(vnet.name) : spaceOf(vnet),
      created: !vnet.external,
      platform: PLATFORM,
    });
  }

  const network = (id: NetId, name = id.replace(/^foreign:/, "")): Network => {
    const found = networks.get(id);
    if (found !== undefined) return found;
    const made: Network = { id, urn: null, name, space: unknownSpace(name), created: false, platform: PLATFORM };
    networks.set(id, made);
    return made;
  };

  /** The network of a subnet that the stack does not create, by the id of the subnet. */
  const homeOf = (subnetId: string | undefined, name: string): NetId => {
    const [, vnetId] = /^(.*)\/subnets\/[^/]+$/i.exec(subnetId ?? "") ?? [];
    if (vnetId === undefined) return `foreign:of ${name}`;
    const vnet = azure.withId(vnetId);
    return vnet !== undefined ? vnet.urn : network(`foreign:${vnetId.toLowerCase()}`, vnetId).id;
  };

  const networkOf = (references: ArmReferences): NetId => {
    const [first] = [...references.certain, ...references.possible];
    if (first !== undefined) return first.resource.urn;
    const [foreign] = references.foreign;
    return `foreign:${typeof foreign === "string" ? foreign.toLowerCase() : "unknown network"}`;
  };

  const add = (holder: ResourceSnapshot, path: string, name: string, fields: Fields, home: NetId) => {
    const key = path === "" ? holder.urn : keyOf({ resource: holder, child: name });
    const outside = holder.external
      ? {
          text: `the subnet ${name} exists already: its routes and filters are not in the stack`,
          at: { urn: holder.urn },
        }
      : null;
    subnets.set(key, {
      key,
      network: home,
      name,
      ...prefixOf(holder, path, fields, network(home)),
      holder,
      path,
      fields,
      outside,
    });
  };
  for (const vnet of azure.ofKind("network:VirtualNetwork")) {
    childrenOf(vnet, SUBNET.inside?.list ?? "").forEach(({ name, value }, i) => {
      add(vnet, `subnets[${i}]`, name, isFields(value) ? value : {}, vnet.urn);
    });
  }
  for (const subnet of azure.ofKind("network:Subnet")) {
    const home = resolveByName(azure, subnet, "virtualNetworkName", "network:VirtualNetwork");
    add(subnet, "", subnet.name, subnet.properties, subnet.external ? homeOf(subnet.id, subnet.name) : networkOf(home));
  }

  const subnet = (key: SubnetKey, name = key.replace(/^foreign:/, "")): Subnet => {
    const found = subnets.get(key);
    if (found !== undefined) return found;
    const home = homeOf(name, name);
    const made: Subnet = {
      key,
      network: home,
      name: name.split("/").at(-1) ?? name,
      v4: only4(network(home).space),
      v6: only6(network(home).space),
      holder: null,
      path: "",
      fields: {},
      outside: { text: `the subnet ${name} is not in the stack` },
    };
    subnets.set(key, made);
    return made;
  };

  return {
    networks,
    network,
    subnets,
    subnet,
    networkOf,
    subnetsOf(references, owner) {
      const of = (named: readonly Named[]) => named.map((item) => subnet(keyOf(item)));
      const foreign = references.foreign.map((id) =>
        typeof id === "string" ? subnet(`foreign:${id.toLowerCase()}`, id) : subnet(`foreign:of ${owner.name}`),
      );
      return {
        certain: [...of(references.certain), ...(references.possible.length === 0 ? foreign : [])],
        possible: [...of(references.possible), ...(references.possible.length === 0 ? [] : foreign)],
      };
    },
    resolve(item, property, wanted) {
      if (item.holder === null) return noArmReferences;
      return resolveArm(azure, item.holder, item.path === "" ? property : "subnets", item.fields[property], wanted);
    },
  };
}

/** The part of a network's space that no subnet holds. */
export function spaceWithoutSubnets(home: Network, subnets: readonly Subnet[], family: 4 | 6): Bounds<AddrSet> {
  const side = (subnet: Subnet) => (family === 4 ? subnet.v4 : subnet.v6);
  const may = subtract(only(home.space.may, family), unionAll(subnets.map((subnet) => side(subnet).must)));
  const must = subtract(only(home.space.must, family), unionAll(subnets.map((subnet) => side(subnet).may)));
  return between(must, may, isEmpty(subtract(may, must)) ? [] : home.space.why);
}

function unknownSpace(name: string): Bounds<AddrSet> {
  return between(noAddresses, PRIVATE_SPACE, [{ text: `the address space of ${name} is not in the stack` }]);
}

function spaceOf(vnet: ResourceSnapshot): Bounds<AddrSet> {
  const space = vnet.properties.addressSpace;
  if (space instanceof Unknown) return unknownSpace(vnet.name);
  const at = { urn: vnet.urn, path: "addressSpace.addressPrefixes" };
  const set = cidrs(field(space, "addressPrefixes"), undefined, at);
  const pools = items(field(space, "ipamPoolPrefixAllocations"));
  const open = pools.length > 0 || isEmpty(set.may) || set.why.length > 0;
  if (!open) return set;
  return between(set.must, union(set.must, PRIVATE_SPACE), [
    ...set.why,
    {
      text: `the address space of ${vnet.name} is assigned only at creation`,
      at: { urn: vnet.urn, path: "addressSpace" },
    },
  ]);
}

function prefixOf(
  holder: ResourceSnapshot,
  path: string,
  fields: Fields,
  home: Network,
): { v4: Bounds<AddrSet>; v6: Bounds<AddrSet> } {
  const at = (key: string) => ({ urn: holder.urn, path: path === "" ? key : `${path}.${key}` });
  const given: Value[] = [...items(fields.addressPrefix), ...items(fields.addressPrefixes)];
  const parts = [
    cidrs(fields.addressPrefix, undefined, at("addressPrefix")),
    cidrs(fields.addressPrefixes, undefined, at("addressPrefixes")),
  ];
  const must = unionAll(parts.map((part) => part.must));
  const why = parts.flatMap((part) => part.why);
  if (given.length > 0 && why.length === 0) return { v4: exactly(only(must, 4)), v6: exactly(only(must, 6)) };
  const reasons = mergeReasons([
    ...why,
    { text: `the address range of ${holder.name} is assigned only at creation`, at: at("addressPrefix") },
  ]);
  const open = between(must, union(must, home.space.may), reasons);
  return { v4: only4(open), v6: only6(open) };
}

function only4(set: Bounds<AddrSet>): Bounds<AddrSet> {
  return narrow(set, 4);
}

function only6(set: Bounds<AddrSet>): Bounds<AddrSet> {
  return narrow(set, 6);
}

function narrow(set: Bounds<AddrSet>, family: 4 | 6): Bounds<AddrSet> {
  const [must, may] = [only(set.must, family), only(set.may, family)];
  return between(must, may, isEmpty(subtract(may, must)) ? [] : set.why);
}
