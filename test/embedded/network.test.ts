import { beforeAll, describe, expect, it } from "vitest";
import type { LoadedStack } from "../../cli/sources/loaded-stack";
import { Unknown } from "../../policies/analysis/model/snapshot";
import { load, resource } from "./programs";

const STACK = "urn:pulumi:dev::network::pulumi:pulumi:Stack::network-dev";
const NETWORK = "urn:pulumi:dev::network::test:network:Network::net";
const VPC = "urn:pulumi:dev::network::test:network:Network$aws:ec2/vpc:Vpc::net-vpc";
const SUBNETS = "urn:pulumi:dev::network::test:network:Network$test:network:Subnets::net-subnets";
const DMZ = "urn:pulumi:dev::network::test:network:Network$test:network:Subnets$aws:ec2/subnet:Subnet::net-subnets-dmz";
const [FIRST, SECOND] = ["first", "second"].map((name) => `urn:pulumi:dev::network::aws:ec2/eip:Eip::${name}`) as [
  string,
  string,
];
const GROUP = "urn:pulumi:dev::network::aws:ec2/securityGroup:SecurityGroup::group";
const HOST = "urn:pulumi:dev::network::aws:ec2/instance:Instance::host";

describe("a program with components", () => {
  let stack: LoadedStack;
  beforeAll(async () => {
    stack = await load("network");
  });

  it("is a stack of its own with every resource once", () => {
    expect([stack.stack, stack.project]).toEqual(["dev", "network"]);
    const urns = stack.resources.map((each) => each.urn);
    expect([...urns].sort()).toEqual(
      [
        STACK,
        NETWORK,
        VPC,
        SUBNETS,
        DMZ,
        FIRST,
        SECOND,
        GROUP,
        HOST,
        "urn:pulumi:dev::network::pulumi:providers:aws::other",
      ].sort(),
    );
    expect(stack.resources[0]?.urn).toBe(STACK);
    for (const { urn, parent } of stack.resources) {
      expect(parent === undefined || urns.indexOf(parent) < urns.indexOf(urn), urn).toBe(true);
    }
  });

  it("gives URNs the types of all ancestors and knows the parents", () => {
    expect(resource(stack, "net-subnets-dmz")).toEqual({
      urn: DMZ,
      type: "aws:ec2/subnet:Subnet",
      name: "net-subnets-dmz",
      custom: true,
      external: false,
      parent: SUBNETS,
      properties: { vpcId: new Unknown([VPC]), cidrBlock: "10.0.1.0/24" },
      propertyDependencies: { vpcId: [VPC] },
      location: { file: "index.ts", line: 8, column: 16 },
    });
    expect(resource(stack, "net-subnets").parent).toBe(NETWORK);
    expect(resource(stack, "net").parent).toBe(STACK);
  });

  it("records what components were told, and what they register under other names", () => {
    expect(resource(stack, "net")).toMatchObject({ custom: false, properties: { cidrBlock: "10.0.0.0/16" } });
    expect(resource(stack, "net-subnets").properties).toEqual({
      vpcId: new Unknown([VPC]),
      dmzId: new Unknown([DMZ]),
    });
  });

  it("gives each unknown value the resources that this value depends on", () => {
    const group = resource(stack, "group");
    expect(group.properties.ingress).toEqual([
      {
        protocol: "tcp",
        fromPort: 25,
        toPort: 25,
        cidrBlocks: [new Unknown([FIRST]), "192.0.2.1/32"],
      },
      {
        protocol: "tcp",
        fromPort: 22,
        toPort: 22,
        cidrBlocks: ["10.0.0.0/16"],
        securityGroups: [new Unknown([SECOND])],
      },
    ]);
    expect(group.propertyDependencies.ingress).toEqual([FIRST, SECOND, VPC].sort());
    expect(group.properties.vpcId).toEqual(new Unknown([VPC, DMZ].sort()));
    expect(resource(stack, "host").properties.vpcSecurityGroupIds).toEqual([new Unknown([GROUP]), "sg-1"]);
  });

  it("echoes known inputs as outputs, and nothing that a provider adds to them", () => {
    expect(stack.outputs.echoes).toMatchObject({
      size: 8,
      volume: new Unknown([HOST]),
      attached: new Unknown([HOST]),
      name: "net",
    });
    expect((stack.outputs.echoes as { groups: Unknown }).groups).toBeInstanceOf(Unknown);
  });

  it("locates resources where the program makes them", () => {
    expect(resource(stack, "net-vpc").location).toEqual({ file: "index.ts", line: 19, column: 16 });
    expect(resource(stack, "net").location).toEqual({ file: "index.ts", line: 26, column: 17 });
  });
});
