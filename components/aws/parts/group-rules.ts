import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { expect, type Owner } from "../../args";
import { type GroupRule, isPrefixList, members, type PrefixList, type RuleRange } from "../../parts/group-rules";
import { Protocol } from "../../parts/shared";

/** Where security group rules become resources, and what AWS allows of them. */

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

/** How many rules AWS counts for one: for a prefix list, as many as it has room for. */
export function weight({ peer }: GroupRule): number {
  return isPrefixList(peer) ? room(peer) : 1;
}

/** How many blocks a prefix list has room for: 40 if it needs no more, so that it is not resized while rules count on it. */
export function room({ blocks }: PrefixList): number {
  return Math.max(40, blocks.length);
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
    const rule = { securityGroupId: group.id, ...source(peer, group, lists), ...spelled(range), description: reason };
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

/** A range in the words of a security group rule. */
function spelled({ protocol, from, to }: RuleRange) {
  const ipProtocol = protocol === Protocol.All ? "-1" : protocol;
  return from === undefined || to === undefined ? { ipProtocol } : { ipProtocol, fromPort: from, toPort: to };
}
