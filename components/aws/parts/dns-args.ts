import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { deferrable, isKnown, type Owner, refuse } from "../../args";
import { type DnsRecordSet, domainRecords, zoneOf } from "../../parts/dns-records";
import { fqdn, identifier, integer, mailbox } from "../../schemas";

/** Records in Route 53. What a record says must be known when the program runs. */
export interface DnsArgs {
  /**
   * Ids of the public hosted zones by the names of their domains, such as `{ "example.com": zone.zoneId }`. Every hostname, and every
   * domain unless `domainRecords` is false, lies in one of them.
   */
  zones: Record<string, pulumi.Input<string>>;
  /**
   * Whether the records of the mail domains are kept here: SPF, DMARC, and MX once `exposure` is live. Otherwise only the A and PTR
   * records of the front ends. @default true
   */
  domainRecords?: boolean | undefined;
  /**
   * SPF record of every domain. Required beside `smartHost`, whose addresses it has to allow.
   * @default the front ends send, and nobody else: `v=spf1 a:mx1.example.com -all`
   */
  spf?: string | undefined;
  /**
   * DMARC record of every domain. Start without consequences, read the reports, then raise `p`.
   * @default "v=DMARC1; p=none; rua=mailto:postmaster@" and the domain
   */
  dmarc?: string | undefined;
  /** Address that others send reports about TLS to (RFC 8460). @default none */
  tlsReports?: string | undefined;
  /** MTA-STS (RFC 8461), whose policy is published elsewhere. @default none */
  mtaSts?: MtaStsArgs | undefined;
  /**
   * Further TXT values of a domain, such as tokens that prove who it belongs to: Route 53 keeps them in one record set with SPF.
   * @default none
   */
  texts?: Record<string, string[]> | undefined;
  /** How long others remember the records, in seconds, 60 to 86400. @default 3600 */
  ttl?: number | undefined;
}

/** Where the MTA-STS policy of the domains is. */
export interface MtaStsArgs {
  /** Id of the policy: 1 to 32 letters and digits, another whenever the policy changes. */
  policyId: string;
  /** Web server that has `/.well-known/mta-sts.txt` of every domain, with a certificate for `mta-sts.` and the domain. */
  policyHost: string;
}

const printable = z
  .string({ error: "a text" })
  .regex(/^[\x20-\x21\x23-\x5b\x5d-\x7e]{1,2000}$/, { error: '1 to 2000 printable characters without " and \\' });

const spf = printable.regex(/^v=spf1(?!.*(?:^|\s)\+?all(?:\s|$))(?:\s|$)/i, {
  error: "an SPF record that begins with v=spf1 and does not let everybody send",
});

const dmarc = printable.regex(/^v=DMARC1; *p=(?:none|quarantine|reject)\b/, {
  error: "a DMARC record such as v=DMARC1; p=quarantine; rua=mailto:dmarc@example.com",
});

export const dns = z
  .strictObject(
    {
      zones: z
        .record(fqdn, deferrable(identifier), { error: "a map from domains to ids of hosted zones" })
        .refine((zones) => Object.keys(zones).length > 0, { error: "at least one hosted zone" }),
      domainRecords: z.boolean({ error: "true or false" }).default(true),
      spf: spf.optional(),
      dmarc: dmarc.optional(),
      tlsReports: mailbox.optional(),
      mtaSts: z
        .strictObject({
          policyId: z
            .string({ error: "1 to 32 letters and digits" })
            .regex(/^[A-Za-z0-9]{1,32}$/, { error: "1 to 32 letters and digits" }),
          policyHost: fqdn,
        })
        .optional(),
      texts: z.record(fqdn, z.array(printable), { error: "a map from domains to lists of texts" }).default({}),
      ttl: integer(60, 86400, "seconds").default(3600),
    },
    { error: "an object with zones" },
  )
  .optional();
export type Dns = NonNullable<z.output<typeof dns>>;

/** What the records of a perimeter follow from. */
export interface DnsSettings {
  readonly domains: readonly pulumi.Input<string>[];
  readonly hostnames: readonly pulumi.Input<string>[];
  readonly live: boolean;
  /** Whether mail leaves through others. */
  readonly smartHost: boolean;
}

export interface DnsPlan {
  /** Zones of the front ends' names, in their order. */
  readonly nameZones: readonly pulumi.Input<string>[];
  readonly records: readonly { readonly zoneId: pulumi.Input<string>; readonly record: DnsRecordSet }[];
  /** Seconds that others remember them. */
  readonly ttl: number;
}

/**
 * Finds the zone of every name, and the records of the domains.
 * @throws pulumi.RunError
 */
export function planDns(who: Owner, args: Dns, settings: DnsSettings): DnsPlan {
  const zone = (path: string, name: unknown): pulumi.Input<string> => {
    if (!isKnown(name)) return refuse(who, path, name, "a name that is known when the program runs, beside dns");
    const expected = `a name in one of the zones of dns: ${Object.keys(args.zones).join(", ")}`;
    return zoneOf(name as string, args.zones) ?? refuse(who, path, name, expected);
  };
  const nameZones = settings.hostnames.map((hostname, i) => zone(`hostnames[${i}]`, hostname));
  if (!args.domainRecords) return { nameZones, records: [], ttl: args.ttl };
  if (settings.smartHost && args.spf === undefined)
    refuse(
      who,
      "dns.spf",
      undefined,
      "a record that lets the smart host send, such as v=spf1 include:amazonses.com -all",
    );
  for (const domain of Object.keys(args.texts))
    if (!settings.domains.includes(domain)) refuse(who, `dns.texts.${domain}`, args.texts[domain], "one of domains");
  const hostnames = settings.hostnames as readonly string[];
  const { spf, dmarc, tlsReports, mtaSts, texts } = args;
  const records = settings.domains.flatMap((known, i) => {
    const zoneId = zone(`domains[${i}]`, known);
    const domain = known as string;
    const own = { domain, hostnames, live: settings.live, spf, dmarc, tlsReports, mtaSts, texts: texts[domain] ?? [] };
    return domainRecords(own).map((record) => ({ zoneId, record }));
  });
  return { nameZones, records, ttl: args.ttl };
}
