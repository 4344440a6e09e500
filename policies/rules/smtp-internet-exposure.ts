import { addresses } from "../analysis/model/endpoints";
import { Role } from "../analysis/model/settings";
import { noAddresses, subtract } from "../analysis/net/addr";
import { gather, portList } from "../analysis/verdict/by-port";
import { pathTo, pick, reasons, sourcesText, witness } from "../analysis/verdict/describe";
import type { MailHost, Perimeter } from "../analysis/verdict/perimeter";
import type { PolicyFinding } from "../analysis/verdict/report";
import { publicSenders } from "../analysis/verdict/trust";
import type { Policy } from "../policy";

const name = "smtp-internet-exposure";

/** Only a declared front end may be reached from the Internet on an SMTP port (R1). */
export const smtpInternetExposure: Policy = {
  name,
  severity: "critical",
  description:
    "No host but a declared front end may be reached from the Internet on an SMTP port (25, 465, 587, 2525).",
  rationale:
    "An SMTP listener that the Internet can reach is found within hours and tried as a relay. Only the front end is configured for that.",
  remediation:
    "1. Close the SMTP port to the Internet in the security group of the host.\n" +
    "2. Send inbound mail through the front end instead.\n" +
    "3. If the host is meant to be the front end, declare it: use FrontEndMailServer, or tag it relayproof:role=front-end.",
  frameworks: [
    {
      name: "RFC 2505 (BCP 30)",
      reference: "2.1",
      specification: "MTAs must be able to restrict unauthorised use as a mail relay.",
    },
    {
      name: "BSI IT-Grundschutz",
      reference: "APP.5.3.A2",
      specification: "The mail server must not be abusable as a spam relay.",
    },
  ],
  check(perimeter) {
    return perimeter.hosts.flatMap((view) => [
      ...roleProblems(view),
      ...(view.role === Role.FrontEnd ? [] : judge(perimeter, view)),
    ]);
  },
};

/** A role that cannot be read leaves open what the host may be reached on. */
function roleProblems(view: MailHost): PolicyFinding[] {
  return view.declared.problems.map((problem) => ({
    outcome: problem.certain ? "violation" : "undetermined",
    resource: view.urn,
    message: `The role of ${view.name} cannot be read: ${problem.text} (${problem.at?.path ?? "tags"}).`,
    remediation:
      "Set the tag relayproof:role to front-end or internal-mail, and relayproof:ports to port numbers, as plain values.",
  }));
}

function judge(perimeter: Perimeter, view: MailHost): PolicyFinding[] {
  const excused = (port: number) =>
    view.role === Role.InternalMail ? publicSenders(perimeter, name, port) : noAddresses;
  const problems = view.smtp.map((exposure) => ({
    port: exposure.port,
    must: addresses(subtract(exposure.internet.must, excused(exposure.port))),
    may: addresses(subtract(exposure.internet.may, excused(exposure.port))),
    why: exposure.internet.why,
    flows: exposure.flows.filter((flow) => flow.path.zone.kind === "internet"),
  }));
  const what = `${view.name} is ${view.role === Role.InternalMail ? "internal mail" : "no declared front end"}`;
  return gather(problems).map(({ certain, ports, sources, why, flow, port }) => {
    const who = pick(sources);
    return {
      outcome: certain ? "violation" : "undetermined",
      resource: view.urn,
      message: certain
        ? `${what}, but the Internet (${sourcesText(perimeter, view, sources, "internet")}) can reach it on SMTP ${portList(ports)}.`
        : `${what}, and whether the Internet can reach it on SMTP ${portList(ports)} cannot be decided: ${reasons(why)}.`,
      remediation: `Close ${portList(ports)} of ${view.name} to the Internet, or declare it as a front end.`,
      path: pathTo(perimeter, view, flow, who, sources, port),
      witness: witness(perimeter, view, flow, who, port),
    };
  });
}
