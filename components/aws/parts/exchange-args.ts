import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import {
  type Checked,
  checkUnique,
  checkValue,
  type Deferred,
  deferrable,
  each,
  expect,
  input,
  isDeferred,
  type Owner,
  plain,
  whenKnown,
} from "../../args";
import { address, identifier, isInside, narrowCidr, reason } from "../../schemas";
import { clientRules, serverRules } from "./exchange-rules";
import { checkQuota, type GroupRule } from "./group-rules";
import {
  connectedCidrs,
  type Flow,
  type FlowArgs,
  flow,
  flowName,
  networkCidrs,
  opens,
  smtpPorts,
  type TagsArgs,
  tags,
} from "./shared";

/** Somebody who may open SMTP to the Exchange servers, and why (R7). */
export interface ApprovedSenderArgs {
  /** One address, or a block of /24 or narrower, inside the network or a connected one. */
  cidr: pulumi.Input<string>;
  /** Why; becomes the description of the rule. @default "Approved sender" */
  reason?: pulumi.Input<string> | undefined;
  /** SMTP ports it may open: of 25, 465, 587 and 2525. @default [25] */
  ports?: number[] | undefined;
}

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

const senderBlock = narrowCidr(24);

const approvedSender = z.preprocess(
  (value) => (typeof value === "string" || isDeferred(value) ? { cidr: value } : value),
  z.strictObject(
    {
      cidr: deferrable(senderBlock),
      reason: deferrable(reason.default("Approved sender")),
      ports: z
        .array(z.literal(smtpPorts, { error: "one of 25, 465, 587, 2525" }), { error: "a list of ports" })
        .min(1, { error: "at least one port" })
        .default([25]),
    },
    { error: "an address, a block, or { cidr, reason, ports }" },
  ),
);
export type ApprovedSender = z.output<typeof approvedSender>;

export const approvedSenders = z.array(approvedSender, { error: "a list of addresses" }).default([]);
export const flows = z.array(flow, { error: "a list of flows" }).default([]);

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
  const inside = [...args.networkCidrs, ...args.connectedCidrs];
  expect(args.frontEnds.length > 0, who, "frontEnds", args.frontEnds, "at least one address");
  checkUnique(who, "frontEnds", args.frontEnds);
  const frontEnds = args.frontEnds.map((server, i) => checkInside(who, `frontEnds[${i}]`, server, inside));
  const senders = checkSenders(who, args.approvedSenders, inside);
  checkUnique(who, "clientAccess", args.clientAccess.map(flowName));
  checkUnique(who, "egress", args.egress.map(flowName));
  checkClientAccess(who, args.clientAccess, inside);
  checkEgress(who, args.egress, inside);
  const checked = { ...args, frontEnds, approvedSenders: senders };
  const rules = { servers: serverRules(checked), clients: clientRules(checked) };
  checkQuota(who, rules.servers, { in: ["approvedSenders", senders.length], out: ["egress", args.egress.length] });
  checkQuota(who, rules.clients, { in: ["clientAccess", args.clientAccess.length], out: ["clientAccess", 0] });
  return { args: checked, ...rules };
}

/** @throws pulumi.RunError if a sender is too wide, outside every network, or listed twice. */
export function checkSenders(who: Owner, senders: ApprovedSender[], inside: readonly string[]): ApprovedSender[] {
  checkUnique(
    who,
    "approvedSenders",
    senders.map(({ cidr }) => cidr),
  );
  return senders.map((sender, i) => {
    const path = `approvedSenders[${i}]`;
    const block = checkValue(who, path, senderBlock, sender.cidr);
    return { ...sender, cidr: checkInside(who, path, block, inside) };
  });
}

function checkInside(who: Owner, path: string, block: Deferred<string>, inside: readonly string[]) {
  return whenKnown(block, (known) => {
    expect(isInside(known, inside), who, path, known, `an address or block inside the network ${inside.join(", ")}`);
    return known;
  });
}

function checkClientAccess(who: Owner, flows: readonly Flow[], inside: readonly string[]): void {
  for (const [i, it] of flows.entries()) {
    const path = `clientAccess[${i}]`;
    const ports = it.toPort === undefined ? (it.port ?? it.protocol) : `${it.port}-${it.toPort}`;
    expect(
      !opens(it, smtpPorts),
      who,
      `${path}.port`,
      ports,
      `no port of SMTP (${smtpPorts.join(", ")}): list who may open those in approvedSenders`,
    );
    expect(isInside(it.cidr, inside), who, `${path}.cidr`, it.cidr, `a block inside the network ${inside.join(", ")}`);
  }
}

/** R6: mail leaves through the front ends. */
function checkEgress(who: Owner, flows: readonly Flow[], inside: readonly string[]): void {
  for (const [i, it] of flows.entries()) {
    const held = isInside(it.cidr, inside) || !opens(it, [25]);
    expect(
      held,
      who,
      `egress[${i}].cidr`,
      it.cidr,
      `a block inside ${inside.join(", ")} where port 25 is open: mail leaves through the front ends`,
    );
  }
}
