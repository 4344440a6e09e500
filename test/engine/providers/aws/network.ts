import * as ec2 from "@aws-sdk/client-ec2";
import type { Service } from "../provider";
import { isSame, type Props } from "../values";
import { ACCOUNT, arn, type Cloud, flag, found, present, tagProps, tagSpecifications, text, updateTags } from "./cloud";
import { refuseSecondGateway } from "./refusals";

/** VPCs, subnets and Internet gateways. */
export function networkServices(it: Cloud): Record<string, Service> {
  return {
    "aws:ec2/vpc:Vpc": vpcs(it),
    "aws:ec2/subnet:Subnet": subnets(it),
    "aws:ec2/internetGateway:InternetGateway": internetGateways(it),
  };
}

function vpcs(it: Cloud): Service {
  const { ec2: client } = it;
  const setDns = async (VpcId: string, props: Props) => {
    const support = flag(props, "enableDnsSupport");
    const hostnames = flag(props, "enableDnsHostnames");
    const modify = (input: Omit<ec2.ModifyVpcAttributeCommandInput, "VpcId">) =>
      client().send(new ec2.ModifyVpcAttributeCommand({ VpcId, ...input }));
    if (support !== undefined) await modify({ EnableDnsSupport: { Value: support } });
    if (hostnames !== undefined) await modify({ EnableDnsHostnames: { Value: hostnames } });
  };
  return {
    create: async (inputs) => {
      const { Vpc } = await client().send(
        new ec2.CreateVpcCommand({
          CidrBlock: text(inputs, "cidrBlock"),
          TagSpecifications: tagSpecifications("vpc", inputs),
        }),
      );
      const id = Vpc?.VpcId ?? "";
      await setDns(id, inputs);
      return id;
    },
    read: async (id) => {
      const vpc = (await found(client().send(new ec2.DescribeVpcsCommand({ VpcIds: [id] }))))?.Vpcs?.[0];
      if (vpc === undefined) return null;
      const attribute = (Attribute: ec2.VpcAttributeName) =>
        client().send(new ec2.DescribeVpcAttributeCommand({ VpcId: id, Attribute }));
      const ofVpc = { Filters: [{ Name: "vpc-id", Values: [id] }] };
      const { SecurityGroups = [] } = await client().send(new ec2.DescribeSecurityGroupsCommand(ofVpc));
      const { RouteTables = [] } = await client().send(new ec2.DescribeRouteTablesCommand(ofVpc));
      const { NetworkAcls = [] } = await client().send(new ec2.DescribeNetworkAclsCommand(ofVpc));
      const mainTable = RouteTables.find((table) => table.Associations?.some((one) => one.Main === true))?.RouteTableId;
      return {
        ...tagProps(vpc.Tags),
        ...present({
          cidrBlock: vpc.CidrBlock,
          enableDnsSupport: (await attribute("enableDnsSupport")).EnableDnsSupport?.Value,
          enableDnsHostnames: (await attribute("enableDnsHostnames")).EnableDnsHostnames?.Value,
          instanceTenancy: vpc.InstanceTenancy,
          defaultSecurityGroupId: SecurityGroups.find((group) => group.GroupName === "default")?.GroupId,
          mainRouteTableId: mainTable,
          defaultRouteTableId: mainTable,
          defaultNetworkAclId: NetworkAcls.find((acl) => acl.IsDefault === true)?.NetworkAclId,
        }),
        arn: arn(it, `vpc/${id}`),
        ownerId: ACCOUNT,
        assignGeneratedIpv6CidrBlock: false,
        ipv6AssociationId: "",
        ipv6CidrBlock: "",
        ipv6CidrBlockNetworkBorderGroup: "",
        ipv6IpamPoolId: "",
        ipv6NetmaskLength: 0,
        dhcpOptionsId: vpc.DhcpOptionsId ?? "",
        enableNetworkAddressUsageMetrics: false,
      };
    },
    update: async (id, old, news) => {
      await setDns(id, news);
      await updateTags(it, id, old, news);
    },
    delete: async (id) => void (await client().send(new ec2.DeleteVpcCommand({ VpcId: id }))),
  };
}

