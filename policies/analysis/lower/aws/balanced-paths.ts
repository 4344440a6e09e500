import type { EndpointSet } from "../../model/endpoints";
import { addresses } from "../../model/endpoints";
import type { Endpoint, Family, Filter, Hop, Path, Seen, Segment, Zone } from "../../model/network";
import type { Reason } from "../../model/provenance";
import type { AddrSet } from "../../net/addr";
import { isEmpty, noAddresses, overlaps } from "../../net/addr";
import { exactly } from "../../net/bounds";
import { parseCidr } from "../../net/cidr";
import { ports } from "../../net/ports";
import type { AwsClass } from "./classes";
import type { Hops, Parts } from "./hops";
import type { Inspection } from "./inspection";
import type { BalancerNode, Balancing, Preservation } from "./load-balancers";
import { internetZones, type Neighbourhood, type Zones } from "./zones";

/**
 * Ways through load balancers. A node is reached at its own address and the listener's port; the target then sees either the
 * client or the node, and is admitted accordingly. Replies of a tracked flow go back through the load balancer, whatever the
 * target's route table says.
 */
export class BalancedPaths {
  private readonly parts: Parts;
  private readonly hops: Hops;
  private readonly zones: Zones;
  private readonly inspection: Inspection;

  constructor(parts: Parts, hops: Hops, zones: Zones, inspection: Inspection) {
    this.inspection = inspection;
    this.parts = parts;
    this.hops = hops;
    this.zones = zones;
  }

  /** Ways to a class, for clients of either family: an IPv4 target also serves IPv6 clients, as the node. */
  inbound(target: AwsClass): Path[] {
    if (target.address.v4 === null) return this.toIpv6Target(target);
    return this.parts.balancing.flatMap((way) => {
      const found = leadsTo(way, target) ? way : mayLeadTo(way, target);
      return found === null ? [] : found.nodes.flatMap((node) => this.throughNode(target, found, node));
    });
  }

  /** Targets without IPv4 are not followed: whoever their own filters admit may come through the load balancer. */
  private toIpv6Target(target: AwsClass): Path[] {
    return this.parts.balancing
      .filter((way) => leadsTo(way, target) || mayLeadTo(way, target) !== null)
      .map((way) => ({
        family: 6,
        class: target.id,
        zone: { ...internetZones[6], id: `${internetZones[6].id}@${way.balancer.urn}` },
        direction: "inbound",
        hops: [
          { kind: "doubt", why: { text: `${way.text}, to an IPv6 target, which is not modelled`, at: way.at } },
          this.hops.groups(target, "ingress", "request"),
        ],
        seen: { kind: "claimed" },
        ports: ports(way.targetPort),
        proxyHeader: way.proxyHeader,
      }));
  }

  private throughNode(target: AwsClass, way: Balancing, node: BalancerNode): Path[] {
    const families: Family[] = way.dualStack === "no" ? [4] : [4, 6];
    const options: Exclude<Preservation, "unknown">[] =
      way.preservation === "unknown" ? ["client", "node"] : [way.preservation];
    return families.flatMap((family) =>
      options.flatMap((preservation) => {
        // The address of an IPv6 client cannot be kept towards an IPv4 target.
        const sees = family === 6 ? "node" : preservation;
        const internet = way.facing === "internal" ? [] : this.fromInternet(target, way, node, family, sees);
        return [...internet, ...this.fromNetwork(target, way, node, family, sees)];
      }),
    );
  }

