import * as ec2 from "@aws-sdk/client-ec2";
import type { Service } from "../provider";
import { isSame } from "../values";
import {
  ACCOUNT,
  arn,
  type Cloud,
  flag,
  found,
  inOrderOf,
  present,
  tagProps,
  tagSpecifications,
  text,
  texts,
  unchanging,
  updateTags,
} from "./cloud";
import { refuseAddresses } from "./refusals";

/** Network interfaces and public addresses. */
export function interfaceServices(it: Cloud): Record<string, Service> {
  return {
    "aws:ec2/networkInterface:NetworkInterface": interfaces(it),
    "aws:ec2/eip:Eip": addresses(it),
    "aws:ec2/eipAssociation:EipAssociation": associations(it),
  };
}

function interfaces(it: Cloud): Service {
  const { ec2: client } = it;
  const modify = (input: ec2.ModifyNetworkInterfaceAttributeCommandInput) =>
    client().send(new ec2.ModifyNetworkInterfaceAttributeCommand(input));
  return {
    create: async (inputs) => {
      const privateIps = texts(inputs, "privateIps") ?? [];
      await refuseAddresses(it, text(inputs, "subnetId") ?? "", privateIps);
      const { NetworkInterface } = await client().send(
        new ec2.CreateNetworkInterfaceCommand({
          SubnetId: text(inputs, "subnetId"),
          Description: text(inputs, "description"),
          Groups: texts(inputs, "securityGroups"),
          ...(privateIps.length > 0 && {
            PrivateIpAddresses: privateIps.map((PrivateIpAddress, i) => ({ PrivateIpAddress, Primary: i === 0 })),
          }),
          TagSpecifications: tagSpecifications("network-interface", inputs),
        }),
      );
      const id = NetworkInterface?.NetworkInterfaceId ?? "";
      if (flag(inputs, "sourceDestCheck") === false)
        await modify({ NetworkInterfaceId: id, SourceDestCheck: { Value: false } });
      return id;
    },
    read: async (id, before) => {
      const input = { NetworkInterfaceIds: [id] };
      const answer = await found(client().send(new ec2.DescribeNetworkInterfacesCommand(input)));
      const card = answer?.NetworkInterfaces?.[0];
      if (card === undefined) return null;
      const privateIps = (card.PrivateIpAddresses ?? []).flatMap(({ PrivateIpAddress }) => PrivateIpAddress ?? []);
      const groupIds = (card.Groups ?? []).flatMap(({ GroupId }) => GroupId ?? []);
      return {
        ...tagProps(card.TagSet),
        ...present({
          subnetId: card.SubnetId,
          description: card.Description,
          privateIp: card.PrivateIpAddress,
          sourceDestCheck: card.SourceDestCheck,
          interfaceType: card.InterfaceType,
          macAddress: card.MacAddress,
        }),
        privateIps: inOrderOf(before.privateIps, privateIps),
        privateIpLists: privateIps,
        privateIpsCount: Math.max(0, privateIps.length - 1),
        securityGroups: inOrderOf(before.securityGroups, groupIds),
        attachments: [],
        ipv4PrefixCount: 0,
        ipv4Prefixes: [],
        ipv6AddressCount: 0,
        ipv6AddressLists: [],
        ipv6Addresses: [],
        ipv6PrefixCount: 0,
        ipv6Prefixes: [],
        outpostArn: "",
        privateDnsName: "",
        arn: arn(it, `network-interface/${id}`),
        ownerId: ACCOUNT,
      };
    },
    update: async (id, old, news) => {
      const groups = texts(news, "securityGroups");
      if (!isSame(old.securityGroups, news.securityGroups) && groups !== undefined)
        await modify({ NetworkInterfaceId: id, Groups: groups });
      if (!isSame(old.sourceDestCheck, news.sourceDestCheck))
        await modify({ NetworkInterfaceId: id, SourceDestCheck: { Value: flag(news, "sourceDestCheck") ?? true } });
      if (!isSame(old.description, news.description))
        await modify({ NetworkInterfaceId: id, Description: { Value: text(news, "description") ?? "" } });
      await updateTags(it, id, old, news);
    },
    delete: async (id) => void (await client().send(new ec2.DeleteNetworkInterfaceCommand({ NetworkInterfaceId: id }))),
  };
}

function addresses(it: Cloud): Service {
  const { ec2: client } = it;
  return unchanging(it, {
    create: async (inputs) => {
      const { AllocationId = "" } = await client().send(
        new ec2.AllocateAddressCommand({ Domain: "vpc", TagSpecifications: tagSpecifications("elastic-ip", inputs) }),
      );
      return AllocationId;
    },
    read: async (id) => {
      const answer = await found(client().send(new ec2.DescribeAddressesCommand({ AllocationIds: [id] })));
      const address = answer?.Addresses?.[0];
      if (address === undefined) return null;
      return {
        ...tagProps(address.Tags),
        allocationId: id,
        associationId: address.AssociationId ?? "",
        domain: address.Domain ?? "vpc",
        instance: address.InstanceId ?? "",
        networkInterface: address.NetworkInterfaceId ?? "",
        privateIp: address.PrivateIpAddress ?? "",
        publicIp: address.PublicIp ?? "",
        arn: arn(it, `elastic-ip/${id}`),
        carrierIp: "",
        customerOwnedIp: "",
        customerOwnedIpv4Pool: "",
        networkBorderGroup: it.region(),
        publicIpv4Pool: "amazon",
      };
    },
    delete: async (id) => void (await client().send(new ec2.ReleaseAddressCommand({ AllocationId: id }))),
  });
}

function associations(it: Cloud): Service {
  const { ec2: client } = it;
  return unchanging(it, {
    create: async (inputs) => {
      const { AssociationId = "" } = await client().send(
        new ec2.AssociateAddressCommand({
          AllocationId: text(inputs, "allocationId"),
          NetworkInterfaceId: text(inputs, "networkInterfaceId"),
          InstanceId: text(inputs, "instanceId"),
          PrivateIpAddress: text(inputs, "privateIpAddress"),
          AllowReassociation: flag(inputs, "allowReassociation") ?? false,
        }),
      );
      return AssociationId;
    },
    read: async (id) => {
      const Filters = [{ Name: "association-id", Values: [id] }];
      const { Addresses = [] } = await client().send(new ec2.DescribeAddressesCommand({ Filters }));
      const address = Addresses.find((one) => one.AssociationId === id);
      if (address === undefined) return null;
      return present({
        allocationId: address.AllocationId,
        networkInterfaceId: address.NetworkInterfaceId,
        instanceId: address.InstanceId ?? "",
        privateIpAddress: address.PrivateIpAddress ?? "",
        publicIp: address.PublicIp,
      });
    },
    delete: async (id) => void (await client().send(new ec2.DisassociateAddressCommand({ AssociationId: id }))),
  });
}
