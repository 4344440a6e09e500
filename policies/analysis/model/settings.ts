import type { AddrSet } from "../net/addr";
import type { Urn } from "./snapshot";

export const Role = { FrontEnd: "front-end", InternalMail: "internal-mail" } as const;
export type Role = (typeof Role)[keyof typeof Role];

/** What the users of the pack declare about their perimeter: the shared section `perimeter` of the policy configuration, parsed. */
export interface Settings {
  /** The role that configuration gives to a host, or undefined: configuration beats component beats tag. */
  roleOf(urn: Urn): Role | undefined;
  /** Addresses allowed to open SMTP to internal mail servers (R7); null when none are configured. */
  readonly approvedSenders: AddrSet | null;
  /** A policy's own override of `approvedSenders`. */
  approvedSendersFor(policy: string): AddrSet | null;
  /** Networks that may reach management ports, and that may relay. */
  readonly trustedNetworks: AddrSet;
  trustedNetworksFor(policy: string): AddrSet;
  /** Public destinations that a host other than a gateway may open SMTP to. */
  smtpDestinationsOf(urn: Urn): AddrSet;
  /** Private destinations that a front end may open. */
  readonly inwardAllowed: AddrSet;
  /** Ports that `smtp-egress-through-gateway` judges; 25 unless configured. */
  readonly egressPorts: readonly number[];
}
