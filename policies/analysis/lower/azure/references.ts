import { type ResourceSnapshot, Unknown, type Value } from "../../model/snapshot";
import { field, isFields, items } from "../values";
import { type AzureResources, kindOf } from "./tokens";

/** A resource, or a child that is written inside it, such as a subnet in `VirtualNetwork.subnets`. */
export interface Named {
  readonly resource: ResourceSnapshot;
  /** Name of the child, `[i]` for one whose name is not known; null for the resource itself. */
  readonly child: string | null;
}

export interface ArmReferences {
  readonly certain: readonly Named[];
  readonly possible: readonly Named[];
  /** What it names outside the stack, or what cannot be told. */
  readonly foreign: readonly (string | Unknown)[];
  readonly absent: boolean;
}

export const noArmReferences: ArmReferences = { certain: [], possible: [], foreign: [], absent: true };

/** What a reference may name: resources of a kind, and children that parents of another kind hold in a list. */
export interface Wanted {
  readonly kind: string;
  readonly inside?: {
    readonly kind: string;
    readonly list: string;
    /** Property by which a child that is a resource of its own names the parent. */
    readonly link: string;
  };
}

export const SUBNET: Wanted = {
  kind: "network:Subnet",
  inside: { kind: "network:VirtualNetwork", list: "subnets", link: "virtualNetworkName" },
};

/** Names of the children that a resource holds in a list, in order. */
export function childrenOf(resource: ResourceSnapshot, list: string): readonly { name: string; value: Value }[] {
  return items(resource.properties[list]).map((value, i) => {
    const name = field(value, "name");
    return { name: typeof name === "string" ? name : `[${i}]`, value };
  });
}

/**
 * Resolves what an ARM reference names: `{ id }`, an id, a list of either; a literal id by the ids and names that are known, an
 * unknown one by the resources that it depends on.
 *
 * @param property top-level property of `holder`, whose dependencies are a guess where the unknown value has none of its own
 */
export function resolveArm(
  azure: AzureResources,
  holder: ResourceSnapshot,
  property: string,
  value: Value | undefined,
  wanted: Wanted,
): ArmReferences {
  if (value === undefined || value === null || value === "") return noArmReferences;
  const ids = items(value).map((item) => (isFields(item) ? (item.id ?? new Unknown([], "without an id")) : item));
  const certain: Named[] = [];
  const possible: Named[] = [];
  const foreign: (string | Unknown)[] = [];
  const unknowns = ids.filter((id): id is Unknown => id instanceof Unknown);
  for (const id of ids) {
    if (typeof id === "string") {
      const { sure, maybe } = byLiteral(azure, id, wanted);
      certain.push(...sure);
      possible.push(...maybe);
      if (sure.length + maybe.length === 0) foreign.push(id);
    } else if (id instanceof Unknown) {
      const candidates = candidatesOf(azure, id.dependsOn, wanted);
      const sharing = unknowns.filter((other) => sameDependencies(other, id)).length;
      if (candidates.length === 0) {
        possible.push(...candidatesOf(azure, holder.propertyDependencies[property] ?? [], wanted));
        foreign.push(id);
      } else if (candidates.length === 1 || candidates.length === sharing) {
        certain.push(...candidates);
        if (sharing > candidates.length) foreign.push(id);
      } else possible.push(...candidates);
    } else foreign.push(new Unknown([], `expected an id, found ${JSON.stringify(id)}`));
  }
  const keys = new Set(certain.map(keyOf));
  return {
    certain: unique(certain),
    possible: unique(possible).filter((item) => !keys.has(keyOf(item))),
    foreign,
    absent: false,
  };
}

export function keyOf({ resource, child }: Named): string {
  return child === null ? resource.urn : `${resource.urn}#${child.toLowerCase()}`;
}

/** Links a child resource to its parent by the property that holds the parent's name. */
export function resolveByName(
  azure: AzureResources,
  holder: ResourceSnapshot,
  property: string,
  kind: string,
): ArmReferences {
  const value = holder.properties[property];
  if (typeof value !== "string") return resolveArm(azure, holder, property, value, { kind });
  const found = azure.named(kind, value).map((resource): Named => ({ resource, child: null }));
  const same = found.filter(({ resource }) => sameGroup(holder, resource));
  if (same.length === 1) return { certain: same, possible: [], foreign: [], absent: false };
  return { certain: [], possible: found, foreign: found.length === 0 ? [value] : [], absent: false };
}

