import { type EndpointSet, endpoints, noEndpoints } from "../model/endpoints";
import type { Host, IfaceClass, MailNetwork } from "../model/network";
import type { Reason } from "../model/provenance";
import type { Urn } from "../model/snapshot";
import { type AddrSet, isEmpty, noAddresses, subtract, unionAll } from "../net/addr";
import { type Bounds, between, exactly, mergeReasons, union } from "../net/bounds";
import { cover, DONT_CARE } from "../net/cover";
import type { Flow, Flows } from "../reach/flows";
import type { ExposureSets, UndeterminedSources } from "./report";

/** Who can connect to one port of a host, from the Internet and from its own and connected networks. */
export interface PortExposure {
  readonly port: number;
  readonly flows: readonly Flow[];
  /** Public addresses outside the host's own network. */
  readonly internet: Bounds<AddrSet>;
  readonly internal: Bounds<EndpointSet>;
}

/** What stands for the host itself, and is no source of its own exposure. */
export interface Self {
  readonly addr: AddrSet;
  readonly urns: ReadonlySet<Urn>;
  /** Classes that hold no interface but the host's. */
  readonly classes: ReadonlySet<string>;
  /** Address space of the networks that the host is in, the cloud's own addresses included. */
  readonly space: AddrSet;
  /** The cloud's own addresses in those networks. */
  readonly platform: AddrSet;
}

export function selfOf(network: MailNetwork, host: Host): Self {
  const classes = host.classes.map((id) => network.classes.get(id) as IfaceClass);
  const known = classes
    .flatMap((item) => [item.address.v4, item.address.v6])
    .flatMap((address) => (address?.kind === "known" ? [address.addr] : []));
  const networks = classes.flatMap((item) => network.networks.get(item.network) ?? []);
  const platform = unionAll(networks.flatMap((home) => home.platform ?? []));
  return {
    addr: unionAll(known),
    urns: new Set([host.urn, ...classes.filter((item) => item.hosts.size === 1).flatMap((item) => item.interfaces)]),
    classes: new Set(classes.filter((item) => item.interfaces.length === 1).map((item) => item.id)),
    space: unionAll([platform, ...networks.map((home) => home.space.must)]),
    platform,
  };
}

export function exposureOf(flows: Flows, self: Self, host: Host, port: number): PortExposure {
  const all = flows.inbound(host, port);
  if (all.length === 0) return { port, flows: all, internet: exactly(noAddresses), internal: exactly(noEndpoints) };
  let internet: Bounds<EndpointSet> = exactly(noEndpoints);
  let internal: Bounds<EndpointSet> = exactly(noEndpoints);
  for (const flow of all) {
    if (flow.path.zone.kind === "internet") internet = union(endpoints, internet, flow.endpoints);
    else internal = union(endpoints, internal, flow.endpoints);
  }
  const outside = (set: EndpointSet) => subtract(subtract(set.addr, DONT_CARE), self.space);
  const publicSet = between(outside(internet.must), outside(internet.may), internet.why);
  const own: EndpointSet = {
    addr: self.addr,
    ifaces: new Set([...self.classes].flatMap((id) => [`${id}/4`, `${id}/6`])),
  };
  return {
    port,
    flows: all,
    internet: isEmpty(subtract(publicSet.may, publicSet.must)) ? exactly(publicSet.must) : publicSet,
    internal: settle(endpoints.subtract(internal.must, own), endpoints.subtract(internal.may, own), internal.why),
  };
}

function settle(must: EndpointSet, may: EndpointSet, why: readonly Reason[]): Bounds<EndpointSet> {
  return between(must, may, endpoints.isEmpty(endpoints.subtract(may, must)) ? [] : mergeReasons(why));
}

export function rowOf(network: MailNetwork, self: Self, host: Host, exposure: PortExposure): ExposureSets | null {
  const { internet, internal } = exposure;
  const dontCare = unionAll([DONT_CARE, self.space]);
  const near = unionAll([self.addr, self.platform]);
  const certain = {
    internet: cover(internet.must, dontCare),
    internal: [...cover(internal.must.addr, near), ...names(network, self, internal.must)],
  };
  const open = {
    internet: cover(subtract(internet.may, internet.must), dontCare),
    internal: difference(network, self, internal, near),
  };
  if (
    Object.values(certain).every((list) => list.length === 0) &&
    Object.values(open).every((list) => list.length === 0)
  )
    return null;
  return {
    resource: host.urn,
    port: exposure.port,
    ...certain,
    undetermined: [
      ...undetermined("internet", open.internet, internet.why),
      ...undetermined("internal", open.internal, internal.why),
    ],
  };
}

function difference(network: MailNetwork, self: Self, set: Bounds<EndpointSet>, near: AddrSet): string[] {
  const open = endpoints.subtract(set.may, set.must);
  return [...cover(open.addr, near), ...names(network, self, open)];
}

/** An interface whose address is not known yet goes by its URN. */
export function names(network: MailNetwork, self: Pick<Self, "urns">, set: EndpointSet): string[] {
  const urns = [...set.ifaces].flatMap((id) => network.classes.get(id.slice(0, id.lastIndexOf("/")))?.interfaces ?? []);
  return [...new Set(urns)].filter((urn) => !self.urns.has(urn)).sort();
}

function undetermined(
  side: "internet" | "internal",
  sources: readonly string[],
  why: readonly Reason[],
): UndeterminedSources[] {
  if (sources.length === 0) return [];
  const reasons = why.length > 0 ? why : [{ text: "the sources are not known yet" }];
  return reasons.map((reason) => ({ side, sources, reason: reason.text, at: place(reason) }));
}

export function place(reason: Reason): string | null {
  if (reason.at === undefined) return null;
  return reason.at.path === undefined || reason.at.path === "" ? reason.at.urn : `${reason.at.urn} ${reason.at.path}`;
}
