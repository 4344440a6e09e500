import type { EndpointSet } from "../../model/endpoints";
import { addresses } from "../../model/endpoints";
import type { Filter, NetId } from "../../model/network";
import type { Reason } from "../../model/provenance";
import { allAddresses, noAddresses } from "../../net/addr";
import { type Bounds, between, exactly } from "../../net/bounds";
import type { Members } from "./classes";
import { groupFilter } from "./group-filter";
import { doubted, type GroupDirection, type GroupPeer } from "./group-rules";
import type { Group, Groups } from "./groups";
import type { GroupMembership } from "./interfaces";
import type { Balancing } from "./load-balancers";

/** The filters of interfaces: the union of the rules of all groups that they carry. Equal sets of groups share one filter. */
export class Filters {
  private readonly groups: Groups;
  private readonly members: Members;
  /** By network, direction and way, then by the groups. */
  private readonly memo = new Map<string, Map<string, Filter>>();
  private count = 0;

  constructor(groups: Groups, members: Members) {
    this.groups = groups;
    this.members = members;
  }

  of(carried: GroupMembership, network: NetId, direction: GroupDirection): Filter {
    return this.compile("", carried, network, direction, (peer) => this.members.endpoints(peer, network));
  }

  /**
   * Ingress for clients whose address a load balancer keeps: a rule for the load balancer's own group lets every client pass
   * that it lets pass, and a rule for the client's group matches none. NLB Guide, "Register targets".
   */
  through(carried: GroupMembership, network: NetId, way: Balancing): Filter {
    const own = new Set(way.groups?.certain ?? []);
    const maybe = new Set(way.groups?.possible ?? []);
    return this.compile(`@${way.balancer.urn}`, carried, network, "ingress", (peer): Bounds<EndpointSet> => {
      if (peer.kind === "addresses") return this.members.endpoints(peer, network);
      if (own.has(peer.group) && peer.certain) return exactly(addresses(allAddresses));
      if (!own.has(peer.group) && !maybe.has(peer.group)) return exactly(addresses(noAddresses));
      return between(addresses(noAddresses), addresses(allAddresses), [
        { text: "whether a rule means the load balancer's group is not known" },
      ]);
    });
  }

  private compile(
    variant: string,
    carried: GroupMembership,
    network: NetId,
    direction: GroupDirection,
    peerOf: (peer: GroupPeer) => Bounds<EndpointSet>,
  ): Filter {
    const place = `${network}:${direction}${variant}`;
    const here = this.memo.get(place) ?? new Map<string, Filter>();
    this.memo.set(place, here);
    const key = keyOf(carried);
    let filter = here.get(key);
    if (filter === undefined) {
      const all = [
        ...carried.certain.map((key) => this.groups.group(key)),
        ...carried.possible.map((key) => weaken(this.groups.group(key))),
      ];
      const first = all.find((group) => group.resource !== null)?.resource ?? null;
      filter = groupFilter(
        `groups:${this.count++}`,
        all.map((group) => group.name).join(", ") || "no security group",
        first === null ? null : { urn: first.urn },
        all.flatMap((group) => group.rules),
        direction,
        peerOf,
      );
      here.set(key, filter);
    }
    return filter;
  }
}

function keyOf({ certain, possible }: GroupMembership): string {
  const [only] = certain;
  if (only !== undefined && certain.length === 1 && possible.length === 0) return only;
  return `${certain.join(",")}?${possible.join(",")}`;
}

/** A group that an interface may carry: none of its rules is certain. */
function weaken(group: Group): Group {
  const doubt: Reason = { text: `whether the interface carries ${group.name} is not known` };
  return { ...group, rules: group.rules.map((rule) => doubted(rule, doubt)) };
}
