import type { Resources } from "../lower/resources";
import { field, isFields, items, text } from "../lower/values";
import type { Host } from "../model/network";
import type { Reason } from "../model/provenance";
import { Role, type Settings } from "../model/settings";
import { type ResourceSnapshot, Unknown, type Value } from "../model/snapshot";
import { type AddrSet, noAddresses, unionAll } from "../net/addr";
import { parseCidr } from "../net/cidr";

export const ROLE_TAG = "relayproof:role";
export const PORTS_TAG = "relayproof:ports";

/** The part that a host plays in the perimeter, and who says so: configuration beats component beats tag. */
export interface Declared {
  readonly role: Role | null;
  /** Ports that a front end may be reached on from the Internet. */
  readonly ports: readonly number[];
  /** A role or port list that cannot be read, which is a finding of its own. */
  readonly problems: readonly (Reason & { readonly certain: boolean })[];
}

export function declaredRole(resources: Resources, host: Host, settings: Settings): Declared {
  const problems: (Reason & { certain: boolean })[] = [];
  const { tags } = host;
  const at = (tag: string) => ({ urn: host.urn, path: `tags["${tag}"]` });
  const tag = tags instanceof Unknown ? tags : text(field(tags, ROLE_TAG));
  let role = settings.roleOf(host.urn) ?? componentRole(resources, host);
  if (role === undefined && tag instanceof Unknown) {
    problems.push({ certain: false, text: `the role of the host is ${tag.reason}`, at: at(ROLE_TAG) });
  } else if (role === undefined && typeof tag === "string") {
    role = Object.values(Role).find((known) => known === tag);
    if (role === undefined) {
      problems.push({
        certain: true,
        text: `${JSON.stringify(tag)} is no role: expected front-end or internal-mail`,
        at: at(ROLE_TAG),
      });
    }
  }
  return { role: role ?? null, ports: declaredPorts(resources, host, problems), problems };
}

function declaredPorts(
  resources: Resources,
  host: Host,
  problems: (Reason & { certain: boolean })[],
): readonly number[] {
  const at = { urn: host.urn, path: `tags["${PORTS_TAG}"]` };
  const tag = text(field(host.tags, PORTS_TAG));
  if (tag instanceof Unknown) {
    problems.push({ certain: false, text: `the declared ports are ${tag.reason}`, at });
    return [25];
  }
  if (tag === undefined) return componentPorts(resources, host) ?? [25];
  const ports = tag
    .split(/[\s,]+/)
    .filter((part) => part !== "")
    .map(Number);
  if (ports.length === 0 || ports.some((port) => !Number.isInteger(port) || port < 1 || port > 65535)) {
    problems.push({
      certain: true,
      text: `${JSON.stringify(tag)} is no list of ports: expected numbers separated by spaces or commas`,
      at,
    });
    return [25];
  }
  return ports;
}

const COMPONENTS: { readonly [name: string]: Role } = {
  FrontEndMailServer: Role.FrontEnd,
  ExchangeSecurityGroups: Role.InternalMail,
};

/** A host inside a front-end component is a front end; one that carries a group made for Exchange is internal mail. */
function componentRole(resources: Resources, host: Host): Role | undefined {
  const owners = [host.resource, ...host.memberOf.flatMap((urn) => resources.get(urn) ?? [])];
  const roles = owners.flatMap((owner) => component(resources, owner)?.role ?? []);
  return roles.includes(Role.FrontEnd) ? Role.FrontEnd : roles[0];
}

function componentPorts(resources: Resources, host: Host): readonly number[] | null {
  const owner = component(resources, host.resource);
  const ports = owner === null ? [] : items(owner.resource.properties.ports);
  return ports.length > 0 && ports.every((port): port is number => typeof port === "number") ? ports : null;
}

/** The nearest component of ours that declares a role for what it contains. */
export function component(
  resources: Resources,
  resource: ResourceSnapshot,
): { resource: ResourceSnapshot; role: Role } | null {
  for (const ancestor of resources.lineage(resource)) {
    const match = /^relayproof:\w+:(\w+)$/.exec(ancestor.type);
    const role = match === null ? undefined : COMPONENTS[match[1] ?? ""];
    if (role !== undefined) return { resource: ancestor, role };
  }
  return null;
}

/** Senders that inputs of our components approve, for one port: whole servers, and client networks on the ports they are given. */
export function declaredSenders(resources: Resources, port: number): AddrSet {
  return unionAll(
    ofOurs(resources).flatMap(({ properties }) => [
      ...items(properties.approvedSenders)
        .filter((item) => opens(item, port))
        .map(addressOf),
      ...items(properties.frontEnds).map(addressOf),
      ...items(properties.clientAccess)
        .filter((item) => opens(item, port))
        .map(addressOf),
    ]),
  );
}

/** Front ends that inputs of components name by address, one by one. */
export function declaredFrontEnds(resources: Resources): readonly AddrSet[] {
  return ofOurs(resources).flatMap(({ properties }) => items(properties.frontEnds).map(addressOf));
}

/** Internal mail servers that inputs of our components name by address. */
export function declaredServers(resources: Resources): AddrSet {
  return unionAll(ofOurs(resources).flatMap(({ properties }) => items(properties.exchangeServers).map(addressOf)));
}

function ofOurs(resources: Resources): readonly ResourceSnapshot[] {
  return resources.all.filter((resource) => !resource.custom && resource.type.startsWith("relayproof:"));
}

function addressOf(item: Value): AddrSet {
  const value = isFields(item) ? (item.cidr ?? item.address) : item;
  return (typeof value === "string" ? parseCidr(value) : null) ?? noAddresses;
}

/** An entry without ports counts for every port; one with ports for those only. */
function opens(item: Value, port: number): boolean {
  if (!isFields(item) || item.ports === undefined) return true;
  return items(item.ports).includes(port);
}
