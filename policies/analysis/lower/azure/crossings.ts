import type { Hop, NetId, Seen, Zone } from "../../model/network";
import type { Reason } from "../../model/provenance";
import { type AddrSet, isSubset, noAddresses } from "../../net/addr";
import type { Answer } from "../longest-prefix";
import { type AzureClass, rangeOf } from "./classes";
import type { Hops, Parts } from "./hops";
import type { Target } from "./routes";
import type { Subnet } from "./vnets";

/** One way between two subnets: the hops on it, and what the far end sees. */
export interface Crossing {
  readonly hops: readonly Hop[];
  readonly seen: Seen;
}

/** What a packet meets between subnets of one network or of peers: routes of both sides, and a firewall that they lead through. */
export class Crossings {
  private readonly parts: Parts;
  private readonly hops: Hops;

  constructor(parts: Parts, hops: Hops) {
    this.parts = parts;
    this.hops = hops;
  }

  /** Subnets with the same boundary are one part of the network. */
  boundaryOf(subnet: Subnet): string {
    const group = this.hops.subnetGroup(subnet, "outbound");
    const { options } = this.parts.tables(subnet);
    return [
      group?.filters.map((filter) => filter.id).join(",") ?? "",
      ...options.map((table) => table.at?.urn ?? table.name),
    ].join("|");
  }

  /** Ways from a part of a network, with what its own subnet filters; `subnet` is null for space that no subnet holds. */
  from(zone: Zone, subnet: Subnet | null, to: AzureClass, joint: Reason | null): Crossing[] {
    const doubt: Hop[] = joint === null ? [] : [{ kind: "doubt", why: joint }];
    if (subnet === null) return [{ hops: doubt, seen: { kind: "client" } }];
    const leaving = this.hops.subnetGroup(subnet, "outbound");
    const admin = this.parts.admin(subnet.network, "outbound", this.hops.around(subnet));
    const first: Hop[] = [
      ...doubt,
      ...(leaving === null ? [] : [{ ...leaving, byIdentity: true }]),
      ...(admin === null
        ? []
        : [
            {
              kind: "filter" as const,
              filters: [admin.goesOn],
              leg: "request" as const,
              step: "filter" as const,
              why: [],
            },
          ]),
    ];
    const space = zone.endpoints.must.addr;
    return this.between(subnet, space, to).map((way) => ({ ...way, hops: [...first, ...way.hops] }));
  }

  /** Ways from a subnet to a class, by the routes of both. */
  between(from: Subnet, source: AddrSet, to: AzureClass): Crossing[] {
    const target = to.sample.subnet;
    const range = rangeOf(to);
    const joint = this.joint(from.network, to.network);
    if (joint === "none") return [];
    const apart: Hop[] = joint === null ? [] : [{ kind: "doubt", why: joint }];
    const there = (wanted: (target: Target) => boolean) =>
      this.hops.leads(from, to.family, range, (item) => yesNo(wanted(item)));
    const back = (wanted: (target: Target) => boolean) =>
      this.hops.leads(target, to.family, source, (item) => yesNo(wanted(item)));
    const ways: Crossing[] = [];
    const direct = there((item) => leadsTo(item, from.network, to.network));
    if (direct.answer !== "no") {
      const reply = isSubset(source, noAddresses)
        ? direct
        : back((item) => leadsTo(item, to.network, from.network) || item.kind === "appliance");
      if (reply.answer !== "no")
        ways.push({ hops: [...apart, ...unsure(direct), ...unsure(reply)], seen: { kind: "client" } });
    }
    for (const { resource, subnet } of this.parts.firewalls.all) {
      const way = there((item) => item.kind === "firewall" && item.firewall === resource);
      if (way.answer === "no") continue;
      const { keepsSource } = this.parts.rulesOf(resource);
      const kept = isSubset(range, keepsSource.must);
      const pool = subnet === null ? noAddresses : to.family === 4 ? subnet.v4.must : subnet.v6.must;
      ways.push({
        hops: [
          ...apart,
          ...unsure(way),
          { kind: "device", step: "firewall", at: { urn: resource.urn }, text: `firewall ${resource.name}` },
          this.hops.firewallFilter(resource),
        ],
        seen: kept ? { kind: "client" } : { kind: "pool", pools: [pool] },
      });
    }
    const other = there((item) => item.kind === "appliance" || item.kind === "gateway");
    if (other.answer !== "no")
      ways.push({
        hops: [
          ...apart,
          { kind: "doubt", why: { text: "a route leads to an appliance whose rules are not in the stack" } },
        ],
        seen: { kind: "client" },
      });
    return ways;
  }

  /** Null if the networks are certainly joined, a reason if they may be. */
  private joint(a: NetId, b: NetId): Reason | null | "none" {
    if (a === b) return null;
    const peering = this.parts.peerings.find((item) => item.from === a && item.to === b);
    return peering === undefined ? "none" : peering.doubt;
  }
}

function leadsTo(target: Target, from: NetId, to: NetId): boolean {
  return from === to ? target.kind === "network" : target.kind === "peer" && target.network === to;
}

function unsure({ answer, why }: { answer: Answer; why: readonly Reason[] }): Hop[] {
  if (answer !== "maybe") return [];
  return [{ kind: "doubt", why: why[0] ?? { text: "whether a route leads there is not known" } }];
}

function yesNo(answer: boolean): Answer {
  return answer ? "yes" : "no";
}
