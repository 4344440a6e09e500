import type { CarrierSource } from "../../model/network";
import type { Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown, type Value } from "../../model/snapshot";
import { type Resources, resolve } from "../resources";
import { type Fields, field, integer, isFields, items } from "../values";
import type { Hardware } from "./hardening";
import { INTERFACE, LAUNCH_CONFIGURATION, LAUNCH_TEMPLATE } from "./types";

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
  /** Set where the launch uses an interface that exists by itself. */
  readonly existing: Place | null;
  /** Why nothing of it is known. */
  readonly foreign: Reason | null;
}

/** A launch template, launch configuration or inline specification, as fields. */
export interface Template {
  readonly holder: ResourceSnapshot;
  /** Top-level property that holds the fields, or null where the fields are the resource's own properties. */
  readonly property: string | null;
  readonly fields: Fields | null;
  readonly foreign: string | null;
}

export function foreignTemplate(holder: ResourceSnapshot, foreign: string): Template {
  return { holder, property: null, fields: null, foreign };
}

export function templatesOf(resources: Resources, holder: ResourceSnapshot, property: string, spec: Value): Template[] {
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

export function configurationsOf(resources: Resources, group: ResourceSnapshot): Template[] {
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

export function mixedSpecifications(mixed: Value): readonly Value[] {
  if (mixed instanceof Unknown) return [mixed];
  const overrides = items(field(mixed, "overrides")).flatMap(
    (item) => field(item, "launchTemplateSpecification") ?? [],
  );
  return [field(mixed, "launchTemplateSpecification") ?? mixed, ...overrides];
}

/** With `networkInterfaces` the groups come from there, not from `vpcSecurityGroupIds`. */
export function ofTemplate(template: Template, host: ResourceSnapshot): LaunchInterface[] {
  const { fields, holder } = template;
  const foreign =
    fields === null
      ? { text: template.foreign ?? "the launch specification is not known yet", at: { urn: host.urn } }
      : null;
  const f = fields ?? {};
  const isConfiguration = LAUNCH_CONFIGURATION.has(holder.type) && template.property === null;
  const groupProperty = isConfiguration ? "securityGroups" : "vpcSecurityGroupIds";
  const listed = items(f.networkInterfaces);
  const base = { names: null, primary: true, single: listed.length < 2, existing: null, foreign };
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
    const id = field(item, "networkInterfaceId");
    const existing = id === undefined || id === null || id === "" ? null : at("networkInterfaces", id);
    const elsewhere = { text: "the launch uses an interface that exists already", at: { urn: holder.urn } };
    return {
      ...base,
      existing,
      subnet: subnet === undefined ? null : at("networkInterfaces", subnet),
      groups: at("networkInterfaces", field(item, "securityGroups")),
      publicIp: field(item, "associatePublicIpAddress"),
      addresses: given(field(item, "privateIpAddress"), ...items(field(item, "ipv4Addresses"))),
      ipv6: isFields(item) ? item : {},
      primary: deviceIndex(item, i) === 0,
      foreign:
        item instanceof Unknown
          ? { text: `the network interface of the launch is ${item.reason}`, at: { urn: holder.urn } }
          : existing === null
            ? foreign
            : elsewhere,
    };
  });
}

function deviceIndex(item: Value, position: number): number {
  const index = integer(field(item, "deviceIndex"));
  return typeof index === "number" ? index : position;
}

/** An interface that exists by itself, as an instance or its launch template names it. */
export interface NamedInterface extends Place {
  /** It is the machine's first. */
  readonly primary: boolean;
}

/** Whether an interface that a launch uses is one that the stack shows. */
export function inStack(resources: Resources, { holder, property, value }: Place): boolean {
  const { certain, possible } = resolve(resources, holder, property, value, INTERFACE);
  return certain.length + possible.length > 0;
}

/** The interfaces that a launch uses instead of making them. */
export function namedInterfaces(resources: Resources, instance: ResourceSnapshot): readonly NamedInterface[] {
  const { primaryNetworkInterface, networkInterfaces, launchTemplate } = instance.properties;
  const idOf = (item: Value) => (item instanceof Unknown ? item : field(item, "networkInterfaceId"));
  const own = [
    ...items(primaryNetworkInterface).map((item) => ({
      holder: instance,
      property: "primaryNetworkInterface",
      value: idOf(item),
      primary: true,
    })),
    ...items(networkInterfaces).map((item) => ({
      holder: instance,
      property: "networkInterfaces",
      value: idOf(item),
      primary: deviceIndex(item, 0) === 0,
    })),
  ];
  if (launchTemplate === undefined || own.some((item) => item.primary && inStack(resources, item))) return own;
  const templates = templatesOf(resources, instance, "launchTemplate", launchTemplate);
  const inherited = templates.flatMap(({ holder, fields }) =>
    items(fields?.networkInterfaces).flatMap((item, i) => {
      const value = field(item, "networkInterfaceId");
      if (value === undefined || value === null || value === "") return [];
      return [{ holder, property: "networkInterfaces", value, primary: deviceIndex(item, i) === 0 }];
    }),
  );
  return [...own, ...inherited];
}

export function given(...values: readonly (Value | undefined)[]): Value[] {
  return values.filter((value) => value !== undefined && value !== null);
}

export function templateCarriers(template: Template): readonly CarrierSource[] {
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

/** EC2 user data: plain or, from a careless author, base64. */
export function carriersOf(holder: ResourceSnapshot, encoding: CarrierSource["encoding"]): readonly CarrierSource[] {
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

export function hardwareOf(p: Fields, template: Template | undefined): Hardware {
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
