import { addresses, endpoints } from "../analysis/model/endpoints";
import { subtract } from "../analysis/net/addr";
import { DONT_CARE } from "../analysis/net/cover";
import type { Flow } from "../analysis/reach/flows";
import { addressesText, pathTo, pick, reasons, sourcesText, witness } from "../analysis/verdict/describe";
import type { MailHost, Perimeter } from "../analysis/verdict/perimeter";
import type { PolicyFinding } from "../analysis/verdict/report";
import type { Policy } from "../policy";

/** A front end that does not see who connects cannot verify anything about the sender (R2). */
export const clientAddressPreserved: Policy = {
  name: "client-address-preserved",
  severity: "high",
  description:
    "A front end must see the address of the Internet client, not that of a load balancer or firewall in between.",
  rationale:
    "DNSBL, SPF, rate limits and relay permissions all judge the client's address. Behind a device that hides it every sender looks " +
    "the same: a rule meant for one neighbour then holds for the world.",
  remediation:
    "1. Turn on client address preservation on the target group (preserveClientIp, targets in the same VPC).\n" +
    "2. Or send PROXY protocol v2 and configure the MTA for it, with the port open to the load balancer only.\n" +
    "3. Give up IPv6 on the load balancer if the targets are IPv4.",
  frameworks: [
    {
      name: "RFC 2505 (BCP 30)",
      reference: "2.1",
      specification: "MTAs must be able to restrict relaying by the client's address.",
    },
  ],
  check(perimeter) {
    return perimeter.frontEnds.flatMap((view) => judge(perimeter, view));
  },
};

function judge(perimeter: Perimeter, view: MailHost): PolicyFinding[] {
  return view.smtp.flatMap((exposure): PolicyFinding[] => {
    const hidden = exposure.flows.filter(
      (flow) => flow.path.zone.kind === "internet" && hides(view, flow, exposure.port) !== "no",
    );
    const open = hidden
      .map((flow) => ({ flow, must: outside(view, flow, "must"), may: outside(view, flow, "may") }))
      .filter((item) => !endpoints.isEmpty(item.may));
    const chosen =
      open.find((item) => !endpoints.isEmpty(item.must) && hides(view, item.flow, exposure.port) === "yes") ?? open[0];
    if (chosen === undefined) return [];
    const certain = !endpoints.isEmpty(chosen.must) && hides(view, chosen.flow, exposure.port) === "yes";
    const shown = certain ? chosen.must : chosen.may;
    const who = pick(shown);
    const { seen } = chosen.flow.path;
    const seenAs = seen.kind === "pool" ? seen.pools.map(addressesText).join(", ") : "an address that is not known";
    return [
      {
        outcome: certain ? "violation" : "undetermined",
        resource: view.urn,
        message: certain
          ? `The front end ${view.name} sees ${seenAs} instead of the client when the Internet (${sourcesText(perimeter, view, shown, "internet")}) connects to port ${exposure.port}.`
          : `Whether the front end ${view.name} sees the address of Internet clients on port ${exposure.port} cannot be decided: ${reasons(chosen.flow.endpoints.why)}.`,
        remediation: `Keep the client's address on the way to ${view.name}, or send and read PROXY protocol v2 on both ends.`,
        path: pathTo(perimeter, view, chosen.flow, who, shown, exposure.port),
        witness: { ...witness(perimeter, view, chosen.flow, who, exposure.port), seenSource: seenAs },
      },
    ];
  });
}

function outside(view: MailHost, flow: Flow, side: "must" | "may") {
  return addresses(subtract(subtract(flow.endpoints[side].addr, DONT_CARE), view.self.space));
}

/** A matched PROXY header gives the client's address back. */
function hides(view: MailHost, flow: Flow, port: number): "yes" | "no" | "maybe" {
  if (flow.path.seen.kind === "client") return "no";
  if (flow.path.seen.kind === "claimed") return "maybe";
  if (!flow.path.proxyHeader) return "yes";
  if (view.mta.kind !== "known") return "maybe";
  const answer = view.mta.answers.find((item) => item.port === port);
  return answer?.expectsProxyHeader === true ? "no" : "yes";
}
