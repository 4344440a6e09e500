import type { Protocol } from "../../model/network";
import type { Provenance, Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown, type Value } from "../../model/snapshot";
import { type PortSet, ports as portRange } from "../../net/ports";
import { field, flag, integer, isFields, items, text } from "../values";
import { NAT_RULE, POOL } from "./interfaces";
import { type PublicIp, publicIpOf } from "./public-ips";
import {
  type ArmReferences,
  childrenOf,
  keyOf,
  type Named,
  resolveArm,
  resolveByName,
  SUBNET,
  type Wanted,
} from "./references";
import type { AzureResources } from "./tokens";

const FRONTEND: Wanted = {
  kind: "network:LoadBalancerFrontend",
  inside: { kind: "network:LoadBalancer", list: "frontendIPConfigurations", link: "loadBalancerName" },
};

/** One way through a load balancer: a published port of a frontend, and the port and members behind it. */
export interface Balancing {
  readonly balancer: ResourceSnapshot;
  readonly at: Provenance;
  readonly name: string;
  readonly protocol: Protocol | "any";
  /** Null for every port as it is (HA ports). */
  readonly published: PortSet | null;
  readonly backend: number | null;
  /** What the frontend shows to the world; null for one inside a network. */
  readonly publicIp: PublicIp | null;
  /** Subnet that an internal frontend lies in, as a reference. */
  readonly inside: boolean;
  /** Keys of pools or NAT rules whose members are behind it. */
  readonly pools: readonly string[];
  readonly natRule: string | null;
  readonly standard: "yes" | "no" | "maybe";
  /** It also lets members out. */
  readonly snat: boolean;
  readonly doubt: Reason | null;
}

/** Load balancers pass packets on unchanged: the machine sees the client. "What is Azure Load Balancer?"; "Load balancer SKUs". */
export function lowerLoadBalancers(azure: AzureResources): readonly Balancing[] {
  return azure
    .ofKind("network:LoadBalancer")
    .flatMap((balancer) => [...rules(azure, balancer), ...natRules(azure, balancer), ...natPools(azure, balancer)]);
}

/** Pools with an outbound rule, or a rule that lets its members out. */
export function outboundPools(azure: AzureResources, ways: readonly Balancing[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const way of ways) if (way.snat && way.publicIp !== null) for (const pool of way.pools) found.add(pool);
  for (const balancer of azure.ofKind("network:LoadBalancer"))
    for (const item of items(balancer.properties.outboundRules))
      for (const key of keys(azure, balancer, balancer, "outboundRules", field(item, "backendAddressPool"), POOL).keys)
        found.add(key);
  return found;
}

function rules(azure: AzureResources, balancer: ResourceSnapshot): Balancing[] {
  return items(balancer.properties.loadBalancingRules).flatMap((value, i): Balancing[] => {
    const path = `loadBalancingRules[${i}]`;
    if (!isFields(value)) return [unread(balancer, path, value)];
    const front = frontendOf(azure, balancer, balancer, "loadBalancingRules", value.frontendIPConfiguration);
    const named = [value.backendAddressPool, ...items(value.backendAddressPools)].filter(
      (item) => item !== undefined && item !== null,
    );
    const pools = named.map((item) => keys(azure, balancer, balancer, "loadBalancingRules", item, POOL));
    const published = integer(value.frontendPort);
    const backend = integer(value.backendPort) ?? published;
    const protocol = protocolOf(value.protocol);
    const all = protocol === "any" && published === 0;
    const noSnat = flag(value.disableOutboundSnat);
    return [
      {
        ...front,
        balancer,
        at: { urn: balancer.urn, path },
        name: nameOf(value, path),
        protocol,
        published: all || typeof published !== "number" ? null : portRange(published),
        backend: all || typeof backend !== "number" ? null : backend,
        pools: pools.flatMap((pool) => pool.keys),
        natRule: null,
        standard: standardOf(balancer),
        snat: noSnat !== true && front.publicIp !== null,
        doubt:
          front.doubt ??
          pools.find((pool) => pool.doubt !== null)?.doubt ??
          (published instanceof Unknown || backend instanceof Unknown
            ? { text: "the ports of a load balancing rule are not known yet", at: { urn: balancer.urn, path } }
            : null),
      },
    ];
  });
}

