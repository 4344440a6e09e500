import type { Urn } from "../../policies/analysis/model/snapshot";
import { isList, isObject, OPEN, Signature, secretOf, signatureOf, UNKNOWN, type Wire, type WireObject } from "./wire";

/**
 * What a first preview knows of a resource that does not exist: an output with the name of a known input echoes it, every other output is
 * unknown.
 *
 * A list of objects does not echo. The provider adds outputs to its items (`network.subnets[0].id`), and an echo would turn those into
 * `undefined`, a value that a program takes for an answer. A single object echoes with the mark `OPEN`: the program sees a property that is
 * not among the inputs as unknown.
 */

/** The outputs of a resource with these inputs, as far as they are known. */
export function echoInputs(inputs: WireObject, secretOutputs: readonly string[]): WireObject {
  const outputs: { [key: string]: Wire } = {};
  for (const [key, input] of Object.entries(inputs)) {
    if (key !== "id" && key !== "urn") {
      outputs[key] = echo(input);
    }
  }
  for (const key of secretOutputs) {
    outputs[key] = secretOf(outputs[key] ?? UNKNOWN);
  }
  return outputs;
}

function echo(wire: Wire): Wire {
  if (isList(wire)) {
    return wire.every(isLeaf) ? wire.map(echo) : UNKNOWN;
  }
  if (!isObject(wire)) {
    return wire;
  }
  switch (signatureOf(wire)) {
    case undefined:
      return { ...Object.fromEntries(Object.entries(wire).map(([key, value]) => [key, echo(value)])), [OPEN]: true };
    case Signature.Secret:
      return secretOf(echo(wire.value ?? null));
    case Signature.Output: {
      const value = wire.value === undefined ? UNKNOWN : echo(wire.value);
      return wire.secret === true ? secretOf(value) : value;
    }
    case Signature.Resource:
      return UNKNOWN;
    default:
      return wire;
  }
}

function isLeaf(wire: Wire): boolean {
  if (!isObject(wire)) {
    return !isList(wire) || wire.every(isLeaf);
  }
  const signature = signatureOf(wire);
  if (signature === Signature.Secret || signature === Signature.Output) {
    return wire.value === undefined || isLeaf(wire.value);
  }
  return false;
}

/** Resources that the unknown leaves of each echoed output come from. */
export function echoDependencies(
  outputs: WireObject,
  dependencies: { readonly [property: string]: readonly Urn[] },
): ReadonlyMap<string, readonly Urn[]> {
  const found = new Map<string, readonly Urn[]>();
  for (const [key, output] of Object.entries(outputs)) {
    const urns = dependencies[key];
    if (urns !== undefined && holdsUnknown(output)) {
      found.set(key, urns);
    }
  }
  return found;
}

function holdsUnknown(wire: Wire): boolean {
  if (isList(wire)) {
    return wire.some(holdsUnknown);
  }
  return isObject(wire) ? Object.values(wire).some(holdsUnknown) : wire === UNKNOWN;
}
