import { addresses, type EndpointSet } from "../../model/endpoints";
import type { Family, Hop, NetId, Path, Zone } from "../../model/network";
import { type AddrSet, intersect, isEmpty, isSubset, overlaps, subtract } from "../../net/addr";
import { type Bounds, between, mergeReasons } from "../../net/bounds";
import { only } from "../values";
import type { AwsClass } from "./classes";
import type { Hops, Landing, Parts } from "./hops";
import type { Link } from "./links";
import type { SubnetKey } from "./vpc";
import type { Zones } from "./zones";

/** A part of a joined network, and what stands between it and the boundary of a subnet. */
export interface LinkedWay {
  readonly zone: Zone;
  readonly before: readonly Hop[];
  readonly after: readonly Hop[];
}

/**
 * Ways between networks that a peering or transit gateway joins: both sides need a route, and the device in the middle must
 * forward both ways.
 */
export class LinkedPaths {
  private readonly parts: Parts;
  private readonly hops: Hops;
  private readonly zones: Zones;
  private readonly routes = new WeakMap<Link, Map<string, Hop & { kind: "route" }>>();

  constructor(parts: Parts, hops: Hops, zones: Zones) {
    this.parts = parts;
    this.hops = hops;
    this.zones = zones;
  }

  /** Clients of joined networks that reach a class. */
  inbound(target: AwsClass, family: Family): Path[] {
    return this.ways(this.hops.landing(target, family), family).map(({ zone, before, after }) =>
      this.hops.path(target, family, zone, [
        ...before,
        this.hops.acl(target.subnet, "in", "request"),
        { ...this.hops.groups(target, "ingress", "request"), byIdentity: true },
        this.hops.acl(target.subnet, "out", "reply"),
        ...after,
      ]),
    );
  }

  /** Parts of joined networks with the hops outside the boundary of the subnet that their connections land in. */
  ways(near: Landing, family: Family): LinkedWay[] {
    return this.links(near.network).flatMap(({ link, back }) =>
      this.around(near, link, family).flatMap(({ zone, subnet }): LinkedWay[] => {
        const way = this.way(near, link, back, subnet, family, "inbound");
        if (way === null) return [];
        return [
          {
            zone,
            before: [
              ...(subnet === null ? [] : [this.hops.acl(subnet, "out", "request")]),
              ...way.doubts,
              this.device(back),
            ],
            after: [way.route, ...(subnet === null ? [] : [this.hops.acl(subnet, "in", "reply")])],
          },
        ];
      }),
    );
  }

  /** Address space of joined networks that the stack does not create, which a class can open. */
  outbound(source: AwsClass, family: Family): Path[] {
    return this.links(source.network)
      .filter(({ link }) => !this.parts.vpcs.network(link.to).created)
      .flatMap(({ link, back }) =>
        this.around(this.hops.landing(source, family), link, family).flatMap(({ zone, subnet }) => {
          const way = this.way(this.hops.landing(source, family), link, back, subnet, family, "outbound");
          if (way === null) return [];
          const hops = [
            this.hops.groups(source, "egress", "request"),
            this.hops.acl(source.subnet, "out", "request"),
            way.route,
            ...way.doubts,
            this.device(link),
            this.hops.acl(source.subnet, "in", "reply"),
          ];
          return [this.hops.path(source, family, withoutInterfaces(zone), hops, { direction: "outbound" })];
        }),
      );
  }

  /** The way from one class to another in a joined network, through the filters of both. */
  between(source: AwsClass, target: AwsClass, family: Family, zone: Zone): Path[] {
    return this.links(target.network)
      .filter(({ link }) => link.to === source.network)
      .flatMap(({ link, back }) => {
        const way = this.way(this.hops.landing(target, family), link, back, source.subnet, family, "inbound");
        if (way === null) return [];
        return [
          this.hops.path(target, family, zone, [
            this.hops.groups(source, "egress", "request"),
            this.hops.acl(source.subnet, "out", "request"),
            ...way.doubts,
            this.device(back),
            this.hops.acl(target.subnet, "in", "request"),
            this.hops.groups(target, "ingress", "request"),
            this.hops.acl(target.subnet, "out", "reply"),
            way.route,
            this.hops.acl(source.subnet, "in", "reply"),
          ]),
        ];
      });
  }

