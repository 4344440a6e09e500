import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { checkArgs, type Owner, owner } from "../args";
import type { SubnetArgs } from "../parts/shared";
import type { AclRule } from "./parts/acl-rules";
import {
  type FirewallArgs,
  type FirewallPlan,
  firewallFields,
  type PerimeterFirewallArgs,
  planFirewall,
} from "./parts/firewall-args";
import { createNetworkFirewall } from "./parts/network-firewall";

/**
 * Network ACLs around the DMZ and the internal subnets: a second, stateless layer that backs the security groups. The DMZ takes
 * SMTP and answers; the internal subnets take SMTP from the DMZ and approved senders, nothing else from the DMZ, and open no
 * SMTP but to the DMZ.
 *
 * With `networkFirewall` also AWS Network Firewall between the Internet gateway and the DMZ, in the path both ways: it passes what the
 * front ends' security groups have to do with the Internet, drops the rest, and logs both.
 */
export class PerimeterFirewall extends pulumi.ComponentResource {
  /** The ACL of the DMZ subnets. */
  readonly dmzAclId: pulumi.Output<string>;
  /** The ACL of the internal subnets. */
  readonly internalAclId: pulumi.Output<string>;
  /** The ARN of the Network Firewall; undefined without it. */
  readonly networkFirewallArn: pulumi.Output<string> | undefined;

  /** @throws pulumi.RunError in one line that names an argument, its value and what was expected. */
  constructor(name: string, args: PerimeterFirewallArgs, opts?: pulumi.ComponentResourceOptions) {
    super("relayproof:aws:PerimeterFirewall", name, args, opts);
    const who = owner("PerimeterFirewall", name);
    const checked = checkArgs(who, firewallFields, args);
    const plan = planFirewall(who, checked);

    this.dmzAclId = this.createAcl(`${name}-dmz`, checked.dmzSubnets, plan.dmz, checked).id;
    this.internalAclId = this.createAcl(`${name}-internal`, checked.internalSubnets, plan.internal, checked).id;
    this.networkFirewallArn = this.createNetworkFirewall(name, who, plan, checked)?.arn;
    this.registerOutputs({
      dmzAclId: this.dmzAclId,
      internalAclId: this.internalAclId,
      ...(this.networkFirewallArn === undefined ? {} : { networkFirewallArn: this.networkFirewallArn }),
    });
  }

  private createNetworkFirewall(name: string, who: Owner, { inspection: rules }: FirewallPlan, args: FirewallArgs) {
    const { vpcId, networkFirewall: firewall, tags } = args;
    if (rules === null || firewall === undefined) return undefined;
    return createNetworkFirewall(`${name}-inspection`, { who, vpcId, firewall, rules, tags }, this);
  }

  private createAcl(name: string, subnets: readonly SubnetArgs[], rules: readonly AclRule[], args: FirewallArgs) {
    const acl = new aws.ec2.NetworkAcl(
      `${name}-acl`,
      { vpcId: args.vpcId, subnetIds: subnets.map(({ id }) => id), tags: { ...args.tags, Name: name } },
      { parent: this },
    );
    for (const rule of rules) this.createRule(name, acl, rule);
    return acl;
  }

  /** A number is taken until its rule is gone, so a changed rule is deleted first. */
  private createRule(name: string, acl: aws.ec2.NetworkAcl, rule: AclRule): void {
    const { protocol, from, to } = rule;
    new aws.ec2.NetworkAclRule(
      `${name}-${rule.egress ? "out" : "in"}-${rule.number}`,
      {
        networkAclId: acl.id,
        ruleNumber: rule.number,
        egress: rule.egress,
        ruleAction: rule.action,
        protocol,
        cidrBlock: rule.cidr,
        ...(from === undefined || to === undefined ? {} : { fromPort: from, toPort: to }),
      },
      { parent: this, deleteBeforeReplace: true },
    );
  }
}
