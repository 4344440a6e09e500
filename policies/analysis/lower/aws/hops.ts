import type { Family, Filter, Hop, Leg, NetId } from "../../model/network";
import type { Reason } from "../../model/provenance";
import type { ResourceSnapshot } from "../../model/snapshot";
import { intersect, unionAll } from "../../net/addr";
import { between, mergeReasons } from "../../net/bounds";
import { type Answer, routeLines, toward } from "../longest-prefix";
import type { SubnetAcls } from "./acls";
import type { PublicAccess } from "./block-public-access";
import { type AwsClass, doubtOf } from "./classes";
import type { GroupDirection } from "./group-rules";
import type { GroupMembership } from "./interfaces";
import type { Links } from "./links";
import type { Balancing } from "./load-balancers";
import type { Nat } from "./nat";
import type { Inspector } from "./network-firewall/firewall";
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
  /** Null for a NAT gateway that does not lead to the Internet. */
  readonly nat: (gateway: ResourceSnapshot) => Nat | null;
  /** Peerings and transit gateways. */
  readonly links: Links;
  /** Load balancers with the classes behind them. */
  readonly balancing: readonly Balancing[];
  /** The ingress filter of a class for clients that arrive through a load balancer that keeps their address. */
  readonly throughFilter: (item: AwsClass, balancer: Balancing) => Filter;
  /** Ways in that the model does not cover, e.g. a load balancer in front of a host. */
  readonly unmodelledWays: (item: AwsClass) => readonly Reason[];
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

  groups(item: AwsClass, direction: GroupDirection, leg: Leg): Hop & { kind: "filter" } {
    return { kind: "filter", filters: [this.parts.groupFilter(item, direction)], leg, step: "filter", why: [] };
  }

  acl(subnet: SubnetKey, side: "in" | "out", leg: Leg): Hop & { kind: "filter" } {
    const { options, why } = this.parts.acls(subnet);
    return { kind: "filter", filters: options.map((acl) => acl[side]), leg, step: "filter", why };
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

/** Only an attached Internet gateway brings a reply back to an Internet client; what an appliance does is not known. */
export function inboundTarget(target: Target): Answer {
  if (target.kind === "internet") return target.attached;
  return target.kind === "unknown" || target.kind === "endpoint" || target.kind === "interface" ? "maybe" : "no";
}
