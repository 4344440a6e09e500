import type { Family, Hop, Segment, Zone } from "../../model/network";
import { text } from "../values";
import { edgeZone } from "./accelerator-edge";
import { type Acceleration, acceleratesBalancer } from "./accelerators";
import { type BalancerNode, nodeEndpoint, nodeRange } from "./balancer-nodes";
import type { ConnectedPaths } from "./connected-paths";
import { consumerZone } from "./endpoint-services";
import type { Hops, Landing, Parts } from "./hops";
import type { Inspection } from "./inspection";
import type { LinkedPaths } from "./linked-paths";
import type { Balancing } from "./load-balancers";
import { internetZones, type Zones } from "./zones";

/** One way in front of a node: where the clients are, and the hops between them and the node's listener. */
export interface Front {
  readonly zone: Zone;
  readonly hops: readonly Hop[];
  /** Clients come through the edge of an accelerator, which hides them. */
  readonly edge?: Acceleration;
  /** Clients whose address is never kept. */
  readonly hidden?: boolean;
}

/** What lies in front of the nodes of load balancers: the Internet, accelerators, their own network, joined ones, consumers. */
export class BalancerFronts {
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
    this.parts = parts;
    this.hops = hops;
    this.zones = zones;
    this.inspection = inspection;
    this.linked = linked;
    this.connected = connected;
  }

  /** Every way in front of a node, for clients of one family. */
  of(way: Balancing, node: BalancerNode, family: Family): Front[] {
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
        ...this.hops.balancerGroups(way, node, "ingress").map(at),
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
            ...this.hops.balancerGroups(way, node, "ingress").map(at),
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
      const admission = this.hops.balancerGroups(way, node, "ingress").map((hop) => at({ ...hop, byIdentity: true }));
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
      ...this.hops.balancerGroups(way, node, "ingress").map((hop) => at({ ...hop, byIdentity: true })),
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
        hops: filtered ? this.hops.balancerGroups(way, node, "ingress").map(at) : [],
        hidden: true,
      }));
  }
}

/** Puts a hop in front of a node, whose address and port it meets. */
export function segments(way: Balancing, node: BalancerNode, family: Family): (hop: Hop) => Hop {
  const end = nodeEndpoint(way.balancer, node, family);
  if (end === null) return (hop) => hop;
  const segment: Segment = { end, port: way.listenerPort };
  return (hop) => (hop.kind === "filter" ? { ...hop, segment } : hop);
}
