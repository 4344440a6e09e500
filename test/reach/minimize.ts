import type { ResourceSnapshot, Value } from "../../policies/analysis/model/snapshot";
import { Unknown } from "../../policies/analysis/model/snapshot";

/**
 * Takes a failing network apart: drops resources, properties and list items as long as it still fails. A network that the check
 * cannot read counts as one that does not fail.
 */
export function minimize(
  snapshots: readonly ResourceSnapshot[],
  fails: (snapshots: readonly ResourceSnapshot[]) => boolean,
): readonly ResourceSnapshot[] {
  let current = snapshots;
  for (let changed = true; changed; ) {
    changed = false;
    for (const smaller of reductions(current)) {
      if (!fails(smaller)) continue;
      current = smaller;
      changed = true;
      break;
    }
  }
  return current;
}

function* reductions(snapshots: readonly ResourceSnapshot[]): Generator<readonly ResourceSnapshot[]> {
  for (let i = snapshots.length - 1; i >= 0; i--) yield snapshots.filter((_, j) => j !== i);
  for (let i = 0; i < snapshots.length; i++) {
    const resource = snapshots[i] as ResourceSnapshot;
    for (const properties of smaller(resource.properties)) {
      yield snapshots.map((other, j) =>
        j === i ? { ...resource, properties: properties as ResourceSnapshot["properties"] } : other,
      );
    }
  }
}

/** Properties without which AWS would refuse the resource, or the oracle could not read it. */
const REQUIRED =
  /^(vpcId|subnetId|routeTableId|networkAclId|securityGroupId|privateIps?|(ipv6)?cidrBlock|(ip)?protocol|rule(No|Number|Action)|action|(main|default|primary).*Id|peerVpcId|transitGateway\w*Id|\w+DefaultRouteTableId)$/i;

function* smaller(value: Value): Generator<Value> {
  if (value === null || typeof value !== "object" || value instanceof Unknown) return;
  if (Array.isArray(value)) {
    const list = value as readonly Value[];
    for (let i = 0; i < list.length; i++) yield list.filter((_, j) => j !== i);
    for (let i = 0; i < list.length; i++)
      for (const item of smaller(list[i] as Value)) yield list.map((other, j) => (j === i ? item : other));
    return;
  }
  const fields = value as { readonly [key: string]: Value };
  for (const key of Object.keys(fields).filter((name) => !REQUIRED.test(name)))
    yield Object.fromEntries(Object.entries(fields).filter(([other]) => other !== key));
  for (const key of Object.keys(fields))
    for (const item of smaller(fields[key] as Value)) yield { ...fields, [key]: item };
}

/** A network as a message: type, id and properties of each resource. */
export function print(snapshots: readonly ResourceSnapshot[]): string {
  return snapshots
    .map(
      ({ type, id, name, properties }) => `${type.slice(type.lastIndexOf(":") + 1)} ${id ?? name} ${show(properties)}`,
    )
    .join("\n");
}

function show(value: Value): string {
  return JSON.stringify(value, (_, item: unknown) =>
    item instanceof Unknown ? `<${item.reason} ${item.dependsOn.map((urn) => urn.split("::").pop()).join(" ")}>` : item,
  );
}

/** Whether every id of a generated network names something in it. */
export function isWhole(snapshots: readonly ResourceSnapshot[]): boolean {
  const made = snapshots.flatMap(({ id, properties: p }) => [
    id,
    p.mainRouteTableId,
    p.defaultSecurityGroupId,
    p.defaultNetworkAclId,
    p.primaryNetworkInterfaceId,
  ]);
  return strings(snapshots.map(({ properties }) => properties))
    .filter((text) => /^([A-Z][A-Za-z]+-r|rtb-|sg-|acl-|i-|eni-)\d/.test(text))
    .every((text) => made.includes(text));
}

function strings(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return value === null || typeof value !== "object" ? [] : Object.values(value).flatMap(strings);
}

/** The same for a network with unknowns and one way to fill it in: both lose the same resources, properties and list items. */
export function minimizePair(first: Pair, fails: (pair: Pair) => boolean): Pair {
  let current = first;
  for (let changed = true; changed; ) {
    changed = false;
    for (const smaller of pairReductions(current)) {
      if (!fails(smaller)) continue;
      current = smaller;
      changed = true;
      break;
    }
  }
  return current;
}

export interface Pair {
  readonly blurred: readonly ResourceSnapshot[];
  readonly filled: readonly ResourceSnapshot[];
}

function* pairReductions({ blurred, filled }: Pair): Generator<Pair> {
  const both = (change: (list: readonly ResourceSnapshot[]) => readonly ResourceSnapshot[]) => ({
    blurred: change(blurred),
    filled: change(filled),
  });
  for (let i = blurred.length - 1; i >= 0; i--) yield both((list) => list.filter((_, j) => j !== i));
  for (let i = 0; i < blurred.length; i++) {
    const edit = (change: (value: ResourceSnapshot["properties"]) => ResourceSnapshot["properties"]) =>
      both((list) => list.map((item, j) => (j === i ? { ...item, properties: change(item.properties) } : item)));
    const keys = Object.keys((blurred[i] as ResourceSnapshot).properties).filter((key) => !REQUIRED.test(key));
    for (const key of keys) {
      yield edit((properties) => Object.fromEntries(Object.entries(properties).filter(([other]) => other !== key)));
      const list = (blurred[i] as ResourceSnapshot).properties[key];
      if (!Array.isArray(list)) continue;
      for (let k = 0; k < list.length; k++)
        yield edit((properties) => ({
          ...properties,
          [key]: (properties[key] as readonly Value[]).filter((_, j) => j !== k),
        }));
    }
  }
}
