import type { Address } from "../../model/network";
import type { Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown, type Urn, type Value } from "../../model/snapshot";
import { type AddrSet, isEmpty, unionAll } from "../../net/addr";
import type { Bounds } from "../../net/bounds";
import { cidr, parseCidr } from "../../net/cidr";
import type { Answer } from "../longest-prefix";
import { noReferences, push, type References, type Resources, resolve, resolveOwner } from "../resources";
import { either, type Fields, field, flag, integer, items } from "../values";
import { GROUP_REFERENCE, type GroupKey } from "./group-rules";
import { defaultGroup, type Groups } from "./groups";
import { namedInterfaces, type Place } from "./launch-templates";
import type { Launch } from "./launches";
import { lowerManaged } from "./managed-compute";
import { type PublicV4, primaryInterfaces, publicAddresses } from "./public-addresses";
import { forwards } from "./source-check";
import { INSTANCE, INTERFACE, SUBNET } from "./types";
import { DEFAULT_VPC, type Subnet, type Vpcs } from "./vpc";

/** Name that AWS gives to the default group of every VPC. */
const DEFAULT_NAME = "default";

/** An elastic network interface, made by a resource of its own, by the launch of an instance, or by a managed service. */
export interface Interface {
  /** The interface's resource, or the instance whose launch makes it. */
  readonly resource: ResourceSnapshot;
  readonly host: Urn | null;
  /** It is the one that the host's id stands for as a target, and that an Elastic IP of the host maps to. */
  readonly primary: boolean;
  readonly subnet: Subnet;
  readonly groups: GroupMembership;
  readonly v4: Address | null;
  readonly v6: Address | null;
  /** Whether the v6 address certainly exists. */
  readonly v6Doubt: Reason | null;
  readonly publicV4: PublicV4;
  /** Whether it takes what is not addressed to it. */
  readonly forwards: Answer;
  /** Why the interface may lie in another subnet. */
  readonly doubt: Reason | null;
}

export interface GroupMembership {
  readonly certain: readonly GroupKey[];
  readonly possible: readonly GroupKey[];
}

