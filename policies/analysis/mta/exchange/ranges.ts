import { type AddrSet, allAddresses, noAddresses, unionAll } from "../../net/addr";
import { parseCidr } from "../../net/cidr";
import type { Several } from "./attributes";

/**
 * `10.0.0.1`, `10.0.0.1-10.0.0.9`, `10.0.0.0/8`, `10.0.0.0(255.0.0.0)`: the spellings of RemoteIPRanges. Null for any other.
 * Source: Microsoft, Set-ReceiveConnector, -RemoteIPRanges.
 */
export function parseRange(text: string): AddrSet | null {
  const plain = parseCidr(text);
  if (plain !== null) return plain;
  const masked = /^\s*([\d.]+)\s*\(\s*([\d.]+)\s*\)\s*$/.exec(text);
  if (masked !== null) {
    const mask = parseCidr(masked[2] ?? "")?.v4[0]?.[0];
    if (mask === undefined) return null;
    const host = 0xffffffff - mask;
    // A mask that is no prefix names no range.
    if ((host & (host + 1)) !== 0) return null;
    return parseCidr(`${masked[1]}/${32 - Math.round(Math.log2(host + 1))}`);
  }
  const [from, to, ...rest] = text.split("-");
  if (from === undefined || to === undefined || rest.length > 0 || /\//.test(text)) return null;
  const [low, high] = [parseCidr(from), parseCidr(to)];
  if (low === null || high === null) return null;
  const [a4, b4] = [low.v4[0]?.[0], high.v4[0]?.[0]];
  if (a4 !== undefined && b4 !== undefined) return a4 <= b4 ? { v4: [[a4, b4]], v6: [] } : null;
  const [a6, b6] = [low.v6[0]?.[0], high.v6[0]?.[0]];
  return a6 !== undefined && b6 !== undefined && a6 <= b6 ? { v4: [], v6: [[a6, b6]] } : null;
}

/** The addresses of a list of ranges that certainly are in it, and those that may be. */
export function addressesOf(ranges: Several): { readonly must: AddrSet; readonly may: AddrSet } {
  const sets = ranges.has.map(parseRange);
  const must = unionAll(sets.map((set) => set ?? noAddresses));
  const open = ranges.open.length > 0 || sets.includes(null);
  return { must, may: open ? allAddresses : must };
}

/** `0.0.0.0:25`, `[::]:25`, `10.0.0.1:25`, `:::25`; null for any other. */
export function parseBinding(
  text: string,
): { readonly address: AddrSet; readonly any: boolean; readonly port: number } | null {
  const match = /^\s*(?:\[([0-9a-f:.]+)\]|([0-9a-f:.]*)):(\d{1,5})\s*$/i.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65535) return null;
  const host = match[1] ?? match[2] ?? "";
  const address = parseCidr(host === "" ? "0.0.0.0" : host);
  if (address === null) return null;
  return { address, any: /^(?:|0\.0\.0\.0|::|0:0:0:0:0:0:0:0)$/.test(host), port };
}
