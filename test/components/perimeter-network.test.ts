import { describe, expect, test } from "vitest";
import { aws } from "../../components";
import { ofType, type Registered, refusal, register, types } from "./harness";

const existing: aws.ExistingNetworkArgs = {
  vpcId: "vpc-7",
  cidrs: ["10.80.0.0/16"],
  subnets: [
    { id: "subnet-1", cidr: "10.80.0.0/24", zone: "eu-central-1a", tier: aws.Tier.Dmz },
    { id: "subnet-2", cidr: "10.80.10.0/24", zone: "eu-central-1a", tier: aws.Tier.Internal },
  ],
};

const create = (args: aws.PerimeterNetworkArgs = {}) => register(() => void new aws.PerimeterNetwork("net", args));

describe("a new network", () => {
  test("has two tiers over two zones, and gives nobody a public address by itself", async () => {
    const subnets = ofType(await create(), "aws:ec2/subnet:Subnet").map(({ name, inputs }) => [
      name,
      inputs.cidrBlock,
      inputs.availabilityZone,
      inputs.mapPublicIpOnLaunch,
    ]);
    expect(subnets).toEqual([
      ["net-dmz-1", "10.20.0.0/24", "eu-central-1a", false],
      ["net-dmz-2", "10.20.1.0/24", "eu-central-1b", false],
      ["net-internal-1", "10.20.2.0/24", "eu-central-1a", false],
      ["net-internal-2", "10.20.3.0/24", "eu-central-1b", false],
    ]);
  });

  test("routes the DMZ to the Internet, and the internal subnets nowhere", async () => {
    const resources = await create();
    expect(ofType(resources, "aws:ec2/route:Route").map(({ inputs }) => inputs)).toEqual([
      { routeTableId: "net-dmz-routes-id", destinationCidrBlock: "0.0.0.0/0", gatewayId: "net-internet-gateway-id" },
    ]);
    const places = ofType(resources, "aws:ec2/routeTableAssociation:RouteTableAssociation").map(
      ({ inputs }) => `${inputs.subnetId} ${inputs.routeTableId}`,
    );
    expect(places).toEqual([
      "net-dmz-1-id net-dmz-routes-id",
      "net-dmz-2-id net-dmz-routes-id",
      "net-internal-1-id net-internal-routes-id",
      "net-internal-2-id net-internal-routes-id",
    ]);
  });

  test("empties the default security group", async () => {
    const [group] = ofType(await create(), "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup");
    expect(group?.inputs).toMatchObject({ vpcId: "net-vpc-id", ingress: [], egress: [] });
  });

  test("takes blocks and zones as they are given", async () => {
    const zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"];
    const resources = await create({ cidr: "192.168.0.0/20", zones, tags: { owner: "mail" } });
    const subnets = ofType(resources, "aws:ec2/subnet:Subnet");
    expect(subnets.map(({ inputs }) => inputs.availabilityZone)).toEqual([...zones, ...zones]);
    expect(subnets[0]?.inputs.tags).toEqual({ owner: "mail", Name: "net-dmz-1" });
  });
});

