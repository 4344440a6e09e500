import type { CarrierSource, Hardware } from "../../model/network";
import type { Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown, type Value } from "../../model/snapshot";
import { type Resources, resolve } from "../resources";
import { type Fields, field, flag, integer, isFields, items } from "../values";
import { INSTANCE, INTERFACE, LAUNCH_CONFIGURATION, LAUNCH_TEMPLATE } from "./types";

/** A property and the resource that holds it, whose dependencies resolve what is unknown in it. */
export interface Place {
  readonly holder: ResourceSnapshot;
  readonly property: string;
  readonly value: Value | undefined;
}

/** An interface that a launch makes. */
export interface LaunchInterface {
  /** Null for a launch without a subnet, which lands in the default VPC. */
  readonly subnet: Place | null;
  readonly groups: Place;
  /** Groups by name, of the default VPC. */
  readonly names: Place | null;
  readonly publicIp: Value | undefined;
  readonly addresses: readonly Value[];
  readonly ipv6: Fields;
  /** Only the one interface of a launch gets a public address by itself, and an Elastic IP of the instance is the primary one's. */
  readonly primary: boolean;
  readonly single: boolean;
  /** Why nothing of it is known. */
  readonly foreign: Reason | null;
}

/** What launching makes of a resource: one row of the perimeter, a machine or a group of equal machines. */
export interface Launch {
  readonly host: ResourceSnapshot;
  readonly interfaces: readonly LaunchInterface[];
  readonly carriers: readonly CarrierSource[];
  readonly hardware: Hardware;
  readonly tags: Value | undefined;
}

const GROUP = "aws:autoscaling/group:Group";
const SPOT = "aws:ec2/spotInstanceRequest:SpotInstanceRequest";
const SPOT_FLEET = "aws:ec2/spotFleetRequest:SpotFleetRequest";
const FLEET = "aws:ec2/fleet:Fleet";

/**
 * Every machine that the stack launches. Arguments of an instance override its template; a group launches into each of its
 * subnets; the template's content in the program is judged whatever version is asked for.
 */
