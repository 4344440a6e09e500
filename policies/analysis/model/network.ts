import type { AddrSet } from "../net/addr";
import type { Bounds } from "../net/bounds";
import type { PortSet } from "../net/ports";
import type { StepKind, Unmodelled } from "../verdict/report";
import type { EndpointId, EndpointSet } from "./endpoints";
import type { Naming } from "./naming";
import type { Provenance, Reason } from "./provenance";
import type { ResourceSnapshot, Urn, Value } from "./snapshot";

/**
 * The neutral model of a stack's network. A cloud's oddity is a different list of hops, never a flag: nothing here knows
 * a security group or a network ACL.
 */

export type NetId = string;
export type ClassId = string;
export type Family = 4 | 6;
export type Protocol = "tcp" | "udp";

/** An address of an interface: one that is known, or some address within a range. */
export type Address =
  | { readonly kind: "known"; readonly addr: AddrSet }
  | { readonly kind: "within"; readonly range: AddrSet };

/** A virtual network: a VPC, later a VNet. */
export interface Network {
  readonly id: NetId;
  readonly urn: Urn | null;
  readonly name: string;
  /** Its address space; `may` is wider where a block is assigned only at creation. */
  readonly space: Bounds<AddrSet>;
  /** False for a network that the stack does not create: anything may live in it. */
  readonly created: boolean;
  /** Addresses of the cloud itself inside the network, such as its health probes: no source, and nobody's address. */
  readonly platform?: AddrSet;
}

/** Interfaces that share subnet, filters, public addressing, and the address where it is known. */
export interface IfaceClass {
  readonly id: ClassId;
  readonly network: NetId;
  readonly subnet: string;
  readonly address: { readonly v4: Address | null; readonly v6: Address | null };
  /** Resources that stand for the interfaces: the interface's own URN, or its host's. */
  readonly interfaces: readonly Urn[];
  /** Hosts that own the interfaces; an interface without one is a source and a member of groups, never a row. */
  readonly hosts: ReadonlySet<Urn>;
}

/** Something that the declaration of a machine leaves open to whoever gets in or near, beside the network. */
export interface Weakness {
  /** False where it cannot be decided yet. */
  readonly certain: boolean;
  /** One sentence that names the machine. */
  readonly message: string;
  readonly remediation: string;
}

/** A machine, or a group of equal machines: an instance, a scaling group, a fleet, later a scale set. */
export interface Host {
  readonly urn: Urn;
  readonly resource: ResourceSnapshot;
  readonly classes: readonly ClassId[];
  /** Groups that its interfaces certainly carry: a component of ours may declare a role for their members. */
  readonly memberOf: readonly Urn[];
  /** Metadata service, disks, logins. */
  readonly weaknesses: readonly Weakness[];
  /** Tags that the machine itself carries, by key. */
  readonly tags: Value | undefined;
  /** Where text that configures the machine may be found, as properties of resources. */
  readonly carriers: readonly CarrierSource[];
}

/** A property that configures a host: when it boots, or by a command that is sent to it. */
export interface CarrierSource {
  readonly at: Provenance;
  readonly value: Value | undefined;
  readonly encoding: "maybe-base64" | "base64" | "plain";
  readonly secret: boolean;
  /** Absent for user data. `batch`: for the command interpreter of Windows. `unknown`: nobody can see what is sent. */
  readonly command?: "powershell" | "shell" | "batch" | "unknown";
  /** What a command is called with. */
  readonly arguments?: readonly CommandArgument[];
  /** True if whether it is for this host is not known. */
  readonly perhaps?: boolean;
}

/** A shell script has a named one as an environment variable, a PowerShell script as a parameter. */
export interface CommandArgument {
  /** Null for one that goes by its place. */
  readonly name: string | null;
  /** Null while it is not known. */
  readonly value: string | null;
}

/** One line of a filter, in the direction of the packet. `null` for a peer means any endpoint, of either family. */
export interface Rule {
  readonly action: "allow" | "deny";
  readonly protocol: Protocol | "any";
  readonly source: Bounds<EndpointSet> | null;
  readonly destination: Bounds<EndpointSet> | null;
  readonly ports: PortSet;
  readonly sourcePorts: PortSet;
  readonly at: Provenance;
  readonly text: string;
  /** What one side stands for, by name: whatever it holds, it is the same set wherever a filter names it. */
  readonly atom?: { readonly side: "source" | "destination"; readonly name: string };
}

/** Rules in order, first match wins. A rule whose place, action or peer is unknown has `must` empty and stands first. */
export interface Filter {
  readonly id: string;
  readonly name: string;
  readonly at: Provenance | null;
  readonly rules: readonly Rule[];
  readonly otherwise: "allow" | "deny";
}

/** Rules that a stack attaches to interfaces or subnets by one name, as they are written. */
export interface SecurityGroup {
  /** Null for a group that is made together with something else, or that is not in the stack. */
  readonly resource: ResourceSnapshot | null;
  readonly name: string;
  /** Rules that let traffic pass. */
  readonly rules: readonly {
    readonly direction: "ingress" | "egress";
    readonly protocol: Protocol | "any";
    readonly ports: PortSet;
    /** Why it is not certain that the rule exists, or what it covers. */
    readonly doubt: Reason | null;
    readonly peers: readonly (
      | { readonly kind: "addresses"; readonly set: Bounds<AddrSet> }
      | { readonly kind: "members" }
    )[];
    readonly at: Provenance;
  }[];
}

