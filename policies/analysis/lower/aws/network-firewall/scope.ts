import type { ResourceSnapshot, Value } from "../../../model/snapshot";
import { type AddrSet, allAddresses, noAddresses, sets } from "../../../net/addr";
import { type Bounds, between, exactly, subtract, union } from "../../../net/bounds";
import { noPorts, type PortSet } from "../../../net/ports";
import * as ranges from "../../../net/ranges";
import { type Resources, resolve } from "../../resources";
import { field, items } from "../../values";
import { lowerPrefixList } from "../prefix-lists";
import { PREFIX_LIST } from "../types";
import { readAddresses, readPorts, type Scope } from "./sets";

const nothing: Scope = { addresses: () => undefined, ports: () => undefined };

/**
 * The variables of one rule group. Its own beat the policy's; `HOME_NET` is else the firewall's VPC, and `EXTERNAL_NET` what is not
 * in it. Network Firewall Developer Guide, "Rule variables" and "IP set references".
 */
export function scopeOf(
  resources: Resources,
  group: ResourceSnapshot,
  policy: ResourceSnapshot,
  home: Bounds<AddrSet>,
): Scope {
  const body = group.properties.ruleGroup;
  const own = items(field(field(body, "ruleVariables"), "ipSets"));
  const inherited = items(field(field(policy.properties.firewallPolicy, "policyVariables"), "ruleVariables"));
  const references = items(field(field(body, "referenceSets"), "ipSetReferences"));
  const ports = items(field(field(body, "ruleVariables"), "portSets"));

  const addresses = (name: string): Bounds<AddrSet> | undefined => {
    for (const list of [own, inherited]) {
      const found = named(list, name);
      if (found !== undefined) return definitions(field(field(found, "ipSet"), "definitions"));
    }
    const reference = named(references, name);
    if (reference !== undefined) return prefixLists(resources, group, field(reference, "ipSetReferences"));
    if (name === "HOME_NET") return home;
    if (name === "EXTERNAL_NET") return subtract(sets, exactly(allAddresses), addresses("HOME_NET") ?? home);
    return undefined;
  };
  return {
    addresses,
    ports: (name) => {
      const found = named(ports, name);
      return found === undefined ? undefined : portDefinitions(field(field(found, "portSet"), "definitions"));
    },
  };
}

function named(list: readonly Value[], name: string): Value | undefined {
  return list.find((item) => field(item, "key") === name);
}

function definitions(value: Value | undefined): Bounds<AddrSet> {
  if (value === undefined || value === null) return unknownSet();
  const words = items(value);
  if (words.every((word) => typeof word === "string")) return readAddresses(`[${words.join(",")}]`, nothing);
  return words
    .map((word) => (typeof word === "string" && !word.startsWith("!") ? readAddresses(word, nothing) : unknownSet()))
    .reduce((set, part) => union(sets, set, part), exactly(noAddresses));
}

function portDefinitions(value: Value | undefined): PortSet | null {
  return items(value)
    .map((word) => (typeof word === "string" || typeof word === "number" ? readPorts(String(word), nothing) : null))
    .reduce<PortSet | null>((set, part) => (set === null || part === null ? null : ranges.union(set, part)), noPorts);
}

function prefixLists(resources: Resources, group: ResourceSnapshot, value: Value | undefined): Bounds<AddrSet> {
  return items(value)
    .map((item) => {
      const found = resolve(resources, group, "ruleGroup", field(item, "referenceArn"), PREFIX_LIST);
      const byArn = resources
        .ofType(...PREFIX_LIST)
        .filter((list) => list.properties.arn === field(item, "referenceArn"));
      const references = byArn.length === 0 ? found : { ...found, certain: byArn, foreign: [] };
      return references.absent ? unknownSet() : lowerPrefixList(resources, references, { urn: group.urn });
    })
    .reduce((set, part) => union(sets, set, part), exactly(noAddresses));
}

function unknownSet(): Bounds<AddrSet> {
  return between(noAddresses, allAddresses, [{ text: "the addresses of a firewall variable are not known" }]);
}
