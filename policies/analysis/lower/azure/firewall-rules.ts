import type { Protocol } from "../../model/network";
import type { Provenance, Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown, type Value } from "../../model/snapshot";
import { type AddrSet, allAddresses, noAddresses, subtract, unionAll } from "../../net/addr";
import { type Bounds, between, exactly } from "../../net/bounds";
import { parseCidr } from "../../net/cidr";
import { DONT_CARE } from "../../net/cover";
import type { PortSet } from "../../net/ports";
import { type Fields, field, integer, isFields, items, text } from "../values";
import { resolveArm, resolveByName, type Wanted } from "./references";
import { portsOf } from "./security-rules";
import type { AzureResources } from "./tokens";

const POLICY: Wanted = { kind: "network:FirewallPolicy" };
const IP_GROUP: Wanted = { kind: "network:IpGroup" };
const PUBLIC = subtract(allAddresses, DONT_CARE);

/** A rule of an Azure Firewall in the order in which it is looked at. */
export interface FirewallRule {
  readonly name: string;
  readonly at: Provenance;
  readonly protocols: readonly (Protocol | "any")[];
  readonly sources: Bounds<AddrSet>;
  readonly ports: PortSet;
  /** Why it is not certain that the rule is there, or where. */
  readonly doubt: Reason | null;
}

/** Sends what arrives at a public address on to a private one. */
export interface DnatRule extends FirewallRule {
  /** Destinations as written; empty for any address of the firewall. */
  readonly destinations: readonly Value[];
  /** Null where it is not known. */
  readonly toAddress: AddrSet | null;
  readonly toPort: number | null;
}

export interface NetworkRule extends FirewallRule {
  readonly action: "allow" | "deny";
  readonly destinations: Bounds<AddrSet>;
}

export interface FirewallRules {
  readonly dnat: readonly DnatRule[];
  readonly network: readonly NetworkRule[];
  /** Destinations for which the client's address is kept; everything else sees the firewall. */
  readonly keepsSource: Bounds<AddrSet>;
}

interface Collection {
  readonly kind: "dnat" | "network" | "application";
  readonly action: string;
  readonly rules: readonly { readonly fields: Fields; readonly at: Provenance; readonly doubt: Reason | null }[];
}

/**
 * The rules of a firewall: those of its policy, the parent's first, then by the priority of groups and of collections; without a policy the
 * collections of the firewall itself. All DNAT rules come before all network rules. "Azure Firewall rule processing logic".
 */
export function firewallRules(azure: AzureResources, firewall: ResourceSnapshot): FirewallRules {
  const policy = resolveArm(azure, firewall, "firewallPolicy", firewall.properties.firewallPolicy, POLICY);
  const unseen: Reason | null = firewall.external
    ? { text: `the rules of ${firewall.name} are not in the stack`, at: { urn: firewall.urn } }
    : policy.possible.length > 0 || policy.foreign.length > 0
      ? {
          text: `the policy of ${firewall.name} is not in the stack`,
          at: { urn: firewall.urn, path: "firewallPolicy" },
        }
      : null;
  if (unseen !== null)
    return { dnat: [anyDnat(firewall, unseen)], network: [anyNetwork(firewall, unseen)], keepsSource: defaultPrivate };
  const [own] = policy.certain;
  const collections = own === undefined ? classicCollections(firewall) : policyCollections(azure, own.resource, 0);
  const snat =
    own === undefined
      ? field(firewall.properties.additionalProperties, "Network.SNAT.PrivateRanges")
      : field(own.resource.properties.snat, "privateRanges");
  return {
    dnat: collections
      .filter(({ kind }) => kind === "dnat")
      .flatMap(({ rules }) => rules.map((rule) => dnatRule(azure, rule))),
    network: collections
      .filter(({ kind }) => kind === "network")
      .flatMap(({ rules, action }) => rules.map((rule) => networkRule(azure, rule, action))),
    keepsSource: privateRanges(snat),
  };
}

const defaultPrivate = exactly(
  unionAll(
    ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"].map((block) => parseCidr(block) ?? noAddresses),
  ),
);

/** "Azure Firewall SNAT private IP address ranges": 0.0.0.0/0 is never, 255.255.255.255/32 always. */
function privateRanges(value: Value | undefined): Bounds<AddrSet> {
  const list = typeof value === "string" ? value.split(",").map((item) => item.trim()) : items(value);
  if (list.length === 0) return defaultPrivate;
  const known = list.flatMap((item) =>
    typeof item === "string"
      ? item.toLowerCase() === "ianaprivateranges"
        ? defaultPrivate.must
        : (parseCidr(item) ?? [])
      : [],
  );
  if (known.length === list.length) return exactly(unionAll(known));
  return between(unionAll(known), allAddresses, [{ text: "the firewall's private ranges are not known" }]);
}

