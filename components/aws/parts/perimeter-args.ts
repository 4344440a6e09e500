import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { type Checked, expect, type Owner, plain } from "../../args";
import { checkWhole, passed, wholeFields } from "../../parts/perimeter";
import type { ApprovedSenderArgs } from "../../parts/senders";
import { Exposure, type FlowArgs, type TagsArgs } from "../../parts/shared";
import type { PostfixSettings } from "../../render";
import { type DnsArgs, type DnsPlan, dns, planDns } from "./dns-args";
import { type NetworkFirewallLogsArgs, networkFirewallSwitch } from "./inspection-args";
import type { PerimeterNetworkArgs } from "./network-args";
import { checkEmails, type FrontEndServiceArgs, serviceFields } from "./service-args";

/** Arguments that decide which resources exist are plain; the others may be outputs. */
export interface MailPerimeterArgs extends FrontEndServiceArgs {
  /** Domains that mail is accepted for; at least one. */
  domains: pulumi.Input<string>[];
  /**
   * Names of the front ends, FQDNs: one front end a name, spread over the zones. Each has its own public address, which the
   * name's A record and the address's PTR record agree on. Append to the list; another order moves servers.
   */
  hostnames: pulumi.Input<string>[];
  /** IPv4 addresses of the internal Exchange servers, inside the network or a connected one; at least one. */
  exchangeServers: pulumi.Input<string>[];
  /** Who reaches the front ends' SMTP ports. Changing it changes rules, and MX records with `dns`. @default Exposure.Staged */
  exposure?: Exposure | undefined;
  /** Blocks, each /24 or narrower, that probe staged front ends from outside. Required while staged. @default [] */
  probeSources?: pulumi.Input<string>[] | undefined;
  /** Network to create or to use. @default a new VPC of 10.20.0.0/16 over two zones */
  network?: PerimeterNetworkArgs | undefined;
  /** Fixed private addresses, one a front end. @default the tenth after the first of its subnet, and those that follow */
  frontEndAddresses?: pulumi.Input<string>[] | undefined;
  /** Who may open SMTP to Exchange beside the front ends. @default [] */
  approvedSenders?: (string | pulumi.Output<string> | ApprovedSenderArgs)[] | undefined;
  /** Client access to Exchange: any TCP or UDP port but those of SMTP. @default [] closed */
  clientAccess?: FlowArgs[] | undefined;
  /** What Exchange may open beside itself and the front ends, such as domain controllers. @default [] */
  exchangeEgress?: FlowArgs[] | undefined;
  /** TCP ports that other mail servers deliver to; 25 among them. @default [25] */
  ports?: number[] | undefined;
  /** Records in Route 53 of the front ends and the domains. @default none: A, PTR, MX, SPF and DMARC records are made by others */
  dns?: DnsArgs | undefined;
  /** Settings of the front ends' Postfix. @default the safe default of each */
  postfix?: pulumi.Input<PostfixSettings> | undefined;
  /** VMs of the front ends: size, image, disk. @default those of FrontEndMailServer */
  servers?: FrontEndServerArgs | undefined;
  /**
   * Network ACLs as a second layer. In an existing network they replace the ACLs of the subnets named, for everything in them.
   * @default true in a new network, false in an existing one
   */
  enableFirewall?: boolean | undefined;
  /** Rules per direction that the account allows in one ACL, at most 40. @default 20 */
  firewallRuleQuota?: number | undefined;
  /**
   * AWS Network Firewall between the Internet gateway and the DMZ: `true`, or how its logs are kept. Needs a new network, and costs by
   * endpoint hour and volume. Switching it on or off in a stack that lives cuts the front ends off until the routes are in place,
   * some ten minutes. @default false
   */
  networkFirewall?: boolean | NetworkFirewallLogsArgs | undefined;
  /** Tags of every resource. @default {} */
  tags?: TagsArgs | undefined;
}

/** What the VMs of the front ends have in common. */
export interface FrontEndServerArgs {
  /** @default "t3.small" */
  instanceType?: pulumi.Input<string> | undefined;
  /** Image to start from, Debian 13. @default the image called `imageName` */
  amiId?: pulumi.Input<string> | undefined;
  /** Exact name of one of Debian's own images. @default that of FrontEndMailServer */
  imageName?: pulumi.Input<string> | undefined;
  /** Size of the encrypted root disk, in GiB. @default 16 */
  rootVolumeSize?: pulumi.Input<number> | undefined;
  /** KMS key of the root disk. @default the account's key for EBS */
  kmsKeyId?: pulumi.Input<string> | undefined;
}

export const perimeterFields = {
  ...wholeFields,
  ...serviceFields,
  network: passed<PerimeterNetworkArgs | undefined>(),
  servers: passed<FrontEndServerArgs | undefined>(),
  enableFirewall: plain(z.boolean({ error: "true or false" }).optional()),
  firewallRuleQuota: passed<number | undefined>(),
  networkFirewall: plain(networkFirewallSwitch),
  dns: plain(dns),
};
export type PerimeterArgs = Checked<typeof perimeterFields>;

export interface PerimeterPlan {
  readonly args: PerimeterArgs;
  /** Records in Route 53, or undefined without them. */
  readonly dns: DnsPlan | undefined;
}

/**
 * Checks what the components inside cannot.
 * @throws pulumi.RunError
 */
export function planPerimeter(who: Owner, args: PerimeterArgs): PerimeterPlan {
  checkWhole(who, args);
  checkInspected(who, args);
  const { domains, hostnames, exposure } = args;
  checkEmails(who, args.alarms, domains);
  const settings = { domains, hostnames, live: exposure === Exposure.Live, smartHost: args.smartHost !== undefined };
  return { args, dns: args.dns && planDns(who, args.dns, settings) };
}

/** The network leaves room for the Network Firewall, and something fills it. */
function checkInspected(who: Owner, { networkFirewall, network, enableFirewall }: PerimeterArgs): void {
  if (networkFirewall === undefined) {
    const { inspection } = network ?? {};
    expect(
      inspection !== true,
      who,
      "network.inspection",
      inspection,
      "false without networkFirewall, which adds the routes",
    );
    return;
  }
  const alone = "none beside network.existing: the routes of an existing VPC are left alone";
  expect(network?.existing === undefined, who, "networkFirewall", true, alone);
  expect(enableFirewall !== false, who, "enableFirewall", enableFirewall, "true beside networkFirewall");
}
