import type * as pulumi from "@pulumi/pulumi";
import { type Checked, expect, input, type Owner, plain, whenKnown } from "../../args";
import { checkFrontEnd, gatewayFields } from "../../parts/front-end";
import {
  type FrontEndRuleSettings,
  mailRules,
  nameRules,
  planInternet,
  updateRules,
} from "../../parts/front-end-rules";
import type { GroupRule, PrefixList } from "../../parts/group-rules";
import type { Exposure, SubnetArgs, TagsArgs } from "../../parts/shared";
import type { PostfixSettings } from "../../render";
import { identifier, integer } from "../../schemas";
import { checkQuota } from "./group-rules";
import { checkEmails, type FrontEndServiceArgs, serviceFields } from "./service-args";
import { networkCidrs, subnet } from "./vocabulary";

/** Arguments that decide which resources exist are plain; the others may be outputs. */
export interface FrontEndMailServerArgs extends FrontEndServiceArgs {
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
  ...serviceFields,
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
  /** What its groups let through. A prefix list fills a group, so there is one for each port that is open to the Internet. */
  readonly groups: readonly FrontEndGroup[];
}

export interface FrontEndGroup {
  /** What its name adds to the component's. */
  readonly key: string;
  readonly description: string;
  readonly rules: readonly GroupRule[];
}

/**
 * Checks the arguments against each other.
 * @throws pulumi.RunError
 */
export function planFrontEnd(who: Owner, args: Checked<typeof frontEndFields>): FrontEndPlan {
  const inside = [...args.networkCidrs, ...args.connectedCidrs];
  const checked = checkFrontEnd(who, args);
  checkService(who, args);
  const internet = planInternet(inside);
  const groups = planGroups({ ...checked, smartHostPort: args.smartHost?.port, internet });
  for (const { key, rules } of groups) {
    const servers = key === "mail" ? "exchangeServers, " : "";
    checkQuota(who, rules, {
      in: ["probeSources, ports, exchangeServers", args.ports],
      out: [`${servers}networkCidrs, connectedCidrs`, inside],
    });
  }
  return { args: checked, privateAddress: checked.privateAddress, internet, groups };
}

function planGroups(settings: FrontEndRuleSettings): FrontEndGroup[] {
  const group = (key: string, description: string, rules: readonly GroupRule[]): FrontEndGroup[] =>
    rules.length === 0 ? [] : [{ key, description: `Front-end mail server: ${description}`, rules }];
  return [
    ...group("mail", "mail", mailRules(settings)),
    ...group("updates", "updates", updateRules(settings)),
    ...nameRules(settings).flatMap((rule) =>
      group(`names-${rule.range.protocol}`, `names over ${rule.range.protocol}`, [rule]),
    ),
  ];
}

/** @throws pulumi.RunError */
function checkService(who: Owner, args: Checked<typeof frontEndFields>): void {
  const { certificate, dnsZoneId, recipientsObject, alarms, domains, tags } = args;
  const zone = "none without the hosted zone of the hostname: dnsZoneId, or dns of the perimeter";
  expect(certificate === undefined || dnsZoneId !== undefined, who, "certificate", certificate, zone);
  const one = "none beside postfix.recipients";
  whenKnown(args.postfix, (postfix) =>
    expect(
      recipientsObject === undefined || postfix.recipients === undefined,
      who,
      "recipientsObject",
      recipientsObject,
      one,
    ),
  );
  const own = "own certificate files or certificate, not both";
  whenKnown(args.postfix, ({ tlsCertificateFile: file }) =>
    expect(certificate === undefined || file === undefined, who, "postfix.tlsCertificateFile", file, own),
  );
  checkEmails(who, alarms, domains);
  // EC2 User Guide, "View tags for your EC2 instances using instance metadata".
  for (const key of Object.keys(tags))
    expect(
      /^[A-Za-z0-9+\-=.,_:@]+$/.test(key),
      who,
      `tags.${key}`,
      tags[key],
      "a name without spaces and slashes: the VM reads its tags",
    );
}
