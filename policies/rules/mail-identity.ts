import type { DnsRecord, DnsZone, PublicAddress } from "../analysis/model/naming";
import { Unknown } from "../analysis/model/snapshot";
import { mtaSteps } from "../analysis/verdict/mta-practice";
import type { MailHost, Perimeter } from "../analysis/verdict/perimeter";
import type { PolicyFinding } from "../analysis/verdict/report";
import type { Policy } from "../policy";

/** Whether others can tell that mail really comes from here (R8). */
export const mailIdentity: Policy = {
  name: "mail-identity",
  severity: "medium",
  description:
    "The HELO name of a mail host, its A record and the PTR record of its address must agree, and a domain with an MX record must have SPF and DMARC records.",
  rationale:
    "Large receivers refuse or file away mail from a server whose names disagree. A domain without SPF and DMARC can be forged by " +
    "anybody, and the complaints about it end on the same block lists.",
  remediation:
    "1. Give the name that Postfix has in myhostname an A record that holds the host's Elastic IP.\n" +
    "2. Set the PTR record with aws.ec2.EipDomainName to the same name, once the A record exists.\n" +
    "3. Publish TXT records: v=spf1 … -all at the domain, and v=DMARC1; p=reject at _dmarc of it.",
  frameworks: [
    { name: "RFC 1912", reference: "2.1", specification: "PTR and A records must match." },
    {
      name: "BSI IT-Grundschutz",
      reference: "APP.5.3.A9",
      specification: "SPF, DKIM and DMARC should be used against forged senders.",
    },
  ],
  check(perimeter) {
    return [
      ...perimeter.hosts.filter((view) => view.isMail).flatMap((view) => hostNames(perimeter, view)),
      ...perimeter.network.naming.zones.flatMap(senders),
    ];
  },
};

function hostNames(perimeter: Perimeter, view: MailHost): PolicyFinding[] {
  const { addresses, zones } = perimeter.network.naming;
  const own = addresses.filter((address) => address.hosts.has(view.urn));
  if (own.length === 0 || view.mta.kind !== "known") return [];
  const helo = view.mta.heloName;
  if (helo === undefined) {
    const named = own.find((address) => address.ptr !== null);
    if (named === undefined) return [];
    return [
      finding(
        view,
        false,
        "its configuration does not say by which name it introduces itself",
        "Set myhostname to the name of the PTR record",
      ),
    ];
  }
  const zone = zoneOf(zones, helo.name);
  return [
    ...own.flatMap((address) => pointer(view, address, helo.name, zone !== undefined)),
    ...(zone === undefined ? [] : forward(view, own, addresses, helo.name, zone)),
  ].map((item) => ({ ...item, path: mtaSteps(view, [helo.line]) }));
}

function finding(view: MailHost, certain: boolean, problem: string, fix: string): PolicyFinding {
  return {
    outcome: certain ? "violation" : "undetermined",
    resource: view.urn,
    message: certain
      ? `The names of ${view.name} disagree: ${problem}.`
      : `Whether the names of ${view.name} agree cannot be decided: ${problem}.`,
    remediation: `${fix}.`,
  };
}

/** The PTR record. That there is none counts where the stack holds the zone of the name, so that it could have set one. */
function pointer(view: MailHost, { resource, ptr }: PublicAddress, helo: string, held: boolean): PolicyFinding[] {
  const fix = `Set the PTR record of ${resource.name} to ${helo}`;
  if (ptr === null)
    return held
      ? [finding(view, true, `it says ${helo}, and its address ${resource.name} has no PTR record of its own`, fix)]
      : [];
  if (ptr.name instanceof Unknown)
    return [finding(view, false, `the PTR record of ${resource.name} is ${ptr.name.reason}`, fix)];
  return ptr.name === helo
    ? []
    : [finding(view, true, `it says ${helo}, and the PTR record of ${resource.name} says ${ptr.name}`, fix)];
}

/** The A record of the name must hold one of the host's addresses. */
function forward(
  view: MailHost,
  own: readonly PublicAddress[],
  all: readonly PublicAddress[],
  helo: string,
  zone: DnsZone,
): PolicyFinding[] {
  const fix = `Add an A record for ${helo} with the address of ${own.map(({ resource }) => resource.name).join(" or ")}`;
  const { found, unknown } = recordsAt(zone, helo, ["A"]);
  if (found.length === 0)
    return [
      unknown
        ? finding(view, false, `a record of the zone ${zone.name} has a name that is not known`, fix)
        : finding(view, true, `it says ${helo}, which has no A record in the zone ${zone.name}`, fix),
    ];
  const values = found.flatMap((record) => record.values);
  if (values.some((value) => own.some((address) => isAddress(value, address)))) return [];
  const open = values.find((value) => value instanceof Unknown && !isOther(value, all));
  return [
    open instanceof Unknown
      ? finding(view, false, `the A record of ${helo} is ${open.reason}`, fix)
      : finding(view, true, `the A record of ${helo} holds another address`, fix),
  ];
}

