import { type EndpointId, type EndpointSet, noEndpoints } from "../../model/endpoints";
import {
  endpointId,
  type Family,
  type Filter,
  type Hop,
  type IfaceClass,
  type Path,
  type Zone,
} from "../../model/network";
import { type AddrSet, noAddresses, overlaps } from "../../net/addr";
import { type Bounds, between, exactly } from "../../net/bounds";
import { BalancedPaths } from "./balanced-paths";
import { BalancerFronts } from "./balancer-fronts";
import { type AwsClass, endpointOf, rangeOf } from "./classes";
import { ConnectedPaths } from "./connected-paths";
import { Forwarding } from "./forwarding";
import { Hops, type Parts } from "./hops";
import { type Crossing, Inspection } from "./inspection";
import { InternetEntrances } from "./internet-entrances";
import { InternetExits } from "./internet-exits";
import { LinkedPaths } from "./linked-paths";
import { mailServices } from "./private-endpoints";
import type { SubnetKey } from "./vpc";
import { apart, internetZones, Zones } from "./zones";

/** Enumerates the ways between an interface class and the rest of the world as lists of hops. */
export class AwsPaths {
  private readonly parts: Parts;
  private readonly zones: Zones;
  private readonly hops: Hops;
  private readonly inspection: Inspection;
  private readonly balanced: BalancedPaths;
  private readonly linked: LinkedPaths;
  private readonly connected: ConnectedPaths;
  private readonly entrances: InternetEntrances;
  private readonly exits: InternetExits;
  private readonly forwarding: Forwarding;
  private readonly byId: ReadonlyMap<string, AwsClass>;

  constructor(parts: Parts) {
    this.parts = parts;
    this.zones = new Zones(parts.vpcs, parts.classes);
    this.hops = new Hops(parts);
    this.inspection = new Inspection(parts, this.hops);
    this.linked = new LinkedPaths(parts, this.hops, this.zones);
    this.connected = new ConnectedPaths(parts, this.hops);
    const fronts = new BalancerFronts(parts, this.hops, this.zones, this.inspection, this.linked, this.connected);
    this.balanced = new BalancedPaths(parts, this.hops, fronts);
    this.entrances = new InternetEntrances(parts, this.hops, this.inspection);
    this.forwarding = new Forwarding(parts, this.hops);
    this.exits = new InternetExits(parts, this.hops, this.inspection, this.forwarding);
    this.byId = new Map(parts.classes.map((item) => [item.id, item]));
  }

  inbound(target: IfaceClass): readonly Path[] {
    const item = this.byId.get(target.id) as AwsClass;
    return [
      ...this.balanced.inbound(item),
      ...families(item).flatMap((family) => [...this.direct(item, family), ...this.forwarded(item, family)]),
    ];
  }

  /**
   * The interface's own groups stand in front of whatever reaches it, and in front of whatever it opens; but what it opens by way of a
   * machine that forwards, it may open on another port.
   */
  gates(one: IfaceClass, direction: Path["direction"]): readonly Filter[] {
    const item = this.byId.get(one.id) as AwsClass;
    if (direction === "outbound" && this.forwarding.machines.some((machine) => machine !== item)) return [];
    return [this.parts.groupFilter(item, direction === "inbound" ? "ingress" : "egress")];
  }

  /** By machines that may pass on what they receive: whoever reaches one, and whatever it reaches. */
  private forwarded(item: AwsClass, family: Family): readonly Path[] {
    return this.forwarding.machines.flatMap((machine) => {
      if (machine === item || !families(machine).includes(family)) return [];
      const onward = this.straight(machine, item, family);
      if (onward.length === 0) return [];
      const fronts = this.direct(machine, family);
      return fronts.flatMap((front) => this.forwarding.through(front, machine, item, onward));
    });
  }

  private direct(item: AwsClass, family: Family): readonly Path[] {
    return [
      ...this.entrances.inbound(item, family),
      ...this.fromNetwork(item, family),
      ...this.linked.inbound(item, family),
      ...this.connected.inbound(item, family),
      ...this.fromUnmodelled(item, family),
    ];
  }

  outbound(source: IfaceClass): readonly Path[] {
    const item = this.byId.get(source.id) as AwsClass;
    return families(item).flatMap((family) => [
      ...this.toInternet(item, family),
      ...mailServices(this.parts, this.hops, item, family),
      ...this.toNetwork(item, family),
      ...this.linked.outbound(item, family),
      ...this.connected.outbound(item, family),
    ]);
  }

  between(source: IfaceClass, target: IfaceClass): readonly Path[] {
    const from = this.byId.get(source.id) as AwsClass;
    const to = this.byId.get(target.id) as AwsClass;
    return families(to)
      .filter((family) => families(from).includes(family))
      .flatMap((family) => [
        ...this.straight(from, to, family),
        ...this.forwarding.machines.flatMap((machine) => {
          if (machine === from || machine === to || !families(machine).includes(family)) return [];
          const onward = this.straight(machine, to, family);
          if (onward.length === 0) return [];
          const fronts = this.straight(from, machine, family);
          return fronts.flatMap((front) => this.forwarding.through(front, machine, to, onward));
        }),
      ]);
  }

