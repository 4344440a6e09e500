import type { ResourceSnapshot, Unknown, Urn } from "./snapshot";

/** What the stack says about names: by which a host is found, and by which its address is looked up backwards. */
export interface Naming {
  readonly addresses: readonly PublicAddress[];
  /** Zones of the public DNS that the stack creates, so that it holds all their records. */
  readonly zones: readonly DnsZone[];
}

/** A fixed public address of hosts. */
export interface PublicAddress {
  readonly resource: ResourceSnapshot;
  /** Null while it is not known. */
  readonly address: string | null;
  readonly hosts: ReadonlySet<Urn>;
  /** The name that a PTR record gives it; null if the stack says nothing. */
  readonly ptr: { readonly name: string | Unknown; readonly at: Urn } | null;
}

export interface DnsZone {
  /** In lower case, without the dot at the end. */
  readonly name: string;
  readonly records: readonly DnsRecord[];
}

export interface DnsRecord {
  readonly resource: ResourceSnapshot;
  /** Whole name in lower case, without the dot at the end. */
  readonly name: string | Unknown;
  readonly type: string | Unknown;
  /** An alias for something of the cloud has one value that is not known. */
  readonly values: readonly (string | Unknown)[];
}

export const noNaming: Naming = { addresses: [], zones: [] };
