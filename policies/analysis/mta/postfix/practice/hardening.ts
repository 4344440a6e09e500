import type { Reason } from "../../../model/provenance";
import { toCidrs } from "../../../net/cidr";
import type { Weakness } from "../../practice";
import type { View } from "../config";
import { clientList } from "../networks";
import { splitQuoted, splitWords } from "../words";
import { offersTls } from "./authentication";
import type { Listener } from "./index";

type Found = Omit<Weakness, "topic">;
type Check = (listener: Listener) => Found[];

/** The checks by what they are about. Users who log in have neither a HELO name nor a PTR record: they are not verified. */
const themes: readonly { readonly theme?: string; readonly forServers: boolean; readonly checks: readonly Check[] }[] =
  [
    { theme: "protocol", forServers: false, checks: [smuggling, exclusions, pipelining] },
    { theme: "verification", forServers: true, checks: [helo, senders, recipients, subdomains] },
    { forServers: false, checks: [probing] },
    { theme: "tls", forServers: false, checks: [tls] },
    { forServers: true, checks: [logins] },
  ];

/** What a public mail server does without: probing, smuggling, unverified mail, cleartext. */
export function hardening(listener: Listener): Weakness[] {
  return themes
    .filter(({ forServers }) => !forServers || isForServers(listener))
    .flatMap(({ theme, checks }) =>
      checks
        .flatMap((check) => check(listener))
        .map((found): Weakness => ({ ...found, topic: "hardening", ...(theme === undefined ? {} : { theme }) })),
    );
}

function isForServers({ port, view }: Listener): boolean {
  if (port === 465 || port === 587) return false;
  const words = splitQuoted(view.get("smtpd_client_restrictions"));
  return !/^(?:reject|defer)$/i.test(words[words.length - 1] ?? "");
}

/** The level of the configuration if it names a version whose defaults are safe: 3.9 brought the new ones. */
function isRecent(view: View): boolean {
  const level = /^(\d+)(?:\.(\d+))?/.exec(view.get("compatibility_level"));
  const major = Number(level?.[1] ?? 0);
  return major > 3 || (major === 3 && Number(level?.[2] ?? 0) >= 9);
}

/** SMTP smuggling, CVE-2023-51764. www.postfix.org/smtp-smuggling.html */
function smuggling({ view }: Listener): Found[] {
  const name = "smtpd_forbid_bare_newline";
  const value = view.find(name)?.toLowerCase();
  if (value === undefined ? isRecent(view) : /^(?:yes|normalize|reject)$/.test(value)) return [];
  const text =
    "takes a bare newline for a line end, so that a second message can be smuggled into one (SMTP smuggling)";
  return [
    {
      id: "smuggling",
      certain: value !== undefined,
      text,
      fix: `Set ${name} = normalize`,
      line: versioned(view, name),
    },
  ];
}

/** The line, or that the default depends on the version of Postfix, which is not known here. */
function versioned(view: View, name: string): Reason {
  return view.isSet(name)
    ? view.quote(name)
    : { ...view.quote(name), text: `${name} is not set, and safe by default only since Postfix 3.9` };
}

function exclusions({ view }: Listener): Found[] {
  const name = "smtpd_forbid_bare_newline_exclusions";
  if (!view.isSet(name)) return [];
  const { members } = clientList(view.get(name), view.config, view.at(name));
  const wide = toCidrs(members.must).filter(
    (prefix) => !/^(?:127\.|::1\/)/.test(prefix) && !/\/(?:32|128)$/.test(prefix),
  );
  if (wide.length === 0) return [];
  const text = "excludes whole networks from the guard against SMTP smuggling";
  return [{ id: "smuggling-exclusions", certain: true, text, fix: `Leave ${name} empty`, line: view.quote(name) }];
}

function pipelining({ view, postscreen }: Listener): Found[] {
  const name = "smtpd_forbid_unauth_pipelining";
  const value = view.find(name)?.toLowerCase();
  if (value === "yes" || (value === undefined && isRecent(view))) return [];
  if (mentions(view, ["smtpd_data_restrictions"], "reject_unauth_pipelining")) return [];
  if (postscreen?.find("postscreen_pipelining_enable")?.toLowerCase() === "yes") return [];
  const text = "lets clients talk ahead of its answers";
  return [
    {
      id: "pipelining",
      certain: value !== undefined,
      text,
      fix: `Set ${name} = yes, and smtpd_data_restrictions = reject_unauth_pipelining`,
      line: versioned(view, name),
    },
  ];
}

function probing({ view }: Listener): Found[] {
  if (view.flag("disable_vrfy_command")) return [];
  const text = "answers VRFY, by which strangers find out which addresses exist";
  const fix = "Set disable_vrfy_command = yes";
  return [{ id: "vrfy", certain: true, text, fix, line: view.quote("disable_vrfy_command") }];
}

const certificates = ["smtpd_tls_cert_file", "smtpd_tls_chain_files", "smtpd_tls_eccert_file", "smtpd_tls_dcert_file"];

