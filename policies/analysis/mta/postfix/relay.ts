import type { Reason } from "../../model/provenance";
import { allAddresses, allV4, allV6, equal, isEmpty, noAddresses, union } from "../../net/addr";
import * as bounds from "../../net/bounds";
import { loopback } from "../../net/cover";
import type { TrustList } from "../practice";
import { anybody, between, both, type Clients, everybody, except, nobody } from "../sets";
import { View } from "./config";
import { arbitraryRecipients, ownDomains } from "./domains";
import { clientList } from "./networks";
import { accepted } from "./outcome";
import { type Context, evaluateList, type Notes, restrictionClasses } from "./restrictions";
import { anonymousLogins, believedPeers, expectsProxyHeader, trustedNetworks } from "./trust";
import { required } from "./vocabulary";
import { splitQuoted, Unreadable } from "./words";

/** Who may relay through an SMTP service, whose word it takes, and the lines that decide it. */
export interface ServiceRelay {
  readonly relays: Clients;
  readonly claims: Clients;
  readonly expectsProxyHeader?: boolean;
  readonly outage?: Reason;
  readonly trace: readonly Reason[];
  /** Clients that may relay without being trusted by network, named one by one, or on the host. */
  readonly unlisted: Clients;
  readonly trust: TrustList | null;
}

/**
 * Evaluates an smtpd service: mail to a foreign recipient is accepted iff no list refuses it, that is, iff the relay and the
 * recipient list both end without a refusal. OK in the client, HELO or sender list grants nothing, but a refusal there counts.
 */
export function evaluateSmtpd(view: View, postscreen: View | null): ServiceRelay {
  try {
    return smtpd(view, postscreen);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return uncovered(error.message, view);
  }
}

export function uncovered(text: string, view: View): ServiceRelay {
  const why: Reason = { text, at: { urn: view.config.host } };
  return { relays: anybody(why), claims: anybody(why), trace: [why], unlisted: anybody(why), trust: null };
}

function smtpd(view: View, postscreen: View | null): ServiceRelay {
  const claims = believedPeers(view, postscreen);
  const classes = restrictionClasses(view);
  const outage = refusesToStart(view, classes);
  if (outage !== null)
    return { relays: nobody, claims: nobody, outage, trace: [outage], unlisted: nobody, trust: null };
  const notes = newNotes();
  const at = view.at("smtpd_relay_restrictions");
  const routing = routingView(view);
  const context: Context = {
    view,
    trusted: trustedNetworks(view, !isEmpty(claims.may)),
    arbitraryRecipients: arbitraryRecipients(view, routing),
    anonymous: anonymousLogins(view),
    classes,
    ownDomains: ownDomains(routing),
    shorthand: "check_recipient_access",
    at,
    forgeable: true,
    notes,
    warned: false,
    depth: 0,
  };
  const relays = accepting(context);
  const strangers = accepting({ ...context, trusted: { ...context.trusted, members: nobody }, notes: newNotes() });
  const named = bounds.exactly(union(notes.hosts, loopback));
  const trace: Reason[] = [view.quote("smtpd_relay_restrictions"), view.quote("smtpd_recipient_restrictions")];
  if (!isEmpty(context.arbitraryRecipients.may))
    trace.push(...context.arbitraryRecipients.why, routing.quote("relay_domains"));
  const header = expectsProxyHeader(view, postscreen);
  return {
    relays,
    claims,
    expectsProxyHeader: header,
    trace: bounds.mergeReasons([...trace, ...notes.trace]),
    unlisted: except(strangers, named),
    trust: {
      members: context.trusted.members,
      used:
        !equal(relays.may, strangers.may) ||
        !equal(relays.must, strangers.must) ||
        (notes.trusts && !isEmpty(context.trusted.failing.may)),
      line: view.quote(view.isSet("mynetworks") ? "mynetworks" : "mynetworks_style"),
    },
  };
}

function newNotes(): Notes {
  return { steps: 0, forged: false, judged: false, trusts: false, hosts: noAddresses, trace: [] };
}

/** Clients whose mail for arbitrary recipients is accepted. */
function accepting(context: Context): Clients {
  const { view, notes, at } = context;
  const relays = both(judge(context), families(view));
  if (!notes.forged || !notes.judged) return relays;
  // What one list asks the client to say, another may refuse: then it is not certain that both are passed.
  const certain = both(judge({ ...context, forgeable: false, notes: newNotes() }), families(view));
  const text = "several restrictions judge what the client says about itself";
  return between(certain.must, relays.may, { text, at });
}