describe("room for a firewall", () => {
  const inspected = { inspection: true, cidr: "10.20.0.0/16" };

  test("is a small subnet a zone after the others, which leads to the Internet", async () => {
    const resources = await create(inspected);
    const subnets = ofType(resources, "aws:ec2/subnet:Subnet").filter(({ name }) => name.startsWith("net-firewall"));
    expect(subnets.map(({ inputs }) => [inputs.cidrBlock, inputs.availabilityZone])).toEqual([
      ["10.20.4.0/28", "eu-central-1a"],
      ["10.20.4.16/28", "eu-central-1b"],
    ]);
    expect(ofType(resources, types.route).map(({ inputs }) => inputs)).toEqual([
      {
        routeTableId: "net-firewall-routes-id",
        destinationCidrBlock: "0.0.0.0/0",
        gatewayId: "net-internet-gateway-id",
      },
    ]);
  });

  test("has a table on the gateway, and one for each DMZ subnet, all without routes", async () => {
    const resources = await create(inspected);
    const places = ofType(resources, "aws:ec2/routeTableAssociation:RouteTableAssociation").map(
      ({ inputs }) => `${inputs.subnetId ?? inputs.gatewayId} ${inputs.routeTableId}`,
    );
    expect(places).toEqual([
      "net-dmz-1-id net-dmz-1-inspected-id",
      "net-dmz-2-id net-dmz-2-inspected-id",
      "net-firewall-1-id net-firewall-routes-id",
      "net-firewall-2-id net-firewall-routes-id",
      "net-internet-gateway-id net-gateway-routes-id",
      "net-internal-1-id net-internal-routes-id",
      "net-internal-2-id net-internal-routes-id",
    ]);
  });

  test("keeps every resource of a network without it, but for the table and the route of the DMZ", async () => {
    const named = (resources: Registered[]) => resources.map(({ type, name }) => `${type} ${name}`);
    const [plain, with1] = [named(await create({ cidr: "10.20.0.0/16" })), named(await create(inspected))];
    expect(plain.filter((it) => !with1.includes(it))).toEqual([
      "aws:ec2/route:Route net-dmz-internet",
      "aws:ec2/routeTable:RouteTable net-dmz-routes",
    ]);
  });

  test("takes blocks as they are given, and else the first free ones", async () => {
    const blocks = async (args: aws.PerimeterNetworkArgs) =>
      ofType(await create({ ...inspected, ...args }), "aws:ec2/subnet:Subnet")
        .filter(({ name }) => name.startsWith("net-firewall"))
        .map(({ inputs }) => inputs.cidrBlock);
    const given = ["10.20.255.0/28", "10.20.255.16/28"];
    expect(await blocks({ firewallSubnets: given })).toEqual(given);
    const tiers = { dmzSubnets: ["10.20.0.0/28", "10.20.0.32/28"], internalSubnets: ["10.20.1.0/24", "10.20.2.0/24"] };
    expect(await blocks(tiers)).toEqual(["10.20.0.16/28", "10.20.0.48/28"]);
  });
});

describe("flow logs", () => {
  test("go to CloudWatch by a role of this account only", async () => {
    const resources = await create({ flowLogs: { retentionDays: 30 } });
    expect(ofType(resources, "aws:ec2/flowLog:FlowLog")[0]?.inputs).toMatchObject({
      vpcId: "net-vpc-id",
      trafficType: "ALL",
      logDestinationType: "cloud-watch-logs",
      logDestination: "arn:aws:test:::net-flow-log-group",
      iamRoleArn: "arn:aws:test:::net-flow-log-role",
    });
    expect(ofType(resources, "aws:cloudwatch/logGroup:LogGroup")[0]?.inputs.retentionInDays).toBe(30);
    const [role] = ofType(resources, "aws:iam/role:Role");
    expect(JSON.parse(String(role?.inputs.assumeRolePolicy)).Statement[0].Condition).toEqual({
      StringEquals: { "aws:SourceAccount": "123456789012" },
    });
  });

  test("go to a bucket, or nowhere, if told so", async () => {
    const bucket = await create({
      flowLogs: { destination: aws.FlowLogDestination.S3, bucketArn: "arn:aws:s3:::logs" },
    });
    expect(ofType(bucket, "aws:ec2/flowLog:FlowLog")[0]?.inputs).toMatchObject({
      logDestinationType: "s3",
      logDestination: "arn:aws:s3:::logs",
    });
    expect(ofType(bucket, "aws:iam/role:Role")).toEqual([]);
    expect(ofType(await create({ flowLogs: { enabled: false } }), "aws:ec2/flowLog:FlowLog")).toEqual([]);
  });
});

test("an existing network is described, and gets flow logs only", async () => {
  let network: aws.PerimeterNetwork | undefined;
  const resources = await register(() => {
    network = new aws.PerimeterNetwork("net", { existing });
  });
  expect(new Set(resources.map(({ type }) => type))).toEqual(
    new Set([
      "relayproof:aws:PerimeterNetwork",
      "aws:ec2/flowLog:FlowLog",
      "aws:cloudwatch/logGroup:LogGroup",
      "aws:iam/role:Role",
      "aws:iam/rolePolicy:RolePolicy",
    ]),
  );
  expect(network?.cidrs).toEqual(["10.80.0.0/16"]);
  expect(network?.dmzSubnets.map(({ cidr }) => cidr)).toEqual(["10.80.0.0/24"]);
  expect(network?.internalSubnets.map(({ cidr }) => cidr)).toEqual(["10.80.10.0/24"]);
});

