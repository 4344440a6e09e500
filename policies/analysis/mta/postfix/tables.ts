import { type AddrSet, isHost, unionAll } from "../../net/addr";
import { addressPattern } from "./addresses";
import type { PostfixConfig } from "./config";
import { logicalLines, splitFirst, splitNameValue } from "./lines";
import { insideBraces, splitQuoted } from "./words";

/** A lookup table, as far as its content is in the program. */
export type Table =
  /** Answers everything with one value. */
  | { readonly kind: "static"; readonly value: string }
  /** Exact keys, in lower case. */
  | { readonly kind: "keys"; readonly entries: ReadonlyMap<string, string> }
  /** First match of an address. */
  | { readonly kind: "cidr"; readonly rules: readonly AddressRule[] }
  /** First match of a pattern. */
  | { readonly kind: "patterns"; readonly rules: readonly { readonly all: boolean; readonly value: string }[] }
  /** Always fails. */
  | { readonly kind: "fail" }
  /** Content unknown; `keys` if it is a table of exact keys, so that no entry of it can stand for arbitrary names. */
  | { readonly kind: "unknown"; readonly keys: boolean; readonly why: string };

/** What the clients in a set are looked up as; `hosts` are those of them that are named one by one. */
export interface AddressRule {
  readonly set: AddrSet;
  readonly hosts: AddrSet;
  readonly value: string;
}

const keyTypes = new Set(["hash", "btree", "lmdb", "cdb", "dbm", "sdbm", "texthash"]);

/** True if Postfix takes a word of a list for `type:name`. */
export function isTable(word: string): boolean {
  return !word.startsWith("[") && word.includes(":");
}

/** Reads the table that `type:name` names. */
export function readTable(spec: string, config: PostfixConfig): Table {
  const plain = spec.replace(/^(?:proxy:)+/, "");
  const colon = plain.indexOf(":");
  const type = plain.slice(0, colon);
  const name = plain.slice(colon + 1).trim();
  const unknown = (why: string): Table => ({ kind: "unknown", keys: keyTypes.has(type), why });
  if (type === "static") return { kind: "static", value: insideBraces(name) ?? name };
  if (type === "fail") return { kind: "fail" };
  if (type === "inline") {
    const inner = insideBraces(name);
    return inner === null ? unknown(`${spec} is not understood`) : inlineTable(inner, spec);
  }
  if (type === "cidr" || type === "regexp" || type === "pcre") {
    const inner = insideBraces(name);
    if (inner === null) {
      const lines = config.files.get(name);
      if (lines === undefined || lines === null) return unknown(`the content of ${name} is not in the program`);
      return ruleTable(
        type,
        logicalLines(lines).map((line) => line.text),
        spec,
      );
    }
    const rules = splitQuoted(inner).map((word) => insideBraces(word));
    if (rules.some((rule) => rule === null)) return unknown(`${spec} is not understood`);
    return ruleTable(type, rules as string[], spec);
  }
  if (keyTypes.has(type)) {
    const lines = config.files.get(name);
    if (lines === undefined || lines === null) return unknown(`the content of ${name} is not in the program`);
    if (type !== "texthash" && !config.compiled.has(name))
      return unknown(`${name} may not have been compiled by postmap`);
    const entries = new Map<string, string>();
    for (const line of logicalLines(lines)) {
      const { first, rest } = splitFirst(line.text);
      // postmap(1) also takes quoted keys; they are not covered.
      if (rest === "" || first.startsWith('"')) return unknown(`a line of ${name} is not understood`);
      const key = first.toLowerCase();
      if (!entries.has(key) || type === "texthash") entries.set(key, rest);
    }
    return { kind: "keys", entries };
  }
  return unknown(`the content of ${plain.split("{")[0]} is not in the program`);
}

function inlineTable(inner: string, spec: string): Table {
  const entries = new Map<string, string>();
  for (const word of splitQuoted(inner)) {
    const pair = splitNameValue(insideBraces(word) ?? word);
    if (pair === null) return { kind: "unknown", keys: true, why: `${spec} is not understood` };
    entries.set(pair.name.toLowerCase(), pair.value);
  }
  return { kind: "keys", entries };
}

function ruleTable(type: string, lines: readonly string[], spec: string): Table {
  const unknown: Table = { kind: "unknown", keys: false, why: `a rule of ${spec.split("{")[0]} is not covered` };
  if (type === "cidr") {
    const rules: { sets: AddrSet[]; value: string }[] = [];
    for (const line of lines) {
      const { first, rest } = splitFirst(line);
      // A negated rule matches every other address: it is not covered, and neither are conditions.
      if (rest === "" || first.startsWith("!") || /^(?:if|endif)$/i.test(first)) return unknown;
      const pattern = addressPattern(first);
      // "skipping this rule"
      if (pattern.kind !== "addresses") continue;
      const last = rules[rules.length - 1];
      // Neighbours with one result are one rule.
      if (last?.value === rest) last.sets.push(pattern.set);
      else rules.push({ sets: [pattern.set], value: rest });
    }
    return {
      kind: "cidr",
      rules: rules.map(({ sets, value }) => ({ set: unionAll(sets), hosts: unionAll(sets.filter(isHost)), value })),
    };
  }
  const rules: { all: boolean; value: string }[] = [];
  for (const line of lines) {
    const match = /^\/((?:[^/\\]|\\.)*)\/[a-zA-Z]*(?=\s)/.exec(line);
    const value = match === null ? "" : line.slice(match[0].length).trim();
    if (match === null || value === "") return unknown;
    rules.push({ all: matchAll.has(match[1] ?? "x"), value });
  }
  return { kind: "patterns", rules };
}

/** Regular expressions that match every name and address. */
const matchAll = new Set(["", "^", "$", ".", "^.", ".$", ".*", "^.*", ".*$", "^.*$", ".+", "^.+", ".+$", "^.+$"]);
