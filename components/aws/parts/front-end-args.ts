import type * as pulumi from "@pulumi/pulumi";
import { type Checked, input, type Owner, plain } from "../../args";
import { checkFrontEnd, gatewayFields } from "../../parts/front-end";
import { mailRules, planInternet, updateRules } from "../../parts/front-end-rules";
import type { GroupRule, PrefixList } from "../../parts/group-rules";
import type { Exposure, SubnetArgs, TagsArgs } from "../../parts/shared";
import type { PostfixSettings } from "../../render";
import { identifier, integer } from "../../schemas";
import { checkQuota } from "./group-rules";
import { networkCidrs, subnet } from "./vocabulary";

/** Arguments that decide which resources exist are plain; the others may be outputs. */
export interface FrontEndMailServerArgs {
  /** The VPC's id. */
  vpcId: pulumi.Input<string>;
  /** Every IPv4 block of the VPC: the front end can open nothing in them but SMTP to the Exchange servers. */
  networkCidrs: string[];
  /** The DMZ subnet, which has a route to an Internet gateway. */
  subnet: SubnetArgs;
  /** The gateway's own name, an FQDN: its A record, PTR record and HELO name. */
  hostname: pulumi.Input<string>;
  /** Domains that mail is accepted for; at least one. */
  domains: pulumi.Input<string>[];
  /**
   * IPv4 addresses of the internal Exchange servers, inside the network or a connected one; at least one. Mail for the domains
   * goes to them, tried in this order, and they alone may send out through the gateway.
   */
  exchangeServers: pulumi.Input<string>[];
  /** Blocks of the networks that are reached by peering, VPN or transit gateway; treated as inside. @default [] */
  connectedCidrs?: string[] | undefined;
  /** The gateway's fixed address in its subnet. @default the tenth after the subnet's first, `10.20.0.10` in `10.20.0.0/24` */
  privateAddress?: pulumi.Input<string> | undefined;
  /** Who reaches the SMTP ports. @default Exposure.Staged */
  exposure?: Exposure | undefined;
  /** Blocks, each /24 or narrower, that probe a staged front end from outside. Required while staged. @default [] */
  probeSources?: pulumi.Input<string>[] | undefined;
  /** TCP ports that other mail servers deliver to; 25 among them, and not 465 or 587, where users log in. @default [25] */
  ports?: number[] | undefined;
  /** @default "t3.small" */
  instanceType?: pulumi.Input<string> | undefined;
  /** Image to start from, Debian 13. @default the image called `imageName` */
  amiId?: pulumi.Input<string> | undefined;
  /** Exact name of one of Debian's own images. Another name replaces the VM. @default "debian-13-amd64-20251117-2299" */
  imageName?: pulumi.Input<string> | undefined;
  /** Size of the encrypted root disk, in GiB. @default 16 */
  rootVolumeSize?: pulumi.Input<number> | undefined;
  /** KMS key of the root disk. @default the account's key for EBS */
  kmsKeyId?: pulumi.Input<string> | undefined;
  /**
   * Hosted zone that the hostname lies in: gets its A record, and the address a PTR record.
   * @default none: whoever keeps the zone makes both, see `publicAddress` and `publicAddressId`
   */
  dnsZoneId?: pulumi.Input<string> | undefined;
  /** Settings of Postfix. @default the safe default of each */
  postfix?: pulumi.Input<PostfixSettings> | undefined;
  /** Tags of every resource. @default {} */
  tags?: TagsArgs | undefined;
}

export const frontEndFields = {
  vpcId: input(identifier),
  networkCidrs: plain(networkCidrs),
  subnet: plain(subnet),
  ...gatewayFields,
  instanceType: input(identifier.default("t3.small")),
  amiId: input(identifier.optional()),
  imageName: input(identifier.default("debian-13-amd64-20251117-2299")),
  rootVolumeSize: input(integer(8, 16384, "GiB").default(16)),
  kmsKeyId: input(identifier.optional()),
  dnsZoneId: input(identifier.optional()),
};

export interface FrontEndPlan {
  readonly args: Checked<typeof frontEndFields>;
  readonly privateAddress: pulumi.Input<string>;
  /** What it may open on the Internet. */
  readonly internet: PrefixList;
  readonly mail: readonly GroupRule[];
  readonly updates: readonly GroupRule[];
}

/**
 * Checks the arguments against each other.
 * @throws pulumi.RunError
 */
export function planFrontEnd(who: Owner, args: Checked<typeof frontEndFields>): FrontEndPlan {
  const inside = [...args.networkCidrs, ...args.connectedCidrs];
  const checked = checkFrontEnd(who, args);
  const internet = planInternet(inside);
  const settings = { ...checked, internet };
  const rules = { mail: mailRules(settings), updates: updateRules(settings) };
  const inward = ["probeSources, ports, exchangeServers", args.ports] as const;
  checkQuota(who, rules.mail, { in: inward, out: ["exchangeServers, networkCidrs, connectedCidrs", inside] });
  checkQuota(who, rules.updates, { in: inward, out: ["networkCidrs, connectedCidrs", inside] });
  return { args: checked, privateAddress: checked.privateAddress, internet, ...rules };
}