/** The end of a connection at a device in the middle of a path. */
export interface Segment {
  readonly end: Endpoint;
  readonly port: number;
}

/** A route as an explanation shows it. */
export interface RouteLine {
  readonly destination: AddrSet;
  readonly text: string;
  readonly at: Provenance;
}

/** Which packets a hop judges: those that open the connection, or those that answer. */
export type Leg = "request" | "reply";

export type Hop =
  /** One of the filters applies, it is not known which; usually there is one. */
  | {
      readonly kind: "filter";
      readonly filters: readonly Filter[];
      readonly leg: Leg;
      readonly step: StepKind;
      readonly why: readonly Reason[];
      /** Interfaces pass by group membership only: the zone's address space already stands for what address rules admit. */
      readonly byIdentity?: boolean;
      /** The part of the way in front of a device that has an address and port of its own, such as a load balancer. */
      readonly segment?: Segment;
      /** Ports from which a device on the way chooses the client's port anew, as address translation does. */
      readonly clientPorts?: PortSet;
    }
  /** The addresses that the route table sends where this path needs them to go. */
  | {
      readonly kind: "route";
      readonly toward: Bounds<AddrSet>;
      readonly at: Provenance | null;
      readonly text: string;
      /** Routes for the explanation, the one that decides first. */
      readonly lines: readonly RouteLine[];
    }
  /** The device opens a connection of its own: it must be able to, along another path. */
  | { readonly kind: "proxy"; readonly path: Path }
  /** The path itself may not exist. */
  | { readonly kind: "doubt"; readonly why: Reason }
  /** A device that decides nothing but belongs in the explanation. */
  | {
      readonly kind: "device";
      readonly step: StepKind;
      readonly at: Provenance | null;
      readonly text: string;
      /** The public address that it puts in the place of the sender's, by name where it is known only later. */
      readonly sendsAs?: string;
    };

/** What the far end sees as the source of the connection. */
export type Seen =
  | { readonly kind: "client" }
  | { readonly kind: "pool"; readonly pools: readonly AddrSet[] }
  | { readonly kind: "claimed" };

/** The far end of a path: a set of endpoints that one list of hops treats alike. */
export interface Zone {
  readonly id: string;
  readonly kind: "internet" | "network" | "connected" | "service";
  readonly resource: Urn | null;
  readonly text: string;
  readonly endpoints: Bounds<EndpointSet>;
  /** Of a cloud's own mail service at a private address: the names that lead to it. */
  readonly names?: ServiceNames;
}

/** Names by which a private service goes. */
export interface ServiceNames {
  /** Names that its network's DNS certainly resolves to it. */
  readonly exact: readonly string[];
}

/** One way between an interface class and a zone. */
export interface Path {
  readonly family: Family;
  readonly class: ClassId;
  readonly zone: Zone;
  /** `inbound`: the zone holds the clients. `outbound`: it holds the servers. */
  readonly direction: "inbound" | "outbound";
  readonly hops: readonly Hop[];
  readonly seen: Seen;
  /** Ports of the class that the path leads to; null for every port. */
  readonly ports: PortSet | null;
  /** What the path carries; null for both. */
  readonly protocol: Protocol | null;
  /** A PROXY header with the client's own address is put in front of what the client sends. */
  readonly proxyHeader: boolean;
}

/** A class in one family, as a filter meets it. */
export interface Endpoint {
  readonly id: EndpointId;
  readonly address: Address;
}

export interface MailNetwork {
  readonly networks: ReadonlyMap<NetId, Network>;
  readonly classes: ReadonlyMap<ClassId, IfaceClass>;
  readonly hosts: readonly Host[];
  readonly securityGroups: readonly SecurityGroup[];
  /** Networks, subnets and interfaces whose flow logs are kept, by network id, subnet key and URN. */
  readonly logged: ReadonlySet<string>;
  readonly naming: Naming;
  /** Ranges of the endpoints that appear in sets by identity. */
  readonly ranges: ReadonlyMap<EndpointId, AddrSet>;
  /** Ways by which clients reach a class. A source's own interface filter is left out: the source is not ours to trust. */
  inbound(target: IfaceClass): readonly Path[];
  /** Ways by which a class reaches address space outside the stack. */
  outbound(source: IfaceClass): readonly Path[];
  /** Filters that every way into or out of a class passes: where they let nobody pass on a port, no way has to be made. */
  gates(item: IfaceClass, direction: Path["direction"]): readonly Filter[];
  /** Ways by which a class opens a connection to another class, through the filters of both. */
  between(source: IfaceClass, target: IfaceClass): readonly Path[];
  readonly unmodelled: readonly Unmodelled[];
  /** Documented defaults that were applied where the stack says nothing. */
  readonly assumptions: readonly string[];
}

export function endpointId(id: ClassId, family: Family): EndpointId {
  return `${id}/${family}`;
}
