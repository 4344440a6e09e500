import type { PolicyResource, ResourceValidationArgs } from "@pulumi/policy";
import { type ResourceSnapshot, Unknown, type Urn, type Value } from "../analysis/model/snapshot";
import { addOutputs, BOOKKEEPING, MASKED, SENTINELS, type Values, withDropped } from "./properties";

/**
 * Reduces what CrossGuard hands to policies to snapshots. The only file that knows how the SDK wraps and marks values.
 *
 * A resource policy sees the inputs of a resource, a stack policy sees its outputs, which are the poorer source: on a first preview a
 * bridged provider may leave out a whole property because something inside is unknown. So inputs, where a resource policy saw them,
 * stand as they are, and outputs only add to them, see properties.ts.
 *
 * Without inputs (a resource that was not part of the operation) the outputs stand for them, and a property that has dependencies
 * but no value is unknown, not absent.
 *
 * A resource that exists and was given no input at all was read with `.get()`, and comes out of an exported state: previews do not
 * show such resources to policies. Its outputs stand, and it is external.
 */

/** Properties as the SDK deserialized them: plain data with sentinels in it. */
export type RawProperties = Readonly<Record<string, unknown>>;

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
      : addOutputs(toValues(inputs, dependsOn), outputs, custom);
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