/**
 * The parameters by which addresses are told apart: trivial-rewrite(8) does that for smtpd, by its own line of master.cf, so that
 * `-o relay_domains=…` of an smtpd service does nothing.
 */
function routingView(view: View): View {
  const name = view.get("rewrite_service_name");
  const service = view.config.services.find((it) => it.type === "unix" && it.name === name);
  if (service?.unclear !== undefined) throw new Unreadable(`the service ${name} is not covered`);
  return new View(view.config, service?.overrides);
}

function judge(context: Context): Clients {
  const list = (name: string, shorthand: string | null): Clients => {
    const inner = { ...context, shorthand, at: context.view.at(name) };
    return accepted(evaluateList(splitQuoted(context.view.get(name)), inner));
  };
  const relay = list("smtpd_relay_restrictions", "check_recipient_access");
  const recipient = list("smtpd_recipient_restrictions", "check_recipient_access");
  let result = both(relay, recipient);
  // The lists before RCPT know the recipient only because they are evaluated late; the HELO list only runs if there was a HELO.
  const delayed = context.view.flag("smtpd_delay_reject");
  const helo = context.view.flag("smtpd_helo_required");
  const early: [string, string | null, boolean][] = [
    ["smtpd_client_restrictions", "check_client_access", delayed],
    ["smtpd_helo_restrictions", "check_helo_access", delayed && helo],
    ["smtpd_sender_restrictions", "check_sender_access", delayed],
    // Recipients are not known to a list that runs at DATA.
    ["smtpd_data_restrictions", null, false],
    ["smtpd_end_of_data_restrictions", null, false],
  ];
  for (const [name, shorthand, decides] of early) {
    const clients = list(name, shorthand);
    const text = `${name} may refuse more clients`;
    result = decides
      ? both(result, clients)
      : both(result, between(clients.must, allAddresses, { text, at: context.view.at(name) }));
  }
  return result;
}

/** Why smtpd exits with a fatal error: neither list holds a refusal that certainly works. See fail_required() in smtpd_check.c. */
function refusesToStart(view: View, classes: ReadonlyMap<string, readonly string[]>): Reason | null {
  for (const [name, words] of classes) {
    if (words.length === 0)
      return {
        text: `restriction class ${name} has no definition: smtpd does not start`,
        at: view.at("smtpd_restriction_classes"),
      };
  }
  const lists = ["smtpd_recipient_restrictions", "smtpd_relay_restrictions"];
  if (lists.some((name) => hasRequired(splitQuoted(view.get(name)), classes, 0))) return null;
  return {
    text: "neither smtpd_relay_restrictions nor smtpd_recipient_restrictions holds a working reject: smtpd does not start",
    at: view.at("smtpd_relay_restrictions"),
  };
}

function hasRequired(
  words: readonly string[],
  classes: ReadonlyMap<string, readonly string[]>,
  depth: number,
): boolean {
  if (depth > 20) return true;
  for (let i = 0; i < words.length; i++) {
    const word = (words[i] ?? "").toLowerCase();
    if (word === "warn_if_reject" && i + 1 < words.length) {
      i++;
      continue;
    }
    if (word === "permit") return false;
    if (required.has(word)) return true;
    const inner = classes.get(words[i] ?? "");
    if (inner !== undefined && hasRequired(inner, classes, depth + 1)) return true;
  }
  return false;
}

/** Clients of the protocols that the host speaks. */
export function families(view: View): Clients {
  const words = view
    .get("inet_protocols")
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== "");
  if (words.length === 1 && words[0] === "ipv4") return bounds.exactly(allV4);
  if (words.length === 1 && words[0] === "ipv6") return bounds.exactly(allV6);
  return everybody;
}

/** qmqpd takes mail from its authorised clients without asking for anything else. */
export function evaluateQmqpd(view: View): ServiceRelay {
  try {
    const name = "qmqpd_authorized_clients";
    const { members } = clientList(view.get(name), view.config, view.at(name));
    const relays = both(members, families(view));
    const trust = { members, used: true, line: view.quote(name) };
    return { relays, claims: nobody, trace: [trust.line], unlisted: nobody, trust };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return uncovered(error.message, view);
  }
}
