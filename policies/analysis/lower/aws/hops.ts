import type { Family, Filter, Hop, Leg, NetId, Path, Zone } from "../../model/network";
import type { Reason } from "../../model/provenance";
import type { ResourceSnapshot } from "../../model/snapshot";
import { type AddrSet, intersect, unionAll } from "../../net/addr";
import { between, mergeReasons } from "../../net/bounds";
import { type Answer, routeLines, toward } from "../longest-prefix";
import type { Acceleration } from "./accelerators";
import type { SubnetAcls } from "./acls";
import type { BalancerNode } from "./balancer-nodes";
import type { PublicAccess } from "./block-public-access";
import { type AwsClass, doubtOf, rangeOf } from "./classes";
import type { EndpointService } from "./endpoint-services";
import type { GroupDirection } from "./group-rules";
import type { GroupMembership } from "./interfaces";
import type { Links } from "./links";
import type { Balancing } from "./load-balancers";
import type { Nat } from "./nat";
import type { Inspector } from "./network-firewall/firewall";
import type { MailEndpoint } from "./private-endpoints";
import type { SubnetTables } from "./route-tables";
import type { Target } from "./routes";
import type { SubnetKey, Vpcs } from "./vpc";

/** What the enumeration of paths needs of the parts. */
export interface Parts {
  readonly vpcs: Vpcs;
  readonly classes: readonly AwsClass[];
  readonly publicAccess: PublicAccess;
  readonly acls: (subnet: SubnetKey) => SubnetAcls;
  readonly tables: (subnet: SubnetKey) => SubnetTables;
  /** Route tables on the Internet gateway of a network. */
  readonly edge: (network: NetId) => SubnetTables;
  /** What an endpoint that routes lead to does with packets; null for one that leads to a service. */
  readonly inspector: (endpoint: ResourceSnapshot) => Inspector | null;
  /** The filter of a set of groups in a network. */
  readonly membershipFilter: (groups: GroupMembership, network: NetId, direction: GroupDirection) => Filter;
  readonly groupFilter: (item: AwsClass, direction: GroupDirection) => Filter;
  /** Whether a network has an Internet gateway. */
  readonly gateway: (network: NetId) => Answer;
  readonly accelerations: readonly Acceleration[];
  readonly services: readonly EndpointService[];
  readonly mailEndpoints: readonly MailEndpoint[];
  /** Null for a NAT gateway that does not lead to the Internet. */
  readonly nat: (gateway: ResourceSnapshot) => Nat | null;
  /** Peerings and transit gateways. */
  readonly links: Links;
  /** Load balancers with the classes behind them. */
  readonly balancing: readonly Balancing[];
  /** The ingress filter of groups for clients that arrive through a load balancer that keeps their address. */
  readonly throughFilter: (groups: GroupMembership, network: NetId, balancer: Balancing) => Filter;
  /** Ways in that the model does not cover, e.g. a load balancer in front of a host. */
  readonly unmodelledWays: (item: AwsClass) => readonly Reason[];
}

/** Where connections land: an interface, or a node of a load balancer, at some address of a subnet. */
export interface Landing {
  readonly network: NetId;
  readonly subnet: SubnetKey;
  readonly own: AddrSet;
}

/** Makes the hops that paths are composed of. */
export class Hops {
  private readonly parts: Parts;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  doubts(item: AwsClass, family: Family): Hop[] {
    const why = doubtOf(item, family);
    return why === null ? [] : [{ kind: "doubt", why }];
  }

  /** A path of a class: its client's address is kept, any port is meant, and no header is written, unless `more` says so. */
  path(item: AwsClass, family: Family, zone: Zone, hops: readonly Hop[], more: Partial<Path> = {}): Path {
    return {
      family,
      class: item.id,
      zone,
      direction: "inbound",
      ports: null,
      protocol: null,
      proxyHeader: false,
      seen: { kind: "client" },
      ...more,
      hops: [...this.doubts(item, family), ...hops],
    };
  }

