import { Unknown, type Urn, type Value } from "../../policies/analysis/model/snapshot";
import { ANSWER_REASON, markIn, SECRET_REASON, splitDependencies } from "./marks";

/**
 * The JSON form of property values between a program and its engine, and their reading as snapshot values.
 * The signatures are those of the Pulumi SDK's `runtime/rpc`.
 */

export type Wire = null | boolean | number | string | readonly Wire[] | WireObject;
export interface WireObject {
  readonly [key: string]: Wire;
}

export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
export const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
/** Key of an object whose other keys are not known. The part of the engine inside the program takes it away, see preload/. */
export const OPEN = "__relayproofOpen";

export const Signature = {
  Asset: "c44067f5952c0a294b673a41bacd8c17",
  Archive: "0def7320c3a5731c473e5ecbe6d01bc7",
  Secret: "1b47061264138c4ac30d75fd1eb44270",
  Resource: "5cf8f73096256a8f31e491e813e4eb8e",
  Output: "d0e6a833031e9bbcd3f4e8bde6ca49a4",
} as const;

export interface DecodedProperties {
  readonly properties: { readonly [key: string]: Value };
  /** Resources that each property depends on, marks left out. */
  readonly propertyDependencies: { readonly [property: string]: readonly Urn[] };
  /** Properties that hold a secret somewhere. */
  readonly secrets: ReadonlySet<string>;
}

/** Properties that hold machinery of the SDK instead of configuration, e.g. the serialised code of a dynamic provider. */
const MACHINERY = new Set(["__provider", "__inputs", "__defaults"]);

/**
 * Reads the properties of a request.
 *
 * @param dependencies the resources of each top-level property; they stand in where an unknown leaf does not carry its own.
 */
export function decodeProperties(
  object: WireObject,
  dependencies: ReadonlyMap<string, readonly Urn[]>,
): DecodedProperties {
  const properties: { [key: string]: Value } = {};
  const propertyDependencies: { [key: string]: readonly Urn[] } = {};
  const secrets = new Set<string>();
  for (const [key, wire] of Object.entries(object)) {
    if (MACHINERY.has(key)) {
      continue;
    }
    const { urns, secret } = splitDependencies(dependencies.get(key) ?? []);
    const reading: Reading = { fallback: urns, masked: secret, found: new Set(urns), secret: false };
    properties[key] = decode(wire, reading);
    if (reading.found.size > 0) {
      propertyDependencies[key] = [...reading.found].sort();
    }
    if (reading.secret) {
      secrets.add(key);
    }
  }
  return { properties, propertyDependencies, secrets };
}

/** Reads one value that stands by itself. */
export function decodeValue(wire: Wire): Value {
  return decode(wire, { fallback: [], masked: false, found: new Set(), secret: false });
}

interface Reading {
  readonly fallback: readonly Urn[];
  /** The property depends on a masked secret. */
  readonly masked: boolean;
  readonly found: Set<Urn>;
  secret: boolean;
}

function decode(wire: Wire, reading: Reading): Value {
  if (wire === UNKNOWN) {
    return unknown(reading.fallback, reading.masked);
  }
  if (typeof wire === "string" || typeof wire === "number") {
    const reason = markIn(wire);
    return reason === undefined ? wire : new Unknown([], reason);
  }
  if (wire === null || typeof wire !== "object") {
    return wire;
  }
  if (isList(wire)) {
    return wire.map((item) => decode(item, reading));
  }
  return signatureOf(wire) === undefined ? decodeEach(wire, reading) : decodeSigned(wire, reading);
}

function decodeEach(wire: WireObject, reading: Reading): Value {
  const entries = Object.entries(wire).filter(([key]) => key !== OPEN);
  return Object.fromEntries(entries.map(([key, value]) => [key, decode(value, reading)]));
}

function decodeSigned(wire: WireObject, reading: Reading): Value {
  switch (signatureOf(wire)) {
    case Signature.Secret:
      reading.secret = true;
      return decode(wire.value ?? null, reading);
    case Signature.Output:
      return decodeOutput(wire, reading);
    case Signature.Resource:
      return decodeReference(wire, reading);
    default: {
      // Assets and archives are told apart by their keys: text, path, uri or assets.
      const kept = Object.entries(wire).filter(([key]) => ["text", "path", "uri", "assets"].includes(key));
      return decodeEach(Object.fromEntries(kept), reading);
    }
  }
}

function decodeOutput(wire: WireObject, reading: Reading): Value {
  const { urns, secret } = splitDependencies(dependenciesOf(wire));
  for (const urn of urns) {
    reading.found.add(urn);
  }
  reading.secret ||= wire.secret === true;
  if (wire.value === undefined) {
    return unknown(urns, secret);
  }
  const inner: Reading = { fallback: urns, masked: secret, found: reading.found, secret: false };
  const value = decode(wire.value, inner);
  reading.secret ||= inner.secret;
  return value;
}

/** What depends on no resource of the stack and is not known either is what a data source would say. */
function unknown(urns: readonly Urn[], masked: boolean): Unknown {
  if (masked) {
    return new Unknown(urns, SECRET_REASON);
  }
  return urns.length > 0 ? new Unknown(urns) : new Unknown(urns, ANSWER_REASON);
}

function decodeReference(wire: WireObject, reading: Reading): Value {
  const urn = String(wire.urn ?? "");
  if (wire.id === undefined) {
    return urn;
  }
  reading.found.add(urn);
  return typeof wire.id !== "string" || wire.id === "" || wire.id === UNKNOWN ? new Unknown([urn]) : wire.id;
}

export function isList(wire: Wire): wire is readonly Wire[] {
  return Array.isArray(wire);
}

export function isObject(wire: Wire | undefined): wire is WireObject {
  return typeof wire === "object" && wire !== null && !Array.isArray(wire);
}

export function signatureOf(wire: Wire): Wire | undefined {
  return isObject(wire) ? wire[SIGNATURE_KEY] : undefined;
}

/** URNs that an output value on the wire carries. */
export function dependenciesOf(wire: WireObject): readonly Urn[] {
  const list = wire.dependencies;
  return list !== undefined && isList(list) ? list.filter((urn): urn is string => typeof urn === "string") : [];
}

export function secretOf(value: Wire): WireObject {
  return { [SIGNATURE_KEY]: Signature.Secret, value };
}
