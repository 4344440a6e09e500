import type { Value } from "../../policies/analysis/model/snapshot";
import { type Block, isInside, parseBlock } from "../oracle/address";
import type { Dice } from "./dice";

/** Random values of the properties that rules and routes are made of, drawn from few ranges so that they meet. */

const V4 = [
  "10.1.1.0",
  "10.1.2.9",
  "10.0.0.0",
  "10.0.1.0",
  "10.0.1.7",
  "10.0.2.200",
  "203.0.113.0",
  "203.0.113.77",
  "198.51.100.3",
  "8.8.8.8",
];
const V6 = ["2001:db8:2:1::", "2001:db8:1::", "2001:db8:1:1::", "2001:db8:1:2::5", "2600:1f00::", "2a00:1450::1"];

export function cidr4(dice: Dice): string {
  if (dice.chance(35)) return "0.0.0.0/0";
  if (dice.chance(20)) return dice.pick(["0.0.0.0/1", "128.0.0.0/1", "1.0.0.0/0", "10.0.0.0/8", "10.0.0.0/16"]);
  return `${dice.pick(V4)}/${dice.pick([1, 4, 7, 8, 13, 16, 22, 23, 24, 25, 27, 30, 31, 32])}`;
}

export function cidr6(dice: Dice): string {
  if (dice.chance(45)) return "::/0";
  return `${dice.pick(V6)}/${dice.pick([1, 3, 16, 32, 47, 48, 56, 63, 64, 65, 127, 128])}`;
}

export function protocol(dice: Dice): string | number {
  return dice.pick([
    "tcp",
    "tcp",
    "tcp",
    "6",
    6,
    "-1",
    -1,
    "all",
    "TCP",
    "udp",
    "17",
    "icmp",
    "1",
    "icmpv6",
    "50",
    "47",
  ]);
}

const PORTS = [0, 1, 24, 25, 26, 443, 465, 587, 1023, 1024, 32768, 61000, 65535];

export function ports(dice: Dice): { fromPort?: number; toPort?: number } {
  if (dice.chance(30)) return { fromPort: 25, toPort: 25 };
  if (dice.chance(25)) return { fromPort: 0, toPort: 65535 };
  if (dice.chance(10)) return {};
  if (dice.chance(5)) return { fromPort: -1, toPort: -1 };
  const [a, b] = [dice.pick(PORTS), dice.pick(PORTS)];
  if (dice.chance(5)) return { fromPort: Math.max(a, b), toPort: Math.min(a, b) };
  return { fromPort: Math.min(a, b), toPort: Math.max(a, b) };
}

/** Blocks of the VPC with an index. */
export function vpcBlocks(index: number): string[] {
  return [`10.${index}.0.0/16`, `2001:db8:${index + 1}::/56`];
}

/** The API takes no route to a gateway for a part of the table's own VPC. */
export function isInVpc(block: Block, index: number): boolean {
  return vpcBlocks(index).some((vpc) => isInside(block, parseBlock(vpc)));
}

/** An entry of a prefix list, which a route may name too. */
export function listed(dice: Dice, v6: boolean): string {
  const cidr = v6 ? cidr6(dice) : cidr4(dice);
  return [0, 1].some((index) => isInVpc(parseBlock(cidr), index)) ? listed(dice, v6) : cidr;
}

export type Fields = { [key: string]: Value };

/** Ids that a rule may refer to. */
export interface Named {
  readonly groups: readonly string[];
  readonly lists: readonly string[];
}

/** An item of `SecurityGroup.ingress` or `egress`. */
export function inlineGroupRule(dice: Dice, named: Named): Fields {
  return {
    protocol: protocol(dice),
    ...ports(dice),
    ...(dice.chance(60) && { cidrBlocks: dice.times(0, 2, () => cidr4(dice)) }),
    ...(dice.chance(40) && { ipv6CidrBlocks: dice.times(0, 2, () => cidr6(dice)) }),
    ...(dice.chance(20) && named.lists.length > 0 && { prefixListIds: [dice.pick(named.lists)] }),
    ...(dice.chance(30) && { securityGroups: dice.some(named.groups, 40) }),
    ...(dice.chance(20) && { self: dice.chance(80) }),
  };
}

/** The properties of an `aws.ec2.SecurityGroupRule`, but for the group. */
export function classicGroupRule(dice: Dice, named: Named): Fields {
  const kind = dice.int(0, 3);
  return {
    type: dice.pick(["ingress", "egress"]),
    protocol: protocol(dice),
    ...ports(dice),
    ...(kind === 0 && { cidrBlocks: dice.times(1, 2, () => cidr4(dice)) }),
    ...(kind <= 1 && { ipv6CidrBlocks: dice.times(1, 2, () => cidr6(dice)) }),
    ...(kind === 2 && { sourceSecurityGroupId: dice.pick(named.groups) }),
    ...(kind === 3 && { self: true }),
  };
}

/** The properties of an `aws.vpc.SecurityGroupIngressRule` or `EgressRule`, but for the group. */
export function newGroupRule(dice: Dice, named: Named): Fields {
  const { fromPort, toPort } = ports(dice);
  const peers: Fields[] = [
    { cidrIpv4: cidr4(dice) },
    { cidrIpv6: cidr6(dice) },
    { referencedSecurityGroupId: dice.pick(named.groups) },
    ...named.lists.map((list) => ({ prefixListId: list })),
  ];
  return {
    ipProtocol: String(protocol(dice)),
    ...(fromPort !== undefined && { fromPort }),
    ...(toPort !== undefined && { toPort }),
    ...dice.pick(peers),
  };
}

export function aclPeer(dice: Dice): Fields {
  return dice.chance(65) ? { cidrBlock: cidr4(dice) } : { ipv6CidrBlock: cidr6(dice) };
}

export function action(dice: Dice): string {
  return dice.pick(["allow", "allow", "allow", "deny", "deny", "ALLOW"]);
}

/** An item of `NetworkAcl.ingress` or `egress`. Standalone rules have odd numbers, so that none meets an inline one. */
export function inlineAclRule(dice: Dice, number: number): Fields {
  return { ruleNo: number, action: action(dice), protocol: protocol(dice), ...ports(dice), ...aclPeer(dice) };
}

export function standaloneAclRule(dice: Dice, number: number): Fields {
  return {
    ruleNumber: number,
    ruleAction: action(dice),
    protocol: String(protocol(dice)),
    ...ports(dice),
    ...aclPeer(dice),
  };
}

/** Distinct rule numbers of one parity, but not those of the default network ACL. */
export function numbers(dice: Dice, min: number, max: number, odd: boolean): number[] {
  const drawn = dice.times(min, max, () => dice.int(1, 100) * 2 + (odd ? 1 : 0));
  return [...new Set(drawn)].filter((number) => number !== 100 && number !== 101);
}
