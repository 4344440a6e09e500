import type { Provenance } from "../../model/provenance";
import { type AddrSet, allAddresses, noAddresses, unionAll } from "../../net/addr";
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
  const steps = grouped(patterns(splitQuoted(text), config), config, at);
  if (steps.length > MAX_STEPS) throw new Unreadable(`a list of clients changes its mind more than ${MAX_STEPS} times`);
  for (const step of steps) {
    if (step.kind === "error") failing = either(failing, both(rest, step.clients));
    else if (step.kind === "match") members = either(members, both(rest, step.clients));
    rest = except(rest, step.avoidable === true ? { ...step.clients, must: noAddresses } : step.clients);
  }
  return { members, failing };
}

const MAX_STEPS = 1000;

/** What the words of a list match, one after the other; neighbouring networks are taken together. */
function grouped(words: readonly ListWord[], config: PostfixConfig, at: Provenance): Matched[] {
  const steps: Matched[] = [];
  let sets: AddrSet[] = [];
  let kind: Matched["kind"] = "match";
  const flush = () => {
    if (sets.length > 0) steps.push({ kind, clients: bounds.exactly(unionAll(sets)) });
    sets = [];
  };
  for (const { word, negated } of words) {
    const network = word !== null && !isTable(word) ? addressPattern(word) : null;
    const wanted = negated ? "exclusion" : "match";
    if (network?.kind === "addresses") {
      if (kind !== wanted) flush();
      kind = wanted;
      sets.push(network.set);
      continue;
    }
    flush();
    const step = matchOf(word, config, at);
    steps.push(negated && step.kind === "match" ? { ...step, kind: "exclusion" } : step);
  }
  flush();
  return steps;
}

function matchOf(word: string | null, config: PostfixConfig, at: Provenance): Matched {
  if (word === null) {
    return {
      kind: "match",
      clients: anybody({ text: "the list names a file whose content is not in the program", at }),
    };
  }
  if (/^[0-9a-fA-F]*:[0-9a-fA-F:]*(?:\/\d+)?$/.test(word))
    throw new Unreadable(`${word} needs brackets: Postfix takes it for a table that does not exist`);
  return isTable(word) ? tableMembers(word, config, at) : single(word, at);
}

interface Matched {
  readonly kind: "match" | "exclusion" | "error";
  readonly clients: Clients;
  /** True if a client can choose whether it matches, so that none certainly does. */
  readonly avoidable?: boolean;
}

export interface ListWord {
  /** Null for a file of unknown content. */
  readonly word: string | null;
  readonly negated: boolean;
}

/** Words of a list with its files read in place; null for a file of unknown content. */
export function patterns(words: readonly string[], config: PostfixConfig, depth = 0): ListWord[] {
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
      return keyMembers([...table.entries.keys()], at);
    case "patterns":
      if (table.rules.some((rule) => rule.all)) return everybody;
      return table.rules.length === 0
        ? nobody
        : anybody({ text: "clients are matched by regular expressions, which are not evaluated", at });
    case "unknown":
      return anybody({ text: table.why, at });
  }
}

function keyMembers(keys: readonly string[], at: Provenance): Clients {
  const addresses = keys.flatMap((key) => {
    const pattern = /[/[]/.test(key) ? null : addressPattern(key);
    return pattern?.kind === "addresses" ? [pattern.set] : [];
  });
  const members = bounds.exactly(unionAll(addresses));
  const names = keys.filter((key) => !/^[\d./[\]:]+$/.test(key) && addressPattern(key).kind === "error");
  const unknown = names.find((key) => key.toLowerCase() === "unknown");
  const [name = unknown] = names;
  return name === undefined ? members : either(members, named(unknown ?? name, at));
}