/** Every interface of the stack. EC2 API, InstanceNetworkInterfaceSpecification; §1.1 of the VPC User Guide on IP addressing. */
export function lowerInterfaces(
  resources: Resources,
  vpcs: Vpcs,
  groups: Groups,
  launches: readonly Launch[],
): readonly Interface[] {
  const attachments = interfaceAttachments(resources);
  const publics = publicAddresses(resources);
  const firsts = primaryInterfaces(resources);
  const extra = groupAttachments(resources, groups);
  const result: Interface[] = [];

  for (const eni of resources.ofType(...INTERFACE)) {
    const p = eni.properties;
    const foreign = eni.external ? { text: "the interface exists already", at: { urn: eni.urn } } : null;
    const ids: Place = { holder: eni, property: "securityGroups", value: p.securityGroups };
    const { hosts, certain } = attachments.get(eni.urn) ?? { hosts: [null], certain: true };
    const oneOf = certain
      ? null
      : { text: "which machine the interface is attached to is not known", at: { urn: eni.urn } };
    for (const { subnet, doubt } of subnetsOf(foreign, { holder: eni, property: "subnetId", value: p.subnetId })) {
      for (const host of hosts) {
        result.push({
          resource: eni,
          host,
          primary: host !== null && firsts.get(host)?.some(({ urn }) => urn === eni.urn) === true,
          forwards: forwards(resources, eni),
          subnet,
          doubt: doubt ?? oneOf,
          groups: membership(foreign, ids, null, subnet, eni),
          v4: v4Address(subnet, [p.privateIp, ...items(p.privateIps), ...items(p.privateIpLists), ...unnamed(p)]),
          ...v6Address(subnet, p),
          publicV4: publics.of(
            [eni.urn],
            foreign === null ? false : new Unknown([], "of an interface that exists already"),
          ),
        });
      }
    }
  }
  for (const launch of launches) {
    const { host } = launch;
    for (const item of launch.interfaces) {
      for (const { subnet, doubt } of subnetsOf(item.foreign, item.subnet)) {
        const asked = flag(item.publicIp) ?? subnet.mapsPublicV4;
        result.push({
          resource: host,
          host: host.urn,
          primary: item.primary,
          forwards: item.primary && INSTANCE.has(host.type) ? forwards(resources, host) : "no",
          subnet,
          doubt,
          groups: membership(item.foreign, item.groups, item.names, subnet, item.primary ? host : null),
          v4: v4Address(subnet, item.addresses),
          ...v6Address(subnet, item.ipv6),
          publicV4: publics.of(item.primary ? [host.urn] : [], item.primary && item.single ? asked : false),
        });
      }
    }
  }
  for (const { resource, subnets, groups: carried, publicIp } of lowerManaged(resources)) {
    for (const { subnet, doubt } of subnetsOf(null, subnets)) {
      result.push({
        resource,
        host: null,
        primary: false,
        forwards: "no",
        subnet,
        doubt,
        groups:
          carried === null
            ? { certain: [`foreign:groups of ${resource.name}`], possible: [] }
            : membership(null, carried, null, subnet, null),
        v4: v4Address(subnet, []),
        ...v6Address(subnet, {}),
        publicV4: publics.of([resource.urn], publicIp),
      });
    }
  }
  return result;

  function subnetsOf(foreign: Reason | null, place: Place | null): { subnet: Subnet; doubt: Reason | null }[] {
    if (foreign !== null)
      return [{ subnet: vpcs.subnet(`foreign:of ${foreign.at?.urn ?? "unknown"}`), doubt: foreign }];
    if (place === null) return [{ subnet: vpcs.subnet(DEFAULT_VPC), doubt: null }];
    const references = resolve(resources, place.holder, place.property, place.value, SUBNET);
    if (references.absent) return [{ subnet: vpcs.subnet(DEFAULT_VPC), doubt: null }];
    const keys = vpcs.subnetKeys(references);
    if (keys.possible.length === 0) return keys.certain.map((key) => ({ subnet: vpcs.subnet(key), doubt: null }));
    const at = { urn: place.holder.urn, path: place.property };
    const doubt = { text: "which subnet the interface is in is not known", at };
    return [...keys.certain, ...keys.possible].map((key) => ({ subnet: vpcs.subnet(key), doubt }));
  }

  function membership(
    foreign: Reason | null,
    ids: Place,
    names: Place | null,
    subnet: Subnet,
    owner: ResourceSnapshot | null,
  ): GroupMembership {
    const byId = resolve(resources, ids.holder, ids.property, withMore(ids.value), GROUP_REFERENCE);
    const byName = names?.value === undefined ? noReferences : resolveNames(names.holder, names.value);
    const added = owner === null ? [] : (extra.get(owner.urn) ?? []);
    const asDefault = items(names?.value).includes(DEFAULT_NAME) && !namedGroups().has(DEFAULT_NAME);
    const keys = [
      groups.keys(byId),
      groups.keys(byName),
      { certain: asDefault ? [defaultGroup(subnet.network)] : [], possible: [] },
      ...added,
    ];
    const certain = [...new Set(keys.flatMap((item) => item.certain))];
    const possible = [...new Set(keys.flatMap((item) => item.possible))].filter((key) => !certain.includes(key));
    // A launch without groups gets the default group; attaching one later only adds.
    const named = items(ids.value).length > 0 || items(names?.value).length > 0;
    if (foreign !== null && !named)
      return { certain: [...certain, `foreign:groups of ${owner?.name ?? "a launch"}`], possible };
    return { certain: named ? certain : [defaultGroup(subnet.network), ...certain], possible };
  }

  /** A list that is unknown as a whole names what it depends on, and may name more: Pulumi's engine shows no known part of it. */
  function withMore(list: Value | undefined): Value | undefined {
    return list instanceof Unknown ? [list, new Unknown([], list.reason)] : list;
  }

  function namedGroups(): ReadonlyMap<Value | undefined, ResourceSnapshot> {
    return new Map(resources.ofType(...GROUP_REFERENCE).map((group) => [group.properties.name, group]));
  }

  /** `Instance.securityGroups` holds names, of groups in the default VPC; the default group is no resource and left out. */
  function resolveNames(resource: ResourceSnapshot, names: Value): References {
    const byName = namedGroups();
    const written = items(names).filter((item) => item !== DEFAULT_NAME || byName.has(DEFAULT_NAME));
    const parts = written.map((item) => {
      const found = typeof item === "string" ? byName.get(item) : undefined;
      return found === undefined
        ? resolve(resources, resource, "securityGroups", item, GROUP_REFERENCE)
        : { ...noReferences, certain: [found], absent: false };
    });
    return {
      certain: parts.flatMap((part) => part.certain),
      possible: parts.flatMap((part) => part.possible),
      foreign: parts.flatMap((part) => part.foreign),
      absent: parts.length === 0,
    };
  }
}

interface Attachment {
  readonly hosts: readonly Urn[];
  /** There is one host, and it is known. */
  readonly certain: boolean;
}

