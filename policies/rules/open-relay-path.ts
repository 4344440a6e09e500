import { addresses, type EndpointSet, endpoints } from "../analysis/model/endpoints";
import { explain } from "../analysis/reach/explain";
import {
  addressesText,
  listing,
  pathFrom,
  pathTo,
  pick,
  reasons,
  sourcesText,
  witness,
} from "../analysis/verdict/describe";
import { mtaSteps } from "../analysis/verdict/mta-practice";
import type { MailHost, Perimeter } from "../analysis/verdict/perimeter";
import { type Egress, egressOf, type Handover, type RelayHit, relayHits } from "../analysis/verdict/relay-paths";
import type { PathStep, PolicyFinding } from "../analysis/verdict/report";
import { trustedForRelay } from "../analysis/verdict/trust";
import type { Policy } from "../policy";

const name = "open-relay-path";

/** The central question: can somebody whom nobody approved send mail to anybody through this stack? (R3, R5, R6) */
export const openRelayPath: Policy = {
  name,
  severity: "critical",
  description:
    "No unapproved source may reach an MTA that relays, without authentication, for the address that it sees, and that can send the mail out.",
  rationale:
    "A server that relays for strangers is found within hours, used for spam and blacklisted. Getting off the lists takes weeks, and " +
    "meanwhile nobody receives the company's mail.",
  remediation:
    "1. Let the MTA relay for enumerated hosts only: /32 entries, no network that a stranger can appear from.\n" +
    "2. Close the listener to sources that do not need it.\n" +
    "3. Where the MTA cannot be read, put its configuration into the program, or close its SMTP ports to everyone but approved senders.",
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
    {
      name: "BSI IT-Grundschutz",
      reference: "APP.5.3.A2",
      specification: "The mail server must not be abusable as a spam relay.",
    },
  ],
  check(perimeter) {
    const trusted = new Map<number, EndpointSet>();
    const trustedOn = (port: number) => {
      const set = trusted.get(port) ?? trustedForRelay(perimeter, name, port);
      trusted.set(port, set);
      return set;
    };
    return perimeter.hosts.flatMap((view) => judge(perimeter, view, trustedOn));
  },
};

function judge(perimeter: Perimeter, view: MailHost, trustedOn: (port: number) => EndpointSet): PolicyFinding[] {
  const hits = relayHits(perimeter, view, trustedOn);
  if (hits.length === 0) return [];
  const egress = egressOf(perimeter, view);
  if (egress.answer === "no") return [];
  const certain =
    hits.find((hit) => !endpoints.isEmpty(hit.sources.must) && isPublic(hit)) ??
    hits.find((hit) => !endpoints.isEmpty(hit.sources.must));
  const hit = certain ?? hits.find(isPublic) ?? hits[0];
  if (hit === undefined) return [];
  return [describe(perimeter, view, hit, egress, certain !== undefined && egress.answer === "yes")];
}

function isPublic(hit: RelayHit): boolean {
  return hit.flow.path.zone.kind === "internet";
}

function describe(
  perimeter: Perimeter,
  view: MailHost,
  hit: RelayHit,
  egress: Exclude<Egress, { answer: "no" }>,
  certain: boolean,
): PolicyFinding {
  const { port } = hit.relaying;
  const shown = endpoints.isEmpty(hit.sources.must) ? hit.sources.may : hit.sources.must;
  const who = pick(shown);
  const kind = hit.flow.path.zone.kind;
  const sources = sourcesText(perimeter, view, shown, kind);
  const from = kind === "internet" ? `the Internet (${sources})` : sources;
  const why = [...hit.sources.why, ...(egress.answer === "maybe" ? egress.why : [])];
  return {
    outcome: certain ? "violation" : "undetermined",
    resource: view.urn,
    message: certain
      ? `${view.name} is an open relay: ${from} can reach port ${port}, its MTA ${relaysFor(hit)} without authentication, and the mail gets out ${throughText(egress)}to ${egress.text}.`
      : `Whether ${view.name} is an open relay for ${from} on port ${port} cannot be decided: ${reasons(why)}.`,
    remediation: certain
      ? `Relay for enumerated hosts only on ${view.name}, and admit port ${port} only from where it is needed.`
      : `Show what the MTA of ${view.name} relays, or admit port ${port} from approved senders only.`,
    path: [
      ...pathTo(perimeter, view, hit.flow, who, shown, port),
      ...mtaSteps(view, hit.relaying.trace),
      ...egressSteps(perimeter, view, egress),
    ],
    witness: { ...witness(perimeter, view, hit.flow, who, port), ...seenSource(hit) },
    assumptions: assumptions(perimeter, egress),
  };
}

function relaysFor({ seen }: RelayHit): string {
  return seen.kind === "pool"
    ? `sees ${seen.pools.map(addressesText).join(", ")} in place of the client and relays for it`
    : "relays for that address";
}

function seenSource({ seen }: RelayHit): { seenSource?: string } {
  return seen.kind === "pool" ? { seenSource: seen.pools.map(addressesText).join(", ") } : {};
}

function throughText({ chain }: Exclude<Egress, { answer: "no" }>): string {
  return chain.length === 0 ? "" : `through ${chain.map(({ to }) => to.name).join(" and ")} `;
}

/** The hosts that the mail goes through, and the way out of the last one. */
function egressSteps(perimeter: Perimeter, view: MailHost, egress: Exclude<Egress, { answer: "no" }>): PathStep[] {
  const last = egress.chain.at(-1)?.to ?? view;
  const hops = egress.chain.flatMap((handover) => handoverSteps(perimeter, handover));
  if (egress.flow === null) return [...hops, { kind: "egress", resource: null, detail: egress.text }];
  return [...hops, ...pathFrom(perimeter, last, egress.flow, pick(addresses(egress.set)), egress.port, egress.text)];
}

function handoverSteps(perimeter: Perimeter, { from, to, flow, relaying }: Handover): PathStep[] {
  const who = pick(endpoints.isEmpty(flow.endpoints.must) ? flow.endpoints.may : flow.endpoints.must);
  return [
    { kind: "host", resource: from.urn, detail: `${from.name} opens ${flow.protocol} ${relaying.port}` },
    ...explain(perimeter.reach, flow.path, who, flow.protocol, relaying.port),
    { kind: "host", resource: to.urn, detail: `${to.name} relays for ${from.name}` },
    ...mtaSteps(to, relaying.trace),
  ];
}

function assumptions(perimeter: Perimeter, egress: Exclude<Egress, { answer: "no" }>): string[] {
  const blocked =
    egress.port === 25 ? ["the account may send on port 25: the provider's block is not counted as closing"] : [];
  return [...blocked, ...(perimeter.assumptions.length > 0 ? [listing(perimeter.assumptions, 8)] : [])];
}
