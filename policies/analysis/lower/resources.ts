import { type ResourceSnapshot, Unknown, type Urn, type Value } from "../model/snapshot";

/** Outputs that hold the id of something that is made together with a resource, and that goes by that resource here. */
const MADE_TOGETHER = [
  "associationDefaultRouteTableId",
  "defaultNetworkAclId",
  "defaultRouteTableId",
  "defaultSecurityGroupId",
  "mainRouteTableId",
  "primaryNetworkInterfaceId",
  "propagationDefaultRouteTableId",
  "spotInstanceId",
];

/**
 * The snapshots of a stack, found by URN, by type and by id. They are in the order of their URNs: a program registers its resources in
 * another order each time, and what is found must not depend on it.
 */
export class Resources {
  readonly all: readonly ResourceSnapshot[];
  private readonly byUrn: ReadonlyMap<Urn, ResourceSnapshot>;
  private readonly byType = new Map<string, ResourceSnapshot[]>();
  private readonly byId = new Map<string, ResourceSnapshot[]>();

  constructor(all: readonly ResourceSnapshot[]) {
    this.all = [...all].sort((a, b) => (a.urn < b.urn ? -1 : a.urn > b.urn ? 1 : 0));
    this.byUrn = new Map(this.all.map((resource) => [resource.urn, resource]));
    for (const resource of this.all) {
      push(this.byType, resource.type, resource);
      if (resource.id !== undefined) push(this.byId, resource.id, resource);
    }
    for (const resource of this.all) {
      for (const output of MADE_TOGETHER) {
        const id = resource.properties[output];
        if (typeof id === "string") push(this.byId, id, resource);
      }
    }
  }

  get(urn: Urn): ResourceSnapshot | undefined {
    return this.byUrn.get(urn);
  }

  ofType(...types: readonly string[]): readonly ResourceSnapshot[] {
    return types.flatMap((type) => this.byType.get(type) ?? []);
  }

  withId(id: string, types: ReadonlySet<string>): ResourceSnapshot | undefined {
    return this.byId.get(id)?.find((resource) => types.has(resource.type));
  }

  /** The resource and its parents, nearest first. */
  *lineage(resource: ResourceSnapshot): Generator<ResourceSnapshot> {
    const seen = new Set<Urn>();
    for (let at: ResourceSnapshot | undefined = resource; at !== undefined && !seen.has(at.urn); ) {
      seen.add(at.urn);
      yield at;
      at = at.parent === undefined ? undefined : this.byUrn.get(at.parent);
    }
  }
}

export function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** What a reference property points at. */
export interface References {
  /** Resources of the stack that it certainly names. */
  readonly certain: readonly ResourceSnapshot[];
  /** Resources of the stack that it may name. */
  readonly possible: readonly ResourceSnapshot[];
  /** What it names outside the stack, or what cannot be told: a literal id, or an unknown value. */
  readonly foreign: readonly (string | Unknown)[];
  /** The property is not there at all (an empty list is there). */
  readonly absent: boolean;
}

export const noReferences: References = { certain: [], possible: [], foreign: [], absent: true };

/**
 * Resolves ids to resources: a literal by the ids that are known, an unknown by the resources that it depends on.
 *
 * @param value the property's value, an id or a list of ids
 * @param property its top-level property, whose dependencies are a guess where the unknown value has none of its own
 */
export function resolve(
  resources: Resources,
  resource: ResourceSnapshot,
  property: string,
  value: Value | undefined,
  types: ReadonlySet<string>,
): References {
  if (value === undefined || value === null || value === "") return noReferences;
  const items = Array.isArray(value) ? (value as readonly Value[]) : [value as Value];
  const certain = new Set<ResourceSnapshot>();
  const possible = new Set<ResourceSnapshot>();
  const foreign: (string | Unknown)[] = [];
  const unknowns = items.filter((item): item is Unknown => item instanceof Unknown);
  for (const item of items) {
    if (typeof item === "string") {
      const found = resources.withId(item, types);
      if (found === undefined) foreign.push(item);
      else certain.add(found);
    } else if (item instanceof Unknown) {
      const candidates = candidatesOf(resources, item.dependsOn, types);
      // A source that merges the dependencies of a list leaves unknown items with the same candidates: as many are all of
      // them, and more items than candidates name something else besides.
      const sharing = unknowns.length === 1 ? 1 : alike(unknowns, item).length;
      if (candidates.length === 0) {
        // Nothing says what the value is computed from; what its property depends on is a guess.
        for (const found of candidatesOf(resources, resource.propertyDependencies[property] ?? [], types))
          possible.add(found);
        foreign.push(item);
      } else if (candidates.length === 1 || candidates.length === sharing) {
        for (const found of candidates) certain.add(found);
        if (sharing > candidates.length) foreign.push(item);
      } else for (const found of candidates) possible.add(found);
    } else {
      foreign.push(new Unknown([], `expected an id, found ${JSON.stringify(item)}`));
    }
  }
  return {
    certain: [...certain],
    possible: [...possible].filter((found) => !certain.has(found)),
    foreign,
    absent: false,
  };
}

/**
 * Resolves what a resource attaches itself to, such as the group of a rule. An id of which nothing tells what it names may name anything
 * of the stack: what is attached nowhere would open nothing.
 */
export function resolveOwner(
  resources: Resources,
  resource: ResourceSnapshot,
  property: string,
  value: Value | undefined,
  types: ReadonlySet<string>,
): References {
  const named = resolve(resources, resource, property, value, types);
  const open = named.foreign.some((item) => item instanceof Unknown && namesAnything(resources, item));
  if (!open || named.possible.length > 0) return named;
  return { ...named, possible: resources.ofType(...types).filter((found) => !named.certain.includes(found)) };
}

/** Nothing that the id is computed from is a resource of a cloud, whose kind would tell, or another stack. */
function namesAnything(resources: Resources, id: Unknown): boolean {
  return id.dependsOn.every((urn) => !TELLING.test(resources.get(urn)?.type ?? ""));
}

const TELLING = /^(aws|azure-native)\w*:|^pulumi:pulumi:StackReference$/;

function alike(unknowns: readonly Unknown[], one: Unknown): readonly Unknown[] {
  const key = [...one.dependsOn].sort().join("\0");
  return unknowns.filter((other) => [...other.dependsOn].sort().join("\0") === key);
}

function candidatesOf(
  resources: Resources,
  urns: readonly Urn[],
  types: ReadonlySet<string>,
): readonly ResourceSnapshot[] {
  const found = new Set<ResourceSnapshot>();
  for (const urn of urns) {
    const candidate = resources.get(urn);
    if (candidate !== undefined && types.has(candidate.type)) found.add(candidate);
  }
  return [...found];
}
