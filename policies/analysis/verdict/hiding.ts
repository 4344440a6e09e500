import { type AddrSet, isEmpty, isSubset, overlaps, subtract, unionAll } from "../net/addr";
import type { Flow } from "../reach/flows";
import type { MailHost, Perimeter } from "./perimeter";

/** Devices that put an address of their own in place of the client's: load balancers, firewalls, address translation. */

/** The addresses, one pool for each device, that the far end of a flow sees instead of the client. */
export function hidingPools(perimeter: Perimeter, flow: Flow): readonly AddrSet[] {
  const { seen } = flow.path;
  if (seen.kind !== "pool") return [];
  // A device gets no address that another interface of its network has already.
  const home = perimeter.network.classes.get(flow.path.class)?.network;
  const taken = home === undefined ? null : takenAddresses(perimeter, home);
  const space = perimeter.network.networks.get(home ?? "")?.space.must;
  return seen.pools.map((pool) => {
    if (taken === null || space === undefined || !isSubset(pool, space)) return pool;
    const free = subtract(pool, taken);
    return isEmpty(free) ? pool : free;
  });
}

function takenAddresses(perimeter: Perimeter, network: string): AddrSet {
  const known = [...perimeter.network.classes.values()]
    .filter((item) => item.network === network)
    .flatMap((item) => (item.address.v4?.kind === "known" ? [item.address.v4.addr] : []));
  return unionAll(known);
}

/** A flow to a listener through a device that hides who connects. */
export interface Hidden {
  readonly flow: Flow;
  readonly pool: AddrSet;
}

/** The ways to a port of a host on which some of `trusted` stands for clients that nobody sees. */
export function hiddenBehind(
  perimeter: Perimeter,
  view: MailHost,
  port: number,
  expectsProxyHeader: boolean,
  trusted: AddrSet,
): readonly Hidden[] {
  return perimeter.flows.inbound(view.host, port).flatMap((flow) => {
    // The header gives the client's address back.
    if (expectsProxyHeader && flow.path.proxyHeader) return [];
    return hidingPools(perimeter, flow)
      .filter((pool) => overlaps(pool, trusted))
      .map((pool) => ({ flow, pool }));
  });
}
