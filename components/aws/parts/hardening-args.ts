import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import {
  type Checked,
  checkUnique,
  type Deferred,
  each,
  expect,
  input,
  type Owner,
  plain,
  whenKnown,
} from "../../args";
import { exchangeHardening } from "../../render/exchange-hardening";
import { address, identifier, integer, isInside, isOverlapping, narrowCidr } from "../../schemas";
import { type TagsArgs, tags } from "./shared";

/** Arguments that decide which resources exist are plain; the others may be outputs. */
export interface ExchangeHardeningArgs {
  /** Ids of the Exchange VMs, which Systems Manager manages; 1 to 50. */
  instanceIds: pulumi.Input<string>[];
  /** Addresses of the front ends: they deliver inbound mail to accepted domains, and nobody else does; at least one. */
  frontEnds: pulumi.Input<string>[];
  /**
   * Who may hand in mail for accepted domains without authentication, beside the front ends: addresses, or blocks of /24 or
   * narrower, of private networks. @default [] nobody
   */
  approvedSenders?: pulumi.Input<string>[] | undefined;
  /**
   * Who may send to anybody without authentication: single private addresses, none of which is a front end's, a load balancer's or a
   * firewall's. Everybody else logs in. @default [] nobody
   */
  relaySenders?: pulumi.Input<string>[] | undefined;
  /**
   * Leaves anonymous sessions to the Default Frontend connector, as a hybrid organisation needs. They reach accepted domains only.
   * @default false
   */
  anonymousDefaultFrontend?: boolean | undefined;
  /** Greeting of the connectors, which tells nobody what runs behind it. @default "mail" */
  banner?: pulumi.Input<string> | undefined;
  /** Recipients of one message, on the connectors that clients and gateways reach. @default 200 */
  recipientLimit?: pulumi.Input<number> | undefined;
  /** Recipients of one message in the whole organisation. @default 500 */
  organisationRecipientLimit?: pulumi.Input<number> | undefined;
  /** Delay of an answer that refuses, in seconds, 5 to 30. @default 5 */
  tarpitSeconds?: pulumi.Input<number> | undefined;
  /** When it is applied again, in the terms of Systems Manager. @default "rate(1 day)" */
  schedule?: pulumi.Input<string> | undefined;
  /** Tags of every resource. @default {} */
  tags?: TagsArgs | undefined;
}

const greeting = "1 to 60 of the characters a-z A-Z 0-9, space and ._-";
const time = "rate(…) or cron(…), as Systems Manager reads it";

export const hardeningFields = {
  instanceIds: each(identifier),
  frontEnds: each(address),
  approvedSenders: each(narrowCidr(24)),
  relaySenders: each(address),
  anonymousDefaultFrontend: plain(z.boolean({ error: "true or false" }).default(false)),
  banner: input(
    z
      .string({ error: greeting })
      .regex(/^[A-Za-z0-9 ._-]{1,60}$/, { error: greeting })
      .default("mail"),
  ),
  recipientLimit: input(integer(1, 5000, "recipients").default(200)),
  organisationRecipientLimit: input(integer(1, 5000, "recipients").default(500)),
  tarpitSeconds: input(integer(5, 30, "seconds").default(5)),
  schedule: input(
    z
      .string({ error: time })
      .regex(/^(?:rate|cron)\([^()\r\n]{1,100}\)$/, { error: time })
      .default("rate(1 day)"),
  ),
  tags: plain(tags),
};
type HardeningArgs = Checked<typeof hardeningFields>;

export interface HardeningPlan {
  readonly args: HardeningArgs;
  /** Content of the document, JSON. */
  readonly content: Deferred<string>;
}

/**
 * Checks the arguments against each other.
 * @returns them, with the document; what is not known yet resolves only if it is valid.
 * @throws pulumi.RunError
 */
export function planHardening(who: Owner, args: HardeningArgs): HardeningPlan {
  const { instanceIds, frontEnds, approvedSenders, relaySenders } = args;
  const count = instanceIds.length > 0 && instanceIds.length <= 50;
  expect(count, who, "instanceIds", instanceIds, "1 to 50 instances, as Systems Manager takes in one target");
  expect(frontEnds.length > 0, who, "frontEnds", frontEnds, "at least one address");
  checkUnique(who, "instanceIds", instanceIds);
  for (const [path, values] of Object.entries({ frontEnds, approvedSenders, relaySenders }))
    checkUnique(who, path, values);
  const settings = {
    frontEnds: [...frontEnds],
    approvedSenders: [...approvedSenders],
    relaySenders: [...relaySenders],
    anonymousDefaultFrontend: args.anonymousDefaultFrontend,
    banner: args.banner,
    recipientLimit: args.recipientLimit,
    organisationRecipientLimit: args.organisationRecipientLimit,
    tarpitSeconds: args.tarpitSeconds,
  };
  const content = whenKnown(settings as pulumi.Input<typeof settings>, (value) => {
    const known = value as Parameters<typeof exchangeHardening>[0];
    checkSenders(who, known);
    return documentContent(exchangeHardening(known));
  });
  return { args, content };
}

const privateBlocks = ["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16"];

/** Nothing that hides others, or that everybody may be, gets a connector of its own. */
function checkSenders(who: Owner, settings: Parameters<typeof exchangeHardening>[0]): void {
  const { frontEnds, approvedSenders, relaySenders } = settings;
  const isPrivate = "a private address: whoever is outside comes through a front end, or logs in";
  for (const [path, values] of Object.entries({ frontEnds, approvedSenders, relaySenders })) {
    values.forEach((value, i) => {
      expect(isInside(value, privateBlocks), who, `${path}[${i}]`, value, isPrivate);
    });
  }
  relaySenders.forEach((value, i) => {
    const hides = frontEnds.includes(value);
    expect(!hides, who, `relaySenders[${i}]`, value, "no front end: whoever it relays for could send to anybody");
  });
  const inOne = "in one of frontEnds, approvedSenders and relaySenders only";
  approvedSenders.forEach((value, i) => {
    const twice = frontEnds.includes(value.replace(/\/32$/, "")) || relaySenders.includes(value.replace(/\/32$/, ""));
    expect(!twice, who, `approvedSenders[${i}]`, value, inOne);
  });
  for (const [i, value] of approvedSenders.entries()) {
    const before = approvedSenders.slice(0, i).some((other) => isOverlapping(other, value));
    expect(!before, who, `approvedSenders[${i}]`, value, "a block that overlaps no other");
  }
}

/**
 * A document that runs a PowerShell script on Windows.
 * Source: AWS Systems Manager, "Command document plugin reference", aws:runPowerShellScript.
 */
export function documentContent(script: string): string {
  const step = {
    action: "aws:runPowerShellScript",
    name: "harden",
    precondition: { StringEquals: ["platformType", "Windows"] },
    inputs: { timeoutSeconds: "1800", runCommand: script.split("\n") },
  };
  const description = "Hardens the receive connectors of an Exchange server";
  return JSON.stringify({ schemaVersion: "2.2", description, mainSteps: [step] });
}
