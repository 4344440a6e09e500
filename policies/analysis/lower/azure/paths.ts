import { addresses, noEndpoints } from "../../model/endpoints";
import type { Filter, Hop, IfaceClass, NetId, Path, Seen, Zone } from "../../model/network";
import type { Reason } from "../../model/provenance";
import { type AddrSet, intersect, isEmpty, subtract } from "../../net/addr";
import { between, exactly, mergeReasons } from "../../net/bounds";
import type { Answer } from "../longest-prefix";
import { BalancedPaths } from "./balanced-paths";
import { type AzureClass, endpointOf, rangeOf } from "./classes";
import { Crossings } from "./crossings";
import { Hops, type Parts } from "./hops";
import type { Sku } from "./public-ips";
import type { Target } from "./routes";
import { TranslatedPaths } from "./translated-paths";
import { PRIVATE_SPACE, type Subnet } from "./vnets";
import { internetZones, Zones } from "./zones";

/** Enumerates the ways between a class of addresses and the rest of the world as lists of hops. */
export class AzurePaths {
  private readonly parts: Parts;
  private readonly hops: Hops;
  private readonly zones: Zones;
  private readonly crossings: Crossings;
  private readonly balanced: BalancedPaths;
  private readonly translated: TranslatedPaths;
  private readonly byId: ReadonlyMap<string, AzureClass>;

  constructor(parts: Parts) {
    this.parts = parts;
    this.hops = new Hops(parts);
    this.crossings = new Crossings(parts, this.hops);
    this.zones = new Zones(parts.vnets, parts.classes, (subnet) => this.crossings.boundaryOf(subnet));
    this.balanced = new BalancedPaths(parts, this.hops);
    this.translated = new TranslatedPaths(parts, this.hops);
    this.byId = new Map(parts.classes.map((item) => [item.id, item]));
  }

  inbound(target: IfaceClass): readonly Path[] {
    const item = this.byId.get(target.id) as AzureClass;
    return [
      ...this.balanced.inbound(item),
      ...this.translated.inbound(item),
      ...this.fromInternet(item),
      ...this.fromNetworks(item),
      ...this.fromConnected(item),
      ...this.throughAppliances(item),
      ...this.fromUnmodelled(item),
    ];
  }

  outbound(source: IfaceClass): readonly Path[] {
    const item = this.byId.get(source.id) as AzureClass;
    return [...this.toInternet(item), ...this.toNetworks(item), ...this.toConnected(item)];
  }

  between(source: IfaceClass, target: IfaceClass): readonly Path[] {
    const from = this.byId.get(source.id) as AzureClass;
    const to = this.byId.get(target.id) as AzureClass;
    if (from.family !== to.family) return [];
    const zone: Zone = {
      id: `class:${from.id}/${from.family}`,
      kind: "network",
      resource: from.interfaces[0] ?? null,
      text: from.sample.resource.name,
      endpoints: exactly(endpointOf(from)),
    };
    return this.crossings
      .between(from.sample.subnet, rangeOf(from), to)
      .flatMap(({ hops, seen }) =>
        this.hops
          .doors(from, "outbound")
          .flatMap((out) =>
            this.hops
              .doors(to, "inbound")
              .map((door) => path(to, zone, [...doubts(from), ...out, ...hops, ...door], { seen })),
          ),
      );
  }

  /** Network security groups stand in front of whatever reaches an interface, unless a security admin rule passes them by. */
  gates(one: IfaceClass, direction: Path["direction"]): readonly Filter[] {
    const item = this.byId.get(one.id) as AzureClass;
    if (
      direction === "inbound" &&
      (this.parts.unmodelledWays(item).length > 0 || !isEmpty(this.beyondAppliances(item)))
    )
      return [];
    const doors = this.hops.doors(item, direction);
    const [door] = doors;
    if (door === undefined || doors.length > 1) return [];
    return door.flatMap((hop) => (hop.kind === "filter" && hop.filters.length === 1 ? hop.filters : []));
  }

  private fromInternet(item: AzureClass): Path[] {
    const { publicIp, subnet } = item.sample;
    // A public address that the stack only names may be of either family.
    if (publicIp === null || (publicIp.family !== item.family && publicIp.sku !== "unknown")) return [];
    const admission = opened(this.hops, item, publicIp.sku);
    const mapping: Hop[] = [
      { kind: "device", step: "translation", at: publicIp.at, text: `${publicIp.text} maps to the private address` },
      ...(publicIp.doubt === null ? [] : [{ kind: "doubt" as const, why: publicIp.doubt }]),
    ];
    const route = this.hops.route(subnet, item.family, inboundReply, "the reply leaves by");
    return admission.map((door) => path(item, internetZones[item.family], [...mapping, ...door, route]));
  }

