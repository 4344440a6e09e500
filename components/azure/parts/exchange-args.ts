import type * as pulumi from "@pulumi/pulumi";
import { type Checked, each, type Owner, plain } from "../../args";
import { checkExchange } from "../../parts/exchange";
import { clientRules, serverRules } from "../../parts/exchange-rules";
import type { GroupRule } from "../../parts/group-rules";
import type { ApprovedSenderArgs } from "../../parts/senders";
import { connectedCidrs, type FlowArgs, type TagsArgs, tags } from "../../parts/shared";
import { address } from "../../schemas";
import { checkLimit } from "./security-rules";
import { approvedSenders, flows, networkCidrs, type PlaceArgs, placeFields } from "./vocabulary";

/** Arguments that decide which resources exist are plain; the others may be outputs. */
export interface ExchangeSecurityGroupsArgs extends PlaceArgs {
  /** Every IPv4 block of the virtual network. */
  networkCidrs: string[];
  /** Addresses of the front ends: they deliver to Exchange on 25, and Exchange sends out through them; at least one. */
  frontEnds: pulumi.Input<string>[];
  /** Blocks of the networks that are reached by peering, VPN or ExpressRoute; treated as inside. @default [] */
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
  ...placeFields,
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
  const servers = serverRules(checked);
  const clients = clientRules(checked);
  checkLimit(who, [...servers, ...clients], "approvedSenders, clientAccess, egress", servers.length + clients.length);
  return { args: checked, servers, clients };
}
