import { addresses, endpoints } from "../analysis/model/endpoints";
import { gather, portList } from "../analysis/verdict/by-port";
import { pathTo, pick, reasons, sourcesText, witness } from "../analysis/verdict/describe";
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
    return perimeter.internalMail.flatMap((view) => judge(perimeter, view));
  },
};

function judge(perimeter: Perimeter, view: MailHost): PolicyFinding[] {
  const problems = view.smtp.map(({ port, internet, internal, flows }) => {
    const approved = approvedSenders(perimeter, name, port);
    return {
      port,
      must: endpoints.subtract(endpoints.union(addresses(internet.must), internal.must), approved),
      may: endpoints.subtract(endpoints.union(addresses(internet.may), internal.may), approved),
      why: [...internet.why, ...internal.why],
      flows,
    };
  });
  return gather(problems).map(({ certain, ports, sources, why, flow, port }) => {
    const visible = endpoints.intersect(sources, certain ? flow.endpoints.must : flow.endpoints.may);
    const who = pick(visible);
    // Approved senders are spared: what is named around them reads better with them than cut up.
    const text = sourcesText(perimeter, view, sources, "network", approvedSenders(perimeter, name, port).addr);
    return {
      outcome: certain ? "violation" : "undetermined",
      resource: view.urn,
      message: certain
        ? `${view.name} is internal mail, but ${text} can reach it on SMTP ${portList(ports)}: that is more than its approved senders.`
        : `Whether only approved senders reach ${view.name} on SMTP ${portList(ports)} cannot be decided for ${text}: ${reasons(why)}.`,
      remediation: `Admit ${portList(ports)} of ${view.name} from the approved servers' addresses only, or approve the sender in approvedSenders.`,
      path: pathTo(perimeter, view, flow, who, visible, port),
      witness: witness(perimeter, view, flow, who, port),
    };
  });
}
