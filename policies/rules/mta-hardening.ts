import { endpoints } from "../analysis/model/endpoints";
import { Role } from "../analysis/model/settings";
import {
  mtaSteps,
  type PractisedListener,
  practisedListeners,
  unreadableHosts,
  weaknessFindings,
} from "../analysis/verdict/mta-practice";
import type { MailHost, Perimeter } from "../analysis/verdict/perimeter";
import type { PolicyFinding } from "../analysis/verdict/report";
import type { Policy } from "../policy";

/** What a mail server that is no relay still gives away (R2). */
export const mtaHardening: Policy = {
  name: "mta-hardening",
  severity: "medium",
  description:
    "An MTA must refuse smuggled and pipelined commands and VRFY, verify HELO names, senders and recipients, offer TLS, and keep its internal services to itself.",
  rationale:
    "Each of these is used: smuggled messages carry forged senders past the checks, VRFY and unverified recipients feed address " +
    "harvesting and backscatter, and a content filter's port trusts whoever connects.",
  remediation:
    "1. Set smtpd_forbid_bare_newline = normalize, smtpd_forbid_unauth_pipelining = yes and disable_vrfy_command = yes.\n" +
    "2. Set smtpd_helo_required = yes, and reject invalid HELO names, sender domains that do not exist and recipients that are not listed.\n" +
    "3. Set smtpd_tls_security_level and smtp_tls_security_level to may, with a certificate.\n" +
    "4. Bind filters, milters and policy services to loopback. The gateway of FrontEndMailServer has all of it.",
  frameworks: [
    {
      name: "BSI IT-Grundschutz",
      reference: "APP.5.3",
      specification: "Mail servers must be configured securely, and protect the transport with TLS.",
    },
    {
      name: "RFC 2505 (BCP 30)",
      reference: "2.11",
      specification: "MTAs should be able to control the use of VRFY and EXPN.",
    },
  ],
  check(perimeter) {
    return [
      ...perimeter.hosts.flatMap((view) => [
        ...weaknessFindings(view, "hardening", ({ id }) =>
          id === "logins-on-25" && view.role !== Role.FrontEnd ? null : {},
        ),
        ...headers(perimeter, view),
      ]),
      ...unreadableHosts(perimeter, (name) => `How the mail server of ${name} is hardened`),
    ];
  },
};

/** A PROXY header that only one end knows of: the server takes it for a command, or waits for it in vain. */
function headers(perimeter: Perimeter, view: MailHost): PolicyFinding[] {
  return practisedListeners(view).flatMap((listener) => {
    const flows = perimeter.flows
      .inbound(view.host, listener.port)
      .filter((flow) => !endpoints.isEmpty(flow.endpoints.must));
    const sent = flows.filter((flow) => flow.path.proxyHeader);
    if (listener.expectsProxyHeader === true)
      return flows.length > 0 && sent.length === 0
        ? [mismatch(view, listener, "expects a PROXY header that nobody sends")]
        : [];
    return sent.length > 0
      ? [mismatch(view, listener, "does not read the PROXY header that its load balancer sends")]
      : [];
  });
}

function mismatch(view: MailHost, listener: PractisedListener, text: string): PolicyFinding {
  return {
    outcome: "violation",
    resource: view.urn,
    message: `${view.name} ${text} on port ${listener.port}, and so takes no mail there.`,
    remediation: `Turn the PROXY protocol on or off at both ends: the load balancer and port ${listener.port} of ${view.name}.`,
    path: mtaSteps(view, listener.trace.slice(0, 1)),
  };
}
