import type { CarrierSource } from "../../model/network";
import { type ResourceSnapshot, Unknown, type Value } from "../../model/snapshot";
import type { Resources } from "../resources";
import { field, flag, isFields, items } from "../values";
import type { Hardware } from "./hardening";
import {
  carriersOf,
  configurationsOf,
  foreignTemplate,
  given,
  hardwareOf,
  inStack,
  type LaunchInterface,
  mixedSpecifications,
  namedInterfaces,
  ofTemplate,
  type Place,
  type Template,
  templateCarriers,
  templatesOf,
} from "./launch-templates";
import { INSTANCE } from "./types";

/** What launching makes of a resource: one row of the perimeter, a machine or a group of equal machines. */
export interface Launch {
  readonly host: ResourceSnapshot;
  readonly interfaces: readonly LaunchInterface[];
  readonly carriers: readonly CarrierSource[];
  readonly hardware: Hardware;
  readonly tags: Value | undefined;
}

const GROUP = "aws:autoscaling/group:Group";

const SPOT_FLEET = "aws:ec2/spotFleetRequest:SpotFleetRequest";

const FLEET = "aws:ec2/fleet:Fleet";

/**
 * Every machine that the stack launches. Arguments of an instance override its template; a group launches into each of its
 * subnets; the template's content in the program is judged whatever version is asked for.
 */
export function lowerLaunches(resources: Resources): readonly Launch[] {
  return [
    ...resources.ofType(...INSTANCE).map((instance) => ofInstance(resources, instance)),
    ...resources.ofType(GROUP).map((group) => ofGroup(resources, group)),
    ...resources.ofType(SPOT_FLEET, FLEET).map((fleet) => ofFleet(resources, fleet)),
  ];
}

function ofInstance(resources: Resources, instance: ResourceSnapshot): Launch {
  const p = instance.properties;
  const templates =
    p.launchTemplate === undefined ? [] : templatesOf(resources, instance, "launchTemplate", p.launchTemplate);
  const place = (property: string): Place => ({ holder: instance, property, value: p[property] });
  const own: LaunchInterface = {
    subnet: p.subnetId === undefined ? null : place("subnetId"),
    groups: place("vpcSecurityGroupIds"),
    names: p.securityGroups === undefined ? null : place("securityGroups"),
    publicIp: p.associatePublicIpAddress,
    addresses: given(p.privateIp, ...items(p.secondaryPrivateIps)),
    ipv6: p,
    primary: true,
    single: items(p.networkInterfaces).length === 0 && items(p.secondaryNetworkInterfaces).length === 0,
    existing: null,
    foreign: instance.external ? { text: "the instance exists already", at: { urn: instance.urn } } : null,
  };
  const existing = existingInterface(resources, instance);
  const elsewhere = { text: "the instance uses an interface that exists already", at: { urn: instance.urn } };
  const interfaces =
    existing === "in the stack"
      ? []
      : existing === "elsewhere"
        ? [p.subnetId === undefined ? { ...own, single: true, foreign: elsewhere } : own]
        : templates.length === 0
          ? [own]
          : templates.flatMap((template) =>
              ofTemplate(template, instance)
                .filter(({ existing: named }) => named === null || !inStack(resources, named))
                .map((item) => (item.primary && item.existing === null ? override(item, own) : item)),
            );
  const bootstrap = carriersOf(instance, "maybe-base64");
  return {
    host: instance,
    interfaces,
    carriers: bootstrap.length > 0 ? bootstrap : templates.flatMap(templateCarriers),
    hardware: hardwareOf(p, templates[0]),
    tags: p.tags,
  };
}

/** What the instance says itself wins over its template, property by property. */
function override(template: LaunchInterface, own: LaunchInterface): LaunchInterface {
  const absent = (place: Place | null) => place === null || place.value === undefined;
  return {
    ...template,
    subnet: absent(own.subnet) ? template.subnet : own.subnet,
    groups: absent(own.groups) && absent(own.names) ? template.groups : own.groups,
    names: absent(own.names) && absent(own.groups) ? template.names : own.names,
    publicIp: own.publicIp ?? template.publicIp,
    addresses: own.addresses.length > 0 ? own.addresses : template.addresses,
    ipv6: own.ipv6.ipv6Addresses === undefined && own.ipv6.ipv6AddressCount === undefined ? template.ipv6 : own.ipv6,
    single: template.single && own.single,
    foreign:
      template.foreign !== null && !absent(own.subnet) && !absent(own.groups)
        ? null
        : (own.foreign ?? template.foreign),
  };
}

