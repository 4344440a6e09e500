import type { Weakness } from "../../practice";
import type { View } from "../config";
import { splitWords } from "../words";
import type { Listener } from "./index";

/** Ports on which users hand in mail: RFC 6409 (587), RFC 8314 (465). */
const submission = new Set([465, 587]);

/** Whether users log in where they should, and never in clear. */
export function authentication({ port, view }: Listener): Weakness[] {
  const found: Weakness[] = [];
  const add = (id: string, text: string, fix: string, line: string) =>
    found.push({ id, topic: "authentication", certain: true, text, fix, line: view.quote(line) });
  const logins = view.flag("smtpd_sasl_auth_enable");
  if (submission.has(port) && !logins) {
    add(
      "submission-open",
      "takes mail on a submission port without asking for a login",
      "Set smtpd_sasl_auth_enable = yes for the service, or remove the service",
      "smtpd_sasl_auth_enable",
    );
  }
  if (!logins) return found;
  if (!protectsLogins(view)) {
    add(
      "clear-logins",
      "accepts passwords without TLS",
      "Set smtpd_tls_auth_only = yes, or smtpd_tls_security_level = encrypt for the service",
      view.isSet("smtpd_tls_security_level") ? "smtpd_tls_security_level" : "smtpd_tls_auth_only",
    );
  }
  for (const name of ["smtpd_sasl_security_options", "smtpd_sasl_tls_security_options"]) {
    if (splitWords(view.get(name).toLowerCase()).includes("noanonymous")) continue;
    add("anonymous-logins", "counts an anonymous login as a login", `Add noanonymous to ${name}`, name);
    break;
  }
  return found;
}

/** A login is offered under TLS only: postconf(5), smtpd_tls_auth_only and smtpd_tls_security_level. */
function protectsLogins(view: View): boolean {
  return view.flag("smtpd_tls_wrappermode") || requiresTls(view) || view.flag("smtpd_tls_auth_only");
}

function requiresTls(view: View): boolean {
  const level = view.get("smtpd_tls_security_level").toLowerCase();
  // The level, where there is one, overrides the older switches.
  return level === "" ? view.flag("smtpd_enforce_tls") : level === "encrypt";
}

/** Whether TLS is offered at all. */
export function offersTls(view: View): boolean {
  const level = view.get("smtpd_tls_security_level").toLowerCase();
  if (level !== "") return level !== "none";
  return view.flag("smtpd_use_tls") || view.flag("smtpd_enforce_tls") || view.flag("smtpd_tls_wrappermode");
}