/** Inbound NAT rules, inside the load balancer or as resources, for one interface or, with a range of ports, for a pool. */
function natRules(azure: AzureResources, balancer: ResourceSnapshot): Balancing[] {
  const inline = items(balancer.properties.inboundNatRules).map((value, i) => ({
    value,
    holder: balancer,
    path: `inboundNatRules[${i}]`,
    key: keyOf({ resource: balancer, child: childrenOf(balancer, "inboundNatRules")[i]?.name ?? `[${i}]` }),
    property: "inboundNatRules",
  }));
  const own = azure
    .ofKind(NAT_RULE.kind)
    .filter((rule) => {
      const owner = resolveByName(azure, rule, "loadBalancerName", "network:LoadBalancer");
      return [...owner.certain, ...owner.possible].some(({ resource }) => resource === balancer);
    })
    .map((rule) => ({
      value: rule.properties as Value,
      holder: rule,
      path: "",
      key: rule.urn,
      property: "frontendIPConfiguration",
    }));
  return [...inline, ...own].map(({ value, holder, path, key, property }): Balancing => {
    if (!isFields(value)) return unread(balancer, path, value);
    const front = frontendOf(azure, balancer, holder, property, value.frontendIPConfiguration);
    const pool = keys(
      azure,
      balancer,
      holder,
      path === "" ? "backendAddressPool" : property,
      value.backendAddressPool,
      POOL,
    );
    const [low, high] = [
      integer(value.frontendPortRangeStart) ?? integer(value.frontendPort),
      integer(value.frontendPortRangeEnd) ?? integer(value.frontendPort),
    ];
    const backend = integer(value.backendPort) ?? low;
    const at = path === "" ? { urn: holder.urn } : { urn: holder.urn, path };
    return {
      ...front,
      balancer,
      at,
      name: nameOf(value, holder.name),
      protocol: protocolOf(value.protocol),
      published: typeof low === "number" && typeof high === "number" && low <= high ? portRange(low, high) : null,
      backend: typeof backend === "number" ? backend : null,
      pools: pool.keys,
      natRule: key,
      standard: standardOf(balancer),
      snat: false,
      doubt: front.doubt ?? pool.doubt,
    };
  });
}

function natPools(azure: AzureResources, balancer: ResourceSnapshot): Balancing[] {
  return items(balancer.properties.inboundNatPools).map((value, i): Balancing => {
    const path = `inboundNatPools[${i}]`;
    if (!isFields(value)) return unread(balancer, path, value);
    const front = frontendOf(azure, balancer, balancer, "inboundNatPools", value.frontendIPConfiguration);
    const [low, high, backend] = [
      integer(value.frontendPortRangeStart),
      integer(value.frontendPortRangeEnd),
      integer(value.backendPort),
    ];
    const name = childrenOf(balancer, "inboundNatPools")[i]?.name ?? `[${i}]`;
    return {
      ...front,
      balancer,
      at: { urn: balancer.urn, path },
      name: nameOf(value, path),
      protocol: protocolOf(value.protocol),
      published: typeof low === "number" && typeof high === "number" && low <= high ? portRange(low, high) : null,
      backend: typeof backend === "number" ? backend : null,
      pools: [keyOf({ resource: balancer, child: name })],
      natRule: null,
      standard: standardOf(balancer),
      snat: false,
      doubt: front.doubt,
    };
  });
}

function unread(balancer: ResourceSnapshot, path: string, value: Value): Balancing {
  const why = value instanceof Unknown ? value.reason : "no rule";
  const pools = childrenOf(balancer, "backendAddressPools").map(({ name }) =>
    keyOf({ resource: balancer, child: name }),
  );
  return {
    balancer,
    at: { urn: balancer.urn, path },
    name: path,
    protocol: "any",
    published: null,
    backend: null,
    publicIp: { sku: "unknown", family: 4, at: { urn: balancer.urn }, text: "a frontend", doubt: null },
    inside: true,
    pools,
    natRule: null,
    standard: "maybe",
    snat: true,
    doubt: { text: `a rule of the load balancer is ${why}`, at: { urn: balancer.urn, path } },
  };
}

/** The frontend that a rule names; a rule that leaves it open may mean any of them. */
function frontendOf(
  azure: AzureResources,
  balancer: ResourceSnapshot,
  holder: ResourceSnapshot,
  property: string,
  value: Value | undefined,
): Pick<Balancing, "publicIp" | "inside" | "doubt"> {
  const references = partOf(azure, balancer, holder, property, value, FRONTEND);
  const named = [...references.certain, ...references.possible];
  const fronts = named.map((item) => frontend(azure, item));
  const shown = fronts.find((front) => front.publicIp !== null) ?? fronts[0];
  const at = { urn: holder.urn, path: property };
  if (shown === undefined) {
    return {
      publicIp: { sku: "unknown", family: 4, at, text: "a frontend", doubt: null },
      inside: true,
      doubt: { text: "which frontend of the load balancer a rule belongs to is not known", at },
    };
  }
  const mixed = fronts.some((front) => (front.publicIp === null) !== (shown.publicIp === null));
  return {
    publicIp: shown.publicIp,
    inside: fronts.some((front) => front.inside),
    doubt: mixed ? { text: "which frontend of the load balancer a rule belongs to is not known", at } : null,
  };
}

