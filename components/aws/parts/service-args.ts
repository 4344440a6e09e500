import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { deferrable, expect, type Owner, plain } from "../../args";
import { type CertificateArgs, commonServiceFields } from "../../parts/service";
import type { Outbound, Resolver } from "../../render";
import { fqdn, identifier, port } from "../../schemas";
import { type Alarms, type AlarmsArgs, alarms } from "./alarms";
import { type LogGroupArgs, logGroupFields } from "./log-group";
import { type QueueVolumeArgs, queueVolume } from "./queue-volume";
import { type RecipientsObjectArgs, recipientsObject } from "./recipients";

/** What a front end needs to be run for years. What costs much, or depends on the site, is off unless it is named. */
export interface FrontEndServiceArgs {
  /**
   * Whether mail leaves for the Internet. `held` closes the way out and keeps outbound mail in the queue, while inbound mail goes on:
   * what to do first when the gateway is abused or listed. @default Outbound.Open
   */
  outbound?: Outbound | undefined;
  /** Mail server that all outbound mail is handed to; nothing leaves on port 25 then. @default none: the recipients' own mail servers */
  smartHost?: SmartHostArgs | undefined;
  /**
   * List of recipients in S3, which the front ends fetch: for more than `postfix.recipients` holds, or kept by another job.
   * @default none: `postfix.recipients`, else every recipient is verified against the Exchange servers
   */
  recipientsObject?: RecipientsObjectArgs | undefined;
  /** Certificate of the hostname by ACME, with a challenge in its hosted zone; needs the zone. @default none: self-signed */
  certificate?: CertificateArgs | undefined;
  /** Who resolves names. `own` opens port 53 to the Internet. @default Resolver.Own */
  resolver?: Resolver | undefined;
  /** The disk of the mail queue, which outlives the VM. @default 20 GiB, protected */
  queueVolume?: QueueVolumeArgs | undefined;
  /** The log of the mail flow, off the VM (R6: who sent what). @default kept for 365 days */
  mailLog?: MailLogArgs | undefined;
  /** Metrics and alarms. @default none */
  alarms?: AlarmsArgs | undefined;
  /** Package of the agent of Systems Manager, pinned. Another one replaces the VM. @default the latest, from Amazon's bucket */
  agent?: AgentArgs | undefined;
  /** When the VM starts again after updates that need it, UTC, `HH:MM`. Another time replaces the VM. @default "03:30" */
  rebootTime?: string | undefined;
}

/** A mail server that takes everything, with a login over verified TLS. */
export interface SmartHostArgs {
  /** Its name, which its certificate bears, such as `email-smtp.eu-central-1.amazonaws.com`. */
  host: string;
  /** Its port with STARTTLS, not 465. @default 587 */
  port?: number | undefined;
  /**
   * ARN of the secret of Secrets Manager with the login, JSON with `username` and `password`. The VM reads it when it needs it: it is in
   * no user data, no document and no state.
   */
  secretArn: pulumi.Input<string>;
  /** ARN of the KMS key of the secret. @default the account's own key, which needs no further right */
  kmsKeyArn?: pulumi.Input<string | undefined>;
}

/** The log of who sent what to whom, in a log group of CloudWatch. */
export interface MailLogArgs extends LogGroupArgs {
  /** @default true */
  enabled?: boolean | undefined;
}

/** A package of the agent of Systems Manager for Debian on amd64. */
export interface AgentArgs {
  /** Such as `3.3.987.0`. */
  version: string;
  /** SHA-256 digest of the package, hexadecimal. */
  sha256: string;
}

const flag = z.boolean({ error: "true or false" });

const smartHost = z
  .strictObject(
    {
      host: fqdn,
      port: port.refine((it) => it !== 465, { error: "a port with STARTTLS, not 465" }).default(587),
      secretArn: deferrable(identifier),
      kmsKeyArn: deferrable(identifier.optional()),
    },
    { error: "an object with host and secretArn" },
  )
  .optional();

const agent = z
  .strictObject(
    {
      version: z
        .string({ error: "a version such as 3.3.987.0" })
        .regex(/^\d+\.\d+\.\d+\.\d+$/, { error: "a version such as 3.3.987.0" }),
      sha256: z.string({ error: "64 hexadecimal digits" }).regex(/^[0-9a-f]{64}$/, { error: "64 hexadecimal digits" }),
    },
    { error: "an object with version and sha256" },
  )
  .optional();

export const serviceFields = {
  ...commonServiceFields,
  smartHost: plain(smartHost),
  recipientsObject: plain(recipientsObject),
  queueVolume: plain(queueVolume),
  mailLog: plain(
    z
      .strictObject({ enabled: flag.default(true), ...logGroupFields }, { error: "an object with retentionDays" })
      .prefault({}),
  ),
  alarms: plain(alarms),
  agent: plain(agent),
};

/** @throws pulumi.RunError if an address is in one of the domains */
export function checkEmails(who: Owner, alarms: Alarms | undefined, domains: readonly pulumi.Input<string>[]): void {
  for (const [i, email] of (alarms?.emails ?? []).entries()) {
    const inside = domains.some((domain) => domain === email.slice(email.indexOf("@") + 1));
    const elsewhere = "an address outside of domains: notice of mail that fails would come by that mail";
    expect(!inside, who, `alarms.emails[${i}]`, email, elsewhere);
  }
}
