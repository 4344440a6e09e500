import type { Family, Hop } from "../../model/network";
import { type ResourceSnapshot, Unknown } from "../../model/snapshot";
import { intersect, isEmpty } from "../../net/addr";
import { between } from "../../net/bounds";
import { cidr } from "../../net/cidr";
import { ports } from "../../net/ports";
import { type Resources, resolve } from "../resources";
import { field, items, text } from "../values";
import type { AwsClass } from "./classes";
import { type Hops, inboundTarget, type Parts } from "./hops";
import { elasticText } from "./public-addresses";
import { EIP, NAT_GATEWAY, SUBNET } from "./types";
import type { SubnetKey, Vpcs } from "./vpc";

/** A NAT gateway that may lead to the Internet. */
export interface Nat {
  readonly resource: ResourceSnapshot;
  /** The subnet that its own packets leave from; null for one that serves a whole VPC, or whose subnet is not known. */
  readonly subnet: SubnetKey | null;
  readonly doubts: readonly Hop[];
  /** The addresses that its connections come from, in words. */
  readonly sendsAs: string;
  /** It serves a whole VPC, and leaves by that VPC's Internet gateway. */
  readonly regional: boolean;
}

/** VPC User Guide, "NAT64 and DNS64": the only IPv6 destinations of a NAT gateway. */
const NAT64 = cidr("64:ff9b::/96");

/** VPC User Guide, "NAT gateway basics": the ports that a NAT gateway sends from. */
const NAT_PORTS = ports(1024, 65535);

/** A private NAT gateway reaches other networks only. VPC User Guide, "NAT gateway basics". */
export function lowerNat(resources: Resources, vpcs: Vpcs, resource: ResourceSnapshot): Nat | null {
  const { connectivityType, availabilityMode, subnetId } = resource.properties;
  const kind = text(connectivityType);
  if (kind === "private") return null;
  const doubt = (what: string, path: string): Hop => ({
    kind: "doubt",
    why: { text: `${what} of NAT gateway ${resource.name} is not known`, at: { urn: resource.urn, path } },
  });
  const { certain, possible } = vpcs.subnetKeys(resolve(resources, resource, "subnetId", subnetId, SUBNET));
  const regional = text(availabilityMode) === "regional";
  const single = certain.length === 1 && possible.length === 0;
  return {
    resource,
    subnet: single ? (certain[0] ?? null) : null,
    doubts: [
      ...(kind instanceof Unknown ? [doubt("the connectivity type", "connectivityType")] : []),
      ...(single || regional ? [] : [doubt("the subnet", "subnetId")]),
    ],
    sendsAs: addressesOf(resources, resource),
    regional,
  };
}

const EIP_ASSOCIATION = "aws:ec2/natGatewayEipAssociation:NatGatewayEipAssociation";

/** A connection leaves by any of the addresses of the gateway; a regional one may get them by itself. */
function addressesOf(resources: Resources, gateway: ResourceSnapshot): string {
  const { allocationId, secondaryAllocationIds, availabilityZoneAddresses } = gateway.properties;
  const zones = items(availabilityZoneAddresses).flatMap((item) => items(field(item, "allocationIds")));
  const named = [
    resolve(resources, gateway, "allocationId", allocationId, EIP),
    resolve(resources, gateway, "secondaryAllocationIds", secondaryAllocationIds, EIP),
    resolve(resources, gateway, "availabilityZoneAddresses", zones, EIP),
    ...resources
      .ofType(EIP_ASSOCIATION)
      .filter((item) => {
        const owner = resolve(resources, item, "natGatewayId", item.properties.natGatewayId, NAT_GATEWAY);
        return owner.certain.includes(gateway) || owner.possible.includes(gateway);
      })
      .map((item) => resolve(resources, item, "allocationId", item.properties.allocationId, EIP)),
  ];
  const found = [...new Set(named.flatMap(({ certain, possible }) => [...certain, ...possible]))].map(elasticText);
  const { publicIp } = gateway.properties;
  if (found.length > 0) return found.join(" or ");
  return typeof publicIp === "string" ? publicIp : "an address that is not in the stack";
}

/**
 * The ways out of a subnet through NAT gateways, each as the hops behind the interface: the gateway lies in a subnet of its own, whose
 * boundary, routes and Internet gateway decide too.
 */
export function natWays(parts: Parts, hops: Hops, item: AwsClass, family: Family): readonly (readonly Hop[])[] {
  const { options } = parts.tables(item.subnet);
  const targets = options.flatMap((table) =>
    table.routes.flatMap(({ target }) => (target.kind === "nat" ? [target.resource] : [])),
  );
  return [...new Set(targets)].flatMap((resource) => {
    const nat = parts.nat(resource);
    if (nat === null) return [];
    const near = hops.route(
      item.subnet,
      family,
      (target) => (target.kind === "nat" && target.resource === resource ? "yes" : "no"),
      "the connection leaves by",
    );
    const { toward } = near;
    if (isEmpty(toward.may)) return [];
    if (nat.regional && parts.gateway(item.network) === "no") return [];
    const sender: Hop = {
      kind: "device",
      step: "translation",
      at: { urn: resource.urn },
      text: `NAT gateway ${resource.name} sends as ${nat.sendsAs}`,
      sendsAs: nat.sendsAs,
    };
    const gate = parts.publicAccess.hops([item.subnet, ...(nat.subnet === null ? [] : [nat.subnet])], "nat");
    if (family === 6) {
      const set = between(intersect(toward.must, NAT64), intersect(toward.may, NAT64), toward.why);
      return [[hops.acl(item.subnet, "out", "request"), { ...near, toward: set }, ...nat.doubts, sender, ...gate]];
    }
    return [
      [
        hops.acl(item.subnet, "out", "request"),
        near,
        ...nat.doubts,
        sender,
        ...gate,
        ...beyond(hops, nat.subnet, item.subnet),
        hops.acl(item.subnet, "in", "reply"),
      ],
    ];
  });
}

function beyond(hops: Hops, subnet: SubnetKey | null, from: SubnetKey): Hop[] {
  if (subnet === null) return [];
  const leave = hops.route(subnet, 4, inboundTarget, "the NAT gateway sends by");
  if (subnet === from) return [leave];
  return [
    hops.acl(subnet, "in", "request"),
    hops.acl(subnet, "out", "request"),
    leave,
    { ...hops.acl(subnet, "in", "reply"), clientPorts: NAT_PORTS },
    hops.acl(subnet, "out", "reply"),
  ];
}
