import type { ResourceSnapshot } from "../../model/snapshot";
import { isEmpty } from "../../net/addr";
import { toCidrs } from "../../net/cidr";
import { type Resources, resolve } from "../resources";
import { PRIVATE_V4 } from "./address-space";
import type { Route } from "./routes";
import * as types from "./types";
import { sitesOf, vpnGatewayOf } from "./vpn";

/** What VPN gateways propagate: the static routes of their connections, and any private network where the far end announces them. */
export function propagated(resources: Resources, holder: ResourceSnapshot, property: string): Route[] {
  const at = { urn: holder.urn, path: property };
  const { certain, possible, foreign } = resolve(
    resources,
    holder,
    property,
    holder.properties[property],
    types.VPN_GATEWAY,
  );
  const text = "routes that a VPN gateway propagates";
  const any = (resource: ResourceSnapshot): Route => ({
    destination: PRIVATE_V4,
    family: 4,
    rank: 2,
    target: { kind: "vpn", resource },
    at,
    text,
    doubt: { text: `${text} are not in the stack`, at },
  });
  const known = [...certain, ...possible].flatMap((named) => {
    const gateway = vpnGatewayOf(resources, named);
    if (gateway === null || gateway.external) return [any(named)];
    const unsure = possible.includes(named) ? { text: `whether ${gateway.name} propagates is not known`, at } : null;
    return sitesOf(resources, gateway).flatMap((site): Route[] => {
      if (site.routes === null) return [any(gateway)];
      return site.routes.map(({ set, at: line }) => ({
        // One that is not known yet is taken for a private network, as those that a far end announces.
        destination: isEmpty(set.must) ? PRIVATE_V4 : set.must,
        family: null,
        rank: 2,
        target: { kind: "vpn", resource: gateway },
        at: line,
        text: `${isEmpty(set.must) ? "a static route" : toCidrs(set.must).join(", ")} to ${site.text}`,
        doubt: unsure ?? site.doubt ?? set.why[0] ?? null,
      }));
    });
  });
  return [...known, ...(foreign.length > 0 ? [any(holder)] : [])];
}