  /** The ways from one class to another without a machine in between. */
  private straight(from: AwsClass, to: AwsClass, family: Family): readonly Path[] {
    if (!this.leavesRoom(from, to, family)) return [];
    const zone: Zone = {
      id: `class:${from.id}/${family}`,
      kind: "network",
      resource: from.interfaces[0] ?? null,
      text: from.sample.resource.name,
      endpoints: exactly(endpointOf(from, family)),
    };
    const linked = from.network === to.network ? [] : this.linked.between(from, to, family, zone);
    const maybe = this.parts.vpcs.mayBeOne(from.network, to.network) || to.sample.subnet.scattered;
    if (from.network !== to.network && !maybe) return linked;
    const same = from.subnet === to.subnet && !to.sample.subnet.scattered;
    const crossing = this.crossing(from.subnet, rangeOf(from, family), to, family);
    return [
      ...linked,
      this.hops.path(to, family, zone, [
        ...this.hops.doubts(from, family),
        ...(maybe ? [{ kind: "doubt" as const, why: apart }] : []),
        this.hops.groups(from, "egress", "request"),
        ...(same ? [] : [this.hops.acl(from.subnet, "out", "request"), this.hops.acl(to.subnet, "in", "request")]),
        ...(same ? [] : crossing.request),
        this.hops.groups(to, "ingress", "request"),
        ...(same ? [] : [this.hops.acl(to.subnet, "out", "reply"), this.hops.acl(from.subnet, "in", "reply")]),
        ...(same ? [] : crossing.reply),
      ]),
    ];
  }

  /** Whether some rule of both may be for the other: most pairs of a large stack are ruled out before a way is made. */
  private leavesRoom(from: AwsClass, to: AwsClass, family: Family): boolean {
    const [out, into] = [this.parts.groupFilter(from, "egress"), this.parts.groupFilter(to, "ingress")];
    const [near, far] = [endpointId(from.id, family), endpointId(to.id, family)];
    const [source, target] = [rangeOf(from, family), rangeOf(to, family)];
    return (
      out.rules.some(({ destination }) => mayHold(destination, far, target)) &&
      into.rules.some((rule) => mayHold(rule.source, near, source))
    );
  }

  private fromNetwork(item: AwsClass, family: Family): Path[] {
    return this.beside(item, family).map(({ zone, subnet }) => {
      const admission: Hop = { ...this.hops.groups(item, "ingress", "request"), byIdentity: true };
      if (subnet === item.subnet && !item.sample.subnet.scattered)
        return this.hops.path(item, family, zone, [admission]);
      const crossing = this.crossing(subnet, this.spaceOf(subnet, family), item, family);
      return this.hops.path(item, family, zone, [
        ...(subnet === null ? [] : [this.hops.acl(subnet, "out", "request")]),
        ...crossing.request,
        this.hops.acl(item.subnet, "in", "request"),
        admission,
        this.hops.acl(item.subnet, "out", "reply"),
        ...crossing.reply,
        ...(subnet === null ? [] : [this.hops.acl(subnet, "in", "reply")]),
      ]);
    });
  }

  private fromUnmodelled(item: AwsClass, family: Family): Path[] {
    return this.parts
      .unmodelledWays(item)
      .map((why, i) =>
        this.hops.path(
          item,
          family,
          { ...internetZones[family], id: `internet/${family}/${i}` },
          [{ kind: "doubt", why }, this.hops.groups(item, "ingress", "request")],
          { seen: { kind: "claimed" } },
        ),
      );
  }

  private toInternet(item: AwsClass, family: Family): Path[] {
    return this.exits.ways(item, family).map((way) => {
      const hops = [this.hops.groups(item, "egress", "request"), ...way];
      return this.hops.path(item, family, internetZones[family], hops, { direction: "outbound" });
    });
  }

  /** What a packet from another subnet meets on its way; space without a subnet has no routes. */
  private crossing(from: SubnetKey | null, source: AddrSet, to: AwsClass, family: Family): Crossing {
    if (from === null) return { key: "", request: [], reply: [] };
    return this.inspection.crossing(from, source, to.subnet, rangeOf(to, family), family);
  }

  private spaceOf(key: SubnetKey | null, family: Family): AddrSet {
    if (key === null) return noAddresses;
    const subnet = this.parts.vpcs.subnet(key);
    return (family === 4 ? subnet.v4 : subnet.v6)?.may ?? noAddresses;
  }

  /** Space of a network that the stack does not create: anything may live there. */
  private toNetwork(item: AwsClass, family: Family): Path[] {
    if (this.parts.vpcs.network(item.network).created) return [];
    return this.beside(item, family).map(({ zone, subnet }) =>
      this.hops.path(
        item,
        family,
        {
          ...zone,
          endpoints: between(
            { ...zone.endpoints.must, ifaces: noEndpoints.ifaces },
            { ...zone.endpoints.may, ifaces: noEndpoints.ifaces },
            zone.endpoints.why,
          ),
        },
        [
          this.hops.groups(item, "egress", "request"),
          ...(subnet === item.subnet
            ? []
            : [this.hops.acl(item.subnet, "out", "request"), this.hops.acl(item.subnet, "in", "reply")]),
        ],
        { direction: "outbound" },
      ),
    );
  }

  private beside(item: AwsClass, family: Family) {
    const whole = this.spaceOf(item.subnet, family);
    const boundaryOf = (subnet: string) =>
      [
        ...this.parts.acls(subnet).options.map((acl) => acl.key),
        this.inspection.crossing(subnet, this.spaceOf(subnet, family), item.subnet, whole, family).key,
      ].join(" ");
    return this.zones.beside(item.subnet, item.network, family, boundaryOf);
  }
}

function mayHold(peer: Bounds<EndpointSet> | null, id: EndpointId, range: AddrSet): boolean {
  return peer === null || peer.may.ifaces.has(id) || overlaps(peer.may.addr, range);
}

function families(item: AwsClass): readonly Family[] {
  return ([4, 6] as const).filter((family) => (family === 4 ? item.address.v4 : item.address.v6) !== null);
}
