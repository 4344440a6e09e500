import type { RelayAnswer } from "../analysis/mta/answer";
import { isEmpty } from "../analysis/net/addr";
import { mergeReasons } from "../analysis/net/bounds";
import { portList } from "../analysis/verdict/by-port";
import { reasons } from "../analysis/verdict/describe";
import {
  clientsText,
  mtaSteps,
  type PractisedListener,
  practisedListeners,
  unreadableHosts,
  weaknessFindings,
} from "../analysis/verdict/mta-practice";
import type { MailHost } from "../analysis/verdict/perimeter";
import type { PolicyFinding } from "../analysis/verdict/report";
import type { Policy } from "../policy";

/** For whom each service of a mail server relays, whether anybody reaches it or not (R5). */
export const mtaRelayRestrictions: Policy = {
  name: "mta-relay-restrictions",
  severity: "critical",
  description:
    "A service of an MTA must relay without authentication for hosts that are named one by one, or as trusted networks, and for nobody else.",
  rationale:
    "One access table that says OK too early, or a right that follows from a HELO name or a sender address, makes the server a relay for " +
    "strangers on the day on which a firewall rule changes.",
  remediation:
    "1. End smtpd_relay_restrictions with reject_unauth_destination, and put nothing in front of it that permits by HELO name, sender, " +
    "recipient, certificate or domain.\n" +
    "2. Name the clients that may relay one by one: check_client_access cidr:{{10.0.2.20/32 permit}}.\n" +
    "3. List the domains in relay_domains; no wildcard, no top-level domain.\n" +
    "4. Keep allow_untrusted_routing off, and XCLIENT to single proxies.",
  frameworks: [
    {
      name: "RFC 2505 (BCP 30)",
      reference: "2.1",
      specification: "MTAs must be able to restrict unauthorised use as a mail relay.",
    },
    {
      name: "DISA STIG RHEL 9",
      reference: "V-257951",
      specification: "The mail server must prevent unrestricted mail relaying.",
    },
  ],
  check(perimeter) {
    return [
      ...perimeter.hosts.flatMap(judge),
      ...unreadableHosts(perimeter, (name) => `For whom the mail server of ${name} relays`),
    ];
  },
};

function judge(view: MailHost): PolicyFinding[] {
  const listeners = practisedListeners(view);
  const open = listeners.filter((listener) => relaysForStrangers(listener));
  // What a certain weakness explains is not told again as something that cannot be decided.
  const explained = listeners.filter(({ practice }) => practice.weaknesses.some(isCertainRight));
  const unclear = listeners.filter(
    (listener) => !open.includes(listener) && !explained.includes(listener) && !isEmpty(listener.practice.unlisted.may),
  );
  return [
    ...strangers(view, open),
    ...undecided(view, unclear),
    ...weaknessFindings(view, "relaying"),
    ...outages(view, listeners),
  ];
}

function isCertainRight(weakness: { topic: string; certain: boolean }): boolean {
  return weakness.topic === "relaying" && weakness.certain;
}

/** Beyond what is named one by one; or a list of trusted networks that holds everybody, which names nobody. */
function relaysForStrangers({ practice }: PractisedListener): boolean {
  const universal =
    practice.trust?.used === true && practice.weaknesses.some((it) => it.id === "trust-universal" && it.certain);
  return universal || !isEmpty(practice.unlisted.must);
}

function strangers(view: MailHost, open: readonly PractisedListener[]): PolicyFinding[] {
  const [first] = open;
  if (first === undefined) return [];
  const ports = portList(unique(open.map(({ port }) => port)));
  return [
    {
      outcome: "violation",
      resource: view.urn,
      message: `${view.name} relays on ${ports} without authentication for clients that it does not name one by one: ${clientsText(first.relays.must)}.`,
      remediation: `Let ${view.name} relay for enumerated hosts only, and refuse everything else.`,
      path: mtaSteps(view, first.trace),
    },
  ];
}

function undecided(view: MailHost, unclear: readonly PractisedListener[]): PolicyFinding[] {
  const [first] = unclear;
  if (first === undefined) return [];
  const ports = portList(unique(unclear.map(({ port }) => port)));
  const why = mergeReasons(unclear.flatMap(({ practice }) => practice.unlisted.why));
  return [
    {
      outcome: "undetermined",
      resource: view.urn,
      message: `For whom ${view.name} relays on ${ports} cannot be decided: ${reasons(why)}.`,
      remediation: `Let ${view.name} relay for enumerated hosts only, in lists that the program holds.`,
      path: mtaSteps(view, first.trace),
    },
  ];
}

/** It relays for nobody, and takes no mail either. */
function outages(view: MailHost, listeners: readonly RelayAnswer[]): PolicyFinding[] {
  const down = listeners.filter((listener) => listener.outage !== undefined);
  const [first] = down;
  if (first?.outage === undefined) return [];
  return [
    {
      outcome: "violation",
      severity: "medium",
      resource: view.urn,
      message: `${view.name} takes no mail on ${portList(unique(down.map(({ port }) => port)))}: ${first.outage.text}.`,
      remediation: `Put reject_unauth_destination into smtpd_relay_restrictions of ${view.name}.`,
      path: mtaSteps(view, [first.outage]),
    },
  ];
}

function unique(ports: readonly number[]): number[] {
  return [...new Set(ports)];
}