describe("refuses in one line", () => {
  const subnets = existing.subnets;
  test.each<[object, string]>([
    [{ cidr: "10.20.0.0" }, 'cidr: "10.20.0.0": expected an IPv4 block between /16 and /28'],
    [{ cidr: "10.0.0.0/8" }, "between /16 and /28"],
    [{ cidr: "10.20.0.0/27" }, 'cidr: "10.20.0.0/27": expected a block that holds 4 subnets'],
    [{ zones: ["eu-central-1a"] }, 'zones: ["eu-central-1a"]: expected two to four zones'],
    [{ zones: ["a", "a"] }, 'zones[1]: "a": expected each of them once'],
    [{ dmzSubnets: ["10.20.0.0/24"] }, 'dmzSubnets: ["10.20.0.0/24"]: expected one block for each of 2 zones'],
    [
      { dmzSubnets: ["10.20.0.0/24", "10.21.0.0/24"] },
      'dmzSubnets[1]: "10.21.0.0/24": expected a block inside the network 10.20.0.0/16',
    ],
    [{ dmzSubnets: ["10.20.2.0/25", "10.20.9.0/24"] }, "expected blocks that do not overlap"],
    [
      { connectedCidrs: ["10.20.128.0/17"] },
      'connectedCidrs[0]: "10.20.128.0/17": expected a block outside the network',
    ],
    [{ connectedCidrs: ["0.0.0.0/0"] }, 'connectedCidrs[0]: "0.0.0.0/0": expected'],
    [{ flowLogs: { retentionDays: 42 } }, "flowLogs.retentionDays: 42: expected one of the periods of CloudWatch"],
    [{ flowLogs: { destination: "s3" } }, "flowLogs.bucketArn: missing: expected the ARN of a bucket"],
    [{ flowLogs: { enabled: "no" } }, 'flowLogs.enabled: "no": expected true or false'],
    [{ existing: { ...existing, vpcId: undefined } }, "existing.vpcId: missing: expected"],
    [{ existing: { ...existing, cidrs: [] } }, "existing.cidrs: []: expected at least one IPv4 block"],
    [{ existing: { ...existing, cidrs: ["10.80.0.0/16", "10.80.128.0/17"] } }, "existing.cidrs: ["],
    [{ existing: { ...existing, subnets: subnets.slice(0, 1) } }, "expected a subnet of tier internal"],
    [
      { existing: { ...existing, subnets: [{ ...subnets[0], tier: "public" }] } },
      'existing.subnets[0].tier: "public": expected one of dmz, internal',
    ],
    [
      { existing: { ...existing, cidrs: ["10.81.0.0/16"] } },
      'existing.subnets[0]: "10.80.0.0/24": expected a block inside the network 10.81.0.0/16',
    ],
    [{ firewallSubnets: ["10.20.9.0/28", "10.20.9.16/28"] }, "expected no such argument without inspection"],
    [{ inspection: true, firewallSubnets: ["10.20.9.0/28"] }, "expected one block for each of 2 zones"],
    [{ inspection: true, firewallSubnets: ["10.20.0.0/28", "10.20.9.0/28"] }, "expected blocks that do not overlap"],
    [
      { inspection: true, cidr: "10.20.0.0/26" },
      'cidr: "10.20.0.0/26": expected a block with room for 2 more subnets of /28, or firewallSubnets',
    ],
    [{ existing, inspection: true }, "inspection: true: expected false beside existing: the routes of an existing VPC"],
    [{ existing, cidr: "10.80.0.0/16" }, 'cidr: "10.80.0.0/16": expected no such argument beside existing'],
  ])("%j", async (args, message) => {
    const refused = await refusal(() => new aws.PerimeterNetwork("net", args as aws.PerimeterNetworkArgs));
    expect(refused).toContain('PerimeterNetwork "net": ');
    expect(refused).toContain(message);
    expect(refused).not.toContain("\n");
  });
});
