import { Unknown, type Urn, type Value } from "../../../policies/analysis/model/snapshot";
import { BOOKKEEPING, SENTINELS, type Values } from "../../../policies/pack/properties";
import { SIGNATURE_KEY, Signature } from "../../engine/wire";
import { findJsonError } from "../json-file";
import { isRecord } from "../yaml-file";

/**
 * Property values as Pulumi's engine serialises them (pulumi/pulumi, pkg/resource/stack/deployment.go, `SerializePropertyValue`).
 */

const SECRET_REASON = "a masked secret";

/** What stands for the text of an asset in an event. */
const ELIDED = "<contents elided>";

export interface ReadValues {
  readonly values: Values;
  /** Properties that hold a secret somewhere. */
  readonly secrets: ReadonlySet<string>;
}

/**
 * @param dependsOn the resources that a property depends on: an unknown leaf in it comes from some of them
 * @param isMasked whether a text is what is left of a secret
 */
export function readValues(
  properties: Readonly<Record<string, unknown>>,
  dependsOn: (property: string) => readonly Urn[],
  isMasked: (text: string) => boolean,
): ReadValues {
  const secrets = new Set<string>();
  const values = Object.entries(properties)
    .filter(([key]) => !BOOKKEEPING.has(key))
    .map(([key, value]) => {
      const reading: Reading = { dependsOn: dependsOn(key), isMasked, secret: false };
      const read = readValue(value, reading);
      if (reading.secret) secrets.add(key);
      return [key, read] as const;
    });
  return { values: Object.fromEntries(values), secrets };
}

interface Reading {
  readonly dependsOn: readonly Urn[];
  readonly isMasked: (text: string) => boolean;
  secret: boolean;
}

function readValue(value: unknown, reading: Reading): Value {
  if (SENTINELS.has(value)) return new Unknown(reading.dependsOn);
  if (typeof value === "string") return readText(value, reading);
  if (value === null || typeof value === "number" || typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map((item) => readValue(item, reading));
  if (!isRecord(value)) return new Unknown([], `a value of type ${typeof value}`);
  return Object.hasOwn(value, SIGNATURE_KEY) ? readSigned(value, reading) : readEach(value, reading);
}

function readEach(value: Readonly<Record<string, unknown>>, reading: Reading): Value {
  const entries = Object.entries(value).filter(([key]) => !BOOKKEEPING.has(key));
  return Object.fromEntries(entries.map(([key, item]) => [key, readValue(item, reading)]));
}

function readText(text: string, reading: Reading): Value {
  if (reading.isMasked(text)) {
    reading.secret = true;
    return new Unknown([], SECRET_REASON);
  }
  // How `preview --json` shows a text that is no UTF-8.
  return /^b"[A-Za-z0-9+/=]*"$/.test(text) ? new Unknown([], "bytes that are no text") : text;
}

function readSigned(value: Readonly<Record<string, unknown>>, reading: Reading): Value {
  switch (value[SIGNATURE_KEY]) {
    case Signature.Secret:
      reading.secret = true;
      return readSecret(value.plaintext, reading);
    case Signature.Resource:
      return readReference(value);
    case Signature.Asset:
    case Signature.Archive: {
      if (value.text === ELIDED) return new Unknown([], "the content of an asset");
      const kept = Object.entries(value).filter(([key]) => ["text", "path", "uri", "assets"].includes(key));
      return readEach(Object.fromEntries(kept), reading);
    }
    default:
      return new Unknown([], "a value that is not written as text");
  }
}

/** Plain only in what `--show-secrets` wrote; else a ciphertext. */
function readSecret(plaintext: unknown, reading: Reading): Value {
  if (typeof plaintext !== "string" || findJsonError(plaintext) !== null) return new Unknown([], SECRET_REASON);
  return readValue(JSON.parse(plaintext), reading);
}

function readReference(value: Readonly<Record<string, unknown>>): Value {
  const urn = typeof value.urn === "string" ? value.urn : "";
  const { id } = value;
  if (id === undefined) return urn;
  return typeof id !== "string" || id === "" || SENTINELS.has(id) ? new Unknown([urn]) : id;
}
