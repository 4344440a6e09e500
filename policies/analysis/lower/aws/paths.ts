import { addresses, noEndpoints } from "../../model/endpoints";
import type { Family, Filter, Hop, IfaceClass, Leg, Path, Seen, Zone } from "../../model/network";
import type { Reason } from "../../model/provenance";
import { intersect, isEmpty, subtract, unionAll } from "../../net/addr";
import { between, exactly, mergeReasons } from "../../net/bounds";
import type { SubnetAcls } from "./acls";
import { type AwsClass, endpointOf } from "./classes";
import type { GroupDirection } from "./group-rules";
import { routeLines, toward } from "./longest-prefix";
import type { SubnetTables } from "./route-tables";
import type { Answer, Target } from "./routes";
import { PRIVATE_V4, type SubnetKey, type Vpcs } from "./vpc";
import { internetZones, Zones } from "./zones";

/** What the enumeration of paths needs of the parts. */
export interface Parts {
  readonly vpcs: Vpcs;
  readonly classes: readonly AwsClass[];
  readonly acls: (subnet: SubnetKey) => SubnetAcls;
  readonly tables: (subnet: SubnetKey) => SubnetTables;
  readonly groupFilter: (item: AwsClass, direction: GroupDirection) => Filter;
  /** Ways in that the model does not cover, e.g. a load balancer in front of a host. */
  readonly unmodelledWays: (item: AwsClass) => readonly Reason[];
}

/** Enumerates the ways between an interface class and the rest of the world as lists of hops. */
export class AwsPaths {
  private readonly parts: Parts;
  private readonly zones: Zones;
  private readonly byId: ReadonlyMap<string, AwsClass>;

  constructor(parts: Parts) {
    this.parts = parts;
    this.zones = new Zones(parts.vpcs, parts.classes);
    this.byId = new Map(parts.classes.map((item) => [item.id, item]));
  }

  inbound(target: IfaceClass): readonly Path[] {
    const item = this.byId.get(target.id) as AwsClass;
    return families(item).flatMap((family) => [
      ...this.fromInternet(item, family),
      ...this.fromNetwork(item, family),
      ...this.fromConnected(item, family),
      ...this.fromUnmodelled(item, family),
    ]);
  }

  outbound(source: IfaceClass): readonly Path[] {
    const item = this.byId.get(source.id) as AwsClass;
    return families(item).flatMap((family) => [
      ...this.toInternet(item, family),
      ...this.toNetwork(item, family),
      ...this.toConnected(item, family),
    ]);
  }

  between(source: IfaceClass, target: IfaceClass): readonly Path[] {
    const from = this.byId.get(source.id) as AwsClass;
    const to = this.byId.get(target.id) as AwsClass;
    if (from.network !== to.network) return [];
    return families(to)
      .filter((family) => families(from).includes(family))
      .map((family) => {
        const zone: Zone = {
          id: `class:${from.id}/${family}`,
          kind: "network",
          resource: from.interfaces[0] ?? null,
          text: from.sample.resource.name,
          endpoints: exactly(endpointOf(from, family)),
        };
        const same = from.subnet === to.subnet;
        return this.path(to, family, zone, [
          ...this.doubts(from, family),
          this.groups(from, "egress", "request"),
          ...(same ? [] : [this.acl(from.subnet, "out", "request"), this.acl(to.subnet, "in", "request")]),
          this.groups(to, "ingress", "request"),
          ...(same ? [] : [this.acl(to.subnet, "out", "reply"), this.acl(from.subnet, "in", "reply")]),
        ]);
      });
  }

  private fromInternet(item: AwsClass, family: Family): Path[] {
    const { publicV4 } = item.sample;
    if (family === 4 && publicV4.kind === "none") return [];
    const route = this.route(item, family, inboundTarget, "the reply leaves by");
    if (isEmpty(route.toward.may)) return [];
    const mapping: Hop[] = [];
    if (family === 4 && publicV4.kind === "address") {
      mapping.push({
        kind: "device",
        step: "translation",
        at: publicV4.at,
        text: `${publicV4.text} maps to the private address`,
      });
      if (publicV4.doubt !== null) mapping.push({ kind: "doubt", why: publicV4.doubt });
    }
    return [
      this.path(item, family, internetZones[family], [
        ...mapping,
        this.acl(item.subnet, "in", "request"),
        this.groups(item, "ingress", "request"),
        this.acl(item.subnet, "out", "reply"),
        route,
      ]),
    ];
  }

  private fromNetwork(item: AwsClass, family: Family): Path[] {
    return this.zones.around(item.network, family).map(({ zone, subnet }) => {
      const admission: Hop = { ...this.groups(item, "ingress", "request"), byIdentity: true };
      if (subnet === item.subnet) return this.path(item, family, zone, [admission]);
      return this.path(item, family, zone, [
        ...(subnet === null ? [] : [this.acl(subnet, "out", "request")]),
        this.acl(item.subnet, "in", "request"),
        admission,
        this.acl(item.subnet, "out", "reply"),
        ...(subnet === null ? [] : [this.acl(subnet, "in", "reply")]),
      ]);
    });
  }

  /** Networks behind a peering, transit gateway, VPN or appliance: what the return route leads there may connect. */
  private fromConnected(item: AwsClass, family: Family): Path[] {
    const zone = this.connectedZone(item, family);
    if (zone === null) return [];
    return [
      this.path(item, family, zone, [
        this.acl(item.subnet, "in", "request"),
        this.groups(item, "ingress", "request"),
        this.acl(item.subnet, "out", "reply"),
        { kind: "doubt", why: unmodelledConnection },
      ]),
    ];
  }

