import { addresses, noEndpoints } from "../../model/endpoints";
import type { Family, Hop, Path, Zone } from "../../model/network";
import type { Reason } from "../../model/provenance";
import { intersect, isEmpty, subtract } from "../../net/addr";
import { between, mergeReasons } from "../../net/bounds";
import type { Answer } from "../longest-prefix";
import { PRIVATE_V4 } from "./address-space";
import type { AwsClass } from "./classes";
import type { Hops, Landing, Parts } from "./hops";
import type { Target } from "./routes";

const unmodelled: Reason = { text: "networks behind a peering, transit gateway, VPN or appliance are not modelled" };

/** Networks behind a device that the links do not show: what the routes lead there may connect, and may be opened. */
export class ConnectedPaths {
  private readonly parts: Parts;
  private readonly hops: Hops;

  constructor(parts: Parts, hops: Hops) {
    this.parts = parts;
    this.hops = hops;
  }

  inbound(item: AwsClass, family: Family): Path[] {
    return this.zones(this.hops.landing(item, family), family).map((zone) =>
      this.hops.path(item, family, zone, [
        this.hops.acl(item.subnet, "in", "request"),
        this.hops.groups(item, "ingress", "request"),
        this.hops.acl(item.subnet, "out", "reply"),
        uncertain,
      ]),
    );
  }

  outbound(item: AwsClass, family: Family): Path[] {
    return this.zones(this.hops.landing(item, family), family).map((zone) => {
      const hops = [
        this.hops.groups(item, "egress", "request"),
        this.hops.acl(item.subnet, "out", "request"),
        this.hops.acl(item.subnet, "in", "reply"),
        uncertain,
      ];
      return this.hops.path(item, family, zone, hops, { direction: "outbound" });
    });
  }

  /** The address space that the routes of a subnet lead to such devices; none or one. */
  zones(near: Landing, family: Family): Zone[] {
    const { toward: set } = this.hops.route(
      near.subnet,
      family,
      (target) => (this.parts.links.covers(near.network, target) ? "no" : connects(target)),
      "",
    );
    const { options } = this.parts.tables(near.subnet);
    const beyond = subtract(set.may, this.parts.vpcs.network(near.network).space.may);
    // A table that is not in the stack may lead to other private networks; the Internet is a path of its own.
    const behind = this.parts.vpcs.connectedTo(near.network) ?? PRIVATE_V4;
    const may = options.some((table) => table.unread !== null) ? intersect(beyond, behind) : beyond;
    if (isEmpty(may)) return [];
    return [
      {
        id: `connected:${near.subnet}/${family}`,
        kind: "connected",
        resource: null,
        text: "a connected network",
        endpoints: between(noEndpoints, addresses(may), mergeReasons([...set.why, unmodelled])),
      },
    ];
  }
}

const uncertain: Hop = { kind: "doubt", why: unmodelled };

function connects(target: Target): Answer {
  switch (target.kind) {
    case "peering":
    case "transit":
    case "vpn":
      return "yes";
    case "interface":
      return target.forwards;
    case "unknown":
      return "maybe";
    default:
      return "no";
  }
}
