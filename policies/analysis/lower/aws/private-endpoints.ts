import { addresses, type EndpointSet } from "../../model/endpoints";
import {
  type Endpoint,
  endpointId,
  type Family,
  type Hop,
  type Path,
  type ServiceNames,
  type Zone,
} from "../../model/network";
import type { Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown } from "../../model/snapshot";
import { noAddresses } from "../../net/addr";
import { exactly } from "../../net/bounds";
import type { PortSet } from "../../net/ports";
import { type Resources, resolve } from "../resources";
import { flag, text } from "../values";
import type { AwsClass } from "./classes";
import { GROUP_REFERENCE } from "./group-rules";
import { defaultGroup, type Groups } from "./groups";
import type { Hops, Parts } from "./hops";
import type { GroupMembership } from "./interfaces";
import { ENDPOINT, SUBNET } from "./types";
import type { Subnet, Vpcs } from "./vpc";

/** An interface endpoint of the mail service in one subnet: a smart host that needs no route to the Internet. */
export interface MailEndpoint {
  readonly resource: ResourceSnapshot;
  readonly subnet: Subnet;
  readonly groups: GroupMembership;
  readonly names: ServiceNames;
  readonly doubt: Reason | null;
}

/** SES Developer Guide, "Connecting to an Amazon SES SMTP endpoint". */
const SES_PORTS: PortSet = [
  [25, 25],
  [465, 465],
  [587, 587],
  [2465, 2465],
  [2587, 2587],
];

/** SES endpoints by subnet. A gateway endpoint leads to storage, never to a mail server. */
export function lowerMailEndpoints(resources: Resources, vpcs: Vpcs, groups: Groups): readonly MailEndpoint[] {
  return resources.ofType(...ENDPOINT).flatMap((resource) => {
    const p = resource.properties;
    const type = text(p.vpcEndpointType) ?? "Gateway";
    const service = text(p.serviceName);
    if (type !== "Interface" && !(type instanceof Unknown)) return [];
    const region = typeof service === "string" ? SES.exec(service)?.[1] : undefined;
    if (typeof service === "string" && region === undefined) return [];
    const at = { urn: resource.urn, path: "serviceName" };
    const doubt =
      typeof service === "string" && type === "Interface"
        ? null
        : { text: `what the endpoint ${resource.name} leads to is not known`, at };
    const named = resolve(resources, resource, "securityGroupIds", p.securityGroupIds, GROUP_REFERENCE);
    const { certain, possible } = vpcs.subnetKeys(resolve(resources, resource, "subnetIds", p.subnetIds, SUBNET));
    return [...certain, ...possible].map((key): MailEndpoint => {
      const subnet = vpcs.subnet(key);
      const carried = named.absent ? { certain: [defaultGroup(subnet.network)], possible: [] } : groups.keys(named);
      return {
        resource,
        subnet,
        groups: carried,
        names: { exact: flag(p.privateDnsEnabled) === true && region !== undefined ? hostNames(region) : [] },
        doubt,
      };
    });
  });
}

const SES = /^com\.amazonaws\.([a-z0-9-]+)\.email-smtp(?:-fips)?$/;

function hostNames(region: string): readonly string[] {
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  return [`email-smtp.${region}.${domain}`, `email-smtp-fips.${region}.${domain}`];
}

export function mailEndpoint(item: MailEndpoint): Endpoint {
  const range =
    item.subnet.v4 === null ? noAddresses : item.subnet.v4.why.length === 0 ? item.subnet.v4.must : item.subnet.v4.may;
  return { id: endpointId(`endpoint:${item.resource.urn}@${item.subnet.key}`, 4), address: { kind: "within", range } };
}

export function mailEndpoints(item: MailEndpoint): EndpointSet {
  return { addr: addresses(noAddresses).addr, ifaces: new Set([mailEndpoint(item).id]) };
}

/** The ways from an interface to the mail endpoints of its network. */
export function mailServices(parts: Parts, hops: Hops, item: AwsClass, family: Family): Path[] {
  if (family !== 4) return [];
  return parts.mailEndpoints
    .filter(({ subnet }) => subnet.network === item.network)
    .map((endpoint) => {
      const { resource, subnet, groups, names, doubt } = endpoint;
      const zone: Zone = {
        id: mailEndpoint(endpoint).id,
        kind: "service",
        resource: resource.urn,
        text: `mail endpoint ${resource.name}`,
        endpoints: exactly(mailEndpoints(endpoint)),
        names,
      };
      const same = subnet.key === item.subnet;
      const admission: Hop = {
        kind: "filter",
        filters: [parts.membershipFilter(groups, subnet.network, "ingress")],
        leg: "request",
        step: "filter",
        why: [],
      };
      const way: Hop[] = [
        ...(doubt === null ? [] : [{ kind: "doubt" as const, why: doubt }]),
        hops.groups(item, "egress", "request"),
        ...(same ? [] : [hops.acl(item.subnet, "out", "request"), hops.acl(subnet.key, "in", "request")]),
        admission,
        ...(same ? [] : [hops.acl(subnet.key, "out", "reply"), hops.acl(item.subnet, "in", "reply")]),
      ];
      return hops.path(item, 4, zone, way, { direction: "outbound", ports: SES_PORTS, protocol: "tcp" });
    });
}
