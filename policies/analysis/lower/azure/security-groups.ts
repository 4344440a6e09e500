import { addresses, noEndpoints } from "../../model/endpoints";
import type { Filter, NetId, SecurityGroup } from "../../model/network";
import type { Provenance, Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown, type Value } from "../../model/snapshot";
import { type AddrSet, allAddresses } from "../../net/addr";
import { type Bounds, between } from "../../net/bounds";
import { allPorts } from "../../net/ports";
import { push } from "../resources";
import { items } from "../values";
import { NSG } from "./interfaces";
import { type ArmReferences, keyOf, resolveArm, resolveByName } from "./references";
import {
  compile,
  type Direction,
  defaultRules,
  inOrder,
  type Peer,
  readRule,
  type SecurityRule,
  type Surroundings,
} from "./security-rules";
import type { AzureResources } from "./tokens";

/** The filters that a reference to a network security group may stand for. */
export interface GroupFilters {
  readonly filters: readonly Filter[];
  readonly why: readonly Reason[];
}

export interface SecurityGroups {
  /** The filters of a reference in one direction; null where it names no group, so that everything passes. */
  filters(
    references: ArmReferences,
    direction: Direction,
    around: Surroundings & { readonly network: NetId },
  ): GroupFilters | null;
  readonly all: readonly SecurityGroup[];
}

/**
 * Network security groups: the rules in the group, those that are resources of their own, and the default rules, by priority and
 * first match. "Azure network security groups overview"; "How network security groups filter network traffic".
 */
export function lowerSecurityGroups(azure: AzureResources): SecurityGroups {
  const standalone = new Map<string, SecurityRule[]>();
  const elsewhere: SecurityRule[] = [];
  const groups = azure.ofKind(NSG.kind);
  for (const rule of azure.ofKind("network:SecurityRule")) {
    const owner = resolveByName(azure, rule, "networkSecurityGroupName", NSG.kind);
    const lowered = (doubt: Reason | null) => readRule(rule, "", rule.properties, peers(azure, rule, ""), doubt);
    for (const { resource } of owner.certain) push(standalone, resource.urn, lowered(null));
    for (const { resource } of owner.possible)
      push(
        standalone,
        resource.urn,
        lowered({ text: "which network security group the rule belongs to is not known", at: { urn: rule.urn } }),
      );
    if (owner.certain.length === 0 && owner.possible.length === 0) elsewhere.push(lowered(null));
  }
  const rulesOf = new Map(
    groups.map((group) => [
      group.urn,
      inOrder([
        ...items(group.properties.securityRules).map((value, i) =>
          readRule(group, `securityRules[${i}]`, value, peers(azure, group, "securityRules"), null),
        ),
        ...(standalone.get(group.urn) ?? []),
      ]),
    ]),
  );
  const memo = new Map<string, Filter>();

  const filterOf = (group: ResourceSnapshot, direction: Direction, around: Surroundings): Filter => {
    const id = `nsg:${group.urn}:${direction}@${around.tags.id}`;
    const known = memo.get(id);
    if (known !== undefined) return known;
    const at = { urn: group.urn };
    const filter: Filter = {
      id,
      name: group.name,
      at,
      rules: [
        ...(rulesOf.get(group.urn) ?? []).flatMap((rule) => compile(rule, direction, around)),
        ...defaultRules(direction, around, at),
      ],
      otherwise: "deny",
    };
    const made = group.external
      ? outside(group.urn, { text: `the rules of ${group.name} are not in the stack`, at })
      : filter;
    memo.set(id, made);
    return made;
  };

  return {
    filters(references, direction, around) {
      if (references.absent) return null;
      const named = [...references.certain, ...references.possible].map(({ resource }) =>
        filterOf(resource, direction, around),
      );
      const foreign = references.foreign.map((id) => {
        const name = typeof id === "string" ? (id.split("/").at(-1) ?? id) : "a network security group";
        return outside(`foreign:${String(name)}`, { text: `the rules of ${name} are not in the stack` });
      });
      const filters = [...named, ...foreign];
      return {
        filters,
        why: filters.length > 1 ? [{ text: "which network security group applies is not known" }] : [],
      };
    },
    all: [
      ...groups.map((group) => asWritten(group, rulesOf.get(group.urn) ?? [])),
      ...(elsewhere.length > 0 ? [asWritten(null, elsewhere)] : []),
    ],
  };
}

/** A group outside the stack may allow anything. */
function outside(id: string, why: Reason): Filter {
  const everyone = addresses(allAddresses);
  return {
    id: `unknown-nsg:${id}`,
    name: "network security group outside the stack",
    at: why.at ?? null,
    rules: [
      {
        action: "deny",
        protocol: "any",
        source: between(noEndpoints, everyone, [why]),
        destination: null,
        ports: allPorts,
        sourcePorts: allPorts,
        at: why.at ?? { urn: id },
        text: why.text,
      },
    ],
    otherwise: "allow",
  };
}

function peers(azure: AzureResources, holder: ResourceSnapshot, property: string) {
  return (name: string, value: Value | undefined): readonly Peer[] => {
    const found = resolveArm(azure, holder, property === "" ? name : property, value, {
      kind: "network:ApplicationSecurityGroup",
    });
    return [
      ...found.certain.map((item): Peer => ({ kind: "group", key: keyOf(item), certain: true })),
      ...found.possible.map((item): Peer => ({ kind: "group", key: keyOf(item), certain: false })),
      ...found.foreign.map(
        (id): Peer => ({
          kind: "prefix",
          value: id instanceof Unknown ? id : new Unknown([], "a group outside the stack"),
        }),
      ),
    ];
  };
}

/** What an NSG's own rules admit, one by one, for policies that look at a single rule. Null: rules of a group that is not in the stack. */
function asWritten(group: ResourceSnapshot | null, rules: readonly SecurityRule[]): SecurityGroup {
  const nowhere = {
    id: "",
    own: { v4: [], v6: [] },
    joined: between({ v4: [], v6: [] }, { v4: [], v6: [] }, []),
    routed: { v4: [], v6: [] },
  };
  const around: Surroundings = { tags: nowhere, members: () => between(noEndpoints, noEndpoints, []) };
  return {
    resource: group,
    name: group?.name ?? "network security group outside the stack",
    rules: rules.flatMap((rule) =>
      (["inbound", "outbound"] as const).flatMap((direction) =>
        compile(rule, direction, around)
          .filter((item) => item.action === "allow")
          .map((item) => {
            const peer = direction === "inbound" ? item.source : item.destination;
            const set: Bounds<AddrSet> =
              peer === null
                ? between(allAddresses, allAddresses, [])
                : between(peer.must.addr, peer.may.addr, peer.why);
            return {
              direction: direction === "inbound" ? ("ingress" as const) : ("egress" as const),
              protocol: item.protocol,
              ports: item.ports,
              doubt: rule.doubt,
              peers: [{ kind: "addresses" as const, set }],
              at: item.at satisfies Provenance,
            };
          }),
      ),
    ),
  };
}
