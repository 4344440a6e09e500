import type { Family, Hop, NetId, Path, Seen, Zone } from "../../model/network";
import { exactly } from "../../net/bounds";
import { ports } from "../../net/ports";
import { throughEdge } from "./accelerator-edge";
import { type BalancerFronts, type Front, segments } from "./balancer-fronts";
import { type BalancerNode, type Clients, nodeEndpoint, nodeEndpoints, nodeRange } from "./balancer-nodes";
import type { AwsClass } from "./classes";
import type { Hops, Parts } from "./hops";
import type { Balancing } from "./load-balancers";
import { leadsTo, mayLeadTo, type TakenAddresses, takenAddresses } from "./target-match";

/** What the address of a client becomes on the way through a load balancer. */
type Sees = "client" | "node";

/**
 * Ways through load balancers. A node is reached at its own address and the listener's port; the target then sees either the
 * client or the node, and is admitted accordingly. Replies of a tracked flow go back through the load balancer, whatever the
 * target's route table says.
 */
export class BalancedPaths {
  private readonly parts: Parts;
  private readonly hops: Hops;
  private readonly fronts: BalancerFronts;
  private readonly taken: TakenAddresses;

  constructor(parts: Parts, hops: Hops, fronts: BalancerFronts) {
    this.parts = parts;
    this.hops = hops;
    this.fronts = fronts;
    this.taken = takenAddresses(parts.classes);
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
      const found = leadsTo(way, target) ? way : mayLeadTo(way, target, this.taken);
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
    const fronts = this.fronts.of(first.way, node, clients.family);
    return fronts.flatMap((front) =>
      deliveries.flatMap((delivery) => {
        const { preservation, family } = delivery.way;
        const kept: readonly Sees[] = preservation === "unknown" ? ["client", "node"] : [preservation];
        const options: readonly Sees[] = clients.family !== family || front.hidden === true ? ["node"] : kept;
        return options.flatMap((sees) => this.paths(delivery, node, clients, front, sees));
      }),
    );
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
          ...this.hops.balancerGroups(way, node, "egress"),
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
      ...this.hops.balancerGroups(way, node, "egress"),
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
      ...this.hops.balancerGroups(way, node, "egress"),
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
}

/** A listener with the class that it leads to, by way of a second load balancer or not. */
interface Delivery {
  readonly target: AwsClass;
  readonly way: Balancing;
  readonly second: Balancing | null;
}

function pool(node: BalancerNode, family: Family): Seen {
  return { kind: "pool", pools: [nodeRange(node, family)] };
}
