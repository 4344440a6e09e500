import type { NetId } from "../../model/network";
import type { ResourceSnapshot } from "../../model/snapshot";
import { type Resources, resolve } from "../resources";
import { GROUP_REFERENCE } from "./group-rules";
import type { Groups } from "./groups";
import type { Launch } from "./launches";
import { INTERFACE, SUBNET } from "./types";
import type { SubnetKey, Vpcs } from "./vpc";

/** An interface lies in the VPC of its security groups: that tells where a subnet is that the stack only names. */
export function placeSubnets(resources: Resources, vpcs: Vpcs, groups: Groups, launches: readonly Launch[]): void {
  const networks = new Map<SubnetKey, Set<NetId>>();
  const shared = sharedGroups(resources);
  const enis = resources.ofType(...INTERFACE).map((eni) => ({
    subnet: { holder: eni, property: "subnetId", value: eni.properties.subnetId },
    groups: { holder: eni, property: "securityGroups", value: eni.properties.securityGroups },
  }));
  for (const item of [...enis, ...launches.flatMap((launch) => launch.interfaces)]) {
    if (item.subnet === null) continue;
    const named = resolve(resources, item.subnet.holder, item.subnet.property, item.subnet.value, SUBNET);
    const { certain, possible } = vpcs.subnetKeys(named);
    const [key] = certain;
    if (key === undefined || certain.length > 1 || possible.length > 0) continue;
    const { holder, property, value } = item.groups;
    for (const group of groups.keys(resolve(resources, holder, property, value, GROUP_REFERENCE)).certain) {
      const { resource, network } = groups.group(group);
      if (resource === null || resource.external || shared.has(resource)) continue;
      networks.set(key, (networks.get(key) ?? new Set()).add(network));
    }
  }
  for (const [key, found] of networks) {
    const [network] = found;
    const isNamed = key.startsWith("foreign:") || resources.get(key)?.external === true;
    if (network !== undefined && found.size === 1 && isNamed) vpcs.place(key, network);
  }
}

/** Groups that are used in further VPCs, and so do not tell in which. VPC User Guide, "Associate security groups with multiple VPCs". */
function sharedGroups(resources: Resources): ReadonlySet<ResourceSnapshot> {
  const associations = resources.ofType("aws:vpc/securityGroupVpcAssociation:SecurityGroupVpcAssociation");
  return new Set(
    associations.flatMap((item) => {
      const { securityGroupId } = item.properties;
      const { certain, possible } = resolve(resources, item, "securityGroupId", securityGroupId, GROUP_REFERENCE);
      return [...certain, ...possible];
    }),
  );
}