function isAddress(value: string | Unknown, { resource, address }: PublicAddress): boolean {
  return value instanceof Unknown
    ? value.dependsOn.includes(resource.urn) && value.dependsOn.length === 1
    : value === address;
}

/** An output of exactly one address of the stack, which is not the host's. */
function isOther(value: Unknown, all: readonly PublicAddress[]): boolean {
  return value.dependsOn.length === 1 && all.some(({ resource }) => resource.urn === value.dependsOn[0]);
}

/** The zone that holds a name: the one with the longest name. */
function zoneOf(zones: readonly DnsZone[], name: string): DnsZone | undefined {
  return zones
    .filter((zone) => name === zone.name || name.endsWith(`.${zone.name}`))
    .sort((a, b) => b.name.length - a.name.length)[0];
}

function recordsAt(
  zone: DnsZone,
  name: string,
  types: readonly string[],
): { found: readonly DnsRecord[]; unknown: boolean } {
  const fits = (record: DnsRecord) => record.type instanceof Unknown || types.includes(record.type);
  return {
    found: zone.records.filter((record) => record.name === name && fits(record)),
    unknown: zone.records.some((record) => record.name instanceof Unknown && fits(record)),
  };
}

/** Domains that receive mail, and whose senders anybody can forge. */
function senders(zone: DnsZone): PolicyFinding[] {
  return zone.records.flatMap((record): PolicyFinding[] => {
    const { name } = record;
    // RFC 7505: a single MX of "." says that the domain takes no mail.
    if (
      record.type !== "MX" ||
      name instanceof Unknown ||
      record.values.every((value) => /^\s*\d+\s+\.\s*$/.test(String(value)))
    )
      return [];
    const spf = textAt(zone, [name], /^v=spf1(?:\s|$)/i);
    const dmarc = textAt(zone, [`_dmarc.${name}`, `_dmarc.${zone.name}`], /^v=DMARC1\b/i);
    const missing = [...(spf === "missing" ? ["SPF"] : []), ...(dmarc === "missing" ? ["DMARC"] : [])];
    const open = [...(spf === "unknown" ? ["SPF"] : []), ...(dmarc === "unknown" ? ["DMARC"] : [])];
    const lax = typeof spf === "object" && /(?:^|\s)\+?all(?:\s|$)/i.test(spf.text);
    return [
      ...(missing.length === 0
        ? []
        : [
            told(
              record,
              "violation",
              `${name} receives mail and has no ${missing.join(" and no ")} record`,
              `Publish ${missing.join(" and ")} records for ${name}.`,
            ),
          ]),
      ...(lax
        ? [
            told(
              record,
              "violation",
              `The SPF record of ${name} lets everybody send for it`,
              `End the SPF record of ${name} with -all.`,
            ),
          ]
        : []),
      ...(open.length === 0
        ? []
        : [
            told(
              record,
              "undetermined",
              `Whether ${name} has ${open.join(" and ")} records cannot be decided: values of its zone are not known yet`,
              `Write the TXT records of ${name} as plain values.`,
            ),
          ]),
    ];
  });
}

function told(
  { resource }: DnsRecord,
  outcome: "violation" | "undetermined",
  message: string,
  remediation: string,
): PolicyFinding {
  return { outcome, resource: resource.urn, message: `${message}.`, remediation };
}

/** A TXT record of this form at one of the names. A name that is an alias for another is somebody else's to answer. */
function textAt(zone: DnsZone, names: readonly string[], form: RegExp): { text: string } | "missing" | "unknown" {
  let open = false;
  for (const name of names) {
    const { found, unknown } = recordsAt(zone, name, ["TXT", "CNAME"]);
    open ||= unknown;
    for (const { type, values } of found) {
      if (type === "CNAME") return { text: "" };
      for (const value of values) {
        if (value instanceof Unknown) open = true;
        // A long record is several quoted strings.
        else if (form.test(unquoted(value))) return { text: unquoted(value) };
      }
    }
  }
  return open ? "unknown" : "missing";
}

function unquoted(value: string): string {
  return value.trim().replace(/"\s+"/g, "").replace(/^"|"$/g, "").replace(/\\?""/g, "");
}
