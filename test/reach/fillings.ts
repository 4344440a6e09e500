import type { ResourceSnapshot, Urn, Value } from "../../policies/analysis/model/snapshot";
import type { Dice } from "./dice";
import { action, cidr4, cidr6, inlineAclRule, inlineGroupRule, listed, type Named, ports, protocol } from "./fields";

/** Where in a resource a value stands: `ingress`, 0, `cidrBlocks`. */
export type Place = readonly (string | number)[];

/** What an unknown at a place may turn out to be, or null if such values are not made unknown. */
export type Filling = {
  readonly value: (dice: Dice) => Value;
  /** Resources that an unknown id depends on: the filling is one of them. */
  readonly dependsOn?: readonly Urn[];
};

const REFERENCES: { readonly [key: string]: readonly string[] } = {
  securityGroupId: ["SecurityGroup", "DefaultSecurityGroup"],
  referencedSecurityGroupId: ["SecurityGroup", "DefaultSecurityGroup"],
  sourceSecurityGroupId: ["SecurityGroup", "DefaultSecurityGroup"],
  vpcSecurityGroupIds: ["SecurityGroup", "DefaultSecurityGroup"],
  securityGroups: ["SecurityGroup", "DefaultSecurityGroup"],
  prefixListId: ["ManagedPrefixList"],
  prefixListIds: ["ManagedPrefixList"],
  destinationPrefixListId: ["ManagedPrefixList"],
  routeTableId: ["RouteTable", "DefaultRouteTable"],
  networkAclId: ["NetworkAcl", "DefaultNetworkAcl"],
  gatewayId: ["InternetGateway", "NatGateway"],
  natGatewayId: ["NatGateway"],
  instance: ["Instance"],
  instanceId: ["Instance"],
  networkInterface: ["NetworkInterface"],
  networkInterfaceId: ["NetworkInterface"],
  subnetId: ["Subnet"],
  subnetIds: ["Subnet"],
};

export function fillingOf(
  snapshots: readonly ResourceSnapshot[],
  resource: ResourceSnapshot,
  place: Place,
  current: Value,
  dice: Dice,
): Filling | null {
  const type = resource.type.slice(resource.type.lastIndexOf(":") + 1);
  const key = place.filter((part) => typeof part === "string").at(-1);
  const whole = typeof current === "object" && current !== null;
  const isList = Array.isArray(current);
  const named: Named = {
    groups: idsOf(snapshots, ["SecurityGroup", "DefaultSecurityGroup"]),
    lists: idsOf(snapshots, ["ManagedPrefixList"]),
  };
  const many = (make: (dice: Dice) => Value): Filling => ({
    value: isList ? (drawn) => drawn.times(0, 3, () => make(drawn)) : make,
  });
  const v6 = /6/.test(key ?? "") || String(current).includes(":");
  switch (key) {
    case "ingress":
    case "egress":
      if (type.endsWith("SecurityGroup")) return whole ? many((drawn) => inlineGroupRule(drawn, named)) : null;
      if (type.endsWith("NetworkAcl")) return whole ? many((drawn) => inlineAclRule(drawn, freshNumber(drawn))) : null;
      return typeof current === "boolean" ? { value: (drawn) => drawn.chance(50) } : null;
    case "cidr":
      return { value: (drawn) => listed(drawn, v6) };
    case "entries":
      return whole ? many((drawn) => ({ cidr: listed(drawn, v6) })) : null;
    case "routes": {
      const targets = near(snapshots, resource.id ?? "", ["InternetGateway", "NatGateway"]).flatMap(
        ({ id }) => id ?? [],
      );
      return whole ? many((drawn) => ({ cidrBlock: cidr4(drawn), gatewayId: drawn.pick(targets) })) : null;
    }
    case "cidrBlock":
    case "ipv6CidrBlock":
      if (type === "Vpc" || type === "Subnet") return { value: () => current };
      return { value: v6 ? cidr6 : cidr4 };
    case "cidrBlocks":
    case "ipv6CidrBlocks":
    case "cidrIpv4":
    case "cidrIpv6":
    case "destinationCidrBlock":
    case "destinationIpv6CidrBlock":
      return many(v6 ? cidr6 : cidr4);
    case "protocol":
    case "ipProtocol":
      return { value: (drawn) => (typeof current === "string" ? String(protocol(drawn)) : protocol(drawn)) };
    case "fromPort":
    case "toPort":
      return { value: (drawn) => Math.max(0, ports(drawn)[key] ?? 25) };
    case "self":
    case "mapPublicIpOnLaunch":
    case "associatePublicIpAddress":
      return { value: (drawn) => drawn.chance(50) };
    case "type":
      return { value: (drawn) => drawn.pick(["ingress", "egress"]) };
    case "connectivityType":
      return { value: (drawn) => drawn.pick(["public", "private"]) };
    case "ruleNo":
    case "ruleNumber":
      return { value: freshNumber };
    case "action":
    case "ruleAction":
      return { value: action };
    default: {
      const types = REFERENCES[key ?? ""];
      if (types === undefined) return null;
      const ids = Array.isArray(current) ? (current as readonly Value[]) : [current];
      const [first] = ids;
      if (typeof first !== "string") return null;
      return reference(near(snapshots, first, types), first, isList, dice);
    }
  }
}

/**
 * An id that is one of a few, or a list that holds at least one of them. Pulumi knows which resources an output comes from, so an
 * id without dependencies is none of the stack's, and no case for a network that is known as a whole.
 */
function reference(all: readonly ResourceSnapshot[], current: string, isList: boolean, dice: Dice): Filling | null {
  if (all.length === 0) return null;
  const chosen = [...new Set([...all.filter(({ id }) => id === current), dice.pick(all)])];
  const ids = chosen.flatMap(({ id }) => id ?? []);
  return {
    value: (drawn) => (isList ? [...new Set([drawn.pick(ids), ...drawn.some(ids, 30)])] : drawn.pick(ids)),
    dependsOn: chosen.map(({ urn }) => urn),
  };
}

/** Resources of some types in the VPC of a resource or of something that was made with a VPC. */
function near(snapshots: readonly ResourceSnapshot[], id: string, types: readonly string[]): ResourceSnapshot[] {
  const vpc = vpcOf(snapshots, id);
  return snapshots.filter(
    (other) =>
      other.id !== undefined &&
      types.includes(other.type.slice(other.type.lastIndexOf(":") + 1)) &&
      (vpcOf(snapshots, other.id) === vpc || other.type.endsWith(":InternetGateway")),
  );
}

/** A number that no rule has: two rules of an ACL never share one. */
function freshNumber(dice: Dice): number {
  return dice.int(1, 250) + dice.int(1, 999_999) / 1_000_000;
}

function idsOf(snapshots: readonly ResourceSnapshot[], types: readonly string[]): string[] {
  return snapshots.flatMap(({ type, id }) =>
    id !== undefined && types.includes(type.slice(type.lastIndexOf(":") + 1)) ? [id] : [],
  );
}

function vpcOf(snapshots: readonly ResourceSnapshot[], id: string): Value | undefined {
  const maker = snapshots.find(
    ({ type, properties }) => type.endsWith(":Vpc") && Object.values(properties).includes(id),
  );
  if (maker !== undefined) return maker.id;
  const resource = snapshots.find((other) => other.id === id);
  if (resource === undefined) return undefined;
  const { vpcId, subnetId } = resource.properties;
  if (resource.type.endsWith(":Vpc")) return resource.id;
  if (typeof vpcId === "string") return vpcId;
  return typeof subnetId === "string" ? vpcOf(snapshots, subnetId) : undefined;
}
