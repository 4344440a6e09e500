import type { Family, Hop } from "../../model/network";
import { type ResourceSnapshot, Unknown } from "../../model/snapshot";
import { intersect, isEmpty } from "../../net/addr";
import { between } from "../../net/bounds";
import { cidr } from "../../net/cidr";
import { ports } from "../../net/ports";
import { type Resources, resolve } from "../resources";
import { text } from "../values";
import type { AwsClass } from "./classes";
import { type Hops, inboundTarget, type Parts } from "./hops";
import { SUBNET } from "./types";
import type { SubnetKey, Vpcs } from "./vpc";

/** A NAT gateway that may lead to the Internet. */
export interface Nat {
  readonly resource: ResourceSnapshot;
  /** The subnet that its own packets leave from; null for one that serves a whole VPC, or whose subnet is not known. */
  readonly subnet: SubnetKey | null;
  readonly doubts: readonly Hop[];
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
  };
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
    const gate = parts.publicAccess.hops([item.subnet, ...(nat.subnet === null ? [] : [nat.subnet])], "nat");
    if (family === 6) {
      const set = between(intersect(toward.must, NAT64), intersect(toward.may, NAT64), toward.why);
      return [[hops.acl(item.subnet, "out", "request"), { ...near, toward: set }, ...nat.doubts, ...gate]];
    }
    return [
      [
        hops.acl(item.subnet, "out", "request"),
        near,
        ...nat.doubts,
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
