import type { CarrierSource } from "../../model/network";
import { type ResourceSnapshot, Unknown } from "../../model/snapshot";
import { field } from "../values";
import { extensionSources, profileExtensions } from "./extensions";
import { isScaleSet, profileOf, systemOf } from "./machine-profile";
import { resolveByName } from "./references";
import { runCommandSources } from "./run-commands";
import { type AzureResources, kindOf } from "./tokens";

/** Everything in the stack that configures a machine: at its first boot, by extensions, and by commands that are sent to it. */
export function carriersOf(azure: AzureResources, machine: ResourceSnapshot): readonly CarrierSource[] {
  const system = systemOf(machine);
  return [
    ...bootstrapOf(machine),
    ...profileExtensions(machine),
    ...attached(azure, machine, EXTENSIONS, extensionSources),
    ...attached(azure, machine, RUN_COMMANDS, (command) => runCommandSources(command, system)),
  ];
}

/** How a resource names the machine that it is for. */
interface Link {
  readonly kind: string;
  readonly property: string;
  /** It is for one of the machines of a set. */
  readonly one: boolean;
}

const EXTENSIONS: readonly Link[] = [
  { kind: "compute:VirtualMachineExtension", property: "vmName", one: false },
  { kind: "compute:VirtualMachineScaleSetExtension", property: "vmScaleSetName", one: false },
  { kind: "compute:VirtualMachineScaleSetVMExtension", property: "vmScaleSetName", one: true },
];

const RUN_COMMANDS: readonly Link[] = [
  { kind: "compute:VirtualMachineRunCommandByVirtualMachine", property: "vmName", one: false },
  { kind: "compute:VirtualMachineScaleSetVMRunCommand", property: "vmScaleSetName", one: true },
];

/**
 * What cloud-init runs at the first boot: `customData`, and where there is none `userData`, which anything else only reads. cloud-init
 * documentation, "Azure" data source.
 */
export function bootstrapOf(machine: ResourceSnapshot): CarrierSource[] {
  const { value, prefix, isSecret } = profileOf(machine);
  const source = (path: string, of: CarrierSource["value"], secret: boolean): CarrierSource => ({
    at: { urn: machine.urn, path: `${prefix}${path}` },
    value: of,
    encoding: "base64",
    secret,
  });
  const os = field(value, "osProfile");
  const custom = os instanceof Unknown ? os : field(os, "customData");
  if (custom !== undefined && custom !== null && custom !== "")
    return [source("osProfile.customData", custom, isSecret("osProfile"))];
  const user = field(value, "userData");
  return user === undefined || user === null || user === "" ? [] : [source("userData", user, isSecret("userData"))];
}

function attached(
  azure: AzureResources,
  machine: ResourceSnapshot,
  links: readonly Link[],
  read: (resource: ResourceSnapshot) => readonly CarrierSource[],
): CarrierSource[] {
  return links.flatMap((link) =>
    azure.ofKind(link.kind).flatMap((resource) => {
      const meant = isFor(azure, resource, link, machine);
      if (meant === "no") return [];
      return read(resource).map((source) => (meant === "maybe" || link.one ? { ...source, perhaps: true } : source));
    }),
  );
}

function isFor(
  azure: AzureResources,
  resource: ResourceSnapshot,
  { property }: Link,
  machine: ResourceSnapshot,
): "yes" | "no" | "maybe" {
  const kind = property === "vmName" ? "compute:VirtualMachine" : "compute:VirtualMachineScaleSet";
  if (kindOf(machine.type) !== kind) return "no";
  const { certain, possible, foreign } = resolveByName(azure, resource, property, kind);
  if (certain.some((item) => item.resource === machine)) return "yes";
  if (possible.some((item) => item.resource === machine)) return "maybe";
  if (certain.length + possible.length > 0) return "no";
  // A name that is not known may be any, and a machine whose name is not known may have any.
  const open = machine.properties[isScaleSet(machine) ? "vmScaleSetName" : "vmName"] instanceof Unknown;
  return open || foreign.some((name) => name instanceof Unknown) ? "maybe" : "no";
}
