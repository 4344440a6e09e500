import { anybody, type Clients, either, everybody, nobody } from "../sets";
import type { View } from "./config";
import { patterns } from "./networks";
import { isTable, readTable } from "./tables";
import { splitQuoted, splitWords } from "./words";

/** How far a domain pattern reaches beyond domains that one organisation owns. */
type Width = "narrow" | "perhaps" | "arbitrary";

const genericTlds = new Set(
  "com net org edu gov mil int info biz name pro aero coop museum mobi asia tel jobs travel cat arpa test app dev io cloud online".split(
    " ",
  ),
);
/** Names that exist only inside of a network. */
const privateTlds = new Set("localhost localdomain local internal invalid lan home corp intranet private".split(" "));
const secondLevel = new Set("ac co com edu gob gouv gov go mil ne net nom or org".split(" "));

/** Width of a pattern that also matches every name below `domain`. */
function widthBelow(domain: string): Width {
  const labels = domain
    .replace(/^\.+|\.+$/g, "")
    .toLowerCase()
    .split(".");
  const [first = "", second] = labels;
  // `*` is no wildcard.
  if (!/^[\w-]+$/.test(first) || (labels.length === 1 && privateTlds.has(first))) return "narrow";
  if (labels.length === 1) return genericTlds.has(first) || /^[a-z]{2}$/.test(first) ? "arbitrary" : "perhaps";
  if (labels.length === 2 && secondLevel.has(first) && /^[a-z]{2}$/.test(second ?? "")) return "arbitrary";
  return "narrow";
}

/** What an entry of a recipient table stands for: an address of the host's own domains, arbitrary ones, or others. */
export function recipientReach(key: string, own: ReadonlySet<string>): "own" | "other" | "arbitrary" {
  const at = key.lastIndexOf("@");
  if (at >= 0 && at === key.length - 1) return "other";
  const domain = at >= 0 ? key.slice(at + 1) : key;
  if (own.has(domain) || [...own].some((name) => domain.endsWith(`.${name}`))) return "own";
  return at < 0 && widthBelow(domain) === "arbitrary" ? "arbitrary" : "other";
}

/** Domains that the lists name one by one. */
export function ownDomains(view: View): ReadonlySet<string> {
  const names = ["relay_domains", "mydestination", "virtual_alias_domains", "virtual_mailbox_domains"];
  const words = names.flatMap((name) => splitQuoted(view.get(name)));
  return new Set(
    words
      .filter((word) => /^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(word) && widthBelow(word) === "narrow")
      .map((word) => word.toLowerCase()),
  );
}

/**
 * Clients for whom mail to arbitrary recipients counts as mail to the host's own domains: everybody if a list of domains holds
 * a wildcard and such mail is handed on, nobody otherwise.
 *
 * @param view the parameters of the service that routes mail
 * @param smtpd those of the service that takes it
 */
export function arbitraryRecipients(smtpd: View, view: View): Clients {
  let result = nobody;
  const add = (width: Width, name: string, text: string) => {
    if (width === "arbitrary") result = everybody;
    else if (width === "perhaps") result = either(result, anybody({ text: `${name}: ${text}`, at: view.at(name) }));
  };
  const parents = splitWords(view.get("parent_domain_matches_subdomains").toLowerCase()).includes("relay_domains");
  const relay = listWidth("relay_domains", view, parents ? "parents" : "dots");
  add(relay.width, "relay_domains", relay.text);
  for (const [name, transport] of [
    ["mydestination", "local_transport"],
    ["virtual_mailbox_domains", "virtual_transport"],
    ["virtual_alias_domains", null],
  ] as const) {
    const list = listWidth(name, view, "exact");
    if (list.width === "narrow") continue;
    // Mail for a wildcard that ends in a local mailbox is no relaying; an alias may lead anywhere.
    const onward = transport === null ? "perhaps" : handsOn(view.get(transport), view);
    if (onward !== "narrow") add(onward === "arbitrary" ? list.width : "perhaps", name, list.text);
  }
  if (smtpd.flag("allow_untrusted_routing")) {
    add(
      "perhaps",
      "allow_untrusted_routing",
      "mail to user%elsewhere@a-domain-of-ours is passed on to be routed there",
    );
  }
  return result;
}

/** Width of a list of domains. `parents`: a name stands for all names below it too; `dots`: a leading dot does; else neither. */
function listWidth(name: string, view: View, style: "parents" | "dots" | "exact"): { width: Width; text: string } {
  let width: Width = "narrow";
  let text = "";
  const widen = (to: Width, why: string) => {
    if (to === "narrow" || width === "arbitrary" || (width === "perhaps" && to === "perhaps")) return;
    width = to;
    text = why;
  };
  const key = (word: string) => {
    if (style === "exact") return;
    // Whether `.example` matches below it when parents match already differs between versions: it is taken to.
    if (word.startsWith("."))
      widen(style === "dots" ? widthBelow(word) : soften(widthBelow(word)), `${word} is a wildcard`);
    else if (style === "parents") widen(widthBelow(word), `${word} stands for every domain below it`);
  };
  for (const { word, negated } of patterns(splitQuoted(view.get(name)), view.config)) {
    if (negated) continue;
    if (word === null) {
      widen(style === "exact" ? "narrow" : "perhaps", "a file of domains is not in the program");
      continue;
    }
    if (!isTable(word)) {
      key(word);
      continue;
    }
    const table = readTable(word, view.config);
    if (table.kind === "static") widen("arbitrary", `${word} matches every domain`);
    else if (table.kind === "keys") for (const entry of table.entries.keys()) key(entry);
    else if (table.kind === "patterns") {
      if (table.rules.length > 0)
        widen(table.rules.some((rule) => rule.all) ? "arbitrary" : "perhaps", `${word} matches by regular expression`);
    } else if (table.kind === "unknown" && !(table.keys && style === "exact")) widen("perhaps", table.why);
  }
  return { width, text };
}

function soften(width: Width): Width {
  return width === "narrow" ? "narrow" : "perhaps";
}

/** Whether a transport sends mail on by SMTP. */
function handsOn(transport: string, view: View): Width {
  // A route in transport_maps beats the transport of the class.
  const routed = view.get("transport_maps") === "" ? "narrow" : "perhaps";
  const [name = "", nextHop = ""] = transport.split(/:(.*)/s);
  if (/^(?:local|virtual|lmtp|error|retry|discard)$/.test(name)) return routed;
  const service = view.config.services.find((it) => it.name === name && it.type === "unix");
  if (service === undefined) return "perhaps";
  if (service.command === "smtp") return nextHop === "" ? "arbitrary" : "perhaps";
  return /^(?:local|virtual|lmtp|error|discard)$/.test(service.command) ? routed : "perhaps";
}