function frontend(azure: AzureResources, { resource, child }: Named): { publicIp: PublicIp | null; inside: boolean } {
  const list = childrenOf(resource, "frontendIPConfigurations");
  const at = list.findIndex(({ name }) => name === child);
  const value = list[at]?.value;
  const path = `frontendIPConfigurations[${at}]`;
  const prefix = field(value, "publicIPPrefix");
  const publicIp =
    publicIpOf(
      azure,
      resource,
      "frontendIPConfigurations",
      `${path}.publicIPAddress`,
      field(value, "publicIPAddress"),
    ) ??
    (prefix === undefined || prefix === null
      ? null
      : {
          sku: "standard" as const,
          family: 4 as const,
          at: { urn: resource.urn, path },
          text: "a public IP prefix",
          doubt: null,
        });
  const subnet = resolveArm(azure, resource, "frontendIPConfigurations", field(value, "subnet"), SUBNET);
  return { publicIp, inside: !subnet.absent || publicIp === null };
}

/**
 * A part of a load balancer as its own rules name it. A program cannot refer to a resource inside itself, so it builds the id from
 * strings: the last segment is the name, and where that is unknown too the only part of its kind is meant, or any of several.
 */
function partOf(
  azure: AzureResources,
  balancer: ResourceSnapshot,
  holder: ResourceSnapshot,
  property: string,
  value: Value | undefined,
  wanted: Wanted,
): ArmReferences {
  const references = resolveArm(azure, holder, property, value, wanted);
  if (references.absent || references.certain.length + references.possible.length > 0 || wanted.inside === undefined)
    return references;
  const parts = partsOf(azure, balancer, wanted);
  const id = isFields(value) ? value.id : value;
  const name = typeof id === "string" ? (id.split("/").at(-1) ?? "").toLowerCase() : null;
  const found =
    name === null
      ? parts
      : parts.filter(({ resource, child }) => (child ?? nameOfPart(resource)).toLowerCase() === name);
  const [only] = found;
  if (found.length === 1 && only !== undefined) return { ...references, certain: [only], foreign: [] };
  return { ...references, possible: found, foreign: found.length === 0 ? references.foreign : [] };
}

function partsOf(azure: AzureResources, balancer: ResourceSnapshot, wanted: Wanted): Named[] {
  const { inside } = wanted;
  if (inside === undefined) return [];
  const own = azure
    .ofKind(wanted.kind)
    .filter((item) =>
      resolveByName(azure, item, inside.link, inside.kind).certain.some(({ resource }) => resource === balancer),
    );
  return [
    ...childrenOf(balancer, inside.list).map(({ name }): Named => ({ resource: balancer, child: name })),
    ...own.map((resource): Named => ({ resource, child: null })),
  ];
}

function nameOfPart(resource: ResourceSnapshot): string {
  const name = resource.properties.backendAddressPoolName ?? resource.properties.inboundNatRuleName;
  return typeof name === "string" ? name : resource.name;
}

function keys(
  azure: AzureResources,
  balancer: ResourceSnapshot,
  holder: ResourceSnapshot,
  property: string,
  value: Value | undefined,
  wanted: Wanted,
): { keys: readonly string[]; doubt: Reason | null } {
  const { certain, possible, foreign } = partOf(azure, balancer, holder, property, value, wanted);
  const open = possible.length > 0 || foreign.some((id) => id instanceof Unknown);
  return {
    keys: [...certain, ...possible].map(keyOf),
    doubt: open
      ? { text: "which pool of the load balancer is meant is not known", at: { urn: holder.urn, path: property } }
      : null,
  };
}

/** Without a SKU a load balancer is basic: open, where a standard one needs a network security group to open it. */
function standardOf(balancer: ResourceSnapshot): "yes" | "no" | "maybe" {
  const sku = balancer.properties.sku;
  const name = text(field(sku, "name"));
  if (sku instanceof Unknown || name instanceof Unknown) return "maybe";
  return name === undefined || name.toLowerCase() === "basic" ? "no" : "yes";
}

function protocolOf(value: Value | undefined): Protocol | "any" {
  const name = text(value);
  if (typeof name !== "string") return "any";
  return name.toLowerCase() === "tcp" ? "tcp" : name.toLowerCase() === "udp" ? "udp" : "any";
}

function nameOf(value: { readonly [key: string]: Value }, other: string): string {
  return typeof value.name === "string" ? value.name : other;
}
