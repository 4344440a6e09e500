import type { Hop, Path } from "../../model/network";
import type { Reason } from "../../model/provenance";
import { isEmpty, isSubset, overlaps } from "../../net/addr";
import { formatPorts, ports } from "../../net/ports";
import { type AzureClass, rangeOf } from "./classes";
import type { Hops, Parts } from "./hops";
import type { Balancing } from "./load-balancers";
import { inboundReply, opened, path } from "./paths";
import type { Sku } from "./public-ips";
import { internetZones } from "./zones";

/** Ways through the public frontends of load balancers. The machine sees the client, and its groups the port behind the rule. */
export class BalancedPaths {
  private readonly parts: Parts;
  private readonly hops: Hops;

  constructor(parts: Parts, hops: Hops) {
    this.parts = parts;
    this.hops = hops;
  }

  inbound(item: AzureClass): Path[] {
    return this.parts.balancing.flatMap((way) => {
      const { publicIp } = way;
      if (publicIp === null || (publicIp.family !== item.family && publicIp.sku !== "unknown")) return [];
      const member = this.member(way, item);
      if (member === "no") return [];
      const doubts = [way.doubt, publicIp.doubt, member === "yes" ? null : member].filter((why) => why !== null);
      const front: Hop[] = [
        { kind: "device", step: "load-balancer", at: way.at, text: textOf(way) },
        ...doubts.map((why): Hop => ({ kind: "doubt", why })),
      ];
      const route = this.hops.route(item.sample.subnet, item.family, inboundReply, "the reply leaves by");
      const behind = way.backend === null ? null : ports(way.backend);
      return opened(this.hops, item, skuOf(way)).map((door) =>
        path(item, internetZones[item.family], [...front, ...door, route], { ports: behind }),
      );
    });
  }

  /** Whether a class is behind a rule: by its interface, or by an address that the pool lists. */
  private member(way: Balancing, item: AzureClass): "yes" | "no" | Reason {
    const { pools, natRules } = item.sample;
    const maybe: Reason = { text: "whether the interface is behind the load balancer is not known", at: way.at };
    if (way.natRule !== null && natRules.certain.includes(way.natRule)) return "yes";
    if (way.pools.some((pool) => pools.certain.includes(pool) || natRules.certain.includes(pool))) return "yes";
    for (const pool of way.pools) {
      const listed = this.parts.poolAddresses.get(pool);
      if (listed === undefined || isEmpty(listed)) continue;
      const own = rangeOf(item);
      if (isSubset(own, listed)) return "yes";
      if (item.sample.address.kind === "within" && overlaps(own, listed)) return maybe;
    }
    if (way.natRule !== null && natRules.possible.includes(way.natRule)) return maybe;
    return way.pools.some((pool) => pools.possible.includes(pool)) ? maybe : "no";
  }
}

function skuOf(way: Balancing): Sku {
  if (way.standard === "yes" || way.publicIp?.sku === "standard") return "standard";
  return way.standard === "maybe" || way.publicIp?.sku === "unknown" ? "unknown" : "basic";
}

function textOf(way: Balancing): string {
  const shown = way.published === null ? "every port" : formatPorts(way.published);
  const behind = way.backend === null ? "" : ` as ${way.backend}`;
  return `load balancer ${way.balancer.name} publishes ${shown}${behind} (${way.name})`;
}
