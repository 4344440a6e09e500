import { holds, isClosed, none, type Several } from "./attributes";
import type { Connector } from "./connector";

/**
 * Rights on a receive connector, in lower case.
 * Source: Microsoft, "Receive connectors" (Receive connector permissions).
 */
export const ANY_RECIPIENT = "ms-exch-smtp-accept-any-recipient";
export const SUBMIT = "ms-exch-smtp-submit";

/** The names that Windows has for S-1-5-7, in its languages. */
const anonymous =
  /(?:^|\\)\s*(?:an[oóô]n[iyíý]m\w*[\s-](?:logon|anmeldung|[\wäöü]+)|anonymous|.*an[oóô]nim[oa]|.*anonyme|аноним\w*.*|.*анонимн\w*.*|匿名.*)\s*$|^s-1-5-7$/iu;
/** Groups that an anonymous session may be counted in. */
const perhaps =
  /(?:^|\\)\s*(?:everyone|jeder|tout le monde|todos|tutti|iedereen|alla|все|network|netzwerk|s-1-1-0|s-1-5-2)\s*$/iu;

/** Whether a grant to `user` is one to clients that did not authenticate. */
export function isAnonymous(user: string): "yes" | "no" | "maybe" {
  if (anonymous.test(user)) return "yes";
  return perhaps.test(user) ? "maybe" : "no";
}

/** The right that a name of `-ExtendedRights` stands for: its common name, its display name or a GUID. */
export function rightOf(text: string): string | null {
  const name = text.trim().toLowerCase();
  if (/^\{?[0-9a-f]{8}-/.test(name)) return null;
  if (/any[- ]?recipient/.test(name)) return ANY_RECIPIENT;
  return /smtp[- ]submit$/.test(name) ? SUBMIT : name;
}

/** What a client's session without authentication may do on a connector, by permission group and by direct grant. */
export function anonymousMay(connector: Connector, right: string): "yes" | "no" | "maybe" {
  const granted = grantsAnonymous(connector, right);
  if (right !== SUBMIT || granted === "yes") return granted;
  // The group grants submission and nothing that concerns recipients.
  const denied = holds(connector.denied, right);
  const byGroup = denied === "yes" ? "no" : holds(connector.groups, "AnonymousUsers");
  if (byGroup === "yes") return denied === "no" ? "yes" : "maybe";
  return granted === "maybe" || byGroup === "maybe" ? "maybe" : "no";
}

/** Whether a right is granted to anonymous clients directly, usable or not. */
export function grantsAnonymous(connector: Connector, right: string): "yes" | "no" | "maybe" {
  const denied = holds(connector.denied, right);
  if (denied === "yes") return "no";
  const granted = holds(connector.rights, right);
  return granted === "yes" && denied === "maybe" ? "maybe" : granted;
}

/** Whether every client counts as an authenticated Exchange server: externally secured. */
export function isExternallySecured(connector: Connector): "yes" | "no" | "maybe" {
  const mechanism = holds(connector.auth, "ExternalAuthoritative");
  if (mechanism === "no") return "no";
  const group = holds(connector.groups, "ExchangeServers");
  // Exchange refuses one without the other.
  return mechanism === "yes" && group === "yes" ? "yes" : "maybe";
}

/** The rights of a list that matter here; null for names that are not known. */
export function relayRights(names: Several): Several {
  const has = names.has.map(rightOf);
  const unknown = has.includes(null);
  const known = has.filter((it): it is string => it !== null);
  const open = [...names.open, ...(unknown ? [{ text: "an extended right by its GUID" }] : [])];
  return known.length === 0 && open.length === 0 ? none : { has: known, open };
}

export function concernsRelaying(rights: Several): boolean {
  return !isClosed(rights) || rights.has.includes(ANY_RECIPIENT) || rights.has.includes(SUBMIT);
}