  /** The own network and its peers, part by part. */
  private fromNetworks(item: AzureClass): Path[] {
    return this.neighbours(item).flatMap(({ zone, subnet, joint }) =>
      this.crossings
        .from(zone, subnet, item, joint)
        .flatMap(({ hops, seen }) =>
          this.hops
            .doors(item, "inbound")
            .map((door) => path(item, zone, [...hops, ...door.map(byIdentity)], { seen })),
        ),
    );
  }

  /** Networks behind a gateway: what the return route leads there may connect. */
  private fromConnected(item: AzureClass): Path[] {
    const zone = this.connectedZone(item);
    if (zone === null) return [];
    return this.hops
      .doors(item, "inbound")
      .map((door) => path(item, zone, [{ kind: "doubt", why: behindGateway }, ...door]));
  }

  /** An appliance that the stack does not describe may pass on, or translate, whatever reaches it. */
  private throughAppliances(item: AzureClass): Path[] {
    const set = this.beyondAppliances(item);
    if (isEmpty(set)) return [];
    const zone: Zone = {
      ...internetZones[item.family],
      id: `appliance:${item.subnet}/${item.family}`,
      endpoints: between(noEndpoints, addresses(set), [appliance]),
    };
    return [path(item, zone, [{ kind: "doubt", why: appliance }], { seen: { kind: "claimed" } })];
  }

  /** What routes send to an appliance. */
  private beyondAppliances(item: AzureClass): AddrSet {
    const isAppliance = (target: Target) => yesNo(target.kind === "appliance");
    const { toward } = this.hops.route(item.sample.subnet, item.family, isAppliance, "");
    return subtract(toward.may, this.parts.vnets.network(item.network).space.may);
  }

  private fromUnmodelled(item: AzureClass): Path[] {
    return this.parts.unmodelledWays(item).map((why, i) =>
      path(item, { ...internetZones[item.family], id: `internet/${item.family}/${i}` }, [{ kind: "doubt", why }], {
        seen: { kind: "claimed" },
      }),
    );
  }

  private toInternet(item: AzureClass): Path[] {
    const { subnet } = item.sample;
    const access = this.hops.outboundAccess(item);
    const ways: Hop[][] = [];
    const route = this.hops.route(
      subnet,
      item.family,
      (target) =>
        target.kind === "internet" ? "yes" : target.kind === "appliance" || target.kind === "gateway" ? "maybe" : "no",
      "the connection leaves by",
    );
    if (access.answer !== "no" && !isEmpty(route.toward.may) && (item.family === 4 || item.sample.publicIp !== null)) {
      ways.push([
        { kind: "device", step: "gateway", at: null, text: access.text, sendsAs: access.text },
        ...(access.why === null ? [] : [{ kind: "doubt" as const, why: access.why }]),
        route,
      ]);
    }
    for (const { resource } of this.parts.firewalls.all) {
      const leave = this.hops.route(
        subnet,
        item.family,
        (target) => yesNo(target.kind === "firewall" && target.firewall === resource),
        "the connection leaves by",
      );
      if (isEmpty(leave.toward.may)) continue;
      ways.push([
        leave,
        this.hops.firewallFilter(resource),
        {
          kind: "device",
          step: "translation",
          at: { urn: resource.urn },
          text: `firewall ${resource.name} sends as itself`,
          sendsAs: `firewall ${resource.name}`,
        },
      ]);
    }
    const zone = internetZones[item.family];
    return ways.flatMap((way) =>
      this.hops.doors(item, "outbound").map((door) => path(item, zone, [...door, ...way], { direction: "outbound" })),
    );
  }

  /** Space of networks that the stack does not create: anything may live there. */
  private toNetworks(item: AzureClass): Path[] {
    return this.neighbours(item)
      .filter(({ network }) => !this.parts.vnets.network(network).created)
      .flatMap(({ zone, joint }) => {
        const { must, may, why } = zone.endpoints;
        const space: Zone = { ...zone, endpoints: between(addresses(must.addr), addresses(may.addr), why) };
        const doubt: Hop[] = joint === null ? [] : [{ kind: "doubt", why: joint }];
        return this.hops
          .doors(item, "outbound")
          .map((door) => path(item, space, [...door, ...doubt], { direction: "outbound" }));
      });
  }

