import { addresses, type EndpointSet, endpoints, noEndpoints } from "../analysis/model/endpoints";
import type { Weakness } from "../analysis/model/network";
import { subtract, unionAll } from "../analysis/net/addr";
import { DONT_CARE } from "../analysis/net/cover";
import { gather, portList } from "../analysis/verdict/by-port";
import { pathTo, pick, reasons, sourcesText, witness } from "../analysis/verdict/describe";
import type { MailHost, Perimeter } from "../analysis/verdict/perimeter";
import type { PolicyFinding } from "../analysis/verdict/report";
import type { Policy } from "../policy";

const name = "mail-vm-hardening";

/** The machine itself: metadata service, disks, logins, management ports. */
export const mailVmHardening: Policy = {
  name,
  severity: "medium",
  description:
    "A mail host must require IMDSv2, encrypt its disks, refuse password logins, and have no public management port.",
  rationale:
    "An MTA parses what strangers send. IMDSv1 turns one request forgery into the instance's credentials; a stolen disk holds everybody's mail.",
  remediation:
    "1. Set metadataOptions.httpTokens to required.\n2. Set encrypted on the root and every further volume.\n" +
    "3. Turn off password logins in user data.\n4. Close 22, 3389, 5985 and 5986 to the Internet.",
  frameworks: [
    { name: "CIS AWS Foundations", reference: "5.6", specification: "The EC2 metadata service allows IMDSv2 only." },
  ],
  check(perimeter) {
    return perimeter.hosts
      .filter((view) => view.isMail)
      .flatMap((view) => [
        ...view.host.weaknesses.map((weakness) => finding(view, weakness)),
        ...management(perimeter, view),
      ]);
  },
};

function finding(view: MailHost, { certain, message, remediation }: Weakness): PolicyFinding {
  return { outcome: certain ? "violation" : "undetermined", resource: view.urn, message, remediation };
}

const MANAGEMENT: readonly number[] = [22, 3389, 5985, 5986];

function management(perimeter: Perimeter, view: MailHost): PolicyFinding[] {
  const excused = unionAll([DONT_CARE, view.self.space, perimeter.settings.trustedNetworksFor(name)]);
  const cut = (set: EndpointSet) => addresses(subtract(set.addr, excused));
  const problems = MANAGEMENT.map((port) => {
    const flows = perimeter.flows.inbound(view.host, port).filter((flow) => flow.path.zone.kind === "internet");
    return {
      port,
      must: flows.map((flow) => cut(flow.endpoints.must)).reduce(endpoints.union, noEndpoints),
      may: flows.map((flow) => cut(flow.endpoints.may)).reduce(endpoints.union, noEndpoints),
      why: flows.flatMap((flow) => flow.endpoints.why),
      flows,
    };
  });
  return gather(problems).map(({ certain, ports, sources, why, flow, port }) => {
    const who = pick(sources);
    return {
      outcome: certain ? "violation" : "undetermined",
      resource: view.urn,
      message: certain
        ? `The Internet (${sourcesText(perimeter, view, sources, "internet")}) can reach the management ${portList(ports)} of ${view.name}.`
        : `Whether the Internet can reach the management ${portList(ports)} of ${view.name} cannot be decided: ${reasons(why)}.`,
      remediation: `Close ${portList(ports)} of ${view.name} to the Internet, or admit your own networks only and list them in trustedNetworks.`,
      path: pathTo(perimeter, view, flow, who, sources, port),
      witness: witness(perimeter, view, flow, who, port),
    };
  });
}
