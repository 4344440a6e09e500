import { type ResourceSnapshot, Unknown, type Urn, type Value } from "../../policies/analysis/model/snapshot";
import type { Dice } from "./dice";

/** How a source of resources tells what an unknown value depends on. */
export type Dependencies = "leaf" | "merged";

const OUTPUTS = ["mainRouteTableId", "defaultRouteTableId", "defaultSecurityGroupId", "defaultNetworkAclId"];

/** Resources that a reference to an id may come from: the one that has it, or the one that it is an output of. */
export function ownersOf(snapshots: readonly ResourceSnapshot[]): ReadonlyMap<string, readonly Urn[]> {
  const owners = new Map<string, Urn[]>();
  const note = (id: Value | undefined, urn: Urn) => {
    if (typeof id === "string") owners.set(id, [...(owners.get(id) ?? []), urn]);
  };
  const real = new Set(snapshots.flatMap(({ type, id }) => (type.endsWith(":NetworkInterface") ? (id ?? []) : [])));
  for (const { urn, type, id, properties } of snapshots) {
    note(id, urn);
    if (type.endsWith(":Vpc")) for (const output of OUTPUTS) note(properties[output], urn);
    const { primaryNetworkInterfaceId: primary } = properties;
    if (typeof primary === "string" && !real.has(primary)) note(primary, urn);
  }
  return owners;
}

/**
 * The network as a first preview shows it: no resource has an id yet, every reference is an unknown that depends on the resource
 * it names, and addresses that a launch chooses are not there.
 */
export function preview(
  snapshots: readonly ResourceSnapshot[],
  dice: Dice,
  dependencies: Dependencies,
): readonly ResourceSnapshot[] {
  const owners = ownersOf(snapshots);
  const known = dice.pick([0, 50, 100]);
  return snapshots.map(({ id: _, ...resource }) => {
    const withoutIds = (value: Value): Value => {
      if (typeof value === "string") {
        const urns = owners.get(value)?.filter((urn) => urn !== resource.urn) ?? [];
        return urns.length === 0 ? value : new Unknown([dice.pick(urns)]);
      }
      if (value === null || typeof value !== "object" || value instanceof Unknown) return value;
      if (Array.isArray(value)) return (value as readonly Value[]).map(withoutIds);
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutIds(item)]));
    };
    const properties = Object.entries(resource.properties)
      .filter(([key]) => !isOutput(resource, key))
      .map(([key, value]): [string, Value] | null => {
        if ((key === "privateIp" || key === "privateIps") && !dice.chance(known)) return null;
        if (key === "ipv6Addresses" && !dice.chance(known)) return ["ipv6AddressCount", 1];
        return [key, withoutIds(value)];
      })
      .filter((entry) => entry !== null);
    return withDependencies({ ...resource, properties: Object.fromEntries(properties) }, dependencies);
  });
}

/** Dependencies of each property; a source that merges them gives every unknown in a property all of them. */
export function withDependencies(resource: ResourceSnapshot, dependencies: Dependencies): ResourceSnapshot {
  const entries = Object.entries(resource.properties).map(
    ([key, value]) => [key, value, dependenciesOf(value)] as const,
  );
  return {
    ...resource,
    properties: Object.fromEntries(
      entries.map(([key, value, urns]) => [key, dependencies === "leaf" ? value : merged(value, urns)]),
    ),
    propertyDependencies: Object.fromEntries(entries.map(([key, , urns]) => [key, urns])),
  };
}

function isOutput(resource: { readonly type: string }, key: string): boolean {
  return key === "primaryNetworkInterfaceId" || (resource.type.endsWith(":Vpc") && OUTPUTS.includes(key));
}

function dependenciesOf(value: Value): readonly Urn[] {
  if (value instanceof Unknown) return value.dependsOn;
  if (value === null || typeof value !== "object") return [];
  return [...new Set(Object.values(value).flatMap(dependenciesOf))];
}

function merged(value: Value, urns: readonly Urn[]): Value {
  if (value instanceof Unknown) return new Unknown(urns, value.reason);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return (value as readonly Value[]).map((item) => merged(item, urns));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, merged(item, urns)]));
}
