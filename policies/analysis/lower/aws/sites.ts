import type { NetId, Network } from "../../model/network";
import type { Provenance, Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown } from "../../model/snapshot";
import { type AddrSet, allAddresses, noAddresses, unionAll } from "../../net/addr";
import { type Bounds, between, exactly, mergeReasons } from "../../net/bounds";
import { type Resources, resolveOwner } from "../resources";
import { cidrs, field, flag, items } from "../values";
import { PRIVATE_V4 } from "./address-space";

/** A network that nobody creates in a stack, behind a VPN connection, a Direct Connect or another gateway: anybody may be in it. */
export interface Site {
  readonly resource: ResourceSnapshot;
  readonly text: string;
  /** Destinations that are sent there because the stack says so, each block a route of its own; null where the far end announces them. */
  readonly routes: readonly { readonly set: Bounds<AddrSet>; readonly at: Provenance }[] | null;
  readonly doubt: Reason | null;
}

export const VPN_CONNECTION = new Set(["aws:ec2/vpnConnection:VpnConnection"]);

export function siteId(resource: ResourceSnapshot): NetId {
  return `site:${resource.urn}`;
}

export function siteNetwork(site: Site): Network {
  const name = `the network behind ${site.text}`;
  const space =
    site.routes === null
      ? between(noAddresses, PRIVATE_V4, [announced(site)])
      : between(noAddresses, unionAll(site.routes.map(({ set }) => set.may)), [
          { text: `who is in ${name} is not in the stack` },
        ]);
  return { id: siteId(site.resource), urn: site.resource.urn, name, space, created: false };
}

/** What is sent to a site once a packet has reached the gateway in front of it. */
export function sentTo(site: Site): Bounds<AddrSet> {
  if (site.routes === null) return between(noAddresses, allAddresses, [announced(site)]);
  const parts = site.routes.map(({ set }) => set);
  const why = mergeReasons(parts.flatMap((part) => part.why));
  const must = unionAll(parts.map((part) => part.must));
  return why.length === 0 ? exactly(must) : between(must, unionAll(parts.map((part) => part.may)), why);
}

export function announced(site: Site): Reason {
  return { text: `what ${site.text} announces is not in the stack`, at: { urn: site.resource.urn } };
}

/** VPN connections and what else ends at a gateway, named by `property` of each type. */
export function sitesAt(
  resources: Resources,
  gateway: ResourceSnapshot,
  kinds: readonly (readonly [type: string, property: string, what: string])[],
  accepted: ReadonlySet<string>,
): Site[] {
  return kinds.flatMap(([type, property, what]) =>
    resources.ofType(type).flatMap((resource): Site[] => {
      const owner = resolveOwner(resources, resource, property, resource.properties[property], accepted);
      if (!owner.certain.includes(gateway) && !owner.possible.includes(gateway)) return [];
      const text = `${what} ${resource.name}`;
      const at = { urn: resource.urn, path: property };
      return [
        {
          resource,
          text,
          routes: VPN_CONNECTION.has(type) ? staticRoutes(resources, resource) : null,
          doubt: owner.certain.includes(gateway) ? null : { text: `which gateway ${text} ends at is not known`, at },
        },
      ];
    }),
  );
}

/** VPN User Guide, "Site-to-Site VPN routing options": static routes are listed, with BGP the far end announces them. */
function staticRoutes(resources: Resources, connection: ResourceSnapshot): Site["routes"] {
  if (flag(connection.properties.staticRoutesOnly) !== true) return null;
  const listed = resources.ofType("aws:ec2/vpnConnectionRoute:VpnConnectionRoute").flatMap((route) => {
    const { vpnConnectionId, destinationCidrBlock } = route.properties;
    const owner = resolveOwner(resources, route, "vpnConnectionId", vpnConnectionId, VPN_CONNECTION);
    const at = { urn: route.urn, path: "destinationCidrBlock" };
    const set = cidrs(destinationCidrBlock, undefined, at);
    if (owner.certain.includes(connection)) return [{ set, at }];
    if (!owner.possible.includes(connection)) return [];
    const why = { text: "which VPN connection the route belongs to is not known", at };
    return [{ set: between(noAddresses, set.may, [why]), at }];
  });
  // A state lists the routes of a connection on the connection itself.
  const known = items(connection.properties.routes).flatMap((item, i) => {
    const at = { urn: connection.urn, path: `routes[${i}]` };
    const block = item instanceof Unknown ? undefined : field(item, "destinationCidrBlock");
    return block === undefined || listed.length > 0 ? [] : [{ set: cidrs(block, undefined, at), at }];
  });
  return [...listed, ...known];
}
