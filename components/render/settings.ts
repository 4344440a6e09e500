import { z } from "zod";
import { fqdn, mailbox, oneOf } from "../schemas";
import type { Cloud } from "./cloud";
import { checked, type GatewaySettings, gatewayFields } from "./gateway";

/** Who resolves names for the gateway. */
export const Resolver = {
  /** The machine itself, from the root on and with DNSSEC: block lists refuse the resolvers of clouds, and DANE needs validation. */
  Own: "own",
  /** The cloud's resolver: no port 53 to the Internet. */
  Cloud: "cloud",
} as const;
export type Resolver = (typeof Resolver)[keyof typeof Resolver];

/** What the first boot is rendered from. */
export interface BootstrapSettings {
  /** The gateway's own name: the same as its PTR record and its HELO name. */
  hostname: string;
  cloud: Cloud;
  /** Keeps the queue on a disk of its own, which outlives the machine. @default true */
  queueVolume?: boolean | undefined;
  /** Who resolves names. @default Resolver.Own */
  resolver?: Resolver | undefined;
  /** When the machine starts again after updates that need it, UTC, `HH:MM`: another time for each gateway. @default "03:30" */
  rebootTime?: string | undefined;
}

/** A certificate by ACME, with a DNS challenge. */
export interface AcmeSettings {
  /** Where the certificate authority writes to. */
  email: string;
  /** Directory of the certificate authority. @default Let's Encrypt */
  directory?: string | undefined;
}

/** What the delivery script is rendered from. */
export interface DeliverySettings extends GatewaySettings {
  cloud: Cloud;
  /** The same as in the bootstrap. @default true */
  queueVolume?: boolean | undefined;
  /** The same as in the bootstrap. @default Resolver.Own */
  resolver?: Resolver | undefined;
  /** Obtains a certificate; the reference `acme-zone` names the zone of the challenge. @default none: self-signed */
  acme?: AcmeSettings | undefined;
  /** Stores the mail log where the reference `mail-log` says. @default false */
  mailLog?: boolean | undefined;
  /** Records metrics. @default false */
  metrics?: boolean | undefined;
}

const flag = z.boolean({ error: "true or false" });
const cloud = z.custom<Cloud>((value) => typeof value === "object" && value !== null, {
  error: "awsCloud(…) or azureCloud(…)",
});
const common = {
  cloud,
  queueVolume: flag.default(true),
  resolver: oneOf(Resolver).default(Resolver.Own),
};

const bootstrapSettings = z.strictObject({
  hostname: fqdn,
  ...common,
  rebootTime: z
    .string({ error: "a time such as 03:30" })
    .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, { error: "a time such as 03:30" })
    .default("03:30"),
});

const deliverySettings = z
  .strictObject({
    ...gatewayFields,
    ...common,
    acme: z
      .strictObject({
        email: mailbox,
        directory: z
          .string()
          .regex(/^https:\/\/[A-Za-z0-9.-]+(?::\d+)?\/[A-Za-z0-9._/-]*$/, { error: "an https address" })
          .optional(),
      })
      .optional(),
    mailLog: flag.default(false),
    metrics: flag.default(false),
  })
  .refine((it) => !it.recipientsObject || it.postfix.recipients === undefined, {
    path: ["postfix", "recipients"],
    error: "no list while recipientsObject is true",
  })
  .refine((it) => it.acme === undefined || it.postfix.tlsCertificateFile === undefined, {
    path: ["acme"],
    error: "no ACME while postfix.tlsCertificateFile names a certificate",
  });

export type Bootstrap = z.output<typeof bootstrapSettings>;
export type Delivery = z.output<typeof deliverySettings>;

/** @throws Error in one line that names the setting, its value and what was expected. */
export function bootstrapOf(settings: BootstrapSettings): Bootstrap {
  return checked("bootstrap settings", bootstrapSettings, settings);
}

/** @throws Error in one line that names the setting, its value and what was expected. */
export function deliveryOf(settings: DeliverySettings): Delivery {
  return checked("delivery settings", deliverySettings, settings);
}

/** The part of the settings that Postfix is configured by, with every default filled in. */
export function gatewayOf(it: Delivery): GatewaySettings {
  const { cloud: _, queueVolume: __, resolver: ___, acme: ____, mailLog: _____, metrics: ______, ...rest } = it;
  return rest;
}
