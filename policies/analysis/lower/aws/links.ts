import type { NetId } from "../../model/network";
import type { Reason } from "../../model/provenance";
import type { ResourceSnapshot } from "../../model/snapshot";
import { type AddrSet, allAddresses } from "../../net/addr";
import { type Bounds, exactly } from "../../net/bounds";
import { type Resources, resolve, resolveOwner } from "../resources";
import { text } from "../values";
import type { Target } from "./routes";
import { hasOpenEnds, lowerTransit } from "./transit";
import * as types from "./types";
import type { Vpcs } from "./vpc";
import { lowerVpn, showsVpn } from "./vpn";

/** A connection from one network to another, as one direction: what `from` can send to `to`. */
export interface Link {
  readonly from: NetId;
  readonly to: NetId;
  readonly resource: ResourceSnapshot;
  readonly text: string;
  /** Whether a route of `from` enters this link. */
  enters(target: Target): boolean;
  /** Destinations that the device in the middle forwards to `to`; everything for a peering. */
  readonly forwards: Bounds<AddrSet>;
  /** Rules may name groups of the other network. */
  readonly references: boolean;
  readonly doubt: Reason | null;
}

export interface Links {
  readonly all: readonly Link[];
  from(network: NetId): readonly Link[];
  /** Whether the links show everything that lies behind a route target. */
  covers(network: NetId, target: Target): boolean;
}

/** VPC peerings, transit gateways and VPN gateways, in both directions. Not transitive: a link joins two networks and no third. */
export function lowerLinks(resources: Resources, vpcs: Vpcs): Links {
  const all = [...peerings(resources, vpcs), ...lowerTransit(resources, vpcs), ...lowerVpn(resources, vpcs)];
  return {
    all,
    from: (network) => all.filter((link) => link.from === network),
    covers: (network, target) => {
      if (target.kind === "transit") return !hasOpenEnds(resources, target.resource);
      if (target.kind === "vpn") return showsVpn(resources, target);
      return target.kind === "peering" && all.some((link) => link.from === network && link.enters(target));
    },
  };
}

/** A peering without a visible acceptance counts as active. VPC Peering Guide: a reference needs the same Region. */
function peerings(resources: Resources, vpcs: Vpcs): Link[] {
  return resources.ofType("aws:ec2/vpcPeeringConnection:VpcPeeringConnection").flatMap((peering) => {
    const p = peering.properties;
    if (peering.external) return [];
    const own = vpcs.networksOf(resolveOwner(resources, peering, "vpcId", p.vpcId, types.VPC));
    const peer = vpcs.networksOf(resolveOwner(resources, peering, "peerVpcId", p.peerVpcId, types.VPC));
    const unsure = own.possible.length + peer.possible.length > 0;
    const doubt = unsure ? { text: `what peering ${peering.name} joins is not known`, at: { urn: peering.urn } } : null;
    const region = text(p.peerRegion);
    // Without a Region of its own the peering has the provider's, which the stack may not tell.
    const home = text(p.region);
    const references = typeof region !== "string" || typeof home !== "string" || region === home;
    const make = (from: NetId, to: NetId): Link => ({
      from,
      to,
      resource: peering,
      text: `peering ${peering.name}`,
      enters: (target) => target.kind === "peering" && leadsTo(resources, target.resource, peering),
      forwards: exactly(allAddresses),
      references,
      doubt,
    });
    return [...own.certain, ...own.possible].flatMap((one) =>
      [...peer.certain, ...peer.possible].flatMap((other) =>
        one === other ? [] : [make(one, other), make(other, one)],
      ),
    );
  });
}

/** Routes may name the connection or its accepter. */
function leadsTo(resources: Resources, named: ResourceSnapshot, peering: ResourceSnapshot): boolean {
  if (named === peering) return true;
  const { certain } = resolve(
    resources,
    named,
    "vpcPeeringConnectionId",
    named.properties.vpcPeeringConnectionId,
    types.PEERING,
  );
  return certain.includes(peering);
}
