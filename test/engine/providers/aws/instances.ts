import * as ec2 from "@aws-sdk/client-ec2";
import type { Service } from "../provider";
import { isSame, type Props } from "../values";
import {
  arn,
  type Cloud,
  flag,
  found,
  inOrderOf,
  number,
  object,
  present,
  tagProps,
  tagSpecifications,
  text,
  texts,
  updateTags,
} from "./cloud";

export function instanceServices(it: Cloud): Record<string, Service> {
  return { "aws:ec2/instance:Instance": instances(it) };
}

function instances(it: Cloud): Service {
  const { ec2: client } = it;
  return {
    create: async (inputs) => {
      const card = text(object(inputs, "primaryNetworkInterface"), "networkInterfaceId");
      const UserData = userData(inputs);
      const { Instances = [] } = await client().send(
        new ec2.RunInstancesCommand({
          ImageId: text(inputs, "ami"),
          InstanceType: text(inputs, "instanceType") as ec2._InstanceType | undefined,
          MinCount: 1,
          MaxCount: 1,
          KeyName: text(inputs, "keyName"),
          ...(card !== undefined
            ? { NetworkInterfaces: [{ DeviceIndex: 0, NetworkInterfaceId: card }] }
            : {
                SubnetId: text(inputs, "subnetId"),
                SecurityGroupIds: texts(inputs, "vpcSecurityGroupIds"),
                PrivateIpAddress: text(inputs, "privateIp"),
              }),
          MetadataOptions: metadataRequest(object(inputs, "metadataOptions")),
          ...(UserData !== undefined && { UserData }),
          TagSpecifications: tagSpecifications("instance", inputs),
        }),
      );
      return Instances[0]?.InstanceId ?? "";
    },
    read: async (id, before) => {
      const instance = await describe(it, id);
      if (instance === null) return null;
      const groupIds = (instance.SecurityGroups ?? []).flatMap(({ GroupId }) => GroupId ?? []);
      return {
        ...tagProps(instance.Tags),
        ...present({
          ami: instance.ImageId,
          instanceType: instance.InstanceType,
          subnetId: instance.SubnetId,
          availabilityZone: instance.Placement?.AvailabilityZone,
          privateIp: instance.PrivateIpAddress,
          publicIp: instance.PublicIpAddress ?? "",
          instanceState: instance.State?.Name,
          primaryNetworkInterfaceId: instance.NetworkInterfaces?.[0]?.NetworkInterfaceId,
        }),
        ...(await readUserData(it, id, before)),
        vpcSecurityGroupIds: inOrderOf(before.vpcSecurityGroupIds, groupIds),
        securityGroups: [],
        secondaryPrivateIps: [],
        ipv6Addresses: [],
        ipv6AddressCount: 0,
        ephemeralBlockDevices: [],
        ebsBlockDevices: [],
        hostId: "",
        iamInstanceProfile: before.iamInstanceProfile ?? "",
        keyName: instance.KeyName ?? "",
        outpostArn: "",
        passwordData: "",
        placementGroup: "",
        privateDns: instance.PrivateDnsName ?? "",
        publicDns: "",
        tenancy: "default",
        arn: arn(it, `instance/${id}`),
      };
    },
    update: async (id, old, news) => {
      const modify = (input: Omit<ec2.ModifyInstanceAttributeCommandInput, "InstanceId">) =>
        client().send(new ec2.ModifyInstanceAttributeCommand({ InstanceId: id, ...input }));
      const data = userData(news);
      const type = text(news, "instanceType");
      const [newData, newType] = [!isSame(userData(old), data), !isSame(old.instanceType, news.instanceType)];
      if (newData || newType) {
        // Both want the machine stopped.
        await client().send(new ec2.StopInstancesCommand({ InstanceIds: [id] }));
        // AWS takes the bytes, which the SDK encodes; moto 5.2 decodes that, and expects encoded text inside.
        if (newData) await modify({ UserData: { Value: Buffer.from(data ?? "") } });
        if (newType) await modify({ InstanceType: { Value: type } });
        await client().send(new ec2.StartInstancesCommand({ InstanceIds: [id] }));
      }
      const groups = texts(news, "vpcSecurityGroupIds");
      if (!isSame(old.vpcSecurityGroupIds, news.vpcSecurityGroupIds) && groups !== undefined)
        await modify({ Groups: groups });
      if (!isSame(old.sourceDestCheck, news.sourceDestCheck))
        await modify({ SourceDestCheck: { Value: flag(news, "sourceDestCheck") ?? true } });
      if (!isSame(old.metadataOptions, news.metadataOptions)) {
        const options = metadataRequest(object(news, "metadataOptions"));
        await client().send(new ec2.ModifyInstanceMetadataOptionsCommand({ InstanceId: id, ...options }));
      }
      await updateTags(it, id, old, news);
    },
    delete: async (id) => void (await client().send(new ec2.TerminateInstancesCommand({ InstanceIds: [id] }))),
  };
}

async function describe({ ec2: client }: Cloud, id: string): Promise<ec2.Instance | null> {
  const answer = await found(client().send(new ec2.DescribeInstancesCommand({ InstanceIds: [id] })));
  const instance = answer?.Reservations?.[0]?.Instances?.[0];
  return instance === undefined || instance.State?.Name === "terminated" ? null : instance;
}

/** User data as EC2 takes it. */
function userData(props: Props): string | undefined {
  const plain = text(props, "userData");
  return plain === undefined ? text(props, "userDataBase64") : Buffer.from(plain).toString("base64");
}

/** The program's text as long as the machine has the same, else what the machine has. */
async function readUserData({ ec2: client }: Cloud, id: string, before: Props): Promise<Props> {
  const input = { InstanceId: id, Attribute: "userData" as const };
  const actual = (await client().send(new ec2.DescribeInstanceAttributeCommand(input))).UserData?.Value;
  if (actual === undefined || actual === userData(before)) return {};
  return before.userData === undefined ? {} : { userData: Buffer.from(actual, "base64").toString("utf8") };
}

function metadataRequest(options: Props) {
  return {
    HttpEndpoint: text(options, "httpEndpoint") as ec2.InstanceMetadataEndpointState | undefined,
    HttpTokens: text(options, "httpTokens") as ec2.HttpTokensState | undefined,
    HttpPutResponseHopLimit: number(options, "httpPutResponseHopLimit"),
  };
}
