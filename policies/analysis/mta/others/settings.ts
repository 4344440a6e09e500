import type { Reason } from "../../model/provenance";
import { type AddrSet, noAddresses, unionAll } from "../../net/addr";
import { parseCidr } from "../../net/cidr";
import type { SourceLine } from "../postfix/lines";

/** A setting of another MTA than Postfix that lets clients relay without authentication. */
export interface RelaySetting {
  /** Clients that it certainly lets relay. */
  readonly clients: AddrSet;
  /** True for a list of networks that are trusted: how wide it is decides, not that it is there. */
  readonly trusts: boolean;
  /** Why the clients are more than it says, or fewer. */
  readonly doubt?: string;
  readonly line: Reason;
}

/** What the plain settings of an MTA say; what is not plain is not said. */
export interface PlainSettings {
  readonly relays: readonly RelaySetting[];
  readonly ports: readonly number[];
  readonly loopbackOnly: boolean;
}

/** What can be read of a machine: its files and the answers to its packages' questions. */
export interface Installed {
  /** Content by path; null if it is not known. */
  readonly files: ReadonlyMap<string, readonly SourceLine[] | null>;
  /** Answers to debconf questions by `package/question`, the last one of each. */
  readonly answers: ReadonlyMap<string, string>;
}

/** Lines of all files whose path matches. */
export function linesOf({ files }: Installed, path: RegExp): readonly SourceLine[] {
  return [...files].flatMap(([name, lines]) => (path.test(name) ? (lines ?? []) : []));
}

export function quoted(line: SourceLine): Reason {
  return { text: line.text.trim(), at: line.at };
}

/** Addresses and networks of a list; `doubt` names the first item that is neither. */
export function networks(items: readonly string[]): { clients: AddrSet; doubt?: string } {
  const known: AddrSet[] = [];
  let doubt: string | undefined;
  for (const item of items) {
    const set = item.startsWith("!") ? null : parseCidr(item.replace(/^\[(.*)\]/, "$1"));
    if (set === null) doubt ??= item;
    else known.push(set);
  }
  if (doubt === undefined) return { clients: unionAll(known) };
  // An exclusion may take away any of the others.
  return { clients: items.some((item) => item.startsWith("!")) ? noAddresses : unionAll(known), doubt };
}

export function isLoopback(host: string): boolean {
  return /^(?:localhost|lo0?|127(?:\.\d{1,3}){3}|(?:ipv6:)?\[?::1\]?)$/i.test(host.trim());
}
