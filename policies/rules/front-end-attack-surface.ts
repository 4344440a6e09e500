import { addresses } from "../analysis/model/endpoints";
import type { Protocol } from "../analysis/model/network";
import { type AddrSet, isEmpty, subtract, unionAll } from "../analysis/net/addr";
import { DONT_CARE } from "../analysis/net/cover";
import { allPorts, describePorts, type PortSet, ports, samplePort } from "../analysis/net/ports";
import * as ranges from "../analysis/net/ranges";
import type { Flow } from "../analysis/reach/flows";
import { pathTo, pick, reasons, sourcesText, witness } from "../analysis/verdict/describe";
import type { MailHost, Perimeter } from "../analysis/verdict/perimeter";
import type { PolicyFinding } from "../analysis/verdict/report";
import type { Policy } from "../policy";

const name = "front-end-attack-surface";

/** A front end is open on its declared SMTP ports and on nothing else (R3). */
export const frontEndAttackSurface: Policy = {
  name,
  severity: "high",
  description: "The Internet may reach a front end on its declared SMTP ports and on nothing else, TCP or UDP.",
  rationale:
    "The front end is the one machine that must face the Internet. Every further port is a way to take it over and relay from it.",
  remediation:
    "1. Remove the rule that opens the port.\n" +
    "2. Manage the machine over SSM Session Manager, or from an address in trustedNetworks.\n" +
    "3. If the port is a submission port that users need, declare it in the tag relayproof:ports.",
  frameworks: [
    {
      name: "BSI IT-Grundschutz",
      reference: "APP.5.3.A2",
      specification: "The mail server must not be abusable as a spam relay.",
    },
  ],
  check(perimeter) {
    return perimeter.frontEnds.flatMap((view) =>
      (["tcp", "udp"] as const).flatMap((protocol) => judge(perimeter, view, protocol)),
    );
  },
};

function judge(perimeter: Perimeter, view: MailHost, protocol: Protocol): PolicyFinding[] {
  const declared =
    protocol === "tcp" ? view.declared.ports.reduce<PortSet>((set, port) => ranges.union(set, ports(port)), []) : [];
  const wanted = ranges.subtract(allPorts, declared);
  const excused = unionAll([DONT_CARE, view.self.space, perimeter.settings.trustedNetworksFor(name)]);
  const open = perimeter.flows
    .inboundAny(view.host, protocol, wanted)
    .filter((flow) => flow.path.zone.kind === "internet")
    .map((flow) => ({
      flow,
      must: subtract(flow.endpoints.must.addr, excused),
      may: subtract(flow.endpoints.may.addr, excused),
    }));
  const certain = open.filter((item) => !isEmpty(item.must));
  if (certain.length > 0)
    return [
      finding(
        perimeter,
        view,
        protocol,
        certain.map((item) => ({ flow: item.flow, set: item.must })),
        true,
      ),
    ];
  const possible = open.filter((item) => !isEmpty(item.may));
  return possible.length > 0
    ? [
        finding(
          perimeter,
          view,
          protocol,
          possible.map((item) => ({ flow: item.flow, set: item.may })),
          false,
        ),
      ]
    : [];
}

function finding(
  perimeter: Perimeter,
  view: MailHost,
  protocol: Protocol,
  open: readonly { flow: Flow; set: AddrSet }[],
  certain: boolean,
): PolicyFinding {
  const all = open.reduce<PortSet>((set, { flow }) => ranges.union(set, flow.ports), []);
  const [first] = open as readonly [{ flow: Flow; set: AddrSet }];
  const port = samplePort(first.flow.ports);
  const shown = addresses(first.set);
  const who = pick(shown);
  const what = describePorts(protocol, all);
  const declared = view.declared.ports.join(", ");
  return {
    outcome: certain ? "violation" : "undetermined",
    resource: view.urn,
    message: certain
      ? `The Internet (${sourcesText(perimeter, view, shown, "internet")}) can reach the front end ${view.name} on ${what}, beyond its declared SMTP ports (${declared}).`
      : `Whether the Internet can reach the front end ${view.name} on ${what} cannot be decided: ${reasons(first.flow.endpoints.why)}.`,
    remediation: `Close ${what} of ${view.name} to the Internet, or admit your own networks only and list them in trustedNetworks.`,
    path: pathTo(perimeter, view, first.flow, who, shown, port),
    witness: witness(perimeter, view, first.flow, who, port),
  };
}
