import type { Reason } from "../analysis/model/provenance";
import type { ExchangeView } from "../analysis/mta/answer";
import { type Connector, shownName } from "../analysis/mta/exchange/connector";
import { addressesOf, parseRange } from "../analysis/mta/exchange/ranges";
import { type Answer, acceptsEverything } from "../analysis/mta/exchange/relay";
import { ANY_RECIPIENT, grantsAnonymous, isExternallySecured } from "../analysis/mta/exchange/rights";
import { type AddrSet, intersect, isEmpty, isSubset, overlaps } from "../analysis/net/addr";
import { cidr, size, toCidrs } from "../analysis/net/cidr";
import { configurationSteps, listing, reasons } from "../analysis/verdict/describe";
import { type Disguise, disguisesBefore } from "../analysis/verdict/disguises";
import type { MailHost, Perimeter } from "../analysis/verdict/perimeter";
import type { PolicyFinding } from "../analysis/verdict/report";
import type { Policy } from "../policy";

/**
 * Servers of Exchange Online send from these, for every tenant.
 * Source: Microsoft, "Microsoft 365 URLs and IP address ranges", endpoint 10.
 */
const EXCHANGE_ONLINE = cidr(
  "40.92.0.0/15",
  "40.107.0.0/16",
  "52.100.0.0/14",
  "104.47.0.0/17",
  "2a01:111:f400::/48",
  "2a01:111:f403::/48",
);

/** A connector that relays for clients it does not know may know them by nothing but their address (R5, R6). */
export const exchangeReceiveConnectors: Policy = {
  name: "exchange-receive-connectors",
  severity: "critical",
  description:
    "A receive connector of Exchange may relay without authentication for single hosts only, none of which hides others; no accepted domain may stand for every domain.",
  rationale:
    "The right to relay is a permission in Active Directory that no list of connectors shows. One connector for a whole network, or for a " +
    "gateway that hides its clients, is an open relay inside, and outside as soon as somebody publishes the server.",
  remediation:
    "1. Give RemoteIPRanges the address of each server that must relay, and nothing else.\n" +
    "2. Take gateways, load balancers and address translation out of it: let the gateway deliver to accepted domains, without the right.\n" +
    "3. Remove ms-Exch-SMTP-Accept-Any-Recipient from ANONYMOUS LOGON, and ExternalAuthoritative, where nobody needs them.\n" +
    "4. List accepted domains one by one.",
  frameworks: [
    {
      name: "DISA STIG Exchange 2019",
      reference: "V-259687",
      specification: "Internal receive connectors must not allow anonymous connections.",
    },
    { name: "DISA STIG Exchange 2019", reference: "V-259579", specification: "Accepted domains must be configured." },
    { name: "CIS Exchange Server", reference: "5.18", specification: "Restrict the IP ranges of receive connectors." },
    {
      name: "BSI IT-Grundschutz",
      reference: "APP.5.3.A2",
      specification: "The mail server must not be abusable as a spam relay.",
    },
  ],
  check(perimeter) {
    return perimeter.hosts.flatMap((view) => {
      const exchange = view.mta.kind === "known" ? view.mta.exchange : undefined;
      return exchange === undefined ? [] : judge(perimeter, view, exchange);
    });
  },
};

function judge(perimeter: Perimeter, view: MailHost, exchange: ExchangeView): PolicyFinding[] {
  const disguises = disguisesBefore(perimeter, view);
  return [
    ...exchange.connectors.flatMap((connector) => judgeConnector(view, exchange, connector, disguises)),
    ...domains(view, exchange),
    ...unread(view, exchange),
  ];
}

function judgeConnector(
  view: MailHost,
  { secret }: ExchangeView,
  connector: Connector,
  disguises: readonly Disguise[],
): PolicyFinding[] {
  if ("value" in connector.enabled && !connector.enabled.value) return [];
  const [granted, secured] = [grantsAnonymous(connector, ANY_RECIPIENT), isExternallySecured(connector)];
  const trusts =
    granted === "yes" || secured === "yes" ? "yes" : granted === "maybe" || secured === "maybe" ? "maybe" : "no";
  if (trusts === "no") return [];
  const ranges = addressesOf(connector.ranges);
  const flaw = flawOf(connector, ranges, disguises);
  if (flaw === null) return [];
  const name = secret ? "a receive connector" : `the receive connector ${JSON.stringify(shownName(connector.name))}`;
  const how =
    secured === "yes" || granted === "no"
      ? "takes every client for an externally secured Exchange server"
      : "lets clients relay without authentication (Accept-Any-Recipient for ANONYMOUS LOGON)";
  const certain = trusts === "yes" && connector.certain && flaw.certain;
  const lines = ["ranges", "auth", "groups", "rights"].flatMap((key) => connector.set[key] ?? []);
  const why = [...connector.ranges.open, ...connector.rights.open, ...connector.auth.open, ...connector.groups.open];
  return [
    {
      outcome: certain ? "violation" : "undetermined",
      resource: view.urn,
      message: certain
        ? `On ${view.name}, ${name} ${how}, and ${secret ? flaw.plain : flaw.text}.`
        : `Whether ${name} of ${view.name} relays for more than single hosts cannot be decided: ${reasons(secret ? [] : why.length > 0 ? why : [{ text: flaw.text }])}.`,
      remediation: flaw.remediation,
      path: configurationSteps(view, lines, secret),
    },
  ];
}

