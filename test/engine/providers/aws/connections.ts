import * as ec2 from "@aws-sdk/client-ec2";
import type { Service } from "../provider";
import { ACCOUNT, type Cloud, flag, found, present, tagProps, tagSpecifications, text, unchanging } from "./cloud";

/** What leads out of a network beside its Internet gateway: NAT gateways and peerings. */
export function connectionServices(it: Cloud): Record<string, Service> {
  return {
    "aws:ec2/natGateway:NatGateway": natGateways(it),
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": peerings(it),
  };
}

function natGateways(it: Cloud): Service {
  const { ec2: client } = it;
  return unchanging(it, {
    create: async (inputs) => {
      const { NatGateway } = await client().send(
        new ec2.CreateNatGatewayCommand({
          SubnetId: text(inputs, "subnetId"),
          AllocationId: text(inputs, "allocationId"),
          ConnectivityType: text(inputs, "connectivityType") === "private" ? "private" : "public",
          TagSpecifications: tagSpecifications("natgateway", inputs),
        }),
      );
      return NatGateway?.NatGatewayId ?? "";
    },
    read: async (id) => {
      const answer = await found(client().send(new ec2.DescribeNatGatewaysCommand({ NatGatewayIds: [id] })));
      const gateway = answer?.NatGateways?.find((one) => one.State !== "deleted");
      if (gateway === undefined) return null;
      const [address] = gateway.NatGatewayAddresses ?? [];
      return {
        ...tagProps(gateway.Tags),
        ...present({
          subnetId: gateway.SubnetId,
          connectivityType: gateway.ConnectivityType,
          allocationId: address?.AllocationId,
          publicIp: address?.PublicIp,
          privateIp: address?.PrivateIp,
          networkInterfaceId: address?.NetworkInterfaceId,
        }),
        associationId: "",
      };
    },
    delete: async (id) => void (await client().send(new ec2.DeleteNatGatewayCommand({ NatGatewayId: id }))),
  });
}

function peerings(it: Cloud): Service {
  const { ec2: client } = it;
  return unchanging(it, {
    create: async (inputs) => {
      const { VpcPeeringConnection } = await client().send(
        new ec2.CreateVpcPeeringConnectionCommand({
          VpcId: text(inputs, "vpcId"),
          PeerVpcId: text(inputs, "peerVpcId"),
          PeerRegion: text(inputs, "peerRegion"),
          TagSpecifications: tagSpecifications("vpc-peering-connection", inputs),
        }),
      );
      const id = VpcPeeringConnection?.VpcPeeringConnectionId ?? "";
      if (flag(inputs, "autoAccept") === true)
        await client().send(new ec2.AcceptVpcPeeringConnectionCommand({ VpcPeeringConnectionId: id }));
      return id;
    },
    read: async (id) => {
      const answer = await found(
        client().send(new ec2.DescribeVpcPeeringConnectionsCommand({ VpcPeeringConnectionIds: [id] })),
      );
      const peering = answer?.VpcPeeringConnections?.find((one) => one.Status?.Code !== "deleted");
      if (peering === undefined) return null;
      return {
        ...tagProps(peering.Tags),
        ...present({
          vpcId: peering.RequesterVpcInfo?.VpcId,
          peerVpcId: peering.AccepterVpcInfo?.VpcId,
          acceptStatus: peering.Status?.Code,
        }),
        peerOwnerId: ACCOUNT,
        peerRegion: peering.AccepterVpcInfo?.Region ?? it.region(),
      };
    },
    delete: async (id) =>
      void (await client().send(new ec2.DeleteVpcPeeringConnectionCommand({ VpcPeeringConnectionId: id }))),
  });
}
