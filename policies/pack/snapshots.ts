import type { PolicyResource, ResourceValidationArgs } from "@pulumi/policy";
import { type ResourceSnapshot, Unknown, type Urn, type Value } from "../analysis/model/snapshot";

/**
 * Reduces what CrossGuard hands to policies to snapshots. The only file that knows how the SDK wraps and marks values.
 *
 * A resource policy sees the inputs of a resource, a stack policy sees its outputs, which are the poorer source: on a first preview a
 * bridged provider may leave out a whole property because something inside is unknown. So inputs, where a resource policy saw them,
 * stand as they are, and outputs only add
 *
 * - what a component registered, and
 * - known scalars and lists of scalars that the program does not set: addresses and ids that others refer to.
 *
 * Not added are lists of objects, such as the `ingress` that a provider reads back: other resources fill them too, and an empty one
 * would look like a declaration that nothing may come in. Nor are unknown outputs: the program says nothing there, and what that
 * means is the model's to say.
 *
 * Without inputs (a resource that was not part of the operation) the outputs stand for them, and a property that has dependencies
 * but no value is unknown, not absent.
 *
 * A resource that exists and was given no input at all was read with `.get()`, and comes out of an exported state: previews do not
 * show such resources to policies. Its outputs stand, and it is external.
 */

/** Properties as the SDK deserialized them: plain data with sentinels in it. */
export type RawProperties = Readonly<Record<string, unknown>>;

const SENTINELS: ReadonlySet<unknown> = new Set([
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // boolean
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9", // string, and in practice any
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
  "030794c1-ac77-496b-92df-f27374a8bd58", // asset
  "e48ece36-62e2-4504-bad9-02848725956a", // archive
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
]);

/** Keys of the bridge, for defaults that it applied, and of the SDK's classes of assets. */
const BOOKKEEPING: ReadonlySet<string> = new Set(["__defaults", "__pulumiAsset", "__pulumiArchive"]);

/** What `pulumi policy analyze --file` puts in the place of a secret that it cannot decrypt. */
const MASKED = "[secret]";

/**
 * Reads past the proxy that throws on unknown values: it traps reading, but not looking at the property's descriptor, which holds
 * the plain value.
 */
export function rawProperties(props: object): RawProperties {
  const raw: Record<string, unknown> = {};
  for (const [key, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(props))) raw[key] = descriptor.value;
  return raw;
}

/** The snapshot of one resource by its inputs alone: a resource policy is told neither parent nor dependencies. */
export function snapshotOfInputs(args: ResourceValidationArgs): ResourceSnapshot {
  return {
    urn: args.urn,
    type: args.type,
    name: args.name,
    custom: isCustom(args),
    external: false,
    properties: toValues(rawProperties(args.props), () => []),
    propertyDependencies: {},
    ...(args.opts.parent !== undefined && { parent: args.opts.parent }),
  };
}

/** The snapshots of a whole stack, `inputs` being those that resource policies saw before. */
export function snapshotsOf(
  resources: readonly PolicyResource[],
  inputs: ReadonlyMap<Urn, RawProperties>,
): ResourceSnapshot[] {
  return resources.map((resource) => snapshotOf(resource, inputs.get(resource.urn)));
}

function snapshotOf(resource: PolicyResource, inputs: RawProperties | undefined): ResourceSnapshot {
  const propertyDependencies: Record<string, readonly Urn[]> = {};
  for (const [key, targets] of Object.entries(resource.propertyDependencies))
    propertyDependencies[key] = targets.map((target) => target.urn);
  const dependsOn = (key: string) => propertyDependencies[key] ?? [];

  const custom = isCustom(resource);
  const outputs = toValues(rawProperties(resource.props), dependsOn);
  const { id } = outputs;
  const exists = custom && typeof id === "string" && id !== "";
  const external =
    exists && inputs !== undefined && Object.keys(inputs).length === 0 && !NEEDS_NO_INPUT.test(resource.type);
  const properties =
    inputs === undefined || external
      ? withDropped(outputs, propertyDependencies)
      : { ...added(outputs, custom), ...toValues(inputs, dependsOn) };
  const parent = resource.parent?.urn ?? resource.opts.parent;
  return {
    urn: resource.urn,
    type: resource.type,
    name: resource.name,
    ...(exists && { id }),
    custom,
    external,
    properties,
    propertyDependencies,
    secrets: new Set(resource.opts.additionalSecretOutputs),
    ...(parent !== undefined && { parent }),
  };
}

/** Types of which a program can declare a resource without saying anything about it. */
const NEEDS_NO_INPUT = /:(?:InternetGateway|VpnGateway|Eip|Default\w+)$/;

type Values = { readonly [key: string]: Value };

function added(outputs: Values, custom: boolean): Values {
  if (!custom) return outputs;
  return Object.fromEntries(Object.entries(outputs).filter(([key, value]) => key !== "id" && isPlain(value)));
}

function isPlain(value: Value): boolean {
  if (Array.isArray(value)) return value.length > 0 && value.every((item) => typeof item !== "object");
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function withDropped(outputs: Values, dependencies: Readonly<Record<string, readonly Urn[]>>): Values {
  const dropped: Record<string, Value> = {};
  for (const [key, urns] of Object.entries(dependencies)) {
    if (urns.length > 0 && !(key in outputs)) dropped[key] = new Unknown(urns, "left out by the provider at preview");
  }
  return { ...outputs, ...dropped };
}

function toValues(raw: RawProperties, dependsOn: (key: string) => readonly Urn[]): Values {
  const values: Record<string, Value> = {};
  for (const [key, value] of Object.entries(raw)) {
    if (!BOOKKEEPING.has(key) && value !== undefined) values[key] = toValue(value, dependsOn(key));
  }
  return values;
}

function toValue(raw: unknown, dependsOn: readonly Urn[]): Value {
  if (SENTINELS.has(raw)) return new Unknown(dependsOn);
  if (raw === MASKED) return new Unknown([], "a masked secret");
  if (raw === null || typeof raw === "string" || typeof raw === "number" || typeof raw === "boolean") return raw;
  if (Array.isArray(raw)) return raw.map((item) => toValue(item, dependsOn));
  // Assets and archives are instances of classes, told apart by their keys like plain data; the SDK promises what they hold.
  if (raw instanceof Promise) return new Unknown([], "the content of an asset or archive");
  if (typeof raw === "object") return toValues(rawProperties(raw), () => dependsOn);
  return new Unknown([], `a value of type ${typeof raw}`);
}

/**
 * Whether a provider manages the resource. A component has none; where the engine names no provider although there is one, the type
 * token of a bridged provider, `aws:ec2/instance:Instance`, tells.
 */
function isCustom(resource: { readonly type: string; readonly provider?: unknown }): boolean {
  return resource.provider !== undefined || /^pulumi:providers:|^[^:]+:[^:/]+\/[^:]+:/.test(resource.type);
}