function subnets(it: Cloud): Service {
  const { ec2: client } = it;
  const setPublic = (SubnetId: string, value: boolean) =>
    client().send(new ec2.ModifySubnetAttributeCommand({ SubnetId, MapPublicIpOnLaunch: { Value: value } }));
  return {
    create: async (inputs) => {
      const { Subnet } = await client().send(
        new ec2.CreateSubnetCommand({
          VpcId: text(inputs, "vpcId"),
          CidrBlock: text(inputs, "cidrBlock"),
          AvailabilityZone: text(inputs, "availabilityZone"),
          TagSpecifications: tagSpecifications("subnet", inputs),
        }),
      );
      const id = Subnet?.SubnetId ?? "";
      if (flag(inputs, "mapPublicIpOnLaunch") === true) await setPublic(id, true);
      return id;
    },
    read: async (id) => {
      const subnet = (await found(client().send(new ec2.DescribeSubnetsCommand({ SubnetIds: [id] }))))?.Subnets?.[0];
      if (subnet === undefined) return null;
      return {
        ...tagProps(subnet.Tags),
        ...present({
          vpcId: subnet.VpcId,
          cidrBlock: subnet.CidrBlock,
          availabilityZone: subnet.AvailabilityZone,
          availabilityZoneId: subnet.AvailabilityZoneId,
          mapPublicIpOnLaunch: subnet.MapPublicIpOnLaunch,
        }),
        arn: arn(it, `subnet/${id}`),
        ownerId: ACCOUNT,
        customerOwnedIpv4Pool: "",
        enableLniAtDeviceIndex: 0,
        ipv6CidrBlock: "",
        ipv6CidrBlockAssociationId: "",
        mapCustomerOwnedIpOnLaunch: false,
        outpostArn: "",
        privateDnsHostnameTypeOnLaunch: "ip-name",
      };
    },
    update: async (id, old, news) => {
      if (!isSame(old.mapPublicIpOnLaunch, news.mapPublicIpOnLaunch))
        await setPublic(id, news.mapPublicIpOnLaunch === true);
      await updateTags(it, id, old, news);
    },
    delete: async (id) => void (await client().send(new ec2.DeleteSubnetCommand({ SubnetId: id }))),
  };
}

function internetGateways(it: Cloud): Service {
  const { ec2: client } = it;
  const attach = async (InternetGatewayId: string, VpcId: string) => {
    await refuseSecondGateway(it, VpcId);
    await client().send(new ec2.AttachInternetGatewayCommand({ InternetGatewayId, VpcId }));
  };
  const detach = (InternetGatewayId: string, VpcId: string) =>
    client().send(new ec2.DetachInternetGatewayCommand({ InternetGatewayId, VpcId }));
  return {
    create: async (inputs) => {
      const { InternetGateway } = await client().send(
        new ec2.CreateInternetGatewayCommand({ TagSpecifications: tagSpecifications("internet-gateway", inputs) }),
      );
      const id = InternetGateway?.InternetGatewayId ?? "";
      const vpcId = text(inputs, "vpcId");
      if (vpcId !== undefined) await attach(id, vpcId);
      return id;
    },
    read: async (id) => {
      const answer = await found(client().send(new ec2.DescribeInternetGatewaysCommand({ InternetGatewayIds: [id] })));
      const gateway = answer?.InternetGateways?.[0];
      if (gateway === undefined) return null;
      const vpcId = gateway.Attachments?.[0]?.VpcId ?? "";
      return { ...tagProps(gateway.Tags), vpcId, arn: arn(it, `internet-gateway/${id}`), ownerId: ACCOUNT };
    },
    update: async (id, old, news) => {
      const [from, to] = [text(old, "vpcId"), text(news, "vpcId")];
      if (from !== to && from !== undefined) await detach(id, from);
      if (from !== to && to !== undefined) await attach(id, to);
      await updateTags(it, id, old, news);
    },
    delete: async (id, state) => {
      const vpcId = text(state, "vpcId");
      if (vpcId !== undefined) await detach(id, vpcId);
      await client().send(new ec2.DeleteInternetGatewayCommand({ InternetGatewayId: id }));
    },
  };
}
