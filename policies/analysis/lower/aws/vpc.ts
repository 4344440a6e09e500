import type { NetId, Network } from "../../model/network";
import type { Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown, type Urn, type Value } from "../../model/snapshot";
import { type AddrSet, isEmpty, noAddresses, subtract, union, unionAll } from "../../net/addr";
import { type Bounds, between, exactly, mergeReasons } from "../../net/bounds";
import { cidr } from "../../net/cidr";
import { type References, type Resources, resolve } from "../resources";
import { cidrs, flag, only } from "../values";
import { declaredNetworks } from "./declared-networks";
import { SUBNET, VPC } from "./types";

/** Where a VPC outside the stack may lie: private IPv4 space, and any routed IPv6. */
export const PRIVATE_V4 = cidr("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10");

const ROUTED_V6 = cidr("2000::/3");

/** VPC User Guide, "Default VPCs". */
const DEFAULT_VPC_SPACE = cidr("172.31.0.0/16");

export const DEFAULT_VPC = "default-vpc";

/** A key that names a subnet: its URN, or what is known of one outside the stack. */
export type SubnetKey = string;

export interface Subnet {
  readonly key: SubnetKey;
  readonly network: NetId;
  readonly resource: ResourceSnapshot | null;
  readonly name: string;
  readonly v4: Bounds<AddrSet> | null;
  readonly v6: Bounds<AddrSet> | null;
  /** Whether an interface that a launch creates gets a public IPv4 address. */
  readonly mapsPublicV4: boolean | Unknown | Reason;
  readonly assignsV6: boolean | Unknown;
  /** Set for a subnet whose routes, network ACL and addressing the stack does not show: why. */
  readonly outside: Reason | null;
  /** It stands for whatever an unknown id may name: two interfaces in it need not be in one subnet. */
  readonly scattered: boolean;
}

export interface Vpcs {
  readonly networks: ReadonlyMap<NetId, Network>;
  network(id: NetId): Network;
  /** VPCs that take IPv6 traffic, as far as known. */
  readonly subnets: ReadonlyMap<SubnetKey, Subnet>;
  subnet(key: SubnetKey): Subnet;
  networkOf(references: References): NetId;
  /** Whether two networks that the stack only names may be one. */
  mayBeOne(a: NetId, b: NetId): boolean;
  /** Puts a subnet that the stack only names into the network that something in it belongs to. */
  place(subnet: SubnetKey, network: NetId): void;
  /** The network of a VPC's resource. */
  keyOf(vpc: ResourceSnapshot): NetId;
  /** What a component of ours was told lies behind the routes of a network that exists already; null where nobody said. */
  connectedTo(network: NetId): AddrSet | null;
  /** Keys of the subnets that a reference names, foreign ones included. */
  subnetKeys(references: References): {
    readonly certain: readonly SubnetKey[];
    readonly possible: readonly SubnetKey[];
  };
  readonly assumptions: readonly string[];
}