  /** Links of a network with those that lead back. Nothing in between keeps state: the answer may take another way. */
  private links(network: NetId): { link: Link; back: Link }[] {
    return this.parts.links.from(network).flatMap((link) => {
      const returning = this.parts.links.from(link.to).filter((other) => other.to === network);
      return returning.map((back) => ({ link, back }));
    });
  }

  /** Parts of the joined network; one of unknown extent is what the own routes send there. */
  private around(near: Landing, link: Link, family: Family) {
    const peer = this.parts.vpcs.network(link.to);
    if (isEmpty(only(peer.space.must, family)) && !peer.created) {
      const { toward } = this.route(near.subnet, family, link, "");
      const set = subtract(toward.may, this.parts.vpcs.network(near.network).space.must);
      if (isEmpty(set)) return [];
      const zone: Zone = {
        id: `peer:${link.to}@${near.subnet}/${family}`,
        kind: "connected",
        resource: link.resource.urn,
        text: `the network behind ${link.text}`,
        endpoints: between(addresses(intersect(set, toward.must)), addresses(set), toward.why),
      };
      return [{ zone, subnet: null }];
    }
    // Space of a peer that no subnet holds has nobody in it where the stack creates the peer.
    return this.zones
      .around(link.to, family)
      .filter(({ subnet }) => subnet !== null || !peer.created)
      .map(({ zone, subnet }) => ({ zone: { ...zone, kind: "connected" as const }, subnet }));
  }

  /** The route of the near side as a hop, and what is not certain about the far side; null if the far side has no way. */
  private way(
    near: Landing,
    link: Link,
    back: Link,
    farSubnet: SubnetKey | null,
    family: Family,
    direction: Path["direction"],
  ): { route: Hop & { kind: "route" }; doubts: Hop[] } | null {
    const verb = direction === "inbound" ? "the reply leaves by" : "the connection leaves by";
    const route = this.route(near.subnet, family, link, verb);
    const toward = meet(route.toward, link.forwards);
    if (isEmpty(toward.may)) return null;
    const { own } = near;
    const doubts: Hop[] = [link.doubt, back.doubt].flatMap((why) => (why === null ? [] : [{ kind: "doubt", why }]));
    const far: Bounds<AddrSet>[] = [back.forwards];
    if (farSubnet !== null) far.push(this.route(farSubnet, family, back, "").toward);
    for (const set of far) {
      if (!overlaps(own, set.may)) return null;
      if (!isSubset(own, set.must)) {
        doubts.push({
          kind: "doubt",
          why: set.why[0] ?? {
            text: `the other side of ${back.text} routes only a part of the subnet back`,
            at: { urn: back.resource.urn },
          },
        });
      }
    }
    return { route: { ...route, toward }, doubts };
  }

  /** What a subnet sends into a link, made once for all that live in the subnet. */
  private route(subnet: SubnetKey, family: Family, link: Link, verb: string): Hop & { kind: "route" } {
    const known = this.routes.get(link) ?? new Map<string, Hop & { kind: "route" }>();
    this.routes.set(link, known);
    const key = `${family} ${verb} ${subnet}`;
    const route =
      known.get(key) ?? this.hops.route(subnet, family, (target) => (link.enters(target) ? "yes" : "no"), verb);
    known.set(key, route);
    return route;
  }

  private device(link: Link): Hop {
    return { kind: "device", step: "gateway", at: { urn: link.resource.urn }, text: link.text };
  }
}

function meet(a: Bounds<AddrSet>, b: Bounds<AddrSet>): Bounds<AddrSet> {
  return between(intersect(a.must, b.must), intersect(a.may, b.may), mergeReasons([...a.why, ...b.why]));
}

function withoutInterfaces(zone: Zone): Zone {
  const strip = (set: EndpointSet) => addresses(set.addr);
  const { must, may, why } = zone.endpoints;
  return { ...zone, endpoints: between(strip(must), strip(may), why) };
}