function tls({ view, port }: Listener): Found[] {
  const level = "smtpd_tls_security_level";
  const found: Found[] = [];
  if (!offersTls(view)) {
    const text = "offers no TLS, so that mail arrives in clear";
    const fix = `Set ${level} = ${port === 25 ? "may" : "encrypt"}, with a certificate`;
    found.push({ id: "inbound-tls", certain: true, text, fix, line: view.quote(level) });
  } else if (certificates.every((name) => view.get(name) === "" || view.get(name) === "none")) {
    const text = "has no certificate, so that it can offer no TLS";
    const fix = "Set smtpd_tls_chain_files, or smtpd_tls_cert_file and smtpd_tls_key_file";
    found.push({ id: "certificate", certain: true, text, fix, line: view.quote("smtpd_tls_cert_file") });
  }
  const outbound = view.get("smtp_tls_security_level").toLowerCase();
  const old = view.flag("smtp_use_tls") || view.flag("smtp_enforce_tls");
  if (outbound === "none" || (outbound === "" && !old)) {
    const text = "delivers in clear, also to servers that offer TLS";
    const line = view.quote("smtp_tls_security_level");
    found.push({ id: "outbound-tls", certain: true, text, fix: "Set smtp_tls_security_level = may or dane", line });
  }
  return found;
}

const anyList = ["client", "helo", "sender", "relay", "recipient"].map((list) => `smtpd_${list}_restrictions`);

function helo({ view }: Listener): Found[] {
  const required = view.flag("smtpd_helo_required");
  if (
    required &&
    mentions(view, anyList, /^(?:reject_(?:invalid|non_fqdn|unknown)_(?:helo_)?hostname|check_helo_\w*access)$/)
  )
    return [];
  const name = required ? "smtpd_helo_restrictions" : "smtpd_helo_required";
  return [
    {
      id: "helo",
      certain: true,
      text: required ? "does not verify HELO names" : "does not ask clients for a HELO name",
      fix: "Set smtpd_helo_required = yes and smtpd_helo_restrictions = reject_invalid_helo_hostname, reject_non_fqdn_helo_hostname",
      line: view.quote(name),
    },
  ];
}

function senders({ view }: Listener): Found[] {
  const verified = /^(?:reject_(?:unknown_sender_domain|unverified_sender|unknown_address))$/;
  if (mentions(view, [...anyList, "smtpd_data_restrictions"], verified)) return [];
  return [
    {
      id: "senders",
      certain: true,
      text: "takes mail from sender domains that do not exist",
      fix: "Set smtpd_sender_restrictions = reject_non_fqdn_sender, reject_unknown_sender_domain",
      line: view.quote("smtpd_sender_restrictions"),
    },
  ];
}

/** A server that accepts what it cannot deliver sends bounces to forged senders. postconf(5), relay_recipient_maps. */
function recipients({ view }: Listener): Found[] {
  if (mentions(view, anyList, "reject_unverified_recipient")) return [];
  const unlisted = view.flag("smtpd_reject_unlisted_recipient") || mentions(view, anyList, "reject_unlisted_recipient");
  const relays = view.isSet("relay_domains") && view.get("relay_domains") !== "";
  const blind = relays && view.get("relay_recipient_maps") === "";
  if (unlisted && !blind) return [];
  return [
    {
      id: "recipients",
      certain: true,
      text: "accepts mail for recipients that do not exist, and bounces it to forged senders",
      fix: "Set relay_recipient_maps, or add reject_unverified_recipient to smtpd_recipient_restrictions",
      line: view.quote(blind ? "relay_recipient_maps" : "smtpd_reject_unlisted_recipient"),
    },
  ];
}

function subdomains({ view }: Listener): Found[] {
  const name = "parent_domain_matches_subdomains";
  const relays = view.isSet("relay_domains") && view.get("relay_domains") !== "";
  if (!relays || view.get("relay_recipient_maps") !== "") return [];
  if (!splitWords(view.get(name).toLowerCase()).includes("relay_domains")) return [];
  const text = "takes mail for every subdomain of relay_domains";
  return [{ id: "subdomains", certain: true, text, fix: `Set ${name} to nothing`, line: view.quote(name) }];
}

/** Users log in on submission ports; on 25 a login is what password guessers look for. */
function logins({ view, port }: Listener): Found[] {
  if (port !== 25 || !view.flag("smtpd_sasl_auth_enable")) return [];
  const text = "offers logins on port 25, where only mail servers deliver";
  const fix = "Set smtpd_sasl_auth_enable = no in main.cf, and yes for the submission services in master.cf";
  return [{ id: "logins-on-25", certain: true, text, fix, line: view.quote("smtpd_sasl_auth_enable") }];
}

/** Whether one of the lists holds the restriction, in a class or not. */
function mentions(view: View, lists: readonly string[], what: string | RegExp): boolean {
  const matches = (word: string) => (typeof what === "string" ? word === what : what.test(word));
  const classes = splitWords(view.get("smtpd_restriction_classes")).map((name) => view.find(name) ?? "");
  return [...lists.map((name) => view.get(name)), ...classes].some((text) => {
    const words = splitQuoted(text.toLowerCase());
    return words.some((word, i) => matches(word) && words[i - 1] !== "warn_if_reject");
  });
}
