import { type AddrSet, isEmpty } from "../net/addr";
import { SMTP_PORTS } from "../reach/flows";
import { hidingPools } from "./hiding";
import type { MailHost, Perimeter } from "./perimeter";
import { declaredFrontEnds } from "./roles";
import { endpointsOf } from "./trust";

/** An address that a server sees in the place of others: trust in it is trust in whoever is behind it. */
export interface Disguise {
  /** Where the address lies; one of the set is it. */
  readonly addr: AddrSet;
  readonly text: string;
}

/** Gateways, and the devices on the way to a host that put their own address in place of the client's. */
export function disguisesBefore(perimeter: Perimeter, view: MailHost): readonly Disguise[] {
  const gateways = perimeter.frontEnds
    .filter((it) => it.urn !== view.urn)
    .flatMap((it) => addressesOf(perimeter, it).map((addr) => ({ addr, text: `the mail gateway ${it.name}` })));
  const declared = declaredFrontEnds(perimeter.index).map((addr) => ({ addr, text: "a mail gateway" }));
  const devices = SMTP_PORTS.flatMap((port) => perimeter.flows.inbound(view.host, port)).flatMap((flow) =>
    hidingPools(perimeter, flow).map((addr) => ({ addr, text: "a load balancer or firewall that hides who connects" })),
  );
  return [...gateways, ...declared, ...devices].filter(({ addr }) => !isEmpty(addr));
}

function addressesOf(perimeter: Perimeter, host: MailHost): AddrSet[] {
  const known = endpointsOf(perimeter.network, [host]);
  // An address that is not known yet is one of a range.
  const ranges = [...known.ifaces].flatMap((id) => perimeter.network.ranges.get(id) ?? []);
  return [...singles(known.addr), ...ranges];
}

/** Each address by itself: one of them in a list is enough. */
function singles(set: AddrSet): AddrSet[] {
  return [
    ...set.v4.flatMap(([low, high]) => (high - low > 64 ? [{ v4: [[low, high]] as const, v6: [] }] : range(low, high))),
    ...set.v6.map((interval) => ({ v4: [], v6: [interval] })),
  ];
}

function range(low: number, high: number): AddrSet[] {
  return Array.from({ length: high - low + 1 }, (_, i) => ({ v4: [[low + i, low + i]], v6: [] }));
}
