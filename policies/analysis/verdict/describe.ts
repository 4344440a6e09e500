import { type EndpointSet, noEndpoints } from "../model/endpoints";
import type { Family } from "../model/network";
import type { Reason } from "../model/provenance";
import type { AddrSet } from "../net/addr";
import * as addr from "../net/addr";
import { mergeReasons } from "../net/bounds";
import { cidr, firstAddress, toCidrs } from "../net/cidr";
import { cover, DONT_CARE, sampleAddress } from "../net/cover";
import { explain } from "../reach/explain";
import type { Flow } from "../reach/flows";
import { names, place } from "./exposure";
import type { MailHost, Perimeter } from "./perimeter";
import type { PathStep, Witness } from "./report";

/** Words for reports: paths, witnesses and sets, the same in every policy. */

/** One concrete source of a flow, preferably public and from a documentation range. */
export function pick(set: EndpointSet): EndpointSet {
  const open = addr.subtract(set.addr, DONT_CARE);
  const from = addr.isEmpty(open) ? set.addr : open;
  const text = sampleAddress(from);
  if (text !== null) {
    return { addr: cidr(text), ifaces: noEndpoints.ifaces };
  }
  const [id] = set.ifaces;
  return id === undefined ? noEndpoints : { addr: addr.noAddresses, ifaces: new Set([id]) };
}

/** An endpoint as text: its address, or the name of an interface that stands for it and is not the host's own. */
function endpointText(perimeter: Perimeter, view: MailHost, set: EndpointSet): string {
  const address = firstAddress(set.addr);
  if (address !== null) return address;
  const [id] = set.ifaces;
  if (id === undefined) return "any address";
  const [urn] = names(perimeter.network, view.self, { addr: addr.noAddresses, ifaces: new Set([id]) });
  return urn === undefined ? id : nameOf(perimeter, urn);
}

export function nameOf(perimeter: Perimeter, urn: string): string {
  return perimeter.resources.get(urn)?.name ?? urn;
}

/** Where a host is: its known address, or its name while the address is chosen only at creation. */
export function hostAddress(view: MailHost, family: Family): string {
  const known = family === 4 ? { v4: view.self.addr.v4, v6: [] } : { v4: [], v6: view.self.addr.v6 };
  return firstAddress(known) ?? view.name;
}

/**
 * The sources of a flow as a set for people: public ranges as if private space were no concern, then the rest exactly, but for
 * addresses that may be in it or not.
 */
export function sourcesText(
  perimeter: Perimeter,
  view: MailHost,
  set: EndpointSet,
  kind: Flow["path"]["zone"]["kind"],
  either: AddrSet = addr.noAddresses,
): string {
  const open = cover(set.addr, addr.union(DONT_CARE, view.self.space));
  const rest =
    kind === "internet"
      ? addr.noAddresses
      : addr.subtract(set.addr, open.length === 0 ? addr.noAddresses : cidr(...open));
  const interfaces = names(perimeter.network, view.self, set).map((urn) => nameOf(perimeter, urn));
  return listing([...open, ...cover(rest, addr.union(view.self.addr, either)), ...interfaces]);
}

export function addressesText(set: AddrSet): string {
  return listing(toCidrs(set));
}

export function listing(parts: readonly string[], most = 4): string {
  if (parts.length <= most) return parts.join(", ");
  return `${parts.slice(0, most).join(", ")} and ${parts.length - most} more`;
}

/** The hops from a source to a host, the source and the host included. */
export function pathTo(
  perimeter: Perimeter,
  view: MailHost,
  flow: Flow,
  who: EndpointSet,
  shown: EndpointSet,
  port: number,
): PathStep[] {
  return [
    source(perimeter, view, flow, shown),
    ...explain(perimeter.reach, flow.path, who, flow.protocol, port),
    { kind: "host", resource: view.urn, detail: `${view.name} accepts ${flow.protocol} ${port}` },
  ];
}

/** Where a path begins: the Internet, hosts of the stack by their names, or a network with the addresses in it. */
function source(perimeter: Perimeter, view: MailHost, flow: Flow, shown: EndpointSet): PathStep {
  const { zone } = flow.path;
  const text = sourcesText(perimeter, view, shown, zone.kind);
  if (zone.kind === "internet") return { kind: "internet", resource: zone.resource, detail: text };
  if (!zone.id.startsWith("class:"))
    return { kind: "network", resource: zone.resource, detail: `${text} in ${zone.text}` };
  const [own = zone.resource] = names(perimeter.network, view.self, zone.endpoints.may);
  return { kind: "network", resource: own, detail: text };
}

/** The hops by which a host opens a connection outward. */
export function pathFrom(
  perimeter: Perimeter,
  view: MailHost,
  flow: Flow,
  who: EndpointSet,
  port: number,
  text: string,
): PathStep[] {
  return [
    { kind: "host", resource: view.urn, detail: `${view.name} opens ${flow.protocol} ${port}` },
    ...explain(perimeter.reach, flow.path, who, flow.protocol, port),
    { kind: "egress", resource: flow.path.zone.resource, detail: text },
  ];
}

/** The lines of a configuration that a finding is about; of a secret, only where they are. */
export function configurationSteps(view: MailHost, lines: readonly Reason[], secret: boolean): PathStep[] {
  const steps = mergeReasons(lines).map(({ text, at }): PathStep => {
    const shown = secret ? "a line of a secret, which is not shown" : text;
    return {
      kind: "mta",
      resource: at?.urn ?? view.urn,
      detail: at?.path === undefined ? shown : `${shown} (${at.path})`,
    };
  });
  return [{ kind: "host", resource: view.urn, detail: `${view.name} is configured so` }, ...steps];
}

export function witness(perimeter: Perimeter, view: MailHost, flow: Flow, who: EndpointSet, port: number): Witness {
  const source = endpointText(perimeter, view, who);
  return {
    source,
    seenSource: flow.path.seen.kind === "claimed" ? "any address" : source,
    destination: hostAddress(view, flow.path.family),
    port,
  };
}

export function reasons(why: readonly Reason[]): string {
  if (why.length === 0) return "it depends on values that are not known yet";
  return listing(
    why.map((reason) => (place(reason) === null ? reason.text : `${reason.text} (${shortPlace(reason)})`)),
    3,
  );
}

function shortPlace(reason: Reason): string {
  const urn = reason.at?.urn ?? "";
  const name = urn.includes("::") ? urn.slice(urn.lastIndexOf("::") + 2) : urn;
  return reason.at?.path === undefined || reason.at.path === "" ? name : `${name} ${reason.at.path}`;
}
