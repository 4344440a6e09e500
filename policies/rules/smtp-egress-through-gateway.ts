import { addresses } from "../analysis/model/endpoints";
import { Role } from "../analysis/model/settings";
import { isEmpty, subtract, unionAll } from "../analysis/net/addr";
import { DONT_CARE } from "../analysis/net/cover";
import { pathFrom, pick, reasons, sourcesText } from "../analysis/verdict/describe";
import type { MailHost, Perimeter } from "../analysis/verdict/perimeter";
import type { PolicyFinding } from "../analysis/verdict/report";
import type { Policy } from "../policy";

const name = "smtp-egress-through-gateway";

/** Only gateways open SMTP to the Internet (R6): no mass mailing from inside. */
export const smtpEgressThroughGateway: Policy = {
  name,
  severity: "high",
  description: "Only a declared front end may open SMTP connections to the Internet.",
  rationale:
    "A workload that can open port 25 itself needs no relay: once compromised it sends spam directly, from an address that is then blacklisted.",
  remediation:
    "1. Replace the egress rule that allows everything by rules for what the workload needs, without port 25.\n" +
    "2. Send its mail through the front end.\n" +
    "3. If it must deliver to a named smart host, list that in smtpDestinations.",
  frameworks: [
    {
      name: "DISA STIG Exchange 2019",
      reference: "V-259593",
      specification: "Internet send connectors must use a smart host.",
    },
  ],
  check(perimeter) {
    const advice = perimeter.frontEnds.length === 0 && perimeter.internalMail.length === 0;
    return perimeter.hosts
      .filter((view) => view.role !== Role.FrontEnd)
      .flatMap((view) => perimeter.settings.egressPorts.flatMap((port) => judge(perimeter, view, port, advice)));
  },
};

function judge(perimeter: Perimeter, view: MailHost, port: number, advice: boolean): PolicyFinding[] {
  const excused = unionAll([DONT_CARE, view.self.space, perimeter.settings.smtpDestinationsOf(view.urn)]);
  const open = perimeter.flows
    .outbound(view.host, port)
    .filter((flow) => flow.path.zone.kind === "internet")
    .map((flow) => ({
      flow,
      must: subtract(flow.endpoints.must.addr, excused),
      may: subtract(flow.endpoints.may.addr, excused),
    }));
  const certain = open.find((item) => !isEmpty(item.must));
  const chosen = certain ?? open.find((item) => !isEmpty(item.may));
  if (chosen === undefined) return [];
  const shown = addresses(certain === undefined ? chosen.may : chosen.must);
  const text = sourcesText(perimeter, view, shown, "internet");
  return [
    {
      outcome: certain === undefined ? "undetermined" : "violation",
      resource: view.urn,
      ...(advice ? { severity: "medium" as const } : {}),
      message:
        certain === undefined
          ? `Whether ${view.name} can open SMTP port ${port} to the Internet cannot be decided: ${reasons(chosen.flow.endpoints.why)}.`
          : `${view.name} is no gateway, but it can open SMTP port ${port} to the Internet (${text}).`,
      remediation: `Take port ${port} out of the egress rules of ${view.name}, or list its smart host in smtpDestinations.`,
      path: pathFrom(perimeter, view, chosen.flow, pick(shown), port, `${text} on ${port}`),
    },
  ];
}
