import { addresses, type EndpointSet, endpoints } from "../analysis/model/endpoints";
import type { Flow } from "../analysis/reach/flows";
import { pathTo, pick, reasons, sourcesText, witness } from "../analysis/verdict/describe";
import type { PortExposure } from "../analysis/verdict/exposure";
import type { MailHost, Perimeter } from "../analysis/verdict/perimeter";
import type { PolicyFinding } from "../analysis/verdict/report";
import { approvedSenders } from "../analysis/verdict/trust";
import type { Policy } from "../policy";

const name = "exchange-approved-senders";

/** A server that is not exposed has a list of the addresses that may open SMTP to it; everything else is refused (R7). */
export const exchangeApprovedSenders: Policy = {
  name,
  severity: "critical",
  description: "An internal mail server may be reached on SMTP by its approved senders only.",
  rationale:
    "An internal server trusts its neighbours. One compromised workstation that can open port 25 to it sends mass mail from inside, " +
    "untraced, under the company's name.",
  remediation:
    "1. Attach the group of ExchangeSecurityGroups to the server, or replace wide rules by one rule for each approved server.\n" +
    "2. Approve a sender that is really needed by its address in approvedSenders.",
  frameworks: [
    {
      name: "DISA STIG Exchange 2019",
      reference: "V-259687",
      specification: "Internal receive connectors must not allow anonymous connections.",
    },
    { name: "CIS Exchange Server", reference: "5.18", specification: "Restrict the IP ranges of receive connectors." },
  ],
  check(perimeter) {
    const approved = approvedSenders(perimeter, name);
    return perimeter.internalMail.flatMap((view) =>
      view.smtp.flatMap((exposure) => judge(perimeter, view, exposure, approved)),
    );
  },
};

function judge(perimeter: Perimeter, view: MailHost, exposure: PortExposure, approved: EndpointSet): PolicyFinding[] {
  const must = endpoints.subtract(endpoints.union(addresses(exposure.internet.must), exposure.internal.must), approved);
  const may = endpoints.subtract(endpoints.union(addresses(exposure.internet.may), exposure.internal.may), approved);
  if (endpoints.isEmpty(may)) return [];
  const certain = !endpoints.isEmpty(must);
  const shown = certain ? must : may;
  const flow = flowOf(exposure.flows, shown, certain);
  if (flow === undefined) return [];
  const visible = endpoints.intersect(shown, certain ? flow.endpoints.must : flow.endpoints.may);
  const who = pick(visible);
  const text = sourcesText(perimeter, view, shown, "network");
  const why = [...exposure.internet.why, ...exposure.internal.why];
  return [
    {
      outcome: certain ? "violation" : "undetermined",
      resource: view.urn,
      message: certain
        ? `${view.name} is internal mail, but ${text} can reach it on SMTP port ${exposure.port} without being an approved sender.`
        : `Whether only approved senders reach ${view.name} on SMTP port ${exposure.port} cannot be decided for ${text}: ${reasons(why)}.`,
      remediation: `Admit port ${exposure.port} of ${view.name} from the approved servers' addresses only, or approve the sender in approvedSenders.`,
      path: pathTo(perimeter, view, flow, who, visible, exposure.port),
      witness: witness(perimeter, view, flow, who, exposure.port),
    },
  ];
}

function flowOf(flows: readonly Flow[], set: EndpointSet, certain: boolean): Flow | undefined {
  return flows.find(
    (flow) => !endpoints.isEmpty(endpoints.intersect(certain ? flow.endpoints.must : flow.endpoints.may, set)),
  );
}