function policyCollections(azure: AzureResources, policy: ResourceSnapshot, depth: number): Collection[] {
  const base = resolveArm(azure, policy, "basePolicy", policy.properties.basePolicy, POLICY);
  const [parent] = base.certain;
  const inherited = parent === undefined || depth > 5 ? [] : policyCollections(azure, parent.resource, depth + 1);
  const unseen: Reason | null =
    base.foreign.length > 0 || base.possible.length > 0 || policy.external
      ? {
          text: `the rules that ${policy.name} inherits are not in the stack`,
          at: { urn: policy.urn, path: "basePolicy" },
        }
      : null;
  const open: Collection[] =
    unseen === null ? [] : [openCollection("dnat", policy, unseen), openCollection("network", policy, unseen)];
  const groups = azure
    .ofKind("network:FirewallPolicyRuleCollectionGroup")
    .flatMap((group) => {
      const owner = resolveByName(azure, group, "firewallPolicyName", POLICY.kind);
      const certain = owner.certain.some(({ resource }) => resource === policy);
      if (!certain && !owner.possible.some(({ resource }) => resource === policy)) return [];
      return [
        {
          group,
          doubt: certain
            ? null
            : { text: `whether ${group.name} belongs to ${policy.name} is not known`, at: { urn: group.urn } },
        },
      ];
    })
    .sort((a, b) => rank(a.group.properties.priority) - rank(b.group.properties.priority));
  const own = groups.flatMap(({ group, doubt }) =>
    items(group.properties.ruleCollections)
      .map((value, i) => ({ value, path: `ruleCollections[${i}]` }))
      .sort((a, b) => rank(field(a.value, "priority")) - rank(field(b.value, "priority")))
      .map(({ value, path }) => policyCollection(group, value, path, doubt ?? unsureOrder(group, value, path))),
  );
  return [...inherited, ...open, ...own];
}

function policyCollection(group: ResourceSnapshot, value: Value, path: string, doubt: Reason | null): Collection {
  if (!isFields(value)) {
    const why = {
      text: `a rule collection is ${value instanceof Unknown ? value.reason : "no collection"}`,
      at: { urn: group.urn, path },
    };
    return openCollection("network", group, why);
  }
  const type = String(value.ruleCollectionType ?? "").toLowerCase();
  const action = String(text(field(value.action, "type")) ?? "").toLowerCase();
  const rules = items(value.rules).map((rule, i) => ({
    fields: isFields(rule) ? rule : {},
    at: { urn: group.urn, path: `${path}.rules[${i}]` },
    doubt:
      rule instanceof Unknown ? { text: `a firewall rule is ${rule.reason}`, at: { urn: group.urn, path } } : doubt,
  }));
  if (type.includes("nat") || action === "dnat") return { kind: "dnat", action, rules };
  const network = rules.filter(({ fields }) => String(fields.ruleType ?? "").toLowerCase() !== "applicationrule");
  return { kind: network.length > 0 ? "network" : "application", action, rules: network };
}

function classicCollections(firewall: ResourceSnapshot): Collection[] {
  const read = (property: string, kind: Collection["kind"]) =>
    items(firewall.properties[property])
      .map((value, i) => ({ value, path: `${property}[${i}]` }))
      .sort((a, b) => rank(field(a.value, "priority")) - rank(field(b.value, "priority")))
      .map(({ value, path }): Collection => {
        const doubt =
          value instanceof Unknown
            ? { text: `a rule collection is ${value.reason}`, at: { urn: firewall.urn, path } }
            : unsureOrder(firewall, value, path);
        if (value instanceof Unknown) return openCollection(kind, firewall, doubt as Reason);
        return {
          kind,
          action: kind === "dnat" ? "dnat" : String(text(field(field(value, "action"), "type")) ?? "").toLowerCase(),
          rules: items(field(value, "rules")).map((rule, n) => ({
            fields: isFields(rule) ? { ...rule, ipProtocols: rule.protocols ?? [] } : {},
            at: { urn: firewall.urn, path: `${path}.rules[${n}]` },
            doubt:
              rule instanceof Unknown
                ? { text: `a firewall rule is ${rule.reason}`, at: { urn: firewall.urn, path } }
                : doubt,
          })),
        };
      });
  return [...read("natRuleCollections", "dnat"), ...read("networkRuleCollections", "network")];
}

function rank(priority: Value | undefined): number {
  const number = integer(priority);
  return typeof number === "number" ? number : -1;
}

function unsureOrder(holder: ResourceSnapshot, value: Value, path: string): Reason | null {
  return typeof integer(field(value, "priority")) === "number" || field(value, "priority") === undefined
    ? null
    : { text: "the priority of a rule collection is not known yet", at: { urn: holder.urn, path: `${path}.priority` } };
}

function openCollection(kind: Collection["kind"], holder: ResourceSnapshot, doubt: Reason): Collection {
  return { kind, action: "allow", rules: [{ fields: {}, at: doubt.at ?? { urn: holder.urn }, doubt }] };
}

function anyDnat(holder: ResourceSnapshot, doubt: Reason): DnatRule {
  return { ...anything(holder, doubt), destinations: [], toAddress: null, toPort: null };
}

