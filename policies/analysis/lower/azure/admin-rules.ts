import type { Filter, NetId } from "../../model/network";
import type { Reason } from "../../model/provenance";
import { field, items, text } from "../values";
import { type ArmReferences, resolveArm, resolveByName, type Wanted } from "./references";
import {
  compile,
  type Direction,
  inOrder,
  type Peer,
  readRule,
  type SecurityRule,
  type Surroundings,
} from "./security-rules";
import type { AzureResources } from "./tokens";

/** What security admin rules do with traffic of a network before any network security group is asked. */
export interface AdminFilters {
  /** What goes on to the network security groups. */
  readonly goesOn: Filter;
  /** What passes without them; null if no rule says AlwaysAllow. */
  readonly skips: Filter | null;
}

const GROUP: Wanted = { kind: "network:NetworkGroup" };

/**
 * Security admin rules of a network manager: first match by priority; `Deny` is final, `AlwaysAllow` passes both network security groups
 * by, `Allow` goes on to them. Without a commit in the stack a configuration may not be deployed, so that only what it opens counts.
 * "Security admin rules in Azure Virtual Network Manager".
 */
export function lowerAdminRules(
  azure: AzureResources,
): (network: NetId, direction: Direction, around: Surroundings) => AdminFilters | null {
  const rules = inOrder(azure.ofKind("network:AdminRule").map((rule) => readAdminRule(azure, rule)));
  const scopes = rules.map((rule) => scopeOf(azure, rule));
  const memo = new Map<string, AdminFilters | null>();
  return (network, direction, around) => {
    if (rules.length === 0) return null;
    const key = `${network}:${direction}@${around.tags.id}`;
    const known = memo.get(key);
    if (known !== undefined) return known;
    const mine = rules.flatMap((rule, i) => {
      const scope = scopes[i];
      const answer = scope?.(network) ?? "no";
      if (answer === "no") return [];
      const doubt: Reason = { text: `whether rule ${rule.name} applies to the network is not known`, at: rule.at };
      return [answer === "yes" ? rule : { ...rule, doubt }];
    });
    const made = mine.length === 0 ? null : filtersOf(`${key}`, mine, direction, around);
    memo.set(key, made);
    return made;
  };
}

function filtersOf(
  id: string,
  rules: readonly SecurityRule[],
  direction: Direction,
  around: Surroundings,
): AdminFilters {
  const at = rules[0] === undefined ? null : rules[0].at;
  const make = (
    name: string,
    verbs: (access: string) => "allow" | "deny" | null,
    otherwise: "allow" | "deny",
  ): Filter => ({
    id: `admin:${name}:${id}`,
    name: "security admin rules",
    at,
    rules: rules.flatMap((rule) => compile(rule, direction, around, verbs)),
    otherwise,
  });
  const always = rules.some((rule) => typeof rule.access !== "string" || rule.access.toLowerCase() === "alwaysallow");
  return {
    // What always passes is a way of its own; to send it on to the groups as well adds nothing that is not open already.
    goesOn: make(
      "on",
      (access) => (access === "deny" ? "deny" : access === "allow" || access === "alwaysallow" ? "allow" : null),
      "allow",
    ),
    skips: always ? make("skip", (access) => (access === "alwaysallow" ? "allow" : "deny"), "deny") : null,
  };
}

function readAdminRule(azure: AzureResources, rule: Parameters<typeof readRule>[0]): SecurityRule {
  const read = readRule(rule, "", rule.properties, () => [], null);
  const prefixes = (key: string): Peer[] => {
    const list = items(rule.properties[key]).map(
      (item): Peer => ({ kind: "prefix", value: field(item, "addressPrefix") ?? item }),
    );
    return list.length > 0 ? list : [{ kind: "prefix", value: "*" }];
  };
  const denies = typeof read.access === "string" && read.access.toLowerCase() === "deny";
  const deployed = isCommitted(azure);
  return {
    ...read,
    sources: prefixes("sources"),
    destinations: prefixes("destinations"),
    ports: items(rule.properties.destinationPortRanges),
    sourcePorts: items(rule.properties.sourcePortRanges),
    doubt:
      denies && !deployed
        ? { text: "whether the security admin configuration is deployed is not known", at: { urn: rule.urn } }
        : null,
  };
}

function isCommitted(azure: AzureResources): boolean {
  return azure.ofKind("network:Commit").some((commit) => {
    const type = text(commit.properties.commitType);
    return typeof type === "string" && type.toLowerCase() === "securityadmin";
  });
}

/** The networks that a rule's collection applies to: static members of its network groups; groups filled by policy may hold any. */
function scopeOf(azure: AzureResources, rule: SecurityRule): (network: NetId) => "yes" | "no" | "maybe" {
  const holder = azure.all.get(rule.at.urn);
  if (holder === undefined) return () => "maybe";
  const collections = resolveByName(azure, holder, "ruleCollectionName", "network:AdminRuleCollection");
  const all = azure.ofKind("network:AdminRuleCollection");
  const named = collections.certain.map(({ resource }) => resource);
  const candidates =
    named.length > 0
      ? named
      : all.filter(
          (item) => item.properties.ruleCollectionName === holder.properties.ruleCollectionName || all.length === 1,
        );
  if (candidates.length === 0) return () => "maybe";
  const groups: ArmReferences[] = candidates.flatMap((collection) =>
    items(collection.properties.appliesToGroups).map((item) =>
      resolveArm(azure, collection, "appliesToGroups", field(item, "networkGroupId"), GROUP),
    ),
  );
  return (network) => {
    let answer: "yes" | "no" | "maybe" = "no";
    for (const references of groups) {
      if (references.foreign.length > 0 || references.possible.length > 0) answer = "maybe";
      for (const { resource } of references.certain) {
        const member = membership(azure, resource.urn, network);
        if (member === "yes") return "yes";
        if (member === "maybe") answer = "maybe";
      }
    }
    return answer;
  };
}

function membership(azure: AzureResources, group: string, network: NetId): "yes" | "no" | "maybe" {
  const members = azure.ofKind("network:StaticMember").filter((member) => {
    const owner = resolveByName(azure, member, "networkGroupName", GROUP.kind);
    return [...owner.certain, ...owner.possible].some(({ resource }) => resource.urn === group);
  });
  if (members.length === 0) return "maybe";
  let answer: "yes" | "no" | "maybe" = "no";
  for (const member of members) {
    const references = resolveArm(azure, member, "resourceId", member.properties.resourceId, {
      kind: "network:VirtualNetwork",
    });
    if (references.certain.some(({ resource }) => resource.urn === network)) return "yes";
    if (references.possible.length > 0 || references.foreign.length > 0) answer = "maybe";
  }
  return answer;
}
