import type * as pulumi from "@pulumi/pulumi";
import { type Checked, each, input, type Owner, plain } from "../../args";
import { checkExchange } from "../../parts/exchange";
import { clientRules, serverRules } from "../../parts/exchange-rules";
import type { GroupRule } from "../../parts/group-rules";
import type { ApprovedSenderArgs } from "../../parts/senders";
import { connectedCidrs, type FlowArgs, type TagsArgs, tags } from "../../parts/shared";
import { address, identifier } from "../../schemas";
import { checkQuota } from "./group-rules";
import { approvedSenders, flows, networkCidrs } from "./vocabulary";

/** Arguments that decide which resources exist are plain; the others may be outputs. */
export interface ExchangeSecurityGroupsArgs {
  /** The VPC's id. */
  vpcId: pulumi.Input<string>;
  /** Every IPv4 block of the VPC. */
  networkCidrs: string[];
  /** Addresses of the front ends: they deliver to Exchange on 25, and Exchange sends out through them; at least one. */
  frontEnds: pulumi.Input<string>[];
  /** Blocks of the networks that are reached by peering, VPN or transit gateway; treated as inside. @default [] */
  connectedCidrs?: string[] | undefined;
  /** Who else may open SMTP to Exchange: everybody who is not listed is refused. An address alone is one on 25. @default [] */
  approvedSenders?: (string | pulumi.Output<string> | ApprovedSenderArgs)[] | undefined;
  /** Client access, such as https from the office: any TCP or UDP port but those of SMTP. @default [] closed */
  clientAccess?: FlowArgs[] | undefined;
  /** What Exchange may open beside itself and the front ends, such as domain controllers. Never SMTP to the Internet. @default [] */
  egress?: FlowArgs[] | undefined;
  /** Tags of every resource. @default {} */
  tags?: TagsArgs | undefined;
}

export const exchangeFields = {
  vpcId: input(identifier),
  networkCidrs: plain(networkCidrs),
  frontEnds: each(address),
  connectedCidrs: plain(connectedCidrs),
  approvedSenders: plain(approvedSenders),
  clientAccess: plain(flows),
  egress: plain(flows),
  tags: plain(tags),
};
export type ExchangeArgs = Checked<typeof exchangeFields>;

export interface ExchangePlan {
  readonly args: ExchangeArgs;
  readonly servers: readonly GroupRule[];
  readonly clients: readonly GroupRule[];
}

/**
 * Checks the arguments against each other.
 * @returns them, with the rules of both groups; a sender that is not known yet resolves only if it is valid.
 * @throws pulumi.RunError
 */
export function planExchange(who: Owner, args: ExchangeArgs): ExchangePlan {
  const checked = checkExchange(who, args);
  const rules = { servers: serverRules(checked), clients: clientRules(checked) };
  const { approvedSenders: senders } = checked;
  checkQuota(who, rules.servers, { in: ["approvedSenders", senders.length], out: ["egress", args.egress.length] });
  checkQuota(who, rules.clients, { in: ["clientAccess", args.clientAccess.length], out: ["clientAccess", 0] });
  return { args: checked, ...rules };
}