/** Whether two resources are in one resource group, as far as known: groups that are not known count as the same. */
function sameGroup(a: ResourceSnapshot, b: ResourceSnapshot): boolean {
  const [one, other] = [a.properties.resourceGroupName, b.properties.resourceGroupName];
  return typeof one !== "string" || typeof other !== "string" || one.toLowerCase() === other.toLowerCase();
}

function byLiteral(azure: AzureResources, id: string, wanted: Wanted): { sure: Named[]; maybe: Named[] } {
  const direct = azure.withId(id);
  if (direct !== undefined && kindOf(direct.type) === wanted.kind)
    return { sure: [{ resource: direct, child: null }], maybe: [] };
  const segments = id.split("/");
  const last = segments[segments.length - 1] ?? "";
  const collection = (segments[segments.length - 2] ?? "").toLowerCase();
  if (wanted.inside !== undefined && collection === wanted.inside.list.toLowerCase()) {
    const parent = azure.withId(segments.slice(0, -2).join("/"));
    const owners = parent !== undefined ? [parent] : parentsByName(azure, segments, wanted.inside.kind);
    const children = owners
      .filter((owner) => kindOf(owner.type) === wanted.inside?.kind)
      .flatMap((owner) =>
        childrenOf(owner, collectionOf(wanted)).map(({ name }): Named => ({ resource: owner, child: name })),
      )
      .filter(({ child }) => child?.toLowerCase() === last.toLowerCase());
    if (children.length > 0)
      return parent === undefined && owners.length > 1 ? { sure: [], maybe: children } : { sure: children, maybe: [] };
  }
  if (collection !== azure.collectionOf(wanted.kind)?.toLowerCase()) return { sure: [], maybe: [] };
  const named = azure.named(wanted.kind, last).filter((resource) => inGroup(resource, segments));
  const found = named.map((resource): Named => ({ resource, child: null }));
  return found.length === 1 ? { sure: found, maybe: [] } : { sure: [], maybe: found };
}

function collectionOf(wanted: Wanted): string {
  return wanted.inside?.list ?? "";
}

function parentsByName(azure: AzureResources, segments: readonly string[], kind: string): readonly ResourceSnapshot[] {
  const name = segments[segments.length - 3] ?? "";
  return azure.named(kind, name).filter((resource) => inGroup(resource, segments));
}

/** Whether an id's resource group is that of a resource, as far as the resource tells. */
function inGroup(resource: ResourceSnapshot, segments: readonly string[]): boolean {
  const at = segments.findIndex((segment) => segment.toLowerCase() === "resourcegroups");
  const group = segments[at + 1];
  const own = resource.properties.resourceGroupName;
  return at < 0 || typeof own !== "string" || own.toLowerCase() === group?.toLowerCase();
}

/** Resources that an unknown id may name; children of a parent where only the parent is known. */
function candidatesOf(azure: AzureResources, urns: readonly string[], wanted: Wanted): Named[] {
  const resources = [...new Set(urns)].flatMap((urn) => azure.all.get(urn) ?? []);
  const direct = resources.filter((resource) => kindOf(resource.type) === wanted.kind);
  if (direct.length > 0) return direct.map((resource) => ({ resource, child: null }));
  if (wanted.inside === undefined) return [];
  const { kind, list, link } = wanted.inside;
  const parents = resources.filter((resource) => kindOf(resource.type) === kind);
  return parents.flatMap((parent) => [
    ...childrenOf(parent, list).map(({ name }) => ({ resource: parent, child: name })),
    ...azure
      .ofKind(wanted.kind)
      .filter((child) => resolveByName(azure, child, link, kind).certain.some(({ resource }) => resource === parent))
      .map((resource) => ({ resource, child: null })),
  ]);
}

function sameDependencies(a: Unknown, b: Unknown): boolean {
  return a === b || [...a.dependsOn].sort().join("\0") === [...b.dependsOn].sort().join("\0");
}

function unique(list: readonly Named[]): readonly Named[] {
  return [...new Map(list.map((item) => [keyOf(item), item])).values()];
}