interface Flaw {
  readonly certain: boolean;
  readonly text: string;
  /** The same without a word of the configuration. */
  readonly plain: string;
  readonly remediation: string;
}

/** What is wrong with whom a trusting connector trusts, the worst first; null for an enumerated list of hosts. */
function flawOf(
  connector: Connector,
  { must, may }: { must: AddrSet; may: AddrSet },
  disguises: readonly Disguise[],
): Flaw | null {
  const narrow = "Give RemoteIPRanges the address of each server that must relay, and nothing else.";
  const online = intersect(must, EXCHANGE_ONLINE);
  if (!isEmpty(online) && isSubset(must, EXCHANGE_ONLINE))
    return {
      certain: true,
      text: `its ranges (${listing(toCidrs(online))}) are Exchange Online's, which every tenant sends from`,
      plain: "its ranges are Exchange Online's, which every tenant sends from",
      remediation:
        "Know Exchange Online by its certificate (TlsDomainCapabilities, as the hybrid wizard sets it up), not by its addresses.",
    };
  const sure = disguises.find(({ addr }) => !isEmpty(addr) && isSubset(addr, must));
  const wide = connector.ranges.has.filter((text) => {
    const set = parseRange(text);
    return set !== null && size(set) > 1n;
  });
  if (wide.length > 0) {
    const among = sure === undefined ? "" : `, ${listing(toCidrs(sure.addr))} among them, ${sure.text}`;
    return {
      certain: true,
      text: `its remote ranges hold more than single hosts: ${listing(wide)}${among}`,
      plain: `its remote ranges hold more than single hosts${sure === undefined ? "" : `, ${sure.text} among them`}`,
      remediation: narrow,
    };
  }
  if (sure !== undefined)
    return {
      certain: true,
      text: `its ranges contain ${listing(toCidrs(sure.addr))}, ${sure.text}`,
      plain: `its ranges contain ${sure.text}`,
      remediation:
        "Take the gateway's or load balancer's address out of RemoteIPRanges, or let it deliver without the right to relay.",
    };
  if (!isEmpty(online))
    return {
      certain: true,
      text: `its ranges hold ${listing(toCidrs(online))} of Exchange Online, which every tenant sends from`,
      plain: "its ranges hold addresses of Exchange Online, which every tenant sends from",
      remediation: "Know Exchange Online by its certificate, not by its addresses.",
    };
  if (!isSubset(may, must))
    return {
      certain: false,
      text: "its remote ranges are not known",
      plain: "its remote ranges are not known",
      remediation: narrow,
    };
  const perhaps = disguises.find(({ addr }) => overlaps(addr, must));
  return perhaps === undefined
    ? null
    : {
        certain: false,
        text: `its ranges may contain ${perhaps.text}, somewhere in ${listing(toCidrs(perhaps.addr))}`,
        plain: `its ranges may contain ${perhaps.text}`,
        remediation: narrow,
      };
}

function domains(view: MailHost, { domains: accepted, secret }: ExchangeView): PolicyFinding[] {
  return accepted.flatMap((domain): PolicyFinding[] => {
    const answer: Answer = acceptsEverything(domain);
    if (answer === "no") return [];
    const name = domain.domain === null ? "an accepted domain" : `the accepted domain ${JSON.stringify(domain.domain)}`;
    const why: Reason[] = secret ? [] : "open" in domain.type ? [...domain.type.open] : [domain.line];
    return [
      {
        outcome: answer === "yes" ? "violation" : "undetermined",
        resource: view.urn,
        message:
          answer === "yes"
            ? `On ${view.name}, ${secret ? "an accepted domain" : name} stands for domains of strangers: Exchange takes mail for them from everybody.`
            : `Whether ${secret ? "an accepted domain" : name} of ${view.name} stands for domains of strangers cannot be decided: ${reasons(why)}.`,
        remediation: "List accepted domains one by one.",
        path: configurationSteps(view, [domain.line], secret),
      },
    ];
  });
}

/** What is not followed may have made any connector relay. */
function unread(view: MailHost, { problems, secret }: ExchangeView): PolicyFinding[] {
  if (problems.length === 0) return [];
  return [
    {
      outcome: "undetermined",
      resource: view.urn,
      message: `What the scripts of ${view.name} do to its receive connectors cannot be followed: ${secret ? "a line of a secret, which is not shown" : reasons(problems)}.`,
      remediation: `Write the configuration of ${view.name} as commands with literal values, or as a component.`,
      path: configurationSteps(view, problems.slice(0, 5), secret),
    },
  ];
}
