import { z } from "zod";
import { address, fqdn, integer, mailbox, oneOf, port } from "../schemas";

/** How strictly outbound deliveries use TLS. */
export const OutboundTls = {
  /** Encrypt where the other side offers it. */
  May: "may",
  /** Refuse to deliver in clear. */
  Encrypt: "encrypt",
  /** Authenticate by DANE where the recipient publishes it; needs a validating resolver on the host. */
  Dane: "dane",
} as const;
export type OutboundTls = (typeof OutboundTls)[keyof typeof OutboundTls];

/** Settings of the gateway's Postfix that have a safe default. */
export interface PostfixSettings {
  /**
   * Addresses that exist in the relayed domains; mail to any other is refused at the door. `postmaster` and `abuse` of every
   * domain are always accepted.
   * @default none: every recipient is verified against the Exchange servers before it is accepted
   */
  recipients?: string[] | undefined;
  /**
   * Where mail to `postmaster`, `abuse` and `root` of the gateway itself goes.
   * @default `postmaster@` and the first domain
   */
  postmaster?: string | undefined;
  /**
   * DNS block lists that refuse a client. They need a resolver that the list's operator accepts, which the resolver of a
   * cloud usually is not; answers other than 127.0.0.2 to 127.0.0.11 are ignored.
   * @default none
   */
  dnsblSites?: string[] | undefined;
  /** Largest message, in bytes; the same as Exchange's limit. @default 37748736 (36 MiB) */
  messageSizeLimit?: number | undefined;
  /** Recipients of one message. @default 100 */
  recipientLimit?: number | undefined;
  /** Simultaneous connections of one client. @default 20 */
  connectionCountLimit?: number | undefined;
  /** New connections of one client per minute. @default 60 */
  connectionRateLimit?: number | undefined;
  /** Messages of one client per minute. @default 100 */
  messageRateLimit?: number | undefined;
  /** Recipients of one client per minute. @default 300 */
  recipientRateLimit?: number | undefined;
  /** Errors of one session after which answers are delayed. @default 5 */
  softErrorLimit?: number | undefined;
  /** Errors of one session after which it is closed. @default 20 */
  hardErrorLimit?: number | undefined;
  /** Days that undeliverable mail stays in the queue. @default 2 */
  queueLifetimeDays?: number | undefined;
  /** Days that an undeliverable bounce stays in the queue. @default 1 */
  bounceLifetimeDays?: number | undefined;
  /** TLS of outbound deliveries. @default OutboundTls.May */
  outboundTls?: OutboundTls | undefined;
  /** Certificate chain that is on the host already, PEM; with `tlsKeyFile`. @default the gateway's own, self-signed or by ACME */
  tlsCertificateFile?: string | undefined;
  /** Private key of `tlsCertificateFile`, PEM. */
  tlsKeyFile?: string | undefined;
}

/** Whether mail leaves for the Internet. */
export const Outbound = {
  /** Mail of the Exchange servers is sent on. */
  Open: "open",
  /** It waits in the queue, while inbound mail goes on: what to do first when the gateway is abused or listed. */
  Held: "held",
} as const;
export type Outbound = (typeof Outbound)[keyof typeof Outbound];

/** A mail server that all outbound mail is handed to, with a login over verified TLS. */
export interface SmartHostSettings {
  /** Its name, which its certificate must bear. */
  host: string;
  /** Its port with STARTTLS, not 465. @default 587 */
  port?: number | undefined;
}

/** What a gateway is told about the world around it. */
export interface GatewaySettings {
  /** The gateway's own name: the same as its PTR record and its HELO name. */
  hostname: string;
  /** Domains that the gateway accepts mail for; at least one. */
  domains: string[];
  /** IPv4 addresses of the Exchange servers: mail for the domains goes to them, and only they may send out; at least one. */
  exchangeServers: string[];
  /** TCP ports that the gateway listens on; 25 among them, and not 465 or 587, where users log in. @default [25] */
  ports?: number[] | undefined;
  /** Whether outbound mail leaves or waits. @default Outbound.Open */
  outbound?: Outbound | undefined;
  /** Where outbound mail goes. @default the mail servers of the recipients' domains */
  smartHost?: SmartHostSettings | undefined;
  /**
   * Takes the recipients from the object that the machine's reference `recipients` names, instead of `postfix.recipients`. While
   * there is no list, recipients are refused for the time being (4xx), never accepted unseen.
   * @default false
   */
  recipientsObject?: boolean | undefined;
  /** Everything that has a safe default. */
  postfix?: PostfixSettings | undefined;
}

