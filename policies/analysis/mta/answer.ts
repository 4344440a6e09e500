import type { CommandArgument } from "../model/network";
import type { Provenance, Reason } from "../model/provenance";
import type { Urn } from "../model/snapshot";
import type { AddrSet } from "../net/addr";
import type { Bounds } from "../net/bounds";
import type { PortSet } from "../net/ports";
import type { Connector } from "./exchange/connector";
import type { AcceptedDomain } from "./exchange/organisation";
import type { Practice } from "./practice";

/** An SMTP listener of an MTA, and for whom it relays without authentication, judged by the address that it sees. */
export interface RelayAnswer {
  /** TCP port of the listener. */
  readonly port: number;
  /** True if it is bound to loopback addresses only, so that nobody outside reaches it. */
  readonly loopbackOnly: boolean;
  /** Client addresses, as the MTA sees them, that may relay to arbitrary recipients without authentication. */
  readonly relays: Bounds<AddrSet>;
  /**
   * Peers that choose the address that `relays` is judged by, because the listener believes their PROXY header or XCLIENT
   * command. Absent: nobody does.
   */
  readonly claims?: Bounds<AddrSet>;
  /** Every peer must open with a PROXY header, whose address the listener takes for the client's. */
  readonly expectsProxyHeader?: boolean;
  /** Why the service does not work at all with this configuration: it relays for nobody, and takes no mail either. */
  readonly outage?: Reason;
  /** The configuration lines that decide `relays`. */
  readonly trace: readonly Reason[];
  /** How it is configured otherwise; absent where that is not evaluated. */
  readonly practice?: Practice;
}

/** Where an MTA hands mail on to: the port it opens, and to whom. A DNS name counts as any public address. */
export interface NextMta {
  readonly destination:
    | { readonly kind: "mx" }
    | { readonly kind: "name"; readonly name: string }
    | { readonly kind: "address"; readonly addr: AddrSet };
  readonly ports: PortSet;
  readonly at: Provenance;
}

/** What the program says about the MTA of one host. */
export type HostMta =
  /** No carrier of configuration names an MTA: "no MTA here" is an assumption unless the host is a mail host. */
  | { readonly kind: "none" }
  /** A carrier exists that cannot be read, or holds more than the evaluator covers. */
  | {
      readonly kind: "undetermined";
      readonly why: readonly Reason[];
      /** True if something that can be read has to do with an MTA; false if a carrier cannot be read at all. */
      readonly signs: boolean;
    }
  | {
      readonly kind: "known";
      readonly answers: readonly RelayAnswer[];
      readonly nextHops: readonly NextMta[];
      /** Why there may be next hops beside `nextHops`: a routing table that the program does not hold. */
      readonly unknownHops?: readonly Reason[];
      /** Why something beside what is known here may configure it too: it is not read. */
      readonly unread?: readonly Reason[];
      /** Lines by which connections of others come in on loopback, whatever address they are from. */
      readonly forwards?: readonly Reason[];
      /** The name by which it introduces itself to other mail servers, where the configuration says. */
      readonly heloName?: { readonly name: string; readonly line: Reason };
      /** Exchange's own configuration, where that is the MTA. */
      readonly exchange?: ExchangeView;
    };

/** What the program says about an Exchange server, beside whom it relays for. */
export interface ExchangeView {
  readonly connectors: readonly Connector[];
  readonly domains: readonly AcceptedDomain[];
  /** What in the scripts is not followed. */
  readonly problems: readonly Reason[];
  /** True if the scripts are a secret: they are judged, and never quoted. */
  readonly secret: boolean;
}

/** A piece of text that configures a host, with where it was found. */
export interface Carrier {
  readonly host: Urn;
  /** Beside user data: what is sent to a machine that runs, a script or something that nobody can see. */
  readonly kind: "user-data" | "powershell" | "batch" | "shell" | "command";
  readonly at: Provenance;
  /** What a script is called with. */
  readonly arguments?: readonly CommandArgument[];
  /** Decoded text; null when it is unknown or masked, with the reason. */
  readonly text: string | null;
  readonly unknown?: string;
  /** True if the text is a secret: it is judged, and never quoted. */
  readonly secret?: boolean;
  /** True if whether it is for this host is not known. */
  readonly perhaps?: boolean;
}