  landing(item: AwsClass, family: Family): Landing {
    return { network: item.network, subnet: item.subnet, own: rangeOf(item, family) };
  }

  groups(item: AwsClass, direction: GroupDirection, leg: Leg): Hop & { kind: "filter" } {
    return { kind: "filter", filters: [this.parts.groupFilter(item, direction)], leg, step: "filter", why: [] };
  }

  /** The groups of a load balancer as a filter; none where it has none. */
  balancerGroups(way: Balancing, node: BalancerNode, direction: "ingress" | "egress"): (Hop & { kind: "filter" })[] {
    if (way.groups === null) return [];
    const filters = [this.parts.membershipFilter(way.groups, node.subnet.network, direction)];
    return [{ kind: "filter", filters, leg: "request", step: "filter", why: [] }];
  }

  acl(subnet: SubnetKey, side: "in" | "out", leg: Leg): Hop & { kind: "filter" } {
    const { options, why } = this.parts.acls(subnet);
    return { kind: "filter", filters: options.map((acl) => acl[side]), leg, step: "filter", why };
  }

  /** Through an accelerator: the VPC needs an Internet gateway, and no route to it. */
  accelerated(way: Acceleration, network: NetId): Hop[] {
    const gateway = this.parts.gateway(network);
    const text = "whether the VPC has an Internet gateway, which an accelerator needs, is not known";
    const none: Filter = {
      id: `no-gateway:${network}`,
      name: "no Internet gateway",
      at: null,
      rules: [],
      otherwise: "deny",
    };
    return [
      { kind: "device", step: "gateway", at: way.at, text: way.text },
      ...way.doubts.map((why): Hop => ({ kind: "doubt", why })),
      ...(gateway === "no"
        ? [{ kind: "filter" as const, filters: [none], leg: "request" as const, step: "gateway" as const, why: [] }]
        : []),
      ...(gateway === "maybe" ? [{ kind: "doubt" as const, why: { text } }] : []),
    ];
  }

  /**
   * A network ACL for what comes from an accelerator: editions of the Global Accelerator Guide differ on whether it is asked, so it
   * closes nothing, and what it would close is not certain.
   */
  bypassed(subnet: SubnetKey, side: "in" | "out", leg: Leg): Hop & { kind: "filter" } {
    const hop = this.acl(subnet, side, leg);
    const why = { text: "whether network ACLs apply to what comes from an accelerator is not certain" };
    return { ...hop, filters: [...hop.filters, passAll], why: [...hop.why, why] };
  }

  route(subnet: SubnetKey, family: Family, wanted: (target: Target) => Answer, verb: string): Hop & { kind: "route" } {
    const { options, why } = this.parts.tables(subnet);
    const sets = options.map((table) => toward(table, family, wanted));
    const [first] = options;
    const base = {
      kind: "route" as const,
      at: first?.at ?? null,
      text: `${verb} ${options.map((table) => table.name).join(" or ")}`,
      lines: options.flatMap((table) => routeLines(table, family)),
    };
    if (sets.length === 1 && sets[0] !== undefined) return { ...base, toward: sets[0] };
    const must = sets.map((set) => set.must).reduce(intersect);
    const may = unionAll(sets.map((set) => set.may));
    return { ...base, toward: between(must, may, mergeReasons([...why, ...sets.flatMap((set) => set.why)])) };
  }
}

const passAll: Filter = { id: "pass", name: "no filter", at: null, rules: [], otherwise: "allow" };

/** Only an attached Internet gateway brings a reply back to an Internet client; what an appliance does is not known. */
export function inboundTarget(target: Target): Answer {
  if (target.kind === "internet") return target.attached;
  if (target.kind === "interface") return target.forwards === "no" ? "no" : "maybe";
  return target.kind === "unknown" || target.kind === "endpoint" ? "maybe" : "no";
}