function ofGroup(resources: Resources, group: ResourceSnapshot): Launch {
  const p = group.properties;
  const mixed = field(p.mixedInstancesPolicy, "launchTemplate");
  const templates = [
    ...(p.launchTemplate === undefined ? [] : templatesOf(resources, group, "launchTemplate", p.launchTemplate)),
    ...(p.launchConfiguration === undefined ? [] : configurationsOf(resources, group)),
    ...(mixed === undefined
      ? []
      : mixedSpecifications(mixed).flatMap((spec) => templatesOf(resources, group, "mixedInstancesPolicy", spec))),
    ...(p.mixedInstancesPolicy instanceof Unknown
      ? [foreignTemplate(group, "the mixed instances policy is not known yet")]
      : []),
  ];
  return {
    host: group,
    interfaces: spread(
      group,
      "vpcZoneIdentifiers",
      items(p.vpcZoneIdentifiers),
      templates.flatMap((template) => ofTemplate(template, group)),
    ),
    carriers: templates.flatMap(templateCarriers),
    hardware: hardwareOf({}, templates[0]),
    tags: groupTags(p.tags),
  };
}

function ofFleet(resources: Resources, fleet: ResourceSnapshot): Launch {
  const p = fleet.properties;
  const configs = items(p.launchTemplateConfigs);
  const templates = configs.flatMap((config) =>
    templatesOf(resources, fleet, "launchTemplateConfigs", field(config, "launchTemplateSpecification") ?? config),
  );
  const subnets = configs.flatMap((config) =>
    items(field(config, "overrides")).flatMap((item) => field(item, "subnetId") ?? []),
  );
  const specifications = items(p.launchSpecifications).map(
    (item): Template => ({
      holder: fleet,
      property: "launchSpecifications",
      fields: isFields(item) ? item : null,
      foreign: item instanceof Unknown ? item.reason : null,
    }),
  );
  return {
    host: fleet,
    interfaces: [
      ...spread(
        fleet,
        "launchTemplateConfigs",
        subnets,
        templates.flatMap((template) => ofTemplate(template, fleet)),
      ),
      ...specifications.flatMap((template) => ofTemplate(template, fleet)),
    ],
    carriers: [...templates, ...specifications].flatMap(templateCarriers),
    hardware: hardwareOf({}, templates[0] ?? specifications[0]),
    tags: p.tags,
  };
}

/** Each subnet that a group launches into gets interfaces of its own. */
function spread(
  holder: ResourceSnapshot,
  property: string,
  subnets: readonly Value[],
  interfaces: readonly LaunchInterface[],
): readonly LaunchInterface[] {
  if (subnets.length === 0) return interfaces;
  return subnets.flatMap((value) => interfaces.map((item) => ({ ...item, subnet: { holder, property, value } })));
}

/** Whether an instance is told to use a primary interface instead of making one, and where that is. */
function existingInterface(resources: Resources, instance: ResourceSnapshot): "in the stack" | "elsewhere" | null {
  const named = namedInterfaces(resources, instance).filter(({ holder, primary }) => primary && holder === instance);
  if (named.length === 0) return null;
  return named.some((item) => inStack(resources, item)) ? "in the stack" : "elsewhere";
}

/** Tags of a scaling group are a list; only those that propagate reach the machines. */
function groupTags(tags: Value | undefined): Value | undefined {
  if (tags === undefined || tags instanceof Unknown) return tags;
  const entries = items(tags).flatMap((item): [string, Value][] => {
    const key = field(item, "key");
    const value = field(item, "value");
    const propagates = flag(field(item, "propagateAtLaunch")) !== false;
    return typeof key === "string" && value !== undefined && propagates ? [[key, value]] : [];
  });
  return Object.fromEntries(entries);
}
