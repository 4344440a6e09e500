import type { ResourceSnapshot } from "../analysis/model/snapshot";
import type { MailHost, Perimeter } from "../analysis/verdict/perimeter";
import type { PolicyFinding } from "../analysis/verdict/report";
import type { Policy } from "../policy";

/** Who sent what can be traced only from records (R6). */
export const mailFlowLogging: Policy = {
  name: "mail-flow-logging",
  severity: "medium",
  description: "The network of a mail host must keep flow logs.",
  rationale:
    "After an incident the question is who connected and what left. Without flow logs there is no answer, and no proof for a delisting.",
  remediation:
    "Add a flow log for the network or the subnets of the mail hosts (aws.ec2.FlowLog, or azure_native.network.FlowLog); PerimeterNetwork has one by default.",
  frameworks: [
    {
      name: "RFC 2505 (BCP 30)",
      reference: "2.3",
      specification: "MTAs must be able to log connections and relay attempts.",
    },
    {
      name: "DISA STIG Exchange 2019",
      reference: "V-259583",
      specification: "Message tracking and connection logs must be kept.",
    },
  ],
  check(perimeter) {
    return perimeter.hosts.filter((view) => view.isMail).flatMap((view) => judge(perimeter, view));
  },
};

function judge(perimeter: Perimeter, view: MailHost): PolicyFinding[] {
  const bare = view.host.classes.flatMap((id) => {
    const item = perimeter.network.classes.get(id);
    if (item === undefined) return [];
    const places = [item.network, item.subnet, ...item.interfaces];
    return places.some((place) => perimeter.network.logged.has(place)) ? [] : [item];
  });
  const [first] = bare;
  if (first === undefined) return [];
  const network: ResourceSnapshot | undefined = perimeter.resources.get(first.network);
  const created = perimeter.network.networks.get(first.network)?.created === true;
  return [
    {
      outcome: created ? "violation" : "undetermined",
      resource: view.urn,
      message: created
        ? `The mail host ${view.name} is in the network ${network?.name ?? first.network}, which keeps no flow log.`
        : `Whether the network of the mail host ${view.name} keeps a flow log cannot be decided: the stack does not create it.`,
      remediation: `Add a flow log for the network or the subnet of ${view.name}.`,
    },
  ];
}