const path = z
  .string({ error: "an absolute path" })
  .regex(/^\/[A-Za-z0-9._/-]{1,250}$/, { error: "an absolute path of letters, digits and ._/-" });

export const postfixSettings = z
  .strictObject({
    recipients: z.array(mailbox).optional(),
    postmaster: mailbox.optional(),
    dnsblSites: z.array(fqdn).default([]),
    messageSizeLimit: integer(65536, 157286400, "bytes").default(37748736),
    recipientLimit: integer(1, 5000, "recipients").default(100),
    connectionCountLimit: integer(1, 10000, "connections").default(20),
    connectionRateLimit: integer(1, 100000, "connections per minute").default(60),
    messageRateLimit: integer(1, 100000, "messages per minute").default(100),
    recipientRateLimit: integer(1, 1000000, "recipients per minute").default(300),
    softErrorLimit: integer(1, 100, "errors").default(5),
    hardErrorLimit: integer(1, 100, "errors").default(20),
    queueLifetimeDays: integer(1, 30, "days").default(2),
    bounceLifetimeDays: integer(1, 30, "days").default(1),
    outboundTls: oneOf(OutboundTls).default(OutboundTls.May),
    tlsCertificateFile: path.optional(),
    tlsKeyFile: path.optional(),
  })
  .refine((it) => (it.tlsCertificateFile === undefined) === (it.tlsKeyFile === undefined), {
    error: "tlsCertificateFile and tlsKeyFile together",
  })
  .prefault({});

export const smartHost = z.strictObject({
  host: fqdn,
  port: port
    .refine((it) => it !== 465 && it !== 2465, { error: "a port with STARTTLS such as 587, not 465 or 2465" })
    .default(587),
});

export const listeningPorts = z
  .array(port, { error: "a list of port numbers" })
  .refine((ports) => ports.includes(25), { error: "a list that contains 25, where other mail servers deliver" })
  .refine((ports) => !ports.includes(465) && !ports.includes(587), {
    error: "no 465 and no 587: the gateway has no logins, and users hand in mail at the Exchange servers",
  })
  .refine((ports) => new Set(ports).size === ports.length, { error: "each port once" })
  .default([25]);

export const gatewayFields = {
  hostname: fqdn,
  domains: z.array(fqdn).min(1, { error: "at least one domain" }),
  exchangeServers: z.array(address).min(1, { error: "at least one address" }),
  ports: listeningPorts,
  outbound: oneOf(Outbound).default(Outbound.Open),
  smartHost: smartHost.optional(),
  recipientsObject: z.boolean({ error: "true or false" }).default(false),
  postfix: postfixSettings,
};

export const gatewaySettings = z
  .strictObject(gatewayFields)
  .refine((it) => !it.recipientsObject || it.postfix.recipients === undefined, {
    path: ["postfix", "recipients"],
    error: "no list while recipientsObject is true",
  });

/** Settings with every default filled in. */
export type Gateway = z.output<typeof gatewaySettings>;

/**
 * Checks the settings, so that no value can break out of the line or the table that it is rendered into.
 * @throws Error in one line that names the setting, its value and what was expected.
 */
export function gateway(settings: GatewaySettings): Gateway {
  return checked("gateway settings", gatewaySettings, settings);
}

/** @throws Error in one line that names the setting, its value and what was expected. */
export function checked<S extends z.ZodType>(what: string, schema: S, settings: unknown): z.output<S> {
  const result = schema.safeParse(settings);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const key = issue?.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
  const at = [...(issue?.path ?? []), ...key];
  const value = at.reduce<unknown>(
    (part, name) =>
      part !== null && typeof part === "object" ? (part as Record<PropertyKey, unknown>)[name] : undefined,
    settings,
  );
  const expected = key.length > 0 ? "no such setting" : issue?.message;
  throw new Error(`${what}: ${at.join(".")}: ${JSON.stringify(value) ?? "missing"}: expected ${expected}`);
}
