import { randomUUID } from "node:crypto";
import { isObject, isSame, type Props, type Value } from "../../values";
import { type Cloud, type Item, idIn, isSameId, nameOf, objects, usersOf } from "./cloud";
import { limit, refusal } from "./refusal";
import type { Behaviour } from "./resources";

/**
 * Virtual machines: https://learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update ("customData … cannot be updated after the
 * VM is created", likewise names, keys and the image) and https://learn.microsoft.com/azure/virtual-network/virtual-network-network-interface-vm
 * (interfaces change on a deallocated machine only).
 */
export const machines: Readonly<Record<string, Behaviour>> = {
  "compute:VirtualMachine": {
    put: (cloud, item, before) => {
      for (const id of interfacesOf(item)) refuseSecondMachine(cloud, item, id);
      if (before !== undefined) {
        for (const path of UNCHANGING) {
          if (!isSame(at(before.body, path), at(item.body, path)))
            throw refusal("PropertyChangeNotAllowed", `Changing property '${path}' is not allowed.`);
        }
        if (!isSame([...interfacesOf(before)], [...interfacesOf(item)]))
          throw limit(
            "Secondary network interfaces can be added to or removed from a deallocated virtual machine only.",
          );
      }
      return {
        vmId: before?.made.vmId ?? randomUUID(),
        timeCreated: before?.made.timeCreated ?? "2026-01-01T00:00:00Z",
      };
    },
    read: (_, item) => ({ vmId: item.made.vmId ?? "", timeCreated: item.made.timeCreated ?? "" }),
    remove: (cloud, item) => {
      for (const one of objects(profile(item).networkInterfaces)) {
        const id = idIn(one);
        if (id !== undefined && one.deleteOption === "Delete") cloud.remove(id);
      }
    },
  },
  "managedidentity:UserAssignedIdentity": {
    put: (_, __, before) => before?.made ?? { clientId: randomUUID(), principalId: randomUUID() },
    read: (_, { made }) => ({ clientId: made.clientId ?? "", principalId: made.principalId ?? "", tenantId: TENANT }),
  },
};

export const TENANT = "99999999-8888-7777-6666-555555555555";

const UNCHANGING = [
  "osProfile.adminUsername",
  "osProfile.computerName",
  "osProfile.customData",
  "osProfile.linuxConfiguration.disablePasswordAuthentication",
  "osProfile.linuxConfiguration.ssh.publicKeys",
  "storageProfile.imageReference",
];

function at(body: Props, path: string): Value | undefined {
  return path.split(".").reduce<Value | undefined>((value, key) => (isObject(value) ? value[key] : undefined), body);
}

function profile({ body }: Item): Props {
  return isObject(body.networkProfile) ? body.networkProfile : {};
}

function interfacesOf(item: Item): string[] {
  return objects(profile(item).networkInterfaces).flatMap((one) => idIn(one) ?? []);
}

function refuseSecondMachine(cloud: Cloud, machine: Item, id: string): void {
  const other = usersOf(cloud, id).find(({ item }) => item.kind === machine.kind && !isSameId(item.id, machine.id));
  if (other !== undefined)
    throw refusal(
      "NicInUse",
      `Network Interface ${id} is used by existing VM ${other.item.id} and cannot be attached to ${nameOf(machine.id)}.`,
    );
}
