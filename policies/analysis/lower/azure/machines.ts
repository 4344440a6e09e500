import type { CarrierSource, Host, Weakness } from "../../model/network";
import { type ResourceSnapshot, Unknown, type Urn } from "../../model/snapshot";
import { passwordLogins } from "../logins";
import { field, flag } from "../values";
import { carriersOf } from "./carriers";
import type { AzureClass } from "./classes";
import { profileOf } from "./machine-profile";
import type { AzureResources } from "./tokens";

export const MACHINES = ["compute:VirtualMachine", "compute:VirtualMachineScaleSet"] as const;

/** Virtual machines and scale sets: the rows of the perimeter. */
export function lowerMachines(azure: AzureResources, classes: readonly AzureClass[]): readonly Host[] {
  const byHost = new Map<Urn, AzureClass[]>();
  for (const item of classes) for (const host of item.hosts) byHost.set(host, [...(byHost.get(host) ?? []), item]);
  return azure.ofKind(...MACHINES).map((machine): Host => {
    const own = byHost.get(machine.urn) ?? [];
    const carriers = carriersOf(azure, machine);
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
      weaknesses: weaknessesOf(machine, carriers),
      tags: machine.properties.tags,
      carriers,
    };
  });
}

/** Managed disks are always encrypted, and the metadata service asks for a header: what is left are logins by password. */
function weaknessesOf(machine: ResourceSnapshot, carriers: readonly CarrierSource[]): readonly Weakness[] {
  const os = field(profileOf(machine).value, "osProfile");
  if (os === undefined || os === null || field(os, "windowsConfiguration") !== undefined)
    return passwordLogins(machine.name, carriers);
  const remediation = "Set osProfile.linuxConfiguration.disablePasswordAuthentication to true, and use keys.";
  const linux = field(os, "linuxConfiguration");
  const off =
    os instanceof Unknown ? os : linux instanceof Unknown ? linux : flag(field(linux, "disablePasswordAuthentication"));
  if (off instanceof Unknown)
    return [
      {
        certain: false,
        message: `Whether ${machine.name} accepts password logins cannot be decided: its configuration is ${off.reason}.`,
        remediation,
      },
    ];
  if (off !== true)
    return [
      {
        certain: true,
        message: `${machine.name} accepts password logins: osProfile.linuxConfiguration.disablePasswordAuthentication is ${off === undefined ? "not set" : "false"}, expected true.`,
        remediation,
      },
    ];
  return passwordLogins(machine.name, carriers);
}
