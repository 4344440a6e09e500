import { type ResourceSnapshot, Unknown, type Value } from "../../model/snapshot";
import { field, text } from "../values";

/** Where a machine, or the machines of a scale set, are described. */
export interface MachineProfile {
  readonly value: Value | undefined;
  /** What precedes its properties in a path. */
  readonly prefix: string;
  /** Whether a property of it, by its top-level name there, is a secret. */
  isSecret(property: string): boolean;
}

export function isScaleSet(machine: ResourceSnapshot): boolean {
  return machine.type.endsWith("ScaleSet");
}

export function profileOf(machine: ResourceSnapshot): MachineProfile {
  const { properties, secrets } = machine;
  return isScaleSet(machine)
    ? {
        value: properties.virtualMachineProfile,
        prefix: "virtualMachineProfile.",
        isSecret: () => secrets?.has("virtualMachineProfile") === true,
      }
    : { value: properties, prefix: "", isSecret: (property) => secrets?.has(property) === true };
}

/** The operating system by the login configuration, the disk, or who publishes the image; null where none of them tells. */
export function systemOf(machine: ResourceSnapshot): "windows" | "linux" | null {
  const { value } = profileOf(machine);
  const os = field(value, "osProfile");
  if (isGiven(field(os, "windowsConfiguration"))) return "windows";
  if (isGiven(field(os, "linuxConfiguration"))) return "linux";
  const storage = field(value, "storageProfile");
  const type = text(field(field(storage, "osDisk"), "osType"));
  if (typeof type === "string") return type.toLowerCase() === "windows" ? "windows" : "linux";
  const publisher = text(field(field(storage, "imageReference"), "publisher"));
  if (typeof publisher !== "string") return null;
  if (/^Microsoft(?:Windows|SQLServer|SharePoint|Exchange|DynamicsAX|VisualStudio)/i.test(publisher)) return "windows";
  return /^(?:Debian|Canonical|RedHat|SUSE|Oracle|OpenLogic|credativ|almalinux|resf|kinvolk|ubuntu)/i.test(publisher)
    ? "linux"
    : null;
}

function isGiven(value: Value | undefined): boolean {
  return value !== undefined && value !== null && !(value instanceof Unknown);
}