  private fromInternet(
    target: AwsClass,
    way: Balancing,
    node: BalancerNode,
    family: Family,
    sees: "client" | "node",
  ): Path[] {
    const { subnet } = node;
    const own = family === 4 ? rangeOf(node) : (subnet.v6?.may ?? noAddresses);
    const verb = "the reply of the load balancer leaves by";
    const entrances = this.inspection.entrances(subnet.key, subnet.network, family, own, verb);
    const segment = segmentOf(way, node);
    const at = (hop: Hop & { kind: "filter" }): Hop => ({ ...hop, segment });
    const zone: Zone = { ...internetZones[family], id: `${internetZones[family].id}@${way.balancer.urn}` };
    const within = (hop: Hop): Hop => (hop.kind === "filter" ? at(hop) : hop);
    return entrances.map(({ front, route, back, through }) =>
      this.path(target, way, node, zone, family, sees, [
        ...this.parts.publicAccess.hops([subnet.key, ...through], "in"),
        ...front.map(within),
        at(this.hops.acl(subnet.key, "in", "request")),
        ...this.balancerGroups(way, node, "ingress", segment),
        at(this.hops.acl(subnet.key, "out", "reply")),
        route,
        ...back.map(within),
        ...(way.facing === "unknown"
          ? [
              {
                kind: "doubt" as const,
                why: {
                  text: "whether the load balancer faces the Internet is not known yet",
                  at: { urn: way.balancer.urn, path: "internal" },
                },
              },
            ]
          : []),
      ]),
    );
  }

  /** Nodes answer on private addresses too, whatever the load balancer faces. */
  private fromNetwork(
    target: AwsClass,
    way: Balancing,
    node: BalancerNode,
    family: Family,
    sees: "client" | "node",
  ): Path[] {
    const segment = segmentOf(way, node);
    const at = (hop: Hop & { kind: "filter" }): Hop => ({ ...hop, segment });
    const { key, network } = node.subnet;
    return this.zones.around(network, family).map(({ zone, subnet }: Neighbourhood) => {
      const boundary =
        subnet === key
          ? { before: [], after: [] }
          : {
              before: [
                ...(subnet === null ? [] : [at(this.hops.acl(subnet, "out", "request"))]),
                at(this.hops.acl(key, "in", "request")),
              ],
              after: [
                at(this.hops.acl(key, "out", "reply")),
                ...(subnet === null ? [] : [at(this.hops.acl(subnet, "in", "reply"))]),
              ],
            };
      return this.path(target, way, node, zone, family, sees, [
        ...boundary.before,
        ...this.balancerGroups(way, node, "ingress", segment).map((hop) => ({ ...hop, byIdentity: true })),
        ...boundary.after,
      ]);
    });
  }

  private path(
    target: AwsClass,
    way: Balancing,
    node: BalancerNode,
    zone: Zone,
    family: Family,
    sees: "client" | "node",
    front: readonly Hop[],
  ): Path {
    const device: Hop = { kind: "device", step: "load-balancer", at: way.at, text: way.text };
    const doubts: Hop[] = way.doubt === null ? [] : [{ kind: "doubt", why: way.doubt }];
    if (family === 6 && way.dualStack === "maybe") doubts.push({ kind: "doubt", why: unknownFamily(way) });
    const seen: Seen = sees === "client" ? { kind: "client" } : { kind: "pool", pools: [rangeOf(node)] };
    const back: readonly Hop[] =
      sees === "client"
        ? this.preserved(target, way, node, zone)
        : [{ kind: "proxy", path: this.toTarget(target, way, node) }];
    return {
      family: 4,
      class: target.id,
      zone,
      direction: "inbound",
      hops: [...this.hops.doubts(target, 4), ...doubts, device, ...front, ...back],
      seen,
      ports: ports(way.targetPort),
      proxyHeader: way.proxyHeader,
    };
  }

  /** The second half where the client's address is kept: the target's filters see the client. */
  private preserved(target: AwsClass, way: Balancing, node: BalancerNode, zone: Zone): Hop[] {
    const same = node.subnet.key === target.subnet;
    const admission = {
      kind: "filter" as const,
      filters: [this.parts.throughFilter(target, way)],
      leg: "request" as const,
      step: "filter" as const,
      why: [],
    };
    return [
      ...this.balancerGroups(way, node, "egress"),
      ...(same
        ? []
        : [this.hops.acl(node.subnet.key, "out", "request"), this.hops.acl(target.subnet, "in", "request")]),
      zone.kind === "internet" ? admission : { ...admission, byIdentity: true },
      ...(same ? [] : [this.hops.acl(target.subnet, "out", "reply"), this.hops.acl(node.subnet.key, "in", "reply")]),
    ];
  }

