import type { NetId, Network } from "../../model/network";
import type { Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown, type Urn } from "../../model/snapshot";
import { type AddrSet, noAddresses, union } from "../../net/addr";
import { type Bounds, between, exactly } from "../../net/bounds";
import { cidr } from "../../net/cidr";
import { type References, type Resources, resolve } from "../resources";
import { either, flag, only } from "../values";
import { hasV6Block, PRIVATE_V4, ROUTED_V6, rangeOf, spaceOf } from "./address-space";
import { declaredNetworks } from "./declared-networks";
import { SUBNET, VPC } from "./types";

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
  /** The network that a reference names; one of several candidates is a network of its own, that may be any of them. */
  networkOf(references: References): NetId;
  /** Every network that a reference may name. */
  networksOf(references: References): { readonly certain: readonly NetId[]; readonly possible: readonly NetId[] };
  /** Whether two networks that the stack only names may be one. */
  mayBeOne(a: NetId, b: NetId): boolean;
  /** Puts a subnet that the stack only names into the network that something in it belongs to. */
  place(subnet: SubnetKey, network: NetId): void;
  /** Adds a network that no VPC of the stack is. */
  declare(network: Network): void;
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
      name: id === DEFAULT_VPC ? "default VPC" : id.replace(/^foreign:/, "").replace(/urn:\S*::/g, ""),
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
    const [vpc, ...others] = [...references.certain, ...references.possible];
    if (vpc === undefined) return references.absent ? DEFAULT_VPC : foreignKey(references.foreign[0]);
    if (others.length === 0) return keyOf(vpc);
    return `${ONE_OF}${[vpc, ...others].map(keyOf).sort().join(" ")}`;
  };
  const networksOf: Vpcs["networksOf"] = (references) => ({
    certain: [
      ...references.certain.map(keyOf),
      ...(references.absent ? [DEFAULT_VPC] : references.foreign.map((item) => foreignKey(item))),
    ],
    possible: references.possible.map(keyOf),
  });

  for (const subnet of resources.ofType(...SUBNET)) {
    const isDefault = subnet.type.includes("defaultSubnet");
    const net = isDefault
      ? DEFAULT_VPC
      : subnet.external
        ? networkOfSubnet(subnet.name)
        : networkOf(resolve(resources, subnet, "vpcId", subnet.properties.vpcId, VPC));
    const home = network(net);
    const outside = subnet.external
      ? notCreated(subnet.name, subnet.urn)
      : net.startsWith(ONE_OF)
        ? { text: `which VPC the subnet ${subnet.name} is in is not known`, at: { urn: subnet.urn, path: "vpcId" } }
        : null;
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
              : rangeOf(subnet, "cidrBlock", 4, home),
      v6: hasV6Block(subnet) ? rangeOf(subnet, "ipv6CidrBlock", 6, home) : null,
      mapsPublicV4: outside !== null ? outside : (flag(subnet.properties.mapPublicIpOnLaunch) ?? isDefault),
      assignsV6: either(flag(subnet.properties.assignIpv6AddressOnCreation), flag(subnet.properties.ipv6Native)),
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
      name: isDefault ? "a subnet of the default VPC" : id.replace(/urn:\S*::/g, ""),
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
    networksOf,
    mayBeOne: (a, b) =>
      a !== b &&
      ((!network(a).created && !network(b).created && (UNIDENTIFIED.test(a) || UNIDENTIFIED.test(b))) ||
        candidate(a, b) ||
        candidate(b, a)),
    place: (key, id) => {
      placed.set(key, id);
      const known = subnets.get(key);
      if (known === undefined || known.outside === null) return;
      const v4 = between(noAddresses, only(network(id).space.may, 4), [known.outside]);
      subnets.set(key, { ...known, network: id, v4: known.v4 === null ? null : v4 });
    },
    declare: (made) => networks.set(made.id, made),
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

/** The key of a network that is one of several of the stack starts so, and lists them. */
const ONE_OF = "foreign:one of ";

function candidate(network: NetId, among: NetId): boolean {
  return among.startsWith(ONE_OF) && among.slice(ONE_OF.length).split(" ").includes(network);
}

/** A key for something outside the stack: its id, or the resources that an unknown id is computed from. */
export function foreignKey(item: string | Unknown | undefined): string {
  if (item instanceof Unknown) return `foreign:${item.dependsOn.length > 0 ? item.dependsOn.join(" ") : "unknown"}`;
  return `foreign:${item ?? "unknown"}`;
}

function keyOf(vpc: ResourceSnapshot): NetId {
  return vpc.type.includes("defaultVpc") ? DEFAULT_VPC : vpc.urn;
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
