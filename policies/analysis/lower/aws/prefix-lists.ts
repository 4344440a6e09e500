import type { Provenance } from "../../model/provenance";
import { Unknown, type Value } from "../../model/snapshot";
import * as addr from "../../net/addr";
import { type AddrSet, allAddresses } from "../../net/addr";
import { type Bounds, between, exactly, mergeReasons } from "../../net/bounds";
import { type References, type Resources, resolveOwner } from "../resources";
import { cidrs, field, items } from "../values";
import { PREFIX_LIST } from "./types";

/**
 * The content of managed prefix lists: their entries, inline and standalone. A list of AWS's own, of another account or of
 * another stack may hold anything. An empty list matches nothing.
 */
export function lowerPrefixList(resources: Resources, references: References, at: Provenance): Bounds<AddrSet> {
  if (references.foreign.length > 0) {
    const id = references.foreign[0];
    return between(addr.noAddresses, allAddresses, [
      { text: `the entries of prefix list ${id instanceof Unknown ? "(unknown)" : id} are not in the stack`, at },
    ]);
  }
  const certain = references.certain.map((list) => entries(resources, list.urn));
  const possible = references.possible.map((list) => entries(resources, list.urn));
  const all = [...certain, ...possible];
  const must = addr.unionAll(certain.map((set) => set.must));
  const may = addr.unionAll(all.map((set) => set.may));
  const why = [
    ...all.flatMap((set) => set.why),
    ...(possible.length > 0 ? [{ text: "which prefix list is meant is not known", at }] : []),
  ];
  return why.length === 0 ? exactly(must) : between(must, may, mergeReasons(why));
}

/** The blocks of lists one by one, for a route table, which matches each by its own length; null if one is not known. */
export function prefixListBlocks(resources: Resources, references: References): readonly AddrSet[] | null {
  if (references.foreign.length > 0 || references.possible.length > 0) return null;
  const parts = references.certain.flatMap((list) => blocks(resources, list.urn));
  return parts.every((part) => part.why.length === 0) ? parts.map((part) => part.must) : null;
}

function entries(resources: Resources, urn: string): Bounds<AddrSet> {
  const parts = blocks(resources, urn);
  return {
    must: addr.unionAll(parts.map((part) => part.must)),
    may: addr.unionAll(parts.map((part) => part.may)),
    why: mergeReasons(parts.flatMap((part) => part.why)),
  };
}

function blocks(resources: Resources, urn: string): readonly Bounds<AddrSet>[] {
  const list = resources.get(urn);
  if (list === undefined || list.external) {
    return [
      between(addr.noAddresses, allAddresses, [
        { text: "the entries of a prefix list that exists already are not in the stack", at: { urn } },
      ]),
    ];
  }
  const parts: Bounds<AddrSet>[] = items(list.properties.entries).map((entry, i) =>
    cidrs(entryCidr(entry), undefined, { urn, path: `entries[${i}].cidr` }),
  );
  for (const entry of resources.ofType("aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry")) {
    const owner = resolveOwner(resources, entry, "prefixListId", entry.properties.prefixListId, PREFIX_LIST);
    const set = cidrs(entry.properties.cidr, undefined, { urn: entry.urn, path: "cidr" });
    if (owner.certain.includes(list)) parts.push(set);
    else if (owner.possible.includes(list)) {
      parts.push(
        between(addr.noAddresses, set.may, [
          { text: "which prefix list the entry belongs to is not known", at: { urn: entry.urn } },
        ]),
      );
    }
  }
  return parts;
}

function entryCidr(entry: Value): Value {
  return entry instanceof Unknown ? entry : (field(entry, "cidr") ?? new Unknown([], "missing"));
}
