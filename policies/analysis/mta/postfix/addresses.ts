import { isIPv4, isIPv6 } from "node:net";
import { type AddrSet, allV4, allV6 } from "../../net/addr";
import { parseCidr } from "../../net/cidr";

export type Pattern =
  | { readonly kind: "addresses"; readonly set: AddrSet }
  /** Postfix reports an error when it compares an address of this family with the pattern. */
  | { readonly kind: "error"; readonly family: AddrSet; readonly text: string };

/**
 * An address pattern as cidr_match(3) reads it: `10.0.0.0/8`, `10.0.0.1`, `[2001:db8::]/32`, `2001:db8::1`. Unlike the cloud
 * APIs, Postfix refuses host bits behind the prefix.
 */
export function addressPattern(text: string): Pattern {
  const family = text.includes(":") ? allV6 : allV4;
  const match = /^(\[?)([0-9A-Fa-f.:]+)(\]?)(?:\/(\d+))?$/.exec(text);
  if (match === null) return { kind: "error", family, text: `${text} is no address and no network` };
  const [, open, address = "", close, length] = match;
  const balanced = (open === "") === (close === "");
  if (!balanced || !(isIPv4(address) || isIPv6(address)))
    return { kind: "error", family, text: `${text} is no address and no network` };
  const network = parseCidr(length === undefined ? address : `${address}/${length}`);
  if (network === null) return { kind: "error", family, text: `${text} has no valid prefix length` };
  const single = parseCidr(address);
  if (single?.v4[0]?.[0] !== network.v4[0]?.[0] || single?.v6[0]?.[0] !== network.v6[0]?.[0]) {
    return { kind: "error", family, text: `${text} has address bits behind the prefix, which Postfix refuses` };
  }
  return { kind: "addresses", set: network };
}
