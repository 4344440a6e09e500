import type { ResourceSnapshot } from "../../policies/analysis/model/snapshot";
import { parseAddress } from "./address";
import { type Fields, found, idOf, known, number, objects, type Stock, text, texts } from "./read";
import type { Interface, Subnet, Vpc } from "./resources";

export function readInterfaces(stock: Stock, vpcs: readonly Vpc[], subnets: readonly Subnet[]): Interface[] {
  const subnetOf = (id: string) =>
    found(
      subnets.find((item) => item.id === id),
      id,
    );
  const hostOf = new Map<string, string>();
  const primaryOf = new Map<string, string>();
  const instances = stock.named("Instance");
  const instanceById = new Map(instances.map((item) => [idOf(item), item]));
  const attach = (eni: string, instance: ResourceSnapshot, primary: boolean) => {
    hostOf.set(eni, instance.urn);
    if (primary) primaryOf.set(idOf(instance), eni);
  };
  for (const instance of instances) {
    const primary = instance.properties.primaryNetworkInterface as Fields | undefined;
    if (primary !== undefined) attach(known(primary.networkInterfaceId), instance, true);
    for (const item of objects(instance.properties.networkInterfaces))
      attach(known(item.networkInterfaceId), instance, number(item.deviceIndex) === 0);
  }
  for (const item of stock.named("NetworkInterfaceAttachment")) {
    const instance = found(instanceById.get(known(item.properties.instanceId)), "instance");
    attach(known(item.properties.networkInterfaceId), instance, false);
  }
  const eips = elasticIps(stock);
  const extraGroups = stock.named("NetworkInterfaceSecurityGroupAttachment").map((item) => ({
    owner: known(item.properties.networkInterfaceId),
    group: known(item.properties.securityGroupId),
  }));
  const groupsOf = (given: readonly string[], vpc: string, owners: readonly string[]) => {
    const base =
      given.length > 0
        ? given
        : [
            found(
              vpcs.find((item) => item.id === vpc),
              vpc,
            ).defaultGroup,
          ];
    return [...base, ...extraGroups.filter((item) => owners.includes(item.owner)).map((item) => item.group)];
  };

  const result: Interface[] = [];
  for (const eni of stock.named("NetworkInterface")) {
    const id = idOf(eni);
    const subnet = subnetOf(known(eni.properties.subnetId));
    const ownedBy = [...primaryOf].filter(([, primary]) => primary === id).map(([instance]) => instance);
    result.push({
      urn: eni.urn,
      host: hostOf.get(id) ?? null,
      vpc: subnet.vpc,
      subnet: subnet.id,
      groups: groupsOf(texts(eni.properties.securityGroups), subnet.vpc, [id]),
      addresses: [...texts(eni.properties.privateIps), ...texts(eni.properties.ipv6Addresses)].map(parseAddress),
      publicV4: [id, ...ownedBy].some((owner) => eips.has(owner)),
    });
  }
  for (const instance of instances) {
    const id = idOf(instance);
    if (primaryOf.has(id)) continue;
    const subnet = subnetOf(known(instance.properties.subnetId));
    const resource = found(
      stock.named("Subnet").find((item) => idOf(item) === subnet.id),
      subnet.id,
    );
    const flag = text(instance.properties.associatePublicIpAddress) ?? text(resource.properties.mapPublicIpOnLaunch);
    const primary = known(instance.properties.primaryNetworkInterfaceId);
    result.push({
      urn: instance.urn,
      host: instance.urn,
      vpc: subnet.vpc,
      subnet: subnet.id,
      groups: groupsOf(texts(instance.properties.vpcSecurityGroupIds), subnet.vpc, [primary]),
      addresses: [
        ...[text(instance.properties.privateIp)].flatMap((address) => address ?? []),
        ...texts(instance.properties.ipv6Addresses),
      ].map(parseAddress),
      publicV4: eips.has(id) || eips.has(primary) || flag === "true",
    });
  }
  return result;
}

/** Ids of the instances and interfaces that an Elastic IP is associated with. */
function elasticIps(stock: Stock): Set<string> {
  const owners = new Set<string>();
  for (const item of stock.named("Eip"))
    for (const value of [item.properties.instance, item.properties.networkInterface]) {
      const owner = text(value);
      if (owner !== null) owners.add(owner);
    }
  for (const item of stock.named("EipAssociation"))
    for (const value of [item.properties.instanceId, item.properties.networkInterfaceId]) {
      const owner = text(value);
      if (owner !== null) owners.add(owner);
    }
  return owners;
}
