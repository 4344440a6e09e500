import type { CarrierSource, Hardware, Host } from "../../model/network";
import type { ResourceSnapshot, Urn, Value } from "../../model/snapshot";
import { field } from "../values";
import type { AzureClass } from "./classes";
import type { AzureResources } from "./tokens";

export const MACHINES = ["compute:VirtualMachine", "compute:VirtualMachineScaleSet"] as const;

/** Virtual machines and scale sets: the rows of the perimeter. */
export function lowerMachines(azure: AzureResources, classes: readonly AzureClass[]): readonly Host[] {
  const byHost = new Map<Urn, AzureClass[]>();
  for (const item of classes) for (const host of item.hosts) byHost.set(host, [...(byHost.get(host) ?? []), item]);
  return azure.ofKind(...MACHINES).map((machine): Host => {
    const own = byHost.get(machine.urn) ?? [];
    return {
      urn: machine.urn,
      resource: machine,
      classes: own.map((item) => item.id),
      memberOf: [
        ...new Set(
          own.flatMap((item) => [
            ...item.sample.asgs.certain,
            ...item.sample.nsgs.certain.map(({ resource }) => resource.urn),
          ]),
        ),
      ],
      hardware: hardwareOf(machine),
      tags: machine.properties.tags,
      carriers: carriersOf(machine),
      forwards: own.some((item) => item.sample.forwards),
    };
  });
}

function profileOf(machine: ResourceSnapshot): Value | undefined {
  return machine.type.endsWith("ScaleSet") ? machine.properties.virtualMachineProfile : machine.properties;
}

/** `customData` is what cloud-init reads; `userData` only tells where a reader asks for it. */
function carriersOf(machine: ResourceSnapshot): CarrierSource[] {
  const profile = machine.type.endsWith("ScaleSet") ? "virtualMachineProfile." : "";
  const top = machine.type.endsWith("ScaleSet") ? "virtualMachineProfile" : "osProfile";
  const value = field(field(profileOf(machine), "osProfile"), "customData");
  return [
    {
      at: { urn: machine.urn, path: `${profile}osProfile.customData` },
      value,
      encoding: "base64",
      secret: machine.secrets?.has(top) === true,
    },
  ];
}

function hardwareOf(_machine: ResourceSnapshot): Hardware {
  return { metadata: undefined, disks: [] };
}