/** VPCs and subnets, created here, read, declared as existing by a component of ours, or merely named by an id. */
export function lowerVpcs(resources: Resources): Vpcs {
  const networks = new Map<NetId, Network>();
  const subnets = new Map<SubnetKey, Subnet>();
  const placed = new Map<SubnetKey, NetId>();
  const assumptions = new Set<string>();
  const existing = declaredNetworks(resources);

  for (const vpc of resources.ofType(...VPC)) {
    const id = vpc.type.includes("defaultVpc") ? DEFAULT_VPC : vpc.urn;
    networks.set(id, {
      id,
      urn: vpc.urn,
      name: vpc.name,
      space: id === DEFAULT_VPC ? exactly(DEFAULT_VPC_SPACE) : spaceOf(resources, vpc),
      created: id !== DEFAULT_VPC && !vpc.external,
    });
  }

  const network = (id: NetId): Network => {
    const found = networks.get(id);
    if (found !== undefined) return found;
    const declared = existing.get(id.replace(/^foreign:/, ""));
    if (id === DEFAULT_VPC)
      assumptions.add("the account's default VPC exists, with its public subnets and 172.31.0.0/16");
    const made: Network = {
      id,
      urn: null,
      name: id === DEFAULT_VPC ? "default VPC" : id.replace(/^foreign:/, ""),
      space:
        id === DEFAULT_VPC
          ? exactly(DEFAULT_VPC_SPACE)
          : declared !== undefined
            ? declared.space
            : between(noAddresses, union(PRIVATE_V4, ROUTED_V6), [notCreatedNetwork(id.replace(/^foreign:/, ""))]),
      created: false,
    };
    networks.set(id, made);
    return made;
  };

  const networkOf = (references: References): NetId => {
    const [vpc] = [...references.certain, ...references.possible];
    if (vpc !== undefined) return keyOf(vpc);
    if (references.absent) return DEFAULT_VPC;
    return foreignKey(references.foreign[0]);
  };

  for (const subnet of resources.ofType(...SUBNET)) {
    const isDefault = subnet.type.includes("defaultSubnet");
    const net = isDefault
      ? DEFAULT_VPC
      : subnet.external
        ? networkOfSubnet(subnet.name)
        : networkOf(resolve(resources, subnet, "vpcId", subnet.properties.vpcId, VPC));
    const home = network(net);
    const outside = subnet.external ? notCreated(subnet.name, subnet.urn) : null;
    subnets.set(subnet.urn, {
      key: subnet.urn,
      network: net,
      resource: subnet,
      name: subnet.name,
      v4:
        flag(subnet.properties.ipv6Native) === true
          ? null
          : outside !== null
            ? between(noAddresses, only(home.space.may, 4), [outside])
            : isDefault
              ? v4Of(home)
              : range(subnet, "cidrBlock", 4, home),
      v6: hasV6Block(subnet) ? range(subnet, "ipv6CidrBlock", 6, home) : null,
      mapsPublicV4: outside !== null ? outside : (flag(subnet.properties.mapPublicIpOnLaunch) ?? isDefault),
      assignsV6: flag(subnet.properties.assignIpv6AddressOnCreation) ?? flag(subnet.properties.ipv6Native) ?? false,
      outside,
      scattered: false,
    });
  }

  const subnet = (key: SubnetKey): Subnet => {
    const found = subnets.get(key);
    if (found !== undefined) return found;
    const id = key.replace(/^foreign:/, "");
    const owner = [...existing.values()].find((candidate) => candidate.subnets.has(id));
    const isDefault = key === DEFAULT_VPC;
    const net = isDefault
      ? DEFAULT_VPC
      : owner !== undefined
        ? `foreign:${owner.vpcId}`
        : (placed.get(key) ?? networkOfSubnet(id));
    const home = network(net);
    const declared = owner?.subnets.get(id);
    const outside = isDefault ? null : notCreated(id);
    const made: Subnet = {
      key,
      network: net,
      resource: null,
      name: isDefault ? "a subnet of the default VPC" : id,
      v4:
        declared !== undefined
          ? exactly(declared)
          : outside !== null
            ? between(noAddresses, only(home.space.may, 4), [outside])
            : v4Of(home),
      v6: null,
      mapsPublicV4: outside ?? true,
      assignsV6: false,
      outside,
      scattered: /^(unknown$|urn:)/.test(id),
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
    mayBeOne: (a, b) =>
      a !== b && !network(a).created && !network(b).created && (UNIDENTIFIED.test(a) || UNIDENTIFIED.test(b)),
    place: (key, id) => {
      placed.set(key, id);
      const known = subnets.get(key);
      if (known === undefined || known.outside === null) return;
      const v4 = between(noAddresses, only(network(id).space.may, 4), [known.outside]);
      subnets.set(key, { ...known, network: id, v4: known.v4 === null ? null : v4 });
    },
    keyOf,
    connectedTo: (id) => existing.get(id.replace(/^foreign:/, ""))?.connected ?? null,
    subnetKeys: (references) => ({
      certain: [
        ...references.certain.map((resource) => resource.urn),
        ...references.foreign.map((item) => foreignKey(item)),
      ],
      possible: references.possible.map((resource) => resource.urn),
    }),
    get assumptions() {
      return [...assumptions];
    },
  };
}

/** The network of a subnet of which nothing but a name is known. */
function networkOfSubnet(name: string): NetId {
  return `foreign:the VPC of ${name.replace(/urn:\S*::/g, "")}`;
}

/** Networks by something in them, or by an unknown id: they may be any that the stack does not create. */
const UNIDENTIFIED = /^foreign:(the VPC of |unknown$|urn:)/;

/** A key for something outside the stack: its id, or the resources that an unknown id is computed from. */
export function foreignKey(item: string | Unknown | undefined): string {
  if (item instanceof Unknown) return `foreign:${item.dependsOn.length > 0 ? item.dependsOn.join(" ") : "unknown"}`;
  return `foreign:${item ?? "unknown"}`;
}

function keyOf(vpc: ResourceSnapshot): NetId {
  return vpc.type.includes("defaultVpc") ? DEFAULT_VPC : vpc.urn;
}

function spaceOf(resources: Resources, vpc: ResourceSnapshot): Bounds<AddrSet> {
  const associated = resources
    .ofType(
      "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation",
      "aws:ec2/vpcIpv6CidrBlockAssociation:VpcIpv6CidrBlockAssociation",
    )
    .filter((item) => {
      const references = resolve(resources, item, "vpcId", item.properties.vpcId, VPC);
      return references.certain.includes(vpc) || references.possible.includes(vpc);
    });
  const parts: Bounds<AddrSet>[] = [block(vpc, vpc.properties.cidrBlock, "cidrBlock", 4)];
  const v6 = vpc.properties.ipv6CidrBlock;
  const generated = flag(vpc.properties.assignGeneratedIpv6CidrBlock);
  if (v6 !== undefined && v6 !== null) parts.push(block(vpc, v6, "ipv6CidrBlock", 6));
  else if (
    generated === true ||
    generated instanceof Unknown ||
    vpc.properties.ipv6IpamPoolId !== undefined ||
    vpc.external
  ) {
    parts.push(
      between(noAddresses, ROUTED_V6, [
        { text: "the IPv6 block is assigned at creation", at: { urn: vpc.urn, path: "ipv6CidrBlock" } },
      ]),
    );
  }
  for (const item of associated) {
    const family = item.type.includes("Ipv6") ? 6 : 4;
    const name = family === 6 ? "ipv6CidrBlock" : "cidrBlock";
    parts.push(block(item, item.properties[name], name, family));
  }
  return {
    must: unionAll(parts.map((part) => part.must)),
    may: unionAll(parts.map((part) => part.may)),
    why: mergeReasons(parts.flatMap((part) => part.why)),
  };
}

/** A block that is not known yet lies in private IPv4 or routed IPv6 space. */
function block(resource: ResourceSnapshot, value: Value | undefined, path: string, family: 4 | 6): Bounds<AddrSet> {
  const set = value === undefined ? undefined : cidrs(value, family, { urn: resource.urn, path });
  if (set !== undefined && set.why.length === 0) return set;
  const why: Reason = {
    text: `the ${family === 4 ? "IPv4" : "IPv6"} block is not known yet`,
    at: { urn: resource.urn, path },
  };
  return between(noAddresses, family === 4 ? PRIVATE_V4 : ROUTED_V6, [why]);
}

function range(subnet: ResourceSnapshot, property: string, family: 4 | 6, home: Network): Bounds<AddrSet> {
  const set = block(subnet, subnet.properties[property], property, family);
  if (set.why.length === 0) return set;
  const space = only(home.space.may, family);
  return isEmpty(space) ? set : between(noAddresses, space, set.why);
}

function notCreatedNetwork(name: string): Reason {
  return { text: `the address space of ${name.replace(/^urn:.*::/, "")} is not in the stack` };
}

/** The one reason for everything that is not known of a subnet outside the stack. */
function notCreated(name: string, urn?: Urn): Reason {
  const shown = name === "unknown" ? "" : `${name.replace(/urn:\S*::/g, "")} `;
  const text = `the stack does not create the subnet ${shown}and shows neither its routes nor its network ACL`;
  return { text, ...(urn === undefined ? {} : { at: { urn } }) };
}

function v4Of(home: Network): Bounds<AddrSet> {
  return between(noAddresses, only(home.space.may, 4), [
    { text: `the address range of the subnet is not in the stack (${home.name})` },
  ]);
}

function hasV6Block(subnet: ResourceSnapshot): boolean {
  const { ipv6CidrBlock, ipv6Native, assignIpv6AddressOnCreation, ipv6IpamPoolId } = subnet.properties;
  const asked = [flag(ipv6Native), flag(assignIpv6AddressOnCreation)].some(
    (value) => value === true || value instanceof Unknown,
  );
  return (ipv6CidrBlock !== undefined && ipv6CidrBlock !== null) || ipv6IpamPoolId !== undefined || asked;
}

/** The part of a network that no subnet holds; a subnet whose range is not known may hold any of it. */
export function spaceWithoutSubnets(home: Network, subnets: readonly Subnet[], family: 4 | 6): Bounds<AddrSet> {
  const held = subnets.flatMap((subnet) => (family === 4 ? subnet.v4 : subnet.v6) ?? []);
  const must = subtract(only(home.space.must, family), unionAll(held.map((range) => range.may)));
  const may = subtract(only(home.space.may, family), unionAll(held.map((range) => range.must)));
  return between(must, may, mergeReasons([...home.space.why, ...held.flatMap((range) => range.why)]));
}

export function urnOf(resource: ResourceSnapshot | null): Urn | null {
  return resource?.urn ?? null;
}
