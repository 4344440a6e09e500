import type { Family, Hop, NetId, Path, Seen, Segment, Zone } from "../../model/network";
import { exactly } from "../../net/bounds";
import { ports } from "../../net/ports";
import { text } from "../values";
import { type Acceleration, acceleratesBalancer, edgeZone, throughEdge } from "./accelerators";
import { type BalancerNode, type Clients, nodeEndpoint, nodeEndpoints, nodeRange } from "./balancer-nodes";
import type { AwsClass } from "./classes";
import type { ConnectedPaths } from "./connected-paths";
import { consumerZone } from "./endpoint-services";
import type { Hops, Landing, Parts } from "./hops";
import type { Inspection } from "./inspection";
import type { LinkedPaths } from "./linked-paths";
import type { Balancing } from "./load-balancers";
import { leadsTo, mayLeadTo } from "./target-match";
import { internetZones, type Zones } from "./zones";

/** What the address of a client becomes on the way through a load balancer. */
type Sees = "client" | "node";

/** One way in front of a node: where the clients are, and the hops between them and the node's listener. */
interface Front {
  readonly zone: Zone;
  readonly hops: readonly Hop[];
  /** Clients come through the edge of an accelerator, which hides them. */
  readonly edge?: Acceleration;
  /** Clients whose address is never kept. */
  readonly hidden?: boolean;
}

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
  private readonly linked: LinkedPaths;
  private readonly connected: ConnectedPaths;

  constructor(
    parts: Parts,
    hops: Hops,
    zones: Zones,
    inspection: Inspection,
    linked: LinkedPaths,
    connected: ConnectedPaths,
  ) {
    this.inspection = inspection;
    this.parts = parts;
    this.hops = hops;
    this.zones = zones;
    this.linked = linked;
    this.connected = connected;
  }

  /** Ways to a class, for clients of either family: a target of one family serves clients of the other as the node. */
  inbound(target: AwsClass): Path[] {
    return this.parts.balancing.flatMap((way) => {
      const deliveries = this.deliveries(target, way);
      if (deliveries.length === 0) return [];
      return way.nodes.flatMap((node) => way.clients.flatMap((clients) => this.from(clients, node, deliveries)));
    });
  }

  /** Ways of a listener to a class: straight, or through a second load balancer that the first one sends to. */
  private deliveries(target: AwsClass, way: Balancing): Delivery[] {
    if ((way.family === 4 ? target.address.v4 : target.address.v6) === null) return [];
    if (way.target.kind !== "balancer") {
      const found = leadsTo(way, target) ? way : mayLeadTo(way, target);
      return found === null ? [] : [{ target, way: found, second: null }];
    }
    const { urn } = way.target;
    return this.parts.balancing.flatMap((second) => {
      if (second.balancer.urn !== urn || second.listenerPort !== way.targetPort) return [];
      return this.deliveries(target, second).map((inner) => ({ target, way, second: inner.way }));
    });
  }

  private from(clients: Clients, node: BalancerNode, deliveries: readonly Delivery[]): Path[] {
    const [first] = deliveries;
    if (first === undefined || nodeEndpoint(first.way.balancer, node, clients.family) === null) return [];
    const fronts = this.fronts(first.way, node, clients.family);
    return fronts.flatMap((front) =>
      deliveries.flatMap((delivery) => {
        const { preservation, family } = delivery.way;
        const kept: readonly Sees[] = preservation === "unknown" ? ["client", "node"] : [preservation];
        const options: readonly Sees[] = clients.family !== family || front.hidden === true ? ["node"] : kept;
        return options.flatMap((sees) => this.paths(delivery, node, clients, front, sees));
      }),
    );
  }

  private fronts(way: Balancing, node: BalancerNode, family: Family): Front[] {
    return [
      ...(way.facing === "internal" ? [] : this.fromInternet(way, node, family)),
      ...this.fromAccelerators(way, node, family),
      ...this.fromNetwork(way, node, family),
      ...this.fromOtherNetworks(way, node, family),
      ...(family === 4 ? this.fromConsumers(way, node) : []),
    ];
  }

  private fromInternet(way: Balancing, node: BalancerNode, family: Family): Front[] {
    const { subnet } = node;
    const verb = "the reply of the load balancer leaves by";
    const own = nodeRange(node, family);
    const entrances = this.inspection.entrances(subnet.key, subnet.network, family, own, verb);
    const at = segments(way, node, family);
    const doubt: Hop[] =
      way.facing !== "unknown"
        ? []
        : [
            {
              kind: "doubt",
              why: {
                text: "whether the load balancer faces the Internet is not known yet",
                at: { urn: way.balancer.urn, path: "internal" },
              },
            },
          ];
    return entrances.map(({ front, route, back, through }) => ({
      zone: { ...internetZones[family], id: `${internetZones[family].id}@${way.balancer.urn}` },
      hops: [
        ...this.parts.publicAccess.hops([subnet.key, ...through], "in"),
        ...front.map(at),
        at(this.hops.acl(subnet.key, "in", "request")),
        ...this.groups(way, node, "ingress").map(at),
        at(this.hops.acl(subnet.key, "out", "reply")),
        route,
        ...back.map(at),
        ...doubt,
      ],
    }));
  }

  /** An accelerator reaches a node whatever it faces and whatever its routes say. */
  private fromAccelerators(way: Balancing, node: BalancerNode, family: Family): Front[] {
    const { subnet } = node;
    const at = segments(way, node, family);
    return this.parts.accelerations
      .filter((item) => item.family === family && acceleratesBalancer(item, way.balancer.urn, way.listenerPort))
      .flatMap((item) =>
        item.keeps.map((keeps) => {
          const hops: Hop[] = [
            ...this.hops.accelerated(item, subnet.network),
            ...this.parts.publicAccess.hops([subnet.key], "in"),
            at(this.hops.bypassed(subnet.key, "in", "request")),
            ...this.groups(way, node, "ingress").map(at),
            at(this.hops.bypassed(subnet.key, "out", "reply")),
          ];
          return keeps === "client"
            ? { zone: { ...internetZones[family], id: `${internetZones[family].id}@${item.resource.urn}` }, hops }
            : { zone: edgeZone, hops, edge: item };
        }),
      );
  }

  /** Nodes answer on private addresses too, whatever the load balancer faces. */
  private fromNetwork(way: Balancing, node: BalancerNode, family: Family): Front[] {
    const at = segments(way, node, family);
    const { key, network } = node.subnet;
    return this.zones.around(network, family).map(({ zone, subnet }) => {
      const admission = this.groups(way, node, "ingress").map((hop) => at({ ...hop, byIdentity: true }));
      if (subnet === key) return { zone, hops: admission };
      return {
        zone,
        hops: [
          ...(subnet === null ? [] : [at(this.hops.acl(subnet, "out", "request"))]),
          at(this.hops.acl(key, "in", "request")),
          ...admission,
          at(this.hops.acl(key, "out", "reply")),
          ...(subnet === null ? [] : [at(this.hops.acl(subnet, "in", "reply"))]),
        ],
      };
    });
  }

  /** Joined networks, and those behind a device that the links do not show. */
  private fromOtherNetworks(way: Balancing, node: BalancerNode, family: Family): Front[] {
    const { key, network } = node.subnet;
    const at = segments(way, node, family);
    const near: Landing = { network, subnet: key, own: nodeRange(node, family) };
    const boundary = [
      at(this.hops.acl(key, "in", "request")),
      ...this.groups(way, node, "ingress").map((hop) => at({ ...hop, byIdentity: true })),
      at(this.hops.acl(key, "out", "reply")),
    ];
    return [
      ...this.linked.ways(near, family).map(({ zone, before, after }) => ({
        zone,
        hops: [...before.map(at), ...boundary, ...after.map(at)],
      })),
      ...this.connected.zones(near, family).map((zone) => ({
        zone,
        hops: [...boundary, { kind: "doubt" as const, why: zone.endpoints.why.at(-1) ?? { text: zone.text } }],
      })),
    ];
  }

  /** Consumers of an endpoint service arrive with the node's address, whoever they are. NLB Guide, "Client IP preservation". */
  private fromConsumers(way: Balancing, node: BalancerNode): Front[] {
    const at = segments(way, node, 4);
    const enforced = text(way.balancer.properties.enforceSecurityGroupInboundRulesOnPrivateLinkTraffic) ?? "on";
    const filtered = enforced === "on";
    return this.parts.services
      .filter((service) => service.balancers.includes(way.balancer.urn))
      .map((service) => ({
        zone: consumerZone(service),
        hops: filtered ? this.groups(way, node, "ingress").map(at) : [],
        hidden: true,
      }));
  }

  private paths(delivery: Delivery, node: BalancerNode, clients: Clients, front: Front, sees: Sees): Path[] {
    const { target, way } = delivery;
    const doubts = [
      ...way.doubts,
      ...(delivery.second?.doubts ?? []),
      ...(clients.doubt === null ? [] : [clients.doubt]),
    ];
    const kept: Seen = { kind: "client" };
    return this.backs(delivery, node, front.zone, sees).map(({ hops, seen }) => {
      const path = this.hops.path(
        target,
        way.family,
        front.zone,
        [
          ...doubts.map((why): Hop => ({ kind: "doubt", why })),
          { kind: "device", step: "load-balancer", at: way.at, text: way.text },
          ...front.hops,
          ...hops,
        ],
        {
          seen: seen ?? kept,
          ports: ports(delivery.second?.targetPort ?? way.targetPort),
          protocol: way.protocol,
          proxyHeader: (delivery.second ?? way).proxyHeader,
        },
      );
      return front.edge === undefined ? path : throughEdge(front.edge, path);
    });
  }

  /** The hops behind the first node, and what the target sees: null for the client. */
  private backs(
    { target, way, second }: Delivery,
    node: BalancerNode,
    zone: Zone,
    sees: Sees,
  ): { hops: readonly Hop[]; seen: Seen | null }[] {
    if (second === null) {
      if (sees === "client") return [{ hops: this.preserved(target, way, node, zone), seen: null }];
      return [{ hops: [this.proxied(target, way, node)], seen: pool(node, way.family) }];
    }
    return second.nodes.map((inner) => {
      const at = segments(second, inner, way.family);
      const same = node.subnet.key === inner.subnet.key;
      const admission = second.groups === null ? [] : [this.through(second.groups, inner.subnet.network, way, zone)];
      return {
        hops: [
          ...this.groups(way, node, "egress"),
          ...(same
            ? []
            : [this.hops.acl(node.subnet.key, "out", "request"), at(this.hops.acl(inner.subnet.key, "in", "request"))]),
          ...admission.map(at),
          { kind: "device", step: "load-balancer", at: second.at, text: second.text },
          this.proxied(target, second, inner),
        ],
        seen: pool(inner, second.family),
      };
    });
  }

  /** The second half where the client's address is kept: the target's filters see the client. */
  private preserved(target: AwsClass, way: Balancing, node: BalancerNode, zone: Zone): Hop[] {
    const { before, after } = this.boundary(target, node);
    return [
      ...this.groups(way, node, "egress"),
      ...before,
      this.through(target.groups, target.network, way, zone),
      ...after,
    ];
  }

  /** The second half where the node opens a connection of its own. */
  private proxied(target: AwsClass, way: Balancing, node: BalancerNode): Hop {
    const { before, after } = this.boundary(target, node);
    const zone: Zone = {
      id: `${nodeEndpoint(way.balancer, node, way.family)?.id ?? "node"}`,
      kind: "network",
      resource: way.balancer.urn,
      text: `load balancer ${way.balancer.name}`,
      endpoints: exactly(nodeEndpoints(way.balancer, node, way.family)),
    };
    const hops = [
      ...this.groups(way, node, "egress"),
      ...before,
      this.hops.groups(target, "ingress", "request"),
      ...after,
    ];
    return {
      kind: "proxy",
      path: { ...this.hops.path(target, way.family, zone, []), hops, ports: ports(way.targetPort) },
    };
  }

  private boundary(target: AwsClass, node: BalancerNode): { before: Hop[]; after: Hop[] } {
    if (node.subnet.key === target.subnet) return { before: [], after: [] };
    return {
      before: [this.hops.acl(node.subnet.key, "out", "request"), this.hops.acl(target.subnet, "in", "request")],
      after: [this.hops.acl(target.subnet, "out", "reply"), this.hops.acl(node.subnet.key, "in", "reply")],
    };
  }

  private through(groups: AwsClass["groups"], network: NetId, way: Balancing, zone: Zone): Hop & { kind: "filter" } {
    const filters = [this.parts.throughFilter(groups, network, way)];
    const hop = { kind: "filter" as const, filters, leg: "request" as const, step: "filter" as const, why: [] };
    return zone.kind === "internet" ? hop : { ...hop, byIdentity: true };
  }

  private groups(way: Balancing, node: BalancerNode, direction: "ingress" | "egress"): (Hop & { kind: "filter" })[] {
    if (way.groups === null) return [];
    const filters = [this.parts.membershipFilter(way.groups, node.subnet.network, direction)];
    return [{ kind: "filter", filters, leg: "request", step: "filter", why: [] }];
  }
}

/** A listener with the class that it leads to, by way of a second load balancer or not. */
interface Delivery {
  readonly target: AwsClass;
  readonly way: Balancing;
  readonly second: Balancing | null;
}

/** Puts a hop in front of a node, whose address and port it meets. */
function segments(way: Balancing, node: BalancerNode, family: Family): (hop: Hop) => Hop {
  const end = nodeEndpoint(way.balancer, node, family);
  if (end === null) return (hop) => hop;
  const segment: Segment = { end, port: way.listenerPort };
  return (hop) => (hop.kind === "filter" ? { ...hop, segment } : hop);
}

function pool(node: BalancerNode, family: Family): Seen {
  return { kind: "pool", pools: [nodeRange(node, family)] };
}
