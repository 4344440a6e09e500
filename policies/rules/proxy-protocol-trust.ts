import { endpoints } from "../analysis/model/endpoints";
import { pathTo, pick, reasons, sourcesText, witness } from "../analysis/verdict/describe";
import type { MailHost, Perimeter } from "../analysis/verdict/perimeter";
import { relayingOf, untrustedFlows } from "../analysis/verdict/relay-paths";
import type { PolicyFinding } from "../analysis/verdict/report";
import type { Policy } from "../policy";

/** The PROXY header is not authenticated: whoever reaches the listener is whoever he says he is. */
export const proxyProtocolTrust: Policy = {
  name: "proxy-protocol-trust",
  severity: "critical",
  description: "A listener that reads the PROXY protocol may be reached through its load balancer only.",
  rationale:
    "A client that reaches the port directly writes the header itself and becomes any address it likes, one that may relay among them.",
  remediation:
    "1. Admit the port from the load balancer's own security group only.\n" +
    "2. Take public addresses and wide rules away from the host.\n" +
    "3. Or turn the PROXY protocol off, on both ends.",
  frameworks: [
    {
      name: "RFC 2505 (BCP 30)",
      reference: "2.1",
      specification: "MTAs must be able to restrict relaying by the client's address.",
    },
  ],
  check(perimeter) {
    return perimeter.hosts.flatMap((view) => judge(perimeter, view));
  },
};

function judge(perimeter: Perimeter, view: MailHost): PolicyFinding[] {
  return relayingOf(view)
    .filter((relaying) => relaying.expectsProxyHeader)
    .flatMap((relaying): PolicyFinding[] => {
      const { port } = relaying;
      const flows = untrustedFlows(perimeter, view, port).filter((flow) => !flow.path.proxyHeader);
      const flow = flows.find((item) => !endpoints.isEmpty(item.endpoints.must)) ?? flows[0];
      if (flow === undefined) return [];
      const certain = !endpoints.isEmpty(flow.endpoints.must);
      const shown = certain ? flow.endpoints.must : flow.endpoints.may;
      const who = pick(shown);
      const sources = sourcesText(perimeter, view, shown, flow.path.zone.kind);
      return [
        {
          outcome: certain ? "violation" : "undetermined",
          resource: view.urn,
          message: certain
            ? `${view.name} believes the PROXY header on port ${port}, and ${sources} can reach that port without the load balancer that writes it.`
            : `Whether only its load balancer reaches the PROXY listener of ${view.name} on port ${port} cannot be decided: ${reasons(flow.endpoints.why)}.`,
          remediation: `Admit port ${port} of ${view.name} from its load balancer only.`,
          path: [
            ...pathTo(perimeter, view, flow, who, shown, port),
            ...relaying.trace
              .slice(0, 1)
              .map((reason) => ({ kind: "mta" as const, resource: reason.at?.urn ?? view.urn, detail: reason.text })),
          ],
          witness: { ...witness(perimeter, view, flow, who, port), seenSource: "any address" },
        },
      ];
    });
}
