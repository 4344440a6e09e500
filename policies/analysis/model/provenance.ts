import type { Urn } from "./snapshot";

/** Where a decision was read from: a resource, and the property or configuration line in it. */
export interface Provenance {
  readonly urn: Urn;
  /** Property path such as `ingress[0].cidrBlocks[1]`, or a line such as `/etc/postfix/main.cf:12`. */
  readonly path?: string;
}

/** One step of an explanation: what was found, and where. */
export interface Reason {
  readonly text: string;
  readonly at?: Provenance;
}
