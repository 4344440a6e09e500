import { isEmpty } from "../../../net/addr";
import type { Weakness } from "../../practice";
import { actionOf } from "../access";
import { addressPattern } from "../addresses";
import type { View } from "../config";
import { clientList, patterns } from "../networks";
import { restrictionClasses } from "../restrictions";
import { isTable } from "../tables";
import { satisfiableWithArgument } from "../vocabulary";
import { splitQuoted } from "../words";

/** Restrictions that hand the right to relay to whoever controls a DNS zone, a certificate or a HELO name. */
const borrowed: Readonly<Record<string, { text: string; fix: string }>> = {
  permit_mx_backup: {
    text: "relays for every domain whose owner names it as a mail server (permit_mx_backup)",
    fix: "Remove permit_mx_backup and list the domains in relay_domains",
  },
  permit_tls_all_clientcerts: {
    text: "relays for every certificate of every trusted authority (permit_tls_all_clientcerts)",
    fix: "Use permit_tls_clientcerts with the fingerprints in relay_clientcerts",
  },
  permit_naked_ip_address: {
    text: "relays for clients that say an address as their HELO name (permit_naked_ip_address)",
    fix: "Remove permit_naked_ip_address",
  },
  check_relay_domains: {
    text: "trusts clients by their host name (check_relay_domains)",
    fix: "Replace check_relay_domains by reject_unauth_destination",
  },
};

/** Rights to relay that no list of addresses bounds, whatever client asks. */
export function relaying(view: View): Weakness[] {
  return [...borrowedRights(view), ...policyDefault(view), ...untrustedRouting(view), ...xclient(view)];
}

function borrowedRights(view: View): Weakness[] {
  const before = wordsBeforeReject(view);
  const certificates = view.flag("smtpd_tls_ask_ccert") || view.flag("smtpd_tls_req_ccert");
  return Object.entries(borrowed).flatMap(([name, { text, fix }]): Weakness[] => {
    const list = before.find(({ words }) => words.includes(name));
    if (list === undefined || (name === "permit_tls_all_clientcerts" && !certificates)) return [];
    return [{ id: name, topic: "relaying", certain: true, text, fix, line: view.quote(list.name) }];
  });
}

function policyDefault(view: View): Weakness[] {
  const name = "smtpd_policy_service_default_action";
  if (actionOf(view.get(name)).kind !== "permit") return [];
  const list = wordsBeforeReject(view).find(({ words }) => words.includes("check_policy_service"));
  if (list === undefined) return [];
  const text = "relays for everybody while its policy service is down";
  const fix = `Remove ${name}, so that a failure defers the mail`;
  return [{ id: "policy-default", topic: "relaying", certain: true, text, fix, line: view.quote(name) }];
}

function untrustedRouting(view: View): Weakness[] {
  if (!view.flag("allow_untrusted_routing")) return [];
  const text = "passes mail for user%elsewhere@its-domain on, to be routed there by the next server";
  const fix = "Set allow_untrusted_routing = no";
  const line = view.quote("allow_untrusted_routing");
  return [{ id: "untrusted-routing", topic: "relaying", certain: true, text, fix, line }];
}

function xclient(view: View): Weakness[] {
  const name = "smtpd_authorized_xclient_hosts";
  const words = patterns(splitQuoted(view.get(name)), view.config);
  if (isEmpty(clientList(view.get(name), view.config, view.at(name)).members.may)) return [];
  const wide = words.find(({ word, negated }) => !negated && !isSingleAddress(word));
  if (wide === undefined) return [];
  return [
    {
      id: "xclient",
      topic: "relaying",
      certain: wide.word !== null,
      text: "lets more than single hosts claim any client address with XCLIENT",
      fix: `Empty ${name}, or name the proxies one by one`,
      ...(wide.word === null ? {} : { subject: wide.word }),
      line: view.quote(name),
    },
  ];
}

function isSingleAddress(word: string | null): boolean {
  if (word === null || isTable(word)) return false;
  const pattern = addressPattern(word);
  return pattern.kind === "addresses" && !/\/(?!32$|128$)\d+$/.test(word);
}

/** The words of each list that decides about relaying, up to where it refuses what is not the host's own. */
export function wordsBeforeReject(view: View): { name: string; words: readonly string[] }[] {
  const classes = restrictionClasses(view);
  const read = (words: readonly string[], found: string[], opened: Set<string>): boolean => {
    for (let i = 0; i < words.length; i++) {
      const word = (words[i] ?? "").toLowerCase();
      found.push(word);
      if (/^(?:reject|defer|reject_unauth_destination|defer_unauth_destination)$/.test(word)) return true;
      const inner = classes.get(words[i] ?? "");
      // What follows is a warning only.
      if (word === "warn_if_reject" && /^(?:reject|defer)/.test(words[i + 1] ?? "")) i++;
      else if (takesArgument(word)) i++;
      else if (inner !== undefined && !opened.has(word)) {
        opened.add(word);
        if (read(inner, found, opened)) return true;
      }
    }
    return false;
  };
  const lists = ["smtpd_relay_restrictions", "smtpd_recipient_restrictions"].map((name) => {
    const words: string[] = [];
    const ended = read(splitQuoted(view.get(name)), words, new Set());
    return { name, words, ended };
  });
  // Both must let mail pass: a right in the recipient list counts only if the relay list does not refuse before.
  const refusing = lists.some(({ words, ended }) => ended && words.length === 1);
  return refusing ? [] : lists;
}

function takesArgument(word: string): boolean {
  return /^check_\w+_access$/.test(word) || word === "check_policy_service" || satisfiableWithArgument.has(word);
}
