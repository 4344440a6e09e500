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
import { connectorFields, hardeningScript } from "../../parts/hardening";
import { type TagsArgs, tags } from "../../parts/shared";
import { identifier } from "../../schemas";

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

const time = "rate(…) or cron(…), as Systems Manager reads it";

export const hardeningFields = {
  instanceIds: each(identifier),
  ...connectorFields,
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
  const { instanceIds } = args;
  const count = instanceIds.length > 0 && instanceIds.length <= 50;
  expect(count, who, "instanceIds", instanceIds, "1 to 50 instances, as Systems Manager takes in one target");
  checkUnique(who, "instanceIds", instanceIds);
  return { args, content: whenKnown(hardeningScript(who, args), documentContent) };
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
