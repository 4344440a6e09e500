import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { checkUnique, checkValue, type Deferred, deferrable, expect, isDeferred, type Owner, whenKnown } from "../args";
import { isInside, narrowCidr } from "../schemas";
import { smtpPorts } from "./shared";

/** Somebody who may open SMTP to the Exchange servers, and why (R7). */
export interface ApprovedSenderArgs {
  /** One address, or a block of /24 or narrower, inside the network or a connected one. */
  cidr: pulumi.Input<string>;
  /** Why; becomes the description of the rule. @default "Approved sender" */
  reason?: pulumi.Input<string> | undefined;
  /** SMTP ports it may open: of 25, 465, 587 and 2525. @default [25] */
  ports?: number[] | undefined;
}

const senderBlock = narrowCidr(24);

/** @param reason the descriptions that the cloud accepts */
export function approvedSendersOf(reason: z.ZodType<string>) {
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
  return z.array(approvedSender, { error: "a list of addresses" }).default([]);
}
export type ApprovedSender = z.output<ReturnType<typeof approvedSendersOf>>[number];

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

/** @throws pulumi.RunError if the block is in none of the networks; one that is not known yet resolves only if it is. */
export function checkInside(who: Owner, path: string, block: Deferred<string>, inside: readonly string[]) {
  return whenKnown(block, (known) => {
    expect(isInside(known, inside), who, path, known, `an address or block inside the network ${inside.join(", ")}`);
    return known;
  });
}
