import * as ec2 from "@aws-sdk/client-ec2";
import { addressAt, isInside, prefixLength } from "../../../../components/schemas";
import type { Cloud } from "./cloud";

/**
 * What EC2 refuses and moto takes. Each throws with the code and the words of EC2: `errors-overview.html` and, for quotas,
 * `amazon-vpc-limits.html` of its documentation.
 */

/** An address of a new interface is one of its subnet's, none of the five that AWS keeps, and free. */
export async function refuseAddresses({ ec2: client }: Cloud, subnetId: string, addresses: readonly string[]) {
  const { Subnets = [] } = await client().send(new ec2.DescribeSubnetsCommand({ SubnetIds: [subnetId] }));
  const cidr = Subnets[0]?.CidrBlock ?? "";
  const last = 2 ** (32 - prefixLength(cidr)) - 1;
  const kept = [0, 1, 2, 3, last].map((offset) => addressAt(cidr, offset));
  const Filters = [{ Name: "subnet-id", Values: [subnetId] }];
  const { NetworkInterfaces = [] } = await client().send(new ec2.DescribeNetworkInterfacesCommand({ Filters }));
  const taken = NetworkInterfaces.flatMap((it) => (it.PrivateIpAddresses ?? []).map((one) => one.PrivateIpAddress));
  for (const address of addresses) {
    if (!isInside(`${address}/32`, [cidr]))
      throw refusal("InvalidParameterValue", `Address ${address} does not fall within the subnet's address range`);
    if (kept.includes(address))
      throw refusal("InvalidParameterValue", `Address ${address} is in subnet's reserved address range`);
    if (taken.includes(address)) throw refusal("InvalidIPAddress.InUse", `Address ${address} is in use.`);
  }
}

export async function refuseSecondGateway({ ec2: client }: Cloud, vpcId: string) {
  const Filters = [{ Name: "attachment.vpc-id", Values: [vpcId] }];
  const { InternetGateways = [] } = await client().send(new ec2.DescribeInternetGatewaysCommand({ Filters }));
  if (InternetGateways.length > 0)
    throw refusal("InvalidParameterValue", `Network ${vpcId} already has an internet gateway attached`);
}

const ACL_QUOTA = 20;

/** Rules per network ACL and direction, the final one included. */
export function refuseAclEntry(acl: ec2.NetworkAcl, egress: boolean) {
  const entries = (acl.Entries ?? []).filter((entry) => entry.Egress === egress);
  if (entries.length >= ACL_QUOTA)
    throw refusal("NetworkAclEntryLimitExceeded", `The maximum number of network ACL entries has been reached.`);
}

const GROUP_QUOTA = 60;

/** Rules per security group and direction. A prefix list counts as many as it has room for. */
export async function refuseGroupRule({ ec2: client }: Cloud, groupId: string, egress: boolean, added?: string) {
  const Filters = [{ Name: "group-id", Values: [groupId] }];
  const { SecurityGroupRules = [] } = await client().send(new ec2.DescribeSecurityGroupRulesCommand({ Filters }));
  const { PrefixLists = [] } = await client().send(new ec2.DescribeManagedPrefixListsCommand({}));
  const room = (id: string | undefined) => PrefixLists.find((it) => it.PrefixListId === id)?.MaxEntries ?? 1;
  const rules = SecurityGroupRules.filter((rule) => rule.IsEgress === egress);
  const count = rules.reduce((sum, rule) => sum + room(rule.PrefixListId), room(added));
  if (count > GROUP_QUOTA)
    throw refusal(
      "RulesPerSecurityGroupLimitExceeded",
      "The maximum number of rules per security group has been reached.",
    );
}

function refusal(name: string, message: string): Error {
  const error = new Error(`${name}: ${message}`);
  error.name = name;
  return error;
}
