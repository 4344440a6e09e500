import { addresses } from "../analysis/model/endpoints";
import { Role } from "../analysis/model/settings";
import { isEmpty, noAddresses, subtract } from "../analysis/net/addr";
import { pathTo, pick, reasons, sourcesText, witness } from "../analysis/verdict/describe";
import type { PortExposure } from "../analysis/verdict/exposure";
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
      ...(view.role === Role.FrontEnd ? [] : view.smtp.flatMap((exposure) => judge(perimeter, view, exposure))),
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

function judge(perimeter: Perimeter, view: MailHost, exposure: PortExposure): PolicyFinding[] {
  const excused = view.role === Role.InternalMail ? publicSenders(perimeter, name) : noAddresses;
  const must = subtract(exposure.internet.must, excused);
  const may = subtract(exposure.internet.may, excused);
  if (isEmpty(may)) return [];
  const certain = !isEmpty(must);
  const shown = addresses(certain ? must : may);
  const who = pick(shown);
  const flow =
    exposure.flows.find(
      (item) =>
        item.path.zone.kind === "internet" &&
        hits(certain ? item.endpoints.must.addr : item.endpoints.may.addr, who.addr),
    ) ?? exposure.flows.find((item) => item.path.zone.kind === "internet");
  if (flow === undefined) return [];
  const what = `${view.name} is ${view.role === Role.InternalMail ? "internal mail" : "no declared front end"}`;
  return [
    {
      outcome: certain ? "violation" : "undetermined",
      resource: view.urn,
      message: certain
        ? `${what}, but the Internet (${sourcesText(perimeter, view, shown, "internet")}) can reach it on SMTP port ${exposure.port}.`
        : `${what}, and whether the Internet can reach it on SMTP port ${exposure.port} cannot be decided: ${reasons(exposure.internet.why)}.`,
      remediation: `Close port ${exposure.port} of ${view.name} to the Internet, or declare it as a front end.`,
      path: pathTo(perimeter, view, flow, who, shown, exposure.port),
      witness: witness(perimeter, view, flow, who, exposure.port),
    },
  ];
}

function hits(set: Parameters<typeof subtract>[0], who: Parameters<typeof subtract>[0]): boolean {
  return isEmpty(subtract(who, set));
}
