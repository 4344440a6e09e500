import type { Network } from "../../model/network";
import type { Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown, type Value } from "../../model/snapshot";
import { type AddrSet, isEmpty, noAddresses, subtract, unionAll } from "../../net/addr";
import { type Bounds, between, mergeReasons } from "../../net/bounds";
import { cidr } from "../../net/cidr";
import { type Resources, resolve } from "../resources";
import { cidrs, flag, only } from "../values";
import { VPC } from "./types";
import type { Subnet } from "./vpc";

/** Where a VPC outside the stack may lie: private IPv4 space, and any routed IPv6. */
export const PRIVATE_V4 = cidr("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10");

export const ROUTED_V6 = cidr("2000::/3");

/** The address blocks of a VPC: its own and those associated with it. */
export function spaceOf(resources: Resources, vpc: ResourceSnapshot): Bounds<AddrSet> {
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

/** The block of a subnet; one that is not known yet lies in that of its VPC. */
export function rangeOf(subnet: ResourceSnapshot, property: string, family: 4 | 6, home: Network): Bounds<AddrSet> {
  const set = block(subnet, subnet.properties[property], property, family);
  if (set.why.length === 0) return set;
  const space = only(home.space.may, family);
  return isEmpty(space) ? set : between(noAddresses, space, set.why);
}

/** Whether a subnet has an IPv6 block, known or assigned at creation. */
export function hasV6Block(subnet: ResourceSnapshot): boolean {
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