/** The instance that each interface is attached to, or those that it may be, by the instance, the interface, or an attachment resource. */
function interfaceAttachments(resources: Resources): ReadonlyMap<Urn, Attachment> {
  const found = new Map<Urn, Attachment>();
  const attach = (eni: ResourceSnapshot, { certain, possible }: References, sure = true) => {
    const known = found.get(eni.urn);
    const instances = (certain.length > 0 ? certain : possible).map(({ urn }) => urn);
    if (instances.length === 0 || known?.certain === true) return;
    if (sure && certain.length === 1) found.set(eni.urn, { hosts: instances, certain: true });
    else found.set(eni.urn, { hosts: [...new Set([...(known?.hosts ?? []), ...instances])], certain: false });
  };
  for (const instance of resources.ofType(...INSTANCE)) {
    for (const { holder, property, value } of namedInterfaces(resources, instance)) {
      const references = resolve(resources, holder, property, value, INTERFACE);
      const itself = { ...noReferences, certain: [instance] };
      for (const eni of references.certain) attach(eni, itself, references.certain.length === 1);
      for (const eni of references.possible) attach(eni, itself, false);
    }
  }
  for (const eni of resources.ofType(...INTERFACE)) {
    for (const item of items(eni.properties.attachments)) {
      attach(eni, resolveOwner(resources, eni, "attachments", field(item, "instance") ?? unknownAsIs(item), INSTANCE));
    }
  }
  for (const attachment of resources.ofType("aws:ec2/networkInterfaceAttachment:NetworkInterfaceAttachment")) {
    const eni = resolveOwner(
      resources,
      attachment,
      "networkInterfaceId",
      attachment.properties.networkInterfaceId,
      INTERFACE,
    );
    const instance = resolveOwner(resources, attachment, "instanceId", attachment.properties.instanceId, INSTANCE);
    for (const item of eni.certain) attach(item, instance);
    for (const item of eni.possible) attach(item, instance, false);
  }
  return found;
}

function unknownAsIs(value: Value | undefined): Value | undefined {
  return value instanceof Unknown ? value : undefined;
}

/** Groups added by attachment resources, by the URN of an interface or of the instance whose primary interface is meant. */
function groupAttachments(resources: Resources, groups: Groups): ReadonlyMap<Urn, readonly GroupMembership[]> {
  const found = new Map<Urn, GroupMembership[]>();
  const primary = primaryInterfaces(resources);
  const owners = new Set([...INTERFACE, ...INSTANCE]);
  for (const item of resources.ofType(
    "aws:ec2/networkInterfaceSecurityGroupAttachment:NetworkInterfaceSecurityGroupAttachment",
  )) {
    const keys = groups.keys(
      resolve(resources, item, "securityGroupId", item.properties.securityGroupId, GROUP_REFERENCE),
    );
    const owner = resolveOwner(resources, item, "networkInterfaceId", item.properties.networkInterfaceId, owners);
    const weak = { certain: [], possible: [...keys.certain, ...keys.possible] };
    const standIns = (target: ResourceSnapshot) => primary.get(target.urn) ?? [{ urn: target.urn, certain: true }];
    for (const { urn, certain } of owner.certain.flatMap(standIns)) push(found, urn, certain ? keys : weak);
    for (const { urn } of owner.possible.flatMap(standIns)) push(found, urn, weak);
  }
  return found;
}

function v4Address(subnet: Subnet, given: readonly (Value | undefined)[]): Address | null {
  if (subnet.v4 === null) return null;
  const values = given.filter((value) => value !== undefined && value !== null);
  const sets = values.map((value) => (typeof value === "string" ? parseCidr(value) : null));
  if (values.length > 0 && sets.every((set) => set !== null)) return { kind: "known", addr: unionAll(sets) };
  return { kind: "within", range: rangeOf(subnet.v4) };
}

function v6Address(subnet: Subnet, p: Fields): Pick<Interface, "v6" | "v6Doubt"> {
  const given = [...items(p.ipv6Addresses), ...items(p.ipv6AddressLists)];
  const sets = given.map((value) => (typeof value === "string" ? parseCidr(value) : null));
  if (given.length > 0 && sets.every((set) => set !== null))
    return { v6: { kind: "known", addr: unionAll(sets) }, v6Doubt: null };
  const range = subnet.v6 === null ? UNKNOWN_V6 : rangeOf(subnet.v6);
  // A prefix that is delegated to an interface holds further addresses of it.
  const prefixes = items(p.ipv6Prefixes).length > 0;
  const wanted = either(
    given.length > 0 || prefixes,
    some(p.ipv6AddressCount),
    some(p.ipv6PrefixCount),
    flag(p.enablePrimaryIpv6),
    flag(p.primaryIpv6),
    subnet.assignsV6,
  );
  if (wanted === true) return { v6: { kind: "within", range }, v6Doubt: null };
  if (wanted instanceof Unknown) {
    return {
      v6: { kind: "within", range },
      v6Doubt: { text: "whether the interface has an IPv6 address is not known yet" },
    };
  }
  return { v6: null, v6Doubt: null };
}

/** Stands for the private addresses that AWS chooses beside those that are named. */
function unnamed(p: Fields): readonly Unknown[] {
  const more = either(some(p.privateIpsCount), some(p.ipv4PrefixCount), items(p.ipv4Prefixes).length > 0);
  return more === false ? [] : [new Unknown([], "chosen at creation")];
}

function some(count: Value | undefined): boolean | Unknown {
  const number = integer(count);
  return number instanceof Unknown ? number : number !== undefined && number > 0;
}

/** A VPC's generated IPv6 block lies in routed space. */
const UNKNOWN_V6 = cidr("2000::/3");

function rangeOf(bounds: Bounds<AddrSet>): AddrSet {
  return isEmpty(bounds.must) ? bounds.may : bounds.must;
}
