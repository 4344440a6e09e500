import { addresses, type EndpointSet, endpoints, noEndpoints } from "../model/endpoints";
import type { IfaceClass, MailNetwork } from "../model/network";
import { endpointId } from "../model/network";
import * as addr from "../net/addr";
import type { MailHost, Perimeter } from "./perimeter";
import { declaredSenders } from "./roles";

/** The endpoints that are certainly a host's own: known addresses, and classes that hold nothing but hosts of `owners`. */
export function endpointsOf(network: MailNetwork, owners: readonly MailHost[]): EndpointSet {
  const urns = new Set(owners.map((owner) => owner.urn));
  const ids = new Set(owners.flatMap((owner) => owner.host.classes));
  return [...ids]
    .map((id) => classEndpoints(network.classes.get(id) as IfaceClass, urns))
    .reduce(endpoints.union, noEndpoints);
}

function classEndpoints(item: IfaceClass, owners: ReadonlySet<string>): EndpointSet {
  if (![...item.hosts].every((host) => owners.has(host))) return noEndpoints;
  let known = addr.noAddresses;
  const ifaces = new Set<string>();
  for (const [family, address] of [
    [4, item.address.v4],
    [6, item.address.v6],
  ] as const) {
    if (address?.kind === "known") known = addr.union(known, address.addr);
    else if (address !== null) ifaces.add(endpointId(item.id, family));
  }
  return { addr: known, ifaces };
}

/**
 * Who may open SMTP to an internal mail server (R7): the configured senders, else the declared front ends; always what a
 * component of ours was told to approve, and internal mail servers among each other.
 */
export function approvedSenders(perimeter: Perimeter, policy: string, port: number): EndpointSet {
  const configured = perimeter.settings.approvedSendersFor(policy);
  const senders = configured === null ? endpointsOf(perimeter.network, perimeter.frontEnds) : addresses(configured);
  return [
    senders,
    addresses(declaredSenders(perimeter.index, port)),
    addresses(perimeter.declaredServers),
    endpointsOf(perimeter.network, perimeter.internalMail),
  ].reduce(endpoints.union);
}

/** Whom nobody needs to fear as a source of relayed mail: approved senders, trusted networks and declared mail hosts. */
export function trustedForRelay(perimeter: Perimeter, policy: string, port: number): EndpointSet {
  return [
    approvedSenders(perimeter, policy, port),
    addresses(perimeter.settings.trustedNetworksFor(policy)),
    endpointsOf(perimeter.network, [...perimeter.frontEnds, ...perimeter.internalMail]),
  ].reduce(endpoints.union);
}

/** Public addresses that may open SMTP to internal mail, e.g. those of Exchange Online in a hybrid organisation. */
export function publicSenders(perimeter: Perimeter, policy: string, port: number): addr.AddrSet {
  return addr.union(
    perimeter.settings.approvedSendersFor(policy) ?? addr.noAddresses,
    declaredSenders(perimeter.index, port),
  );
}
