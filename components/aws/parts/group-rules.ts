import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { expect, type Owner } from "../../args";
import { type Flow, Protocol } from "./shared";

/** Security group rules as plain data, and the one place that turns them into resources. */

/** One flow that a group lets through. */
export interface GroupRule {
  /** What the rule's name adds to the component's; says the direction, the ports and the peer. */
  readonly key: string;
  readonly direction: "in" | "out";
  /** A block, the members of the group itself, or the Internet as a prefix list spells it. */
  readonly peer: pulumi.Input<string> | typeof members | PrefixList;
  readonly range: RuleRange;
  /** Why the flow is needed: the rule's description. */
  readonly reason: pulumi.Input<string>;
}

/** The other members of the group that a rule belongs to. */
export const members = Symbol("members");

/** Blocks that rules name as one. A rule that does counts as many as there is room for in the list. */
export interface PrefixList {
  readonly blocks: readonly string[];
  /** How many blocks there is room for. */
  readonly room: number;
}

/** Protocol and ports as a security group rule spells them. */
export interface RuleRange {
  readonly ipProtocol: string;
  readonly fromPort?: number;
  readonly toPort?: number;
}

export const everything: RuleRange = { ipProtocol: "-1" };

export interface TcpRange extends RuleRange {
  readonly fromPort: number;
  readonly toPort: number;
}

export function tcp(port: number): TcpRange {
  return { ipProtocol: "tcp", fromPort: port, toPort: port };
}

export function rangeOf(it: Flow): RuleRange {
  if (it.protocol === Protocol.All || it.port === undefined) return everything;
  return { ipProtocol: it.protocol, fromPort: it.port, toPort: it.toPort ?? it.port };
}

/** One address as a block. */
export function host(address: pulumi.Input<string>): pulumi.Input<string> {
  return typeof address === "string" ? `${address}/32` : pulumi.interpolate`${address}/32`;
}

/** Rules per direction that AWS allows in one security group unless the account's quota was raised. */
export const ruleQuota = 60;

/**
 * @param given for each direction, the arguments that decide how many rules there are, and their value
 * @throws pulumi.RunError if a direction has more rules than {@link ruleQuota}
 */
export function checkQuota(
  who: Owner,
  rules: readonly GroupRule[],
  given: Readonly<Record<GroupRule["direction"], readonly [path: string, value: unknown]>>,
): void {
  for (const direction of ["in", "out"] as const) {
    const counts = rules.filter((rule) => rule.direction === direction).map(weight);
    const count = counts.reduce((sum, each) => sum + each, 0);
    const [path, value] = given[direction];
    expect(
      count <= ruleQuota,
      who,
      path,
      value,
      `at most ${ruleQuota} ${direction}bound rules in one security group, they take ${count}`,
    );
  }
}

/** How many rules AWS counts for one. */
export function weight({ peer }: GroupRule): number {
  return isPrefixList(peer) ? peer.room : 1;
}

function isPrefixList(peer: GroupRule["peer"]): peer is PrefixList {
  return typeof peer === "object" && "blocks" in peer && "room" in peer;
}

/**
 * Creates a standalone rule for each flow, as a child of `parent`.
 *
 * @param lists the prefix lists that the rules name, already created
 */
export function createRules(
  parent: pulumi.Resource,
  name: string,
  group: aws.ec2.SecurityGroup,
  rules: readonly GroupRule[],
  lists: ReadonlyMap<PrefixList, aws.ec2.ManagedPrefixList> = new Map(),
): void {
  for (const { key, direction, peer, range, reason } of rules) {
    const rule = { securityGroupId: group.id, ...source(peer, group, lists), ...range, description: reason };
    if (direction === "in") new aws.vpc.SecurityGroupIngressRule(`${name}-${key}`, rule, { parent });
    else new aws.vpc.SecurityGroupEgressRule(`${name}-${key}`, rule, { parent });
  }
}

function source(
  peer: GroupRule["peer"],
  group: aws.ec2.SecurityGroup,
  lists: ReadonlyMap<PrefixList, aws.ec2.ManagedPrefixList>,
) {
  if (peer === members) return { referencedSecurityGroupId: group.id };
  if (!isPrefixList(peer)) return { cidrIpv4: peer };
  const list = lists.get(peer);
  if (list === undefined) throw new Error("the prefix list of a rule was not created");
  return { prefixListId: list.id };
}
