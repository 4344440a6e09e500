import type * as pulumi from "@pulumi/pulumi";
import { type Checked, checkUnique, type Deferred, each, expect, type Owner, plain } from "../../args";
import { connectorFields, hardeningScript } from "../../parts/hardening";
import { type TagsArgs, tags } from "../../parts/shared";
import { identifier } from "../../schemas";
import { type PlaceArgs, placeFields } from "./vocabulary";

/** Arguments that decide which resources exist are plain; the others may be outputs. */
export interface ExchangeHardeningArgs extends PlaceArgs {
  /** Names of the Exchange VMs in the resource group; at least one. */
  vmNames: pulumi.Input<string>[];
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
  /** Tags of every resource. @default {} */
  tags?: TagsArgs | undefined;
}

export const hardeningFields = {
  ...placeFields,
  vmNames: each(identifier),
  ...connectorFields,
  tags: plain(tags),
};
type HardeningArgs = Checked<typeof hardeningFields>;

export interface HardeningPlan {
  readonly args: HardeningArgs;
  /** The script, PowerShell. */
  readonly script: Deferred<string>;
}

/**
 * Checks the arguments against each other.
 * @returns them, with the script; what is not known yet resolves only if it is valid.
 * @throws pulumi.RunError
 */
export function planHardening(who: Owner, args: HardeningArgs): HardeningPlan {
  expect(args.vmNames.length > 0, who, "vmNames", args.vmNames, "at least one VM");
  checkUnique(who, "vmNames", args.vmNames);
  return { args, script: hardeningScript(who, args) };
}