  private fromUnmodelled(item: AwsClass, family: Family): Path[] {
    return this.parts
      .unmodelledWays(item)
      .map((why, i) =>
        this.path(
          item,
          family,
          { ...internetZones[family], id: `internet/${family}/${i}` },
          [{ kind: "doubt", why }, this.groups(item, "ingress", "request")],
          { kind: "claimed" },
        ),
      );
  }

  private toInternet(item: AwsClass, family: Family): Path[] {
    const { publicV4 } = item.sample;
    const own: Answer =
      family === 6 ? "yes" : publicV4.kind === "none" ? "no" : publicV4.doubt === null ? "yes" : "maybe";
    const route = this.route(item, family, (target) => outboundTarget(target, own), "the connection leaves by");
    if (isEmpty(route.toward.may)) return [];
    return [
      this.path(
        item,
        family,
        internetZones[family],
        [
          this.groups(item, "egress", "request"),
          this.acl(item.subnet, "out", "request"),
          route,
          this.acl(item.subnet, "in", "reply"),
        ],
        { kind: "client" },
        "outbound",
      ),
    ];
  }

  /** Space of a network that the stack does not create: anything may live there. */
  private toNetwork(item: AwsClass, family: Family): Path[] {
    if (this.parts.vpcs.network(item.network).created) return [];
    return this.zones.around(item.network, family).map(({ zone, subnet }) =>
      this.path(
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
          this.groups(item, "egress", "request"),
          ...(subnet === item.subnet
            ? []
            : [this.acl(item.subnet, "out", "request"), this.acl(item.subnet, "in", "reply")]),
        ],
        { kind: "client" },
        "outbound",
      ),
    );
  }

  private toConnected(item: AwsClass, family: Family): Path[] {
    const zone = this.connectedZone(item, family);
    if (zone === null) return [];
    return [
      this.path(
        item,
        family,
        zone,
        [
          this.groups(item, "egress", "request"),
          this.acl(item.subnet, "out", "request"),
          this.acl(item.subnet, "in", "reply"),
          { kind: "doubt", why: unmodelledConnection },
        ],
        { kind: "client" },
        "outbound",
      ),
    ];
  }

  private path(
    item: AwsClass,
    family: Family,
    zone: Zone,
    hops: readonly Hop[],
    seen: Seen = { kind: "client" },
    direction: Path["direction"] = "inbound",
  ): Path {
    return { family, class: item.id, zone, direction, hops: [...this.doubts(item, family), ...hops], seen };
  }

  private doubts(item: AwsClass, family: Family): Hop[] {
    const { doubt, v6Doubt } = item.sample;
    return [doubt, family === 6 ? v6Doubt : null].flatMap((why) =>
      why === null ? [] : [{ kind: "doubt", why } as const],
    );
  }

  private groups(item: AwsClass, direction: GroupDirection, leg: Leg): Hop & { kind: "filter" } {
    return { kind: "filter", filters: [this.parts.groupFilter(item, direction)], leg, step: "filter", why: [] };
  }

  private acl(subnet: SubnetKey, side: "in" | "out", leg: Leg): Hop {
    const { options, why } = this.parts.acls(subnet);
    return { kind: "filter", filters: options.map((acl) => acl[side]), leg, step: "filter", why };
  }

  private route(
    item: AwsClass,
    family: Family,
    wanted: (target: Target) => Answer,
    verb: string,
  ): Hop & { kind: "route" } {
    const { options, why } = this.parts.tables(item.subnet);
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

  private connectedZone(item: AwsClass, family: Family): Zone | null {
    const { toward: set } = this.route(
      item,
      family,
      (target) => (connects(target) ? "yes" : target.kind === "unknown" ? "maybe" : "no"),
      "",
    );
    const { options } = this.parts.tables(item.subnet);
    const beyond = subtract(set.may, this.parts.vpcs.network(item.network).space.may);
    // A table that is not in the stack may lead to other private networks; the Internet is a path of its own.
    const behind = this.parts.vpcs.connectedTo(item.network) ?? PRIVATE_V4;
    const may = options.some((table) => table.unread !== null) ? intersect(beyond, behind) : beyond;
    if (isEmpty(may)) return null;
    return {
      id: `connected:${item.subnet}/${family}`,
      kind: "connected",
      resource: null,
      text: "a connected network",
      endpoints: between(noEndpoints, addresses(may), mergeReasons([...set.why, unmodelledConnection])),
    };
  }
}

const unmodelledConnection: Reason = {
  text: "networks behind a peering, transit gateway, VPN or appliance are not modelled",
};

function families(item: AwsClass): readonly Family[] {
  return ([4, 6] as const).filter((family) => (family === 4 ? item.address.v4 : item.address.v6) !== null);
}

/** Only an attached Internet gateway brings a reply back to an Internet client. */
function inboundTarget(target: Target): Answer {
  if (target.kind === "internet") return target.attached;
  return target.kind === "unknown" || target.kind === "endpoint" ? "maybe" : "no";
}

function outboundTarget(target: Target, ownAddress: Answer): Answer {
  switch (target.kind) {
    case "internet":
      return ownAddress === "no" || target.attached === "no"
        ? "no"
        : ownAddress === "yes" && target.attached === "yes"
          ? "yes"
          : "maybe";
    case "nat":
      return target.resource.properties.connectivityType === "private" ? "no" : "yes";
    case "egress-only":
      return "yes";
    case "local":
      return "no";
    default:
      return "maybe";
  }
}

function connects(target: Target): boolean {
  return target.kind === "peering" || target.kind === "transit" || target.kind === "vpn" || target.kind === "interface";
}
