import { endpoints } from "../analysis/model/endpoints";
import { type AddrSet, isEmpty, isSubset, overlaps, subtract, unionAll } from "../analysis/net/addr";
import { mergeReasons } from "../analysis/net/bounds";
import { loopback } from "../analysis/net/cover";
import { addressesText, pathTo, pick, reasons } from "../analysis/verdict/describe";
import { type Hidden, hiddenBehind } from "../analysis/verdict/hiding";
import {
  mtaSteps,
  type PractisedListener,
  practisedListeners,
  unreadableHosts,
  weaknessFindings,
} from "../analysis/verdict/mta-practice";
import type { MailHost, Perimeter } from "../analysis/verdict/perimeter";
import type { PolicyFinding } from "../analysis/verdict/report";
import type { Policy } from "../policy";

/** Whom a mail server trusts, and whether that is still somebody in this network. */
export const mtaTrustList: Policy = {
  name: "mta-trust-list",
  severity: "critical",
  description:
    "The networks that an MTA trusts must be written as addresses, be no wider than /24 (IPv4) or /64 (IPv6), and hold no address behind which a device hides its clients.",
  rationale:
    "A trust list is right only for the network that it was written for. Behind a load balancer or firewall that puts its own address in " +
    "place of the client's, the list that was closed on a public address lets the whole Internet relay.",
  remediation:
    "1. Write mynetworks as the addresses of the hosts that may relay, one by one; no names, no tables from elsewhere.\n" +
    "2. Take the addresses of load balancers, firewalls and NAT gateways out of it.\n" +
    "3. Or keep the client's address on the way, or read PROXY protocol v2 on both ends.",
  frameworks: [
    {
      name: "RFC 2505 (BCP 30)",
      reference: "2.1",
      specification: "MTAs must be able to restrict relaying by the client's address.",
    },
    {
      name: "BSI IT-Grundschutz",
      reference: "APP.5.3.A2",
      specification: "The mail server must not be abusable as a spam relay.",
    },
  ],
  check(perimeter) {
    return [
      ...perimeter.hosts.flatMap((view) => [
        ...weaknessFindings(view, "trust", ({ id }) => (mild.has(id) ? { severity: "medium" } : {})),
        ...hidden(perimeter, view),
        ...forwarded(view),
      ]),
      ...unreadableHosts(perimeter, (name) => `Whom the mail server of ${name} trusts`),
    ];
  },
};

/** Merely wide, or nobody gets in at all. */
const mild = new Set(["trust-wide", "trust-invalid"]);

/** Trusted addresses at which a device appears instead of the clients behind it: one finding for a host. */
function hidden(perimeter: Perimeter, view: MailHost): PolicyFinding[] {
  const cases = practisedListeners(view).flatMap((listener) => {
    const trusted = { must: trustedBy(listener, "must"), may: trustedBy(listener, "may") };
    return hiddenBehind(perimeter, view, listener.port, listener.expectsProxyHeader === true, trusted.may).map(
      (item) => ({ ...item, listener, certain: isCertain(item, trusted.must) }),
    );
  });
  const shown = cases.find((item) => item.certain) ?? cases[0];
  if (shown === undefined) return [];
  const { flow, pool, listener, certain } = shown;
  const from = endpoints.isEmpty(flow.endpoints.must) ? flow.endpoints.may : flow.endpoints.must;
  const line = listener.practice.trust?.used === true ? [listener.practice.trust.line] : listener.trace;
  const device = flow.path.hops.find((hop) => hop.kind === "device");
  const name = device?.kind === "device" ? device.text : "a device on the way hides them";
  const why = mergeReasons([...listener.relays.why, ...flow.endpoints.why]);
  const open = why.length > 0 ? why : [{ text: "the address is chosen when the device is made" }];
  return [
    {
      outcome: certain ? "violation" : "undetermined",
      resource: view.urn,
      message: certain
        ? `${view.name} trusts ${addressesText(pool)} on port ${listener.port}, and that is what it sees of every client there: ${name}.`
        : `Whether ${view.name} trusts the address on port ${listener.port} that it sees of every client there (in ${addressesText(pool)}: ${name}) cannot be decided: ${reasons(open)}.`,
      remediation: `Take ${addressesText(pool)} out of what ${view.name} trusts, or keep the client's address on the way.`,
      path: [...pathTo(perimeter, view, flow, pick(from), from, listener.port), ...mtaSteps(view, line)],
    },
  ];
}

/** Connections that a program on the host opens anew: loopback is where strangers come from. Listeners on loopback count too. */
function forwarded(view: MailHost): PolicyFinding[] {
  const { mta } = view;
  if (mta.kind !== "known" || mta.forwards === undefined) return [];
  const trusting = mta.answers.filter((answer) => overlaps(answer.relays.may, loopback));
  const [first] = trusting.filter((answer) => overlaps(answer.relays.must, loopback));
  const shown = first ?? trusting[0];
  if (shown === undefined) return [];
  const what = `relays on port ${shown.port} for 127.0.0.1, which is what it sees of the clients that a program on the host forwards to it`;
  return [
    {
      outcome: first === undefined ? "undetermined" : "violation",
      resource: view.urn,
      message:
        first === undefined
          ? `Whether ${view.name} ${what} cannot be decided: ${reasons(shown.relays.why)}.`
          : `${view.name} ${what}.`,
      remediation: `Take loopback out of what ${view.name} trusts, or hand on the client's address by the PROXY protocol.`,
      path: mtaSteps(view, [...mta.forwards, ...shown.trace]),
    },
  ];
}

/** Everybody that may relay by address, the host itself aside. */
function trustedBy({ relays }: PractisedListener, side: "must" | "may"): AddrSet {
  return subtract(relays[side], unionAll([loopback]));
}

function isCertain({ flow, pool }: Hidden, trusted: AddrSet): boolean {
  return !isEmpty(pool) && isSubset(pool, trusted) && !endpoints.isEmpty(flow.endpoints.must);
}