  private toConnected(item: AzureClass): Path[] {
    const zone = this.connectedZone(item);
    if (zone === null) return [];
    return this.hops
      .doors(item, "outbound")
      .map((door) => path(item, zone, [...door, { kind: "doubt", why: behindGateway }], { direction: "outbound" }));
  }

  private neighbours(item: AzureClass): { zone: Zone; subnet: Subnet | null; network: NetId; joint: Reason | null }[] {
    const own = this.zones
      .of(item.network, item.family)
      .map((part) => ({ ...part, network: item.network, joint: null }));
    const peers = this.parts.peerings
      .filter((peering) => peering.from === item.network)
      .flatMap((peering) =>
        this.zones
          .of(peering.to, item.family)
          .filter(({ subnet }) => subnet !== null || !this.parts.vnets.network(peering.to).created)
          .map((part) => ({
            subnet: part.subnet,
            zone: { ...part.zone, kind: "connected" as const },
            network: peering.to,
            joint: peering.doubt,
          })),
      );
    return [...own, ...peers];
  }

  private connectedZone(item: AzureClass): Zone | null {
    const { toward } = this.hops.route(
      item.sample.subnet,
      item.family,
      (target) => (target.kind === "gateway" ? "yes" : "no"),
      "",
    );
    const may = intersect(subtract(toward.may, this.parts.vnets.network(item.network).space.may), PRIVATE_SPACE);
    if (isEmpty(may)) return null;
    return {
      id: `connected:${item.subnet}/${item.family}`,
      kind: "connected",
      resource: null,
      text: "a network behind the gateway",
      endpoints: between(noEndpoints, addresses(may), mergeReasons([...toward.why, behindGateway])),
    };
  }
}

const behindGateway: Reason = { text: "networks behind a virtual network gateway are not in the stack" };
const appliance: Reason = { text: "a route leads to an appliance whose rules are not in the stack" };

/** "Default outbound access" and the return rule: a reply that leaves by a firewall that saw no request is dropped. */
export function inboundReply(target: Target): Answer {
  return target.kind === "internet" ? "yes" : target.kind === "appliance" || target.kind === "gateway" ? "maybe" : "no";
}

/** The ways through the door of a public address: a standard one is closed where no network security group opens it. */
export function opened(hops: Hops, item: AzureClass, sku: Sku): readonly (readonly Hop[])[] {
  const doors = hops.doors(item, "inbound");
  if (sku === "basic" || hops.hasGroup(item)) return doors;
  const always = doors.slice(1);
  if (sku === "standard") return [[unopened], ...always];
  const why = {
    text: "whether the public address is a standard one, closed without a network security group, is not known",
  };
  return [...doors.slice(0, 1).map((door) => [{ kind: "doubt" as const, why }, ...door]), ...always];
}

/** A standard public address is closed until a network security group opens it: "Public IP addresses", on security. */
const unopened: Hop = {
  kind: "filter",
  filters: [
    {
      id: "no-group",
      name: "a standard public address without a network security group",
      at: null,
      rules: [],
      otherwise: "deny",
    },
  ],
  leg: "request",
  step: "filter",
  why: [],
};

export function path(
  item: AzureClass,
  zone: Zone,
  hops: readonly Hop[],
  other: { readonly seen?: Seen; readonly direction?: Path["direction"]; readonly ports?: Path["ports"] } = {},
): Path {
  return {
    family: item.family,
    class: item.id,
    zone,
    direction: other.direction ?? "inbound",
    protocol: null,
    ports: other.ports ?? null,
    proxyHeader: false,
    hops: [...doubts(item), ...hops],
    seen: other.seen ?? { kind: "client" },
  };
}

function doubts(item: AzureClass): Hop[] {
  return item.sample.doubt === null ? [] : [{ kind: "doubt", why: item.sample.doubt }];
}

/** The zone's address space already stands for what address rules admit; interfaces pass by membership. */
function byIdentity(hop: Hop): Hop {
  return hop.kind === "filter" ? { ...hop, byIdentity: true } : hop;
}

function yesNo(answer: boolean): Answer {
  return answer ? "yes" : "no";
}
