import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import * as ec2 from "@aws-sdk/client-ec2";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";

/** What there is in the emulated account, asked of the emulator itself and not of the provider. */
export class Account {
  readonly #ec2: ec2.EC2Client;
  readonly #iam: IAMClient;
  readonly #logs: CloudWatchLogsClient;
  readonly #endpoint: string;

  constructor(endpoint: string, region = "eu-central-1") {
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    this.#endpoint = endpoint;
    this.#ec2 = new ec2.EC2Client({ endpoint, region, credentials });
    this.#iam = new IAMClient({ endpoint, region, credentials });
    this.#logs = new CloudWatchLogsClient({ endpoint, region, credentials });
  }

  /** Forgets everything. */
  async reset(): Promise<void> {
    await fetch(`${this.#endpoint}/moto-api/reset`, { method: "POST" });
  }

  get ec2(): ec2.EC2Client {
    return this.#ec2;
  }

  /** Ids of everything that is not there from the start. */
  async contents(): Promise<string[]> {
    const vpcs = (await this.#ec2.send(new ec2.DescribeVpcsCommand({}))).Vpcs ?? [];
    const own = vpcs.filter((vpc) => vpc.IsDefault !== true).map((vpc) => vpc.VpcId ?? "");
    const ofOwn = { Filters: [{ Name: "vpc-id", Values: own.length > 0 ? own : ["none"] }] };
    const { Subnets = [] } = await this.#ec2.send(new ec2.DescribeSubnetsCommand(ofOwn));
    const { SecurityGroups = [] } = await this.#ec2.send(new ec2.DescribeSecurityGroupsCommand({}));
    const { NetworkAcls = [] } = await this.#ec2.send(new ec2.DescribeNetworkAclsCommand({}));
    const { RouteTables = [] } = await this.#ec2.send(new ec2.DescribeRouteTablesCommand(ofOwn));
    const { InternetGateways = [] } = await this.#ec2.send(new ec2.DescribeInternetGatewaysCommand({}));
    const { NetworkInterfaces = [] } = await this.#ec2.send(new ec2.DescribeNetworkInterfacesCommand({}));
    const { Addresses = [] } = await this.#ec2.send(new ec2.DescribeAddressesCommand({}));
    const { PrefixLists = [] } = await this.#ec2.send(new ec2.DescribeManagedPrefixListsCommand({}));
    const { FlowLogs = [] } = await this.#ec2.send(new ec2.DescribeFlowLogsCommand({}));
    const { Roles = [] } = await this.#iam.send(new ListRolesCommand({}));
    const { logGroups = [] } = await this.#logs.send(new DescribeLogGroupsCommand({}));
    const named = [
      ...own,
      ...Subnets.map((it) => it.SubnetId),
      ...SecurityGroups.filter((it) => it.GroupName !== "default").map((it) => it.GroupId),
      ...NetworkAcls.filter((it) => it.IsDefault !== true).map((it) => it.NetworkAclId),
      ...RouteTables.map((it) => it.RouteTableId),
      ...InternetGateways.map((it) => it.InternetGatewayId),
      ...NetworkInterfaces.map((it) => it.NetworkInterfaceId),
      ...Addresses.map((it) => it.AllocationId),
      ...PrefixLists.filter((it) => it.OwnerId !== "AWS" && it.State !== "delete-complete").map(
        (it) => it.PrefixListId,
      ),
      ...FlowLogs.map((it) => it.FlowLogId),
      ...(await this.machines()),
      ...(await this.volumes()),
      ...Roles.map((it) => it.RoleName),
      ...logGroups.map((it) => it.logGroupName),
    ];
    return named.flatMap((id) => id ?? []);
  }

  /** Ids of the machines that are not terminated. */
  async machines(): Promise<string[]> {
    const { Reservations = [] } = await this.#ec2.send(new ec2.DescribeInstancesCommand({}));
    const all = Reservations.flatMap((reservation) => reservation.Instances ?? []);
    return all.filter((it) => it.State?.Name !== "terminated").flatMap((it) => it.InstanceId ?? []);
  }

  /** Ids of the volumes that were made by themselves: those with a name. */
  async volumes(): Promise<string[]> {
    const { Volumes = [] } = await this.#ec2.send(new ec2.DescribeVolumesCommand({}));
    const named = Volumes.filter((it) => it.Tags?.some(({ Key }) => Key === "Name"));
    return named.flatMap((it) => it.VolumeId ?? []).sort();
  }

  /** What must outlive a machine: its volumes, its addresses, its interfaces with theirs. */
  async holdings() {
    const { Addresses = [] } = await this.#ec2.send(new ec2.DescribeAddressesCommand({}));
    const { NetworkInterfaces = [] } = await this.#ec2.send(new ec2.DescribeNetworkInterfacesCommand({}));
    return {
      volumes: await this.volumes(),
      addresses: Addresses.map((it) => `${it.AllocationId} ${it.PublicIp} ${it.NetworkInterfaceId}`).sort(),
      interfaces: NetworkInterfaces.map((it) => `${it.NetworkInterfaceId} ${it.PrivateIpAddress}`).sort(),
    };
  }

  /** User data of each machine, as text. */
  async userData(): Promise<string[]> {
    const ids = await this.machines();
    return Promise.all(
      ids.map(async (InstanceId) => {
        const input = { InstanceId, Attribute: "userData" as const };
        const { UserData } = await this.#ec2.send(new ec2.DescribeInstanceAttributeCommand(input));
        return Buffer.from(UserData?.Value ?? "", "base64").toString("utf8");
      }),
    );
  }

  /** The rules of the security groups with a name tag. */
  async groupRules(name: string): Promise<ec2.SecurityGroupRule[]> {
    const Filters = [{ Name: "tag:Name", Values: [name] }];
    const { SecurityGroups = [] } = await this.#ec2.send(new ec2.DescribeSecurityGroupsCommand({ Filters }));
    const ids = SecurityGroups.map((group) => group.GroupId);
    const { SecurityGroupRules = [] } = await this.#ec2.send(new ec2.DescribeSecurityGroupRulesCommand({}));
    return SecurityGroupRules.filter((rule) => ids.includes(rule.GroupId));
  }

  /** Every rule of security groups and ACLs in words without ids, sorted: what lets packets through. */
  async rules(): Promise<string[]> {
    const { SecurityGroups = [] } = await this.#ec2.send(new ec2.DescribeSecurityGroupsCommand({}));
    const nameOf = (id: string | undefined) =>
      SecurityGroups.find((group) => group.GroupId === id)?.Tags?.find((tag) => tag.Key === "Name")?.Value ?? "";
    const { SecurityGroupRules = [] } = await this.#ec2.send(new ec2.DescribeSecurityGroupRulesCommand({}));
    const { NetworkAcls = [] } = await this.#ec2.send(new ec2.DescribeNetworkAclsCommand({}));
    const ofGroups = SecurityGroupRules.map((rule) =>
      [
        nameOf(rule.GroupId),
        rule.IsEgress ? "out" : "in",
        `${rule.IpProtocol} ${rule.FromPort}-${rule.ToPort}`,
        rule.CidrIpv4 ?? (rule.PrefixListId ? "prefix list" : nameOf(rule.ReferencedGroupInfo?.GroupId)),
      ].join(" "),
    );
    const ofAcls = NetworkAcls.filter((acl) => acl.IsDefault !== true).flatMap((acl) =>
      (acl.Entries ?? []).map((entry) => {
        const name = acl.Tags?.find((tag) => tag.Key === "Name")?.Value ?? "";
        const ports = `${entry.PortRange?.From}-${entry.PortRange?.To}`;
        const direction = entry.Egress ? "out" : "in";
        return [name, direction, entry.RuleNumber, entry.RuleAction, entry.Protocol, ports, entry.CidrBlock].join(" ");
      }),
    );
    return [...ofGroups, ...ofAcls].sort();
  }
}
