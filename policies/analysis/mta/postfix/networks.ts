import type { Provenance } from "../../model/provenance";
import { allAddresses, noAddresses, unionAll } from "../../net/addr";
import * as bounds from "../../net/bounds";
import { anybody, between, both, type Clients, either, everybody, except, nobody, publicAddresses } from "../sets";
import { addressPattern } from "./addresses";
import type { PostfixConfig } from "./config";
import { isTable, readTable, type Table } from "./tables";
import { splitQuoted, splitWords, Unreadable } from "./words";

/** Clients that a list of networks and hosts matches. */
export interface Membership {
  readonly members: Clients;
  /** Clients for whom the comparison fails, so that Postfix answers 451. */
  readonly failing: Clients;
}

/**
 * Evaluates a list such as `mynetworks` as namadr_list(3) does: the first pattern that matches decides, `!` excludes.
 * `10.0.0.0/8 !10.0.1.5` therefore excludes nothing.
 */
export function clientList(text: string, config: PostfixConfig, at: Provenance): Membership {
  let members = nobody;
  let failing = nobody;
  let rest = everybody;
  for (const { word, negated } of patterns(splitQuoted(text), config)) {
    if (word === null) {
      const unknown = anybody({ text: "the list names a file whose content is not in the program", at });
      members = either(members, both(rest, unknown));
      rest = except(rest, unknown);
      continue;
    }
    if (/^[0-9a-fA-F]*:[0-9a-fA-F:]*(?:\/\d+)?$/.test(word))
      throw new Unreadable(`${word} needs brackets: Postfix takes it for a table that does not exist`);
    const pattern = isTable(word) ? tableMembers(word, config, at) : single(word, at);
    if (pattern.kind === "error") {
      failing = either(failing, both(rest, pattern.clients));
    } else if (!negated) {
      members = either(members, both(rest, pattern.clients));
    }
    rest = except(rest, pattern.avoidable ? { ...pattern.clients, must: noAddresses } : pattern.clients);
  }
  return { members, failing };
}

interface Matched {
  readonly kind: "match" | "error";
  readonly clients: Clients;
  /** True if a client can choose whether it matches, so that none certainly does. */
  readonly avoidable?: boolean;
}

/** Words of a list with its files read in place; null for a file of unknown content. */
export function patterns(
  words: readonly string[],
  config: PostfixConfig,
  depth = 0,
): { word: string | null; negated: boolean }[] {
  return words.flatMap((raw) => {
    const bare = raw.replace(/^!+/, "");
    const negated = (raw.length - bare.length) % 2 === 1;
    if (!bare.startsWith("/")) return [{ word: bare, negated }];
    const lines = config.files.get(bare);
    if (negated || depth > 5 || lines === undefined || lines === null) return [{ word: null, negated: false }];
    const inner = lines.filter((line) => !line.text.startsWith("#")).flatMap((line) => splitWords(line.text));
    return patterns(inner, config, depth + 1);
  });
}

function single(word: string, at: Provenance): Matched {
  // Digits and dots, or something with a slash or brackets, is compared with the client's address; all else with its name.
  if (/^[\d.]+$/.test(word)) {
    const pattern = addressPattern(word);
    return { kind: "match", clients: pattern.kind === "addresses" ? bounds.exactly(pattern.set) : nobody };
  }
  if (/^[\d.a-fA-F:[\]/]+$/.test(word) && /[/[\]:]/.test(word)) {
    const pattern = addressPattern(word);
    return pattern.kind === "addresses"
      ? { kind: "match", clients: bounds.exactly(pattern.set) }
      : { kind: "error", clients: bounds.exactly(pattern.family) };
  }
  return { kind: "match", clients: named(word, at), avoidable: true };
}

/** Clients whose verified host name matches. `unknown` is the name of every client without one. */
export function named(name: string, at: Provenance): Clients {
  if (name.toLowerCase() === "unknown") {
    return between(publicAddresses, allAddresses, {
      text: "`unknown` stands for every client without a valid PTR record, which is the client's choice",
      at,
    });
  }
  return anybody({ text: `clients are trusted by their host name (${name}), which their own DNS decides`, at });
}

function tableMembers(spec: string, config: PostfixConfig, at: Provenance): Matched {
  const table = readTable(spec, config);
  return {
    kind: table.kind === "fail" ? "error" : "match",
    clients: keysOf(table, at),
    avoidable: table.kind === "keys",
  };
}

/** In a list, a client is a member if the table has any entry for its name or address, whatever the value. */
function keysOf(table: Table, at: Provenance): Clients {
  switch (table.kind) {
    case "static":
    case "fail":
      return everybody;
    case "cidr":
      return bounds.exactly(unionAll(table.rules.map((rule) => rule.set)));
    case "keys":
      return [...table.entries.keys()].reduce<Clients>((sum, key) => {
        const pattern = addressPattern(key);
        if (pattern.kind === "addresses" && !/[/[]/.test(key)) return either(sum, bounds.exactly(pattern.set));
        return /^[\d./[\]:]+$/.test(key) ? sum : either(sum, named(key, at));
      }, nobody);
    case "patterns":
      if (table.rules.some((rule) => rule.all)) return everybody;
      return table.rules.length === 0
        ? nobody
        : anybody({ text: "clients are matched by regular expressions, which are not evaluated", at });
    case "unknown":
      return anybody({ text: table.why, at });
  }
}
