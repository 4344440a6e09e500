import { isEmpty } from "../analysis/net/addr";
import { portList } from "../analysis/verdict/by-port";
import { reasons } from "../analysis/verdict/describe";
import { unreadable, weaknessFindings } from "../analysis/verdict/mta-practice";
import type { MailHost } from "../analysis/verdict/perimeter";
import type { PolicyFinding } from "../analysis/verdict/report";
import type { Policy } from "../policy";

/** Users hand in mail with a login, and the login is never sent in clear (R6). */
export const submissionAuthentication: Policy = {
  name: "submission-authentication",
  severity: "high",
  description: "The submission ports 587 and 465 must ask for a login, and a login must be accepted under TLS only.",
  rationale:
    "A submission port without a login takes mail from anybody. A password that is sent in clear is read on the way, and whoever has it " +
    "relays through the server under a user's name.",
  remediation:
    "1. Set smtpd_sasl_auth_enable = yes for the submission services in master.cf, or remove them.\n" +
    "2. Set smtpd_tls_security_level = encrypt for them; smtpd_tls_wrappermode = yes on 465.\n" +
    "3. Set smtpd_tls_auth_only = yes wherever a login is offered, and keep noanonymous in smtpd_sasl_security_options.",
  frameworks: [
    { name: "RFC 6409", reference: "4.3", specification: "The submission server must require authentication." },
    { name: "RFC 8314", reference: "3.3", specification: "Mail submission must use TLS." },
  ],
  check(perimeter) {
    return perimeter.hosts.flatMap((view) => [...weaknessFindings(view, "authentication"), ...unknown(view)]);
  },
};

/** A mail server that nobody can read, and that users of the Internet reach. */
function unknown(view: MailHost): PolicyFinding[] {
  const why = unreadable(view);
  const ports = view.smtp
    .filter(({ port, internet }) => (port === 465 || port === 587) && !isEmpty(internet.may))
    .map(({ port }) => port);
  if (why.length === 0 || ports.length === 0) return [];
  return [
    {
      outcome: "undetermined",
      resource: view.urn,
      message: `Whether ${view.name} asks for a login under TLS on ${portList(ports)} cannot be decided: ${reasons(why)}.`,
      remediation: `Show the configuration of the MTA of ${view.name}, or close ${portList(ports)} to the Internet.`,
    },
  ];
}
