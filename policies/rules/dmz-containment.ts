import { addresses, type EndpointSet, endpoints } from "../analysis/model/endpoints";
import type { IfaceClass, Protocol } from "../analysis/model/network";
import * as addr from "../analysis/net/addr";
import { allPorts, describePorts, noPorts, type PortSet, ports, samplePort } from "../analysis/net/ports";
import * as ranges from "../analysis/net/ranges";
import { type Flow, SMTP_PORTS } from "../analysis/reach/flows";
import { listing, nameOf, pathFrom, pick, reasons, sourcesText } from "../analysis/verdict/describe";
import type { MailHost, Perimeter } from "../analysis/verdict/perimeter";
import type { PolicyFinding } from "../analysis/verdict/report";
import type { Policy } from "../policy";

/** A front end that is taken over must not be a bridge into the network. */
export const dmzContainment: Policy = {
  name: "dmz-containment",
  severity: "high",
  description: "A front end may open nothing inward but SMTP to declared mail hosts.",
  rationale:
    "The front end is the machine most likely to be taken over. What it may open inward is what an attacker gets next.",
  remediation:
    "1. Replace egress rules that cover private addresses by one rule for SMTP to each mail host.\n" +
    "2. List what the front end really needs inside, such as a log collector, in inwardAllowed.",
  frameworks: [
    {
      name: "BSI IT-Grundschutz",
      reference: "APP.5.3.A2",
      specification: "The mail server must not be abusable as a spam relay.",
    },
  ],
  check(perimeter) {
    return perimeter.frontEnds.flatMap((view) => [...towardHosts(perimeter, view), ...towardNetworks(perimeter, view)]);
  },
};

const smtp: PortSet = SMTP_PORTS.reduce<PortSet>((set, port) => ranges.union(set, ports(port)), noPorts);

/** Hosts of the stack: the connection passes the filters of both ends. */
function towardHosts(perimeter: Perimeter, view: MailHost): PolicyFinding[] {
  const findings: PolicyFinding[] = [];
  const mailHosts = new Set([...perimeter.frontEnds, ...perimeter.internalMail].map((host) => host.urn));
  for (const target of perimeter.network.classes.values()) {
    if (view.host.classes.includes(target.id) && target.hosts.size === 1) continue;
    if (target.hosts.size === 0 || allowedInward(perimeter, target)) continue;
    const mail = [...target.hosts].every((urn) => mailHosts.has(urn));
    const flows = (["tcp", "udp"] as const).flatMap((protocol) =>
      perimeter.flows.betweenAny(
        view.host,
        target,
        protocol,
        ranges.subtract(allPorts, mail && protocol === "tcp" ? smtp : noPorts),
      ),
    );
    const certain = flows.filter((flow) => !endpoints.isEmpty(flow.endpoints.must));
    const chosen = certain.length > 0 ? certain : flows;
    const [first] = chosen;
    if (first === undefined) continue;
    const names = listing([...target.hosts].map((urn) => nameOf(perimeter, urn)));
    const what = portsText(chosen);
    const who = pick(certain.length > 0 ? first.endpoints.must : first.endpoints.may);
    findings.push({
      outcome: certain.length > 0 ? "violation" : "undetermined",
      resource: view.urn,
      message:
        certain.length > 0
          ? `The front end ${view.name} can open ${what} to ${names}${mail ? "" : ", which is no declared mail host"}.`
          : `Whether the front end ${view.name} can open ${what} to ${names} cannot be decided: ${reasons(first.endpoints.why)}.`,
      remediation: `Narrow the egress rules of ${view.name} to SMTP for declared mail hosts, or the ingress rules of ${names}.`,
      path: [
        { kind: "host", resource: view.urn, detail: `${view.name} opens ${what}` },
        ...pathFrom(perimeter, view, first, who, samplePort(first.ports), "").slice(1, -1),
        { kind: "host", resource: [...target.hosts][0] ?? null, detail: `${names} accepts it` },
      ],
    });
  }
  return findings;
}

/** Networks that the stack does not create: anything may listen at any address. */
function towardNetworks(perimeter: Perimeter, view: MailHost): PolicyFinding[] {
  const servers = [
    perimeter.declaredServers,
    ...[...perimeter.frontEnds, ...perimeter.internalMail].map((host) => host.self.addr),
  ];
  const always = addr.unionAll([perimeter.settings.inwardAllowed, view.self.addr]);
  const open = (["tcp", "udp"] as const).flatMap((protocol) =>
    splitBySmtp(perimeter, view, protocol)
      .filter(({ path }) => path.zone.kind !== "internet" && path.zone.kind !== "service")
      .map((flow) => {
        const excused =
          protocol === "tcp" && ranges.isSubset(flow.ports, smtp) ? addr.unionAll([always, ...servers]) : always;
        const cut = (set: EndpointSet) => endpoints.subtract(set, addresses(excused));
        return { flow, must: cut(flow.endpoints.must), may: cut(flow.endpoints.may) };
      }),
  );
  const certain = open.filter((item) => !endpoints.isEmpty(item.must));
  const chosen = certain.length > 0 ? certain : open.filter((item) => !endpoints.isEmpty(item.may));
  const [first] = chosen;
  if (first === undefined) return [];
  const shown = certain.length > 0 ? first.must : first.may;
  const what = portsText(chosen.map((item) => item.flow));
  const text = sourcesText(perimeter, view, shown, first.flow.path.zone.kind);
  return [
    {
      outcome: certain.length > 0 ? "violation" : "undetermined",
      resource: view.urn,
      message:
        certain.length > 0
          ? `The front end ${view.name} can open ${what} inward, to ${text} in ${first.flow.path.zone.text}.`
          : `What the front end ${view.name} can open inward on ${what} cannot be decided (${text}): ${reasons(first.flow.endpoints.why)}.`,
      remediation: `Narrow the egress rules of ${view.name} so that they leave out the network's own addresses, or list them in inwardAllowed.`,
      path: pathFrom(
        perimeter,
        view,
        first.flow,
        pick(shown),
        samplePort(first.flow.ports),
        `${text} in ${first.flow.path.zone.text}`,
      ),
    },
  ];
}

function splitBySmtp(perimeter: Perimeter, view: MailHost, protocol: Protocol): readonly Flow[] {
  return [
    ...perimeter.flows.outboundAny(view.host, protocol, smtp),
    ...perimeter.flows.outboundAny(view.host, protocol, ranges.subtract(allPorts, smtp)),
  ];
}

function allowedInward(perimeter: Perimeter, target: IfaceClass): boolean {
  return [target.address.v4, target.address.v6].every(
    (address) =>
      address === null || (address.kind === "known" && addr.isSubset(address.addr, perimeter.settings.inwardAllowed)),
  );
}

function portsText(flows: readonly Flow[]): string {
  const parts = (["tcp", "udp"] as const).flatMap((protocol) => {
    const set = flows
      .filter((flow) => flow.protocol === protocol)
      .reduce<PortSet>((all, flow) => ranges.union(all, flow.ports), noPorts);
    return set.length === 0 ? [] : [describePorts(protocol, set)];
  });
  return parts.join(" and ");
}
