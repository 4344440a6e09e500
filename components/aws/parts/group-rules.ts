import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Flow, Protocol } from "./shared";

/** Protocol and ports as a security group rule spells them. */
export interface RuleRange {
  readonly ipProtocol: string;
  readonly fromPort?: number;
  readonly toPort?: number;
}

export const everything: RuleRange = { ipProtocol: "-1" };

export function tcp(port: number): RuleRange {
  return { ipProtocol: "tcp", fromPort: port, toPort: port };
}

export function rangeOf(it: Flow): RuleRange {
  if (it.protocol === Protocol.All || it.port === undefined) return everything;
  return { ipProtocol: it.protocol, fromPort: it.port, toPort: it.toPort ?? it.port };
}

/** Admits one flow from a block, or from the members of a group, with its reason. */
export function ingress(
  parent: pulumi.Resource,
  child: string,
  group: aws.ec2.SecurityGroup,
  from: pulumi.Input<string> | aws.ec2.SecurityGroup,
  range: RuleRange,
  reason: pulumi.Input<string>,
): void {
  const rule = { securityGroupId: group.id, ...peer(from), ...range, description: reason };
  new aws.vpc.SecurityGroupIngressRule(child, rule, { parent });
}

/** Opens one flow to a block, or to the members of a group, with its reason. */
export function egress(
  parent: pulumi.Resource,
  child: string,
  group: aws.ec2.SecurityGroup,
  to: pulumi.Input<string> | aws.ec2.SecurityGroup,
  range: RuleRange,
  reason: pulumi.Input<string>,
): void {
  const rule = { securityGroupId: group.id, ...peer(to), ...range, description: reason };
  new aws.vpc.SecurityGroupEgressRule(child, rule, { parent });
}

function peer(it: pulumi.Input<string> | aws.ec2.SecurityGroup) {
  return it instanceof pulumi.CustomResource ? { referencedSecurityGroupId: it.id } : { cidrIpv4: it };
}

/** One address as a block. */
export function host(address: pulumi.Input<string>): pulumi.Input<string> {
  return typeof address === "string" ? `${address}/32` : pulumi.interpolate`${address}/32`;
}
