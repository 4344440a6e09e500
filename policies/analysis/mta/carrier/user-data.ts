import type { CarrierSource } from "../../model/network";
import type { Provenance } from "../../model/provenance";
import { Unknown, type Urn, type Value } from "../../model/snapshot";
import type { Carrier } from "../answer";
import { base64, type Decoded, MAX_TEXT, toText } from "./decode";

/** Reads whatever configures a host; null if there is nothing. */
export function readCarrier(host: Urn, source: CarrierSource): Carrier | null {
  const { at, value, encoding, secret, command, perhaps } = source;
  if (command === undefined) return readUserData(host, at, value, encoding, secret);
  if (value === undefined || value === null || value === "") return null;
  return {
    host,
    kind: command === "unknown" ? "command" : command,
    at,
    ...(secret ? { secret } : {}),
    ...(perhaps === true ? { perhaps } : {}),
    ...(source.arguments === undefined ? {} : { arguments: source.arguments }),
    ...commandText(value, encoding),
  };
}

function commandText(value: Value, encoding: CarrierSource["encoding"]): { text: string | null; unknown?: string } {
  if (typeof value !== "string")
    return { text: null, unknown: value instanceof Unknown ? value.reason : "the command is no text" };
  if (encoding === "plain") return { text: value };
  const decoded = decode(value, encoding);
  return "text" in decoded ? decoded : { text: null, unknown: `the script cannot be read: ${decoded.unreadable}` };
}

/**
 * Reads the user data of a host: plain, base64, or plain that may be the base64 of a careless author; compressed or not.
 *
 * @param value the property as the program gives it; absent is `undefined`
 * @returns null if there is none
 */
export function readUserData(
  host: Urn,
  at: Provenance,
  value: Value | undefined,
  encoding: "plain" | "base64" | "maybe-base64",
  secret: boolean,
): Carrier | null {
  if (value === undefined || value === null || value === "") return null;
  const carrier = { host, kind: "user-data", at, ...(secret ? { secret } : {}) } as const;
  if (value instanceof Unknown) return { ...carrier, text: null, unknown: `the user data is ${value.reason}` };
  if (typeof value !== "string") return { ...carrier, text: null, unknown: "the user data is no text" };
  const decoded = decode(value, encoding);
  return "text" in decoded
    ? { ...carrier, text: decoded.text }
    : { ...carrier, text: null, unknown: `the user data cannot be read: ${decoded.unreadable}` };
}

function decode(value: string, encoding: "plain" | "base64" | "maybe-base64"): Decoded {
  if (value.length > 2 * MAX_TEXT) return { unreadable: `it is larger than ${MAX_TEXT} bytes` };
  // Older providers keep nothing but a hash of it in the state.
  if (/^[0-9a-f]{40}$/.test(value)) return { unreadable: "the state holds a hash of it only" };
  if (encoding === "plain") return { text: value };
  const bytes = base64(value);
  if (encoding === "base64") return bytes === null ? { unreadable: "it is not base64" } : toText(bytes);
  if (bytes === null || bytes.length < 4) return { text: value };
  const decoded = toText(bytes);
  // Text without a blank or a line break that happens to be valid base64 configures nothing, unless it is base64.
  return "text" in decoded ? decoded : { unreadable: decoded.unreadable };
}
