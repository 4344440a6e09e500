import { type AddrSet, isEmpty, isSubset, noAddresses, unionAll } from "../../../net/addr";
import { type TrustList, trustWidth, type Weakness } from "../../practice";
import { addressPattern } from "../addresses";
import type { View } from "../config";
import { type ListWord, patterns } from "../networks";
import { isTable, readTable } from "../tables";
import { splitQuoted } from "../words";

const name = "mynetworks";

/** What is wrong with the list of trusted networks, apart from where its members are. */
export function trustProblems(view: View, trust: TrustList): Weakness[] {
  if (!view.isSet(name)) return byStyle(view);
  const words = patterns(splitQuoted(view.get(name)), view.config);
  return [
    ...trustWidth(trust.members.must, view.quote(name), name),
    ...words.flatMap((word) => nameProblem(view, word)),
    ...negations(view, words),
  ].filter((weakness, i, all) => all.findIndex((other) => other.id === weakness.id) === i);
}

function problem(view: View, id: string, certain: boolean, text: string, fix: string, subject?: string): Weakness {
  const line = view.quote(view.isSet(name) ? name : "mynetworks_style");
  return { id, topic: "trust", certain, text, fix, line, ...(subject === undefined ? {} : { subject }) };
}

function byStyle(view: View): Weakness[] {
  const style = view.get("mynetworks_style").toLowerCase();
  if (style === "host") return [];
  const text = `trusts the ${style === "class" ? "whole address class" : "subnet"} of every interface, because ${name} is not set`;
  return [problem(view, "trust-style", true, text, `Set ${name} to the hosts that may relay, one by one`)];
}

const literal = `Write networks as addresses and prefixes in ${name}`;

function nameProblem(view: View, { word, negated }: ListWord): Weakness[] {
  if (word === null)
    return [problem(view, "trust-file", false, "trusts networks from a file that is not in the program", literal)];
  if (isTable(word)) {
    const table = readTable(word, view.config);
    if (table.kind === "unknown")
      return [problem(view, "trust-table", false, "trusts networks from a table that cannot be read", literal, word)];
    if (table.kind === "patterns" && table.rules.length > 0)
      return [problem(view, "trust-pattern", false, "trusts clients by a pattern", literal, word)];
    if (table.kind !== "keys") return [];
    const names = [...table.entries.keys()].filter((key) => !/^[\d.:a-f/[\]]+$/i.test(key) || /^[a-f]+$/i.test(key));
    return names.length === 0 ? [] : [byName(view, names[0] ?? "")];
  }
  const pattern = addressPattern(word);
  if (pattern.kind === "addresses") return [];
  if (/^[\d.]+$/.test(word) || /[/[\]:]/.test(word)) {
    const text = `refuses mail because of an entry of ${name} that is no network: host bits or a bad prefix`;
    return [problem(view, "trust-invalid", true, text, `Correct the entry: no address bits behind the prefix`, word)];
  }
  return negated ? [] : [byName(view, word)];
}

function byName(view: View, word: string): Weakness {
  const text =
    word.toLowerCase() === "unknown"
      ? "trusts every client without a valid PTR record (`unknown`)"
      : "trusts clients by their host name, which their own DNS decides";
  return problem(view, "trust-name", true, text, literal, word);
}

/** The first pattern that matches decides: an exclusion behind the network that holds it excludes nothing. */
function negations(view: View, words: readonly ListWord[]): Weakness[] {
  let before: AddrSet = noAddresses;
  for (const { word, negated } of words) {
    const pattern = word === null || isTable(word) ? null : addressPattern(word);
    if (pattern?.kind !== "addresses") continue;
    if (negated && !isEmpty(pattern.set) && isSubset(pattern.set, before)) {
      const text = `trusts what ${name} means to exclude: the exclusion comes after the network that holds it`;
      const fix = "Put the exclusion before the network";
      return [problem(view, "trust-exclusion", true, text, fix, `!${word}`)];
    }
    if (!negated) before = unionAll([before, pattern.set]);
  }
  return [];
}