export function lowerLaunches(resources: Resources): readonly Launch[] {
  return [
    ...resources.ofType(...INSTANCE, SPOT).map((instance) => ofInstance(resources, instance)),
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
              ofTemplate(template, instance).map((item, i) => (i === 0 ? override(item, own) : item)),
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

/** A launch template, launch configuration or inline specification, as fields. */
interface Template {
  readonly holder: ResourceSnapshot;
  /** Top-level property that holds the fields, or null where the fields are the resource's own properties. */
  readonly property: string | null;
  readonly fields: Fields | null;
  readonly foreign: string | null;
}

function foreignTemplate(holder: ResourceSnapshot, foreign: string): Template {
  return { holder, property: null, fields: null, foreign };
}

function templatesOf(resources: Resources, holder: ResourceSnapshot, property: string, spec: Value): Template[] {
  const ids = ["id", "launchTemplateId", "name", "launchTemplateName"]
    .map((key) => field(spec, key))
    .filter((id) => id !== undefined && id !== null);
  const id = spec instanceof Unknown ? spec : ids[0];
  const named = resources
    .ofType(...LAUNCH_TEMPLATE)
    .filter((template) => typeof id === "string" && template.properties.name === id);
  const { certain, possible } = resolve(resources, holder, property, id, LAUNCH_TEMPLATE);
  const found = [...certain, ...possible, ...named];
  if (found.length === 0) return [foreignTemplate(holder, "the launch template is not in the stack")];
  return found.map((template) =>
    template.external
      ? foreignTemplate(holder, "the launch template exists already")
      : { holder: template, property: null, fields: template.properties, foreign: null },
  );
}

function configurationsOf(resources: Resources, group: ResourceSnapshot): Template[] {
  const { launchConfiguration } = group.properties;
  const named = resources
    .ofType(...LAUNCH_CONFIGURATION)
    .filter((item) => item.properties.name === launchConfiguration);
  const { certain, possible } = resolve(
    resources,
    group,
    "launchConfiguration",
    launchConfiguration,
    LAUNCH_CONFIGURATION,
  );
  const found = [...new Set([...certain, ...possible, ...named])];
  if (found.length === 0) return [foreignTemplate(group, "the launch configuration is not in the stack")];
  return found.map((item) => ({ holder: item, property: null, fields: item.properties, foreign: null }));
}

function mixedSpecifications(mixed: Value): readonly Value[] {
  if (mixed instanceof Unknown) return [mixed];
  const overrides = items(field(mixed, "overrides")).flatMap(
    (item) => field(item, "launchTemplateSpecification") ?? [],
  );
  return [field(mixed, "launchTemplateSpecification") ?? mixed, ...overrides];
}

/** With `networkInterfaces` the groups come from there, not from `vpcSecurityGroupIds`. */
function ofTemplate(template: Template, host: ResourceSnapshot): LaunchInterface[] {
  const { fields, holder } = template;
  const foreign =
    fields === null
      ? { text: template.foreign ?? "the launch specification is not known yet", at: { urn: host.urn } }
      : null;
  const f = fields ?? {};
  const isConfiguration = LAUNCH_CONFIGURATION.has(holder.type) && template.property === null;
  const groupProperty = isConfiguration ? "securityGroups" : "vpcSecurityGroupIds";
  const listed = items(f.networkInterfaces);
  const base = { names: null, primary: true, single: listed.length < 2, foreign };
  const at = (property: string, value: Value | undefined): Place => ({
    holder,
    property: template.property ?? property,
    value,
  });
  if (listed.length === 0) {
    return [
      {
        ...base,
        subnet: f.subnetId === undefined ? null : at("subnetId", f.subnetId),
        groups: at(groupProperty, f[groupProperty]),
        names: f.securityGroupNames === undefined ? null : at("securityGroupNames", f.securityGroupNames),
        publicIp: f.associatePublicIpAddress,
        addresses: [],
        ipv6: f,
      },
    ];
  }
  return listed.map((item, i) => {
    const subnet = field(item, "subnetId");
    const index = integer(field(item, "deviceIndex"));
    return {
      ...base,
      subnet: subnet === undefined ? null : at("networkInterfaces", subnet),
      groups: at("networkInterfaces", field(item, "securityGroups")),
      publicIp: field(item, "associatePublicIpAddress"),
      addresses: given(field(item, "privateIpAddress"), ...items(field(item, "ipv4Addresses"))),
      ipv6: isFields(item) ? item : {},
      primary: index === 0 || (index === undefined && i === 0),
      foreign:
        item instanceof Unknown
          ? { text: `the network interface of the launch is ${item.reason}`, at: { urn: holder.urn } }
          : foreign,
    };
  });
}

function given(...values: readonly (Value | undefined)[]): Value[] {
  return values.filter((value) => value !== undefined && value !== null);
}

/** Whether an instance makes no primary interface of its own, and where the one is that it uses. */
function existingInterface(resources: Resources, instance: ResourceSnapshot): "in the stack" | "elsewhere" | null {
  const { primaryNetworkInterface, networkInterfaces } = instance.properties;
  const listed = items(networkInterfaces).filter((item) => (integer(field(item, "deviceIndex")) ?? 0) === 0);
  const named: readonly (readonly [string, Value])[] = [
    ...items(primaryNetworkInterface).map((item) => ["primaryNetworkInterface", item] as const),
    ...listed.map((item) => ["networkInterfaces", item] as const),
  ];
  if (named.length === 0) return null;
  const inStack = named.some(([property, item]) => {
    const id = item instanceof Unknown ? item : field(item, "networkInterfaceId");
    const { certain, possible } = resolve(resources, instance, property, id, INTERFACE);
    return certain.length + possible.length > 0;
  });
  return inStack ? "in the stack" : "elsewhere";
}

/** EC2 user data: plain or, from a careless author, base64. */
function carriersOf(holder: ResourceSnapshot, encoding: CarrierSource["encoding"]): readonly CarrierSource[] {
  const secret = (name: string) => holder.secrets?.has(name) === true;
  return (
    [
      ["userData", encoding],
      ["userDataBase64", "base64"],
    ] as const
  )
    .map(([path, how]) => ({
      at: { urn: holder.urn, path },
      value: holder.properties[path],
      encoding: how,
      secret: secret(path),
    }))
    .filter((source) => source.value !== undefined && source.value !== null);
}

function templateCarriers(template: Template): readonly CarrierSource[] {
  if (template.fields === null) {
    const at = { urn: template.holder.urn, path: "launchTemplate" };
    return [{ at, value: new Unknown([], template.foreign ?? "not known yet"), encoding: "base64", secret: false }];
  }
  if (template.property === null)
    return carriersOf(template.holder, LAUNCH_TEMPLATE.has(template.holder.type) ? "base64" : "maybe-base64");
  const { userData } = template.fields;
  if (userData === undefined || userData === null) return [];
  return [
    {
      at: { urn: template.holder.urn, path: `${template.property}[].userData` },
      value: userData,
      encoding: "maybe-base64",
      secret: false,
    },
  ];
}

function hardwareOf(p: Fields, template: Template | undefined): Hardware {
  const t = template?.fields ?? {};
  const unknown =
    template !== undefined && template.fields === null
      ? new Unknown([], template.foreign ?? "not known yet")
      : undefined;
  const mapped = items(t.blockDeviceMappings).map((item, i) => ({
    name: `disk ${field(item, "deviceName") ?? i}`,
    device: field(item, "ebs") ?? item,
  }));
  const root = p.rootBlockDevice ?? t.rootBlockDevice ?? unknown;
  const extra = [...items(p.ebsBlockDevices), ...items(t.ebsBlockDevices)].map((device, i) => ({
    name: `disk ${field(device, "deviceName") ?? i}`,
    device,
  }));
  return {
    metadata: p.metadataOptions ?? t.metadataOptions ?? unknown,
    disks:
      mapped.length > 0 && root === undefined
        ? [...mapped, ...extra]
        : [{ name: "root disk", device: root }, ...mapped, ...extra],
  };
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