function anyNetwork(holder: ResourceSnapshot, doubt: Reason): NetworkRule {
  return { ...anything(holder, doubt), action: "allow", destinations: exactly(allAddresses) };
}

function anything(holder: ResourceSnapshot, doubt: Reason): FirewallRule {
  return {
    name: holder.name,
    at: doubt.at ?? { urn: holder.urn },
    protocols: ["any"],
    sources: exactly(allAddresses),
    ports: [[0, 65535]],
    doubt,
  };
}

function common(azure: AzureResources, rule: Collection["rules"][number]): FirewallRule {
  const { fields, at } = rule;
  const { set, doubt } = portsOf(items(fields.destinationPorts));
  return {
    name: typeof fields.name === "string" ? fields.name : "a rule",
    at,
    protocols: protocolsOf(fields.ipProtocols),
    sources: peersOf(azure, rule, "source"),
    ports: set,
    doubt: rule.doubt ?? (doubt ? { text: "the ports of a firewall rule are not known", at } : null),
  };
}

function dnatRule(azure: AzureResources, rule: Collection["rules"][number]): DnatRule {
  const { fields } = rule;
  const address = fields.translatedAddress;
  const port = integer(fields.translatedPort);
  return {
    ...common(azure, rule),
    destinations: items(fields.destinationAddresses),
    toAddress: typeof address === "string" ? parseCidr(address) : null,
    toPort: typeof port === "number" ? port : null,
  };
}

function networkRule(azure: AzureResources, rule: Collection["rules"][number], action: string): NetworkRule {
  const fqdns = items(rule.fields.destinationFqdns).length > 0;
  const set = peersOf(azure, rule, "destination");
  // A name resolves to whatever its owner says: it may be any address where it allows, and closes nothing.
  const destinations = fqdns
    ? between(set.must, allAddresses, [{ text: "a firewall rule names a destination by DNS name", at: rule.at }])
    : set;
  return { ...common(azure, rule), action: action === "deny" ? "deny" : "allow", destinations };
}

function protocolsOf(value: Value | undefined): (Protocol | "any")[] {
  const list = items(value);
  if (list.length === 0) return ["any"];
  return list.flatMap((item): (Protocol | "any")[] => {
    const name = typeof item === "string" ? item.toLowerCase() : "any";
    if (name === "tcp" || name === "udp") return [name];
    return name === "icmp" ? [] : ["any"];
  });
}

/** Addresses, ranges `a-b`, IP groups, and service tags, whose content is some public space. */
function peersOf(
  azure: AzureResources,
  rule: Collection["rules"][number],
  side: "source" | "destination",
): Bounds<AddrSet> {
  const { fields, at } = rule;
  const addresses = items(fields[`${side}Addresses`]);
  const groups = items(fields[`${side}IpGroups`]);
  const parts: Bounds<AddrSet>[] = addresses.map((item) => addressSet(item, at));
  const holder = azure.all.get(at.urn);
  for (const id of groups) {
    const named = holder === undefined ? null : resolveArm(azure, holder, "ruleCollections", id, IP_GROUP);
    const [group] = named?.certain ?? [];
    if (group === undefined || group.resource.external) {
      parts.push(
        between(noAddresses, allAddresses, [{ text: "an IP group of a firewall rule is not in the stack", at }]),
      );
      continue;
    }
    const inside = { urn: group.resource.urn, path: "ipAddresses" };
    const listed = group.resource.properties.ipAddresses;
    parts.push(...(listed instanceof Unknown ? [listed] : items(listed)).map((item) => addressSet(item, inside)));
  }
  if (addresses.length + groups.length === 0)
    return rule.doubt === null && items(fields.destinationFqdns).length > 0 && side === "destination"
      ? exactly(noAddresses)
      : exactly(allAddresses);
  return {
    must: unionAll(parts.map((part) => part.must)),
    may: unionAll(parts.map((part) => part.may)),
    why: parts.flatMap((part) => part.why),
  };
}

function addressSet(item: Value, at: Provenance): Bounds<AddrSet> {
  if (typeof item !== "string") {
    const why = item instanceof Unknown ? item.reason : "no text";
    return between(noAddresses, allAddresses, [{ text: `an address of a firewall rule is ${why}`, at }]);
  }
  if (item.trim() === "*") return exactly(allAddresses);
  const block = parseCidr(item.trim());
  if (block !== null) return exactly(block);
  const range = /^\s*([^-\s]+)\s*-\s*([^-\s]+)\s*$/.exec(item);
  const [from, to] = [parseCidr(range?.[1] ?? ""), parseCidr(range?.[2] ?? "")];
  const [low, high] = [from?.v4[0]?.[0], to?.v4[0]?.[1]];
  if (low !== undefined && high !== undefined && low <= high) return exactly({ v4: [[low, high]], v6: [] });
  return between(noAddresses, PUBLIC, [{ text: `the addresses of service tag ${item} are not known`, at }]);
}
