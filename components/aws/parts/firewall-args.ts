import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { type Checked, each, expect, input, type Owner, plain } from "../../args";
import { planInternet } from "../../parts/front-end-rules";
import { aggregate } from "../../parts/network-plan";
import { type ApprovedSenderArgs, checkSenders } from "../../parts/senders";
import { commonServiceFields } from "../../parts/service";
import { connectedCidrs, Exposure, type FlowArgs, type SubnetArgs, type TagsArgs, tags } from "../../parts/shared";
import type { Outbound, Resolver } from "../../render";
import { listeningPorts } from "../../render/gateway";
import { identifier, integer, narrowCidr, oneOf, port } from "../../schemas";
import { type AclRule, type AclSettings, dmzRules, internalRules } from "./acl-rules";
import { checkInspection, type NetworkFirewallArgs, networkFirewall } from "./inspection-args";
import { capacity, type InspectionRules, inspectionRules } from "./inspection-rules";
import { approvedSenders, flows, networkCidrs, subnet } from "./vocabulary";

/** Arguments that decide which resources exist are plain; the others may be outputs. */
export interface PerimeterFirewallArgs {
  /** The VPC's id. */
  vpcId: pulumi.Input<string>;
  /** Every IPv4 block of the VPC. */
  networkCidrs: string[];
  /** Subnets of the front ends; their ACL is replaced. At least one. */
  dmzSubnets: SubnetArgs[];
  /** Subnets of Exchange; their ACL is replaced. At least one. */
  internalSubnets: SubnetArgs[];
  /** Blocks of the networks that are reached by peering, VPN or transit gateway; treated as inside. @default [] */
  connectedCidrs?: string[] | undefined;
  /** Who reaches the SMTP ports of the DMZ. @default Exposure.Staged */
  exposure?: Exposure | undefined;
  /** Blocks that probe a staged front end from outside. @default [] */
  probeSources?: pulumi.Input<string>[] | undefined;
  /** TCP ports that other mail servers deliver to. @default [25] */
  ports?: number[] | undefined;
  /** Port of the front ends' smart host. @default none: mail leaves on 25 */
  smartHostPort?: number | undefined;
  /** Whether mail leaves for the Internet: closes the Network Firewall. @default Outbound.Open */
  outbound?: Outbound | undefined;
  /** Who resolves names for the front ends: `own` opens port 53 outward. @default Resolver.Own */
  resolver?: Resolver | undefined;
  /** Who may open SMTP to the internal subnets, beside the DMZ. @default [] */
  approvedSenders?: (string | pulumi.Output<string> | ApprovedSenderArgs)[] | undefined;
  /** Client access to the internal subnets from the DMZ or from outside. What comes from elsewhere inside passes. @default [] */
  clientAccess?: FlowArgs[] | undefined;
  /** What the internal subnets may open outside, or SMTP inside. What else goes inside passes. @default [] */
  egress?: FlowArgs[] | undefined;
  /** Rules per direction that the account allows in one ACL, 20 unless raised, at most 40. @default 20 */
  ruleQuota?: number | undefined;
  /** AWS Network Firewall between the Internet gateway and the DMZ. @default none */
  networkFirewall?: NetworkFirewallArgs | undefined;
  /** Tags of every resource. @default {} */
  tags?: TagsArgs | undefined;
}

const subnets = z.array(subnet, { error: "a list of subnets" }).min(1, { error: "at least one subnet" });

export const firewallFields = {
  vpcId: input(identifier),
  networkCidrs: plain(networkCidrs),
  dmzSubnets: plain(subnets),
  internalSubnets: plain(subnets),
  connectedCidrs: plain(connectedCidrs),
  exposure: plain(oneOf(Exposure).default(Exposure.Staged)),
  probeSources: each(narrowCidr(24)),
  ports: plain(listeningPorts),
  smartHostPort: plain(port.optional()),
  outbound: commonServiceFields.outbound,
  resolver: commonServiceFields.resolver,
  approvedSenders: plain(approvedSenders),
  clientAccess: plain(flows),
  egress: plain(flows),
  ruleQuota: plain(integer(1, 40, "rules").default(20)),
  networkFirewall: plain(networkFirewall),
  tags: plain(tags),
};
export type FirewallArgs = Checked<typeof firewallFields>;

export interface FirewallPlan {
  readonly dmz: readonly AclRule[];
  readonly internal: readonly AclRule[];
  /** Rules of AWS Network Firewall, or null without it. */
  readonly inspection: InspectionRules | null;
}

/**
 * Lays out the rules of both tiers.
 * @throws pulumi.RunError if they are more than the quota allows.
 */
export function planFirewall(who: Owner, args: FirewallArgs): FirewallPlan {
  const inside = aggregate([...args.networkCidrs, ...args.connectedCidrs]);
  const settings: AclSettings = {
    dmz: aggregate(args.dmzSubnets.map(({ cidr }) => cidr)),
    internal: aggregate(args.internalSubnets.map(({ cidr }) => cidr)),
    inside,
    exposure: args.exposure,
    probeSources: args.probeSources,
    ports: args.ports,
    mailPort: args.smartHostPort ?? 25,
    resolver: args.resolver,
    senders: checkSenders(who, args.approvedSenders, inside),
    clientAccess: args.clientAccess,
    egress: args.egress,
  };
  const acls = { dmz: dmzRules(settings), internal: internalRules(settings) };
  for (const [tier, rules] of Object.entries(acls)) {
    for (const egress of [false, true]) {
      const count = rules.filter((rule) => rule.egress === egress).length;
      const direction = egress ? "outbound" : "inbound";
      const expected = `room for the ${count} ${direction} rules of the ${tier} ACL: raise the account's quota and this argument, or leave the firewall out`;
      expect(count <= args.ruleQuota, who, "ruleQuota", args.ruleQuota, expected);
    }
  }
  return { ...acls, inspection: planInspection(who, args, inside) };
}

/** @throws pulumi.RunError */
function planInspection(who: Owner, args: FirewallArgs, inside: readonly string[]): InspectionRules | null {
  const { exposure, ports, probeSources, networkFirewall, outbound, smartHostPort, resolver } = args;
  if (networkFirewall === undefined) return null;
  const frontEnds = checkInspection(who, networkFirewall, args.dmzSubnets);
  if (exposure === Exposure.Staged) {
    const most = Math.floor(capacity / ports.length);
    const expected = `1 to ${most} blocks while exposure is "staged", for the rules of the Network Firewall`;
    expect(probeSources.length >= 1 && probeSources.length <= most, who, "probeSources", probeSources, expected);
  }
  const internet = planInternet(inside);
  return inspectionRules({ frontEnds, exposure, ports, probeSources, outbound, smartHostPort, resolver, internet });
}