  /** The second half where the node opens a connection of its own. */
  private toTarget(target: AwsClass, way: Balancing, node: BalancerNode): Path {
    const same = node.subnet.key === target.subnet;
    const endpoint = nodeEndpoint(way, node);
    const zone: Zone = {
      id: `node:${endpoint.id}`,
      kind: "network",
      resource: way.balancer.urn,
      text: `load balancer ${way.balancer.name}`,
      endpoints: exactly(nodeEndpoints(way, node)),
    };
    return {
      family: 4,
      class: target.id,
      zone,
      direction: "inbound",
      hops: [
        ...this.balancerGroups(way, node, "egress"),
        ...(same
          ? []
          : [this.hops.acl(node.subnet.key, "out", "request"), this.hops.acl(target.subnet, "in", "request")]),
        this.hops.groups(target, "ingress", "request"),
        ...(same ? [] : [this.hops.acl(target.subnet, "out", "reply"), this.hops.acl(node.subnet.key, "in", "reply")]),
      ],
      seen: { kind: "client" },
      ports: ports(way.targetPort),
      proxyHeader: false,
    };
  }

  private balancerGroups(
    way: Balancing,
    node: BalancerNode,
    direction: "ingress" | "egress",
    segment?: Segment,
  ): Hop[] {
    if (way.groups === null) return [];
    const filter: Filter = this.parts.membershipFilter(way.groups, node.subnet.network, direction);
    return [
      {
        kind: "filter",
        filters: [filter],
        leg: "request",
        step: "filter",
        why: [],
        ...(segment === undefined ? {} : { segment }),
      },
    ];
  }
}

function leadsTo(way: Balancing, target: AwsClass): boolean {
  switch (way.target.kind) {
    case "machine":
      return target.interfaces.includes(way.target.urn) || (target.hosts.has(way.target.urn) && target.sample.primary);
    case "address": {
      const set = parseCidr(way.target.address);
      const own = target.address.v4;
      return set !== null && own?.kind === "known" && !isEmpty(set) && isInside(set, own.addr);
    }
    case "unknown":
      return false;
  }
}

function unknownFamily(way: Balancing): Reason {
  return {
    text: "whether the load balancer takes IPv6 is not known yet",
    at: { urn: way.balancer.urn, path: "ipAddressType" },
  };
}

/** A target that is not known may be any machine of the network; an address, whoever gets it. */
function mayLeadTo(way: Balancing, target: AwsClass): Balancing | null {
  if (way.target.kind === "address") {
    const set = parseCidr(way.target.address);
    const own = target.address.v4;
    if (set === null || own?.kind !== "within" || !overlaps(set, own.range)) return null;
    return {
      ...way,
      doubt: {
        text: `whether ${target.sample.resource.name} gets the address ${way.target.address} is not known`,
        at: way.at,
      },
    };
  }
  if (way.target.kind !== "unknown" || !way.nodes.some((node) => node.subnet.network === target.network)) return null;
  return { ...way, doubt: way.target.why };
}

function isInside(set: AddrSet, own: AddrSet): boolean {
  return (
    set.v4.length === 1 &&
    own.v4.some(([low, high]) => low <= (set.v4[0]?.[0] ?? -1) && (set.v4[0]?.[1] ?? Number.POSITIVE_INFINITY) <= high)
  );
}

/** The identity of a node in filters. */
export function nodeEndpoint(way: Balancing, node: BalancerNode): Endpoint {
  return { id: `node:${way.balancer.urn}@${node.subnet.key}/4`, address: node.v4 };
}

export function nodeEndpoints(way: Balancing, node: BalancerNode): EndpointSet {
  const endpoint = nodeEndpoint(way, node);
  return endpoint.address.kind === "known"
    ? addresses(endpoint.address.addr)
    : { addr: noAddresses, ifaces: new Set([endpoint.id]) };
}

function rangeOf(node: BalancerNode): AddrSet {
  return node.v4.kind === "known" ? node.v4.addr : node.v4.range;
}

function segmentOf(way: Balancing, node: BalancerNode): Segment {
  return { end: nodeEndpoint(way, node), port: way.listenerPort };
}
