import type { Provenance, Reason } from "../../model/provenance";
import type { AddrSet } from "../../net/addr";
import { anybody, both, type Clients, either, everybody, nobody, others } from "../sets";
import { checkAccess } from "./checks";
import type { View } from "./config";
import type { Membership } from "./networks";
import { followedBy, type Outcome, passes, permits, refuses, warned } from "./outcome";
import { isTable, readTable } from "./tables";
import { allowListed, satisfiable, satisfiableWithArgument } from "./vocabulary";
import { splitQuoted, Unreadable } from "./words";

/** What the evaluation of a list needs to know. */
export interface Context {
  readonly view: View;
  readonly trusted: Membership;
  /** Clients for whom arbitrary recipients count as the host's own, by a wildcard among its domains. */
  readonly arbitraryRecipients: Clients;
  /** Clients that can be taken for authenticated without a password. */
  readonly anonymous: Clients;
  readonly classes: ReadonlyMap<string, readonly string[]>;
  /** Domains that the host accepts mail for, in lower case. */
  readonly ownDomains: ReadonlySet<string>;
  /** The table lookup that `type:name` without a check stands for; null where it is an error. */
  readonly shorthand: string | null;
  /** The parameter whose list it is, for places. */
  readonly at: Provenance;
  /** True if OK for a HELO name, sender or recipient of the client's choice counts as certain. */
  readonly forgeable: boolean;
  /** Notes of what was met on the way. */
  readonly notes: Notes;
  /** True behind `warn_if_reject`. */
  readonly warned: boolean;
  readonly depth: number;
}

const MAX_STEPS = 5000;

export interface Notes {
  /** Restrictions that were evaluated. */
  steps: number;
  /** OK was given for something that the client chooses. */
  forged: boolean;
  /** A table judges something that the client chooses. */
  judged: boolean;
  /** The list of trusted networks was asked. */
  trusts: boolean;
  /** Clients that access tables permit one by one. */
  hosts: AddrSet;
  readonly trace: Reason[];
}

/** Evaluates a list of restrictions from its first word to its last, as generic_checks() in smtpd_check.c does. */
export function evaluateList(words: readonly string[], outer: Context): Outcome {
  if (outer.depth > 20) return unclear("restrictions refer to each other without an end", outer);
  let result = passes;
  let warn = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    const name = word.toLowerCase();
    if (++outer.notes.steps > MAX_STEPS)
      throw new Unreadable(`there are more than ${MAX_STEPS} restrictions to evaluate`);
    if (name === "warn_if_reject") {
      warn = true;
      continue;
    }
    const context = warn ? { ...outer, warned: true } : outer;
    let outcome: Outcome;
    if (word.includes(":")) {
      outcome =
        context.shorthand === null
          ? serverError(`${word} does not say what to look up`, context)
          : checkAccess(context.shorthand, word, context);
    } else if (/^check_\w+_access$/.test(name)) {
      outcome = checkAccess(name, words[++i] ?? "", context);
    } else if (name === "check_policy_service") {
      outcome = policyService(words[++i] ?? "", context);
    } else if (satisfiableWithArgument.has(name)) {
      i++;
      outcome = allowListed.has(name) ? onAllowList(name, context) : passes;
    } else {
      outcome = evaluateWord(word, context);
    }
    result = followedBy(result, warn ? warned(outcome) : outcome);
    warn = false;
  }
  return result;
}

/** A single word without an argument. */
function evaluateWord(word: string, context: Context): Outcome {
  const { view, at } = context;
  const name = word.toLowerCase();
  if (satisfiable.has(name)) return passes;
  switch (name) {
    case "permit":
      return permits;
    case "reject":
    case "defer":
    // It turns every later OK into a refusal; a client that was permitted before is not concerned.
    case "defer_if_permit":
      return refuses;
    case "reject_unauth_destination":
    case "defer_unauth_destination":
      return { permit: nobody, pass: context.arbitraryRecipients };
    case "permit_auth_destination":
      return { permit: context.arbitraryRecipients, pass: everybody };
    case "permit_mynetworks": {
      const { members, failing } = context.trusted;
      context.notes.trusts = true;
      if (members.may.v4.length + members.may.v6.length > 0) context.notes.trace.push(view.quote("mynetworks"));
      const pass = others(either(members, failing));
      if (!context.warned) return { permit: members, pass };
      return { permit: either(members, both(failing, anybody({ text: "mynetworks is not valid", at }))), pass };
    }
    case "permit_sasl_authenticated":
      return { permit: context.anonymous, pass: everybody };
    case "permit_inet_interfaces":
      return optional("permit_inet_interfaces trusts the host's own addresses, which are not known here", context);
    case "permit_tls_clientcerts": {
      const certificates = view.get("relay_clientcerts");
      const open = isTable(certificates) && readTable(certificates, view.config).kind === "static";
      return open ? optional("relay_clientcerts accepts every certificate", context) : passes;
    }
    case "permit_tls_all_clientcerts":
      return view.flag("smtpd_tls_ask_ccert") || view.flag("smtpd_tls_req_ccert")
        ? optional("permit_tls_all_clientcerts accepts any certificate of any trusted authority", context)
        : passes;
    case "permit_mx_backup":
      return optional("permit_mx_backup relays for every domain whose owner names this host as a mail server", context);
    case "reject_plaintext_session": {
      const tls = view.find("smtpd_tls_security_level") ?? "";
      if (/^(?:may|encrypt|dane|dane-only)$/i.test(tls)) return passes;
      return { permit: nobody, pass: anybody({ text: "reject_plaintext_session: TLS may not be offered", at }) };
    }
    case "permit_naked_ip_address":
      context.notes.judged = true;
      return optional("permit_naked_ip_address trusts a client that says an address as its HELO name", context);
    case "check_relay_domains":
      return {
        permit: anybody({ text: "check_relay_domains trusts clients by name", at }),
        pass: nobody,
      };
  }
  const inner = context.classes.get(word);
  if (inner !== undefined) return evaluateList(inner, { ...context, depth: context.depth + 1 });
  return unclear(`${word} is no restriction that is known here`, context);
}

function policyService(service: string, context: Context): Outcome {
  context.notes.judged = true;
  return unclear(`the policy service ${service} decides about the client, and is not evaluated`, context);
}

/** A client that is on somebody's list is permitted if the destination is the host's own: all of them are, by a wildcard. */
function onAllowList(name: string, context: Context): Outcome {
  const listed = anybody({ text: `${name} permits the clients on a list that others keep`, at: context.at });
  return { permit: both(context.arbitraryRecipients, listed), pass: everybody };
}

/** It may permit anybody, and lets everybody pass. */
function optional(text: string, context: Context): Outcome {
  return { permit: anybody({ text, at: context.at }), pass: everybody };
}

/** It may do anything. */
export function unclear(text: string, context: Context): Outcome {
  const clients = anybody({ text, at: context.at });
  return { permit: clients, pass: clients };
}

/**
 * A server error: 451. Under `warn_if_reject` the jump out of the list ends it with OK instead.
 */
export function serverError(text: string, context: Context): Outcome {
  return context.warned ? unclear(text, context) : refuses;
}

/** The lists of `smtpd_restriction_classes`. */
export function restrictionClasses(view: View): ReadonlyMap<string, readonly string[]> {
  const names = view
    .get("smtpd_restriction_classes")
    .split(/[\s,]+/)
    .filter((name) => name !== "");
  return new Map(names.map((name) => [name, splitQuoted(view.find(name) ?? "")]));
}
