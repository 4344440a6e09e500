import { describe, expect, it } from "vitest";
import { Unknown } from "../../policies/analysis/model/snapshot";
import { load, PROGRAMS, resource } from "./programs";

const urn = (type: string, name: string) => `urn:pulumi:dev::reads::${type}::${name}`;
const OTHER = urn("pulumi:pulumi:StackReference", "organization/network/prod");
const UNKNOWN_VPC = urn("aws:ec2/vpc:Vpc", "unknown");

describe("a program that reads", () => {
  it("knows of what exists what the program states", async () => {
    const stack = await load("reads");
    expect(resource(stack, "known")).toMatchObject({
      external: true,
      custom: true,
      id: "vpc-1",
      properties: { cidrBlock: "10.9.0.0/16" },
    });
    expect(resource(stack, "unknown")).toMatchObject({ external: true, properties: {} });
    expect(resource(stack, "unknown").id).toBeUndefined();
    expect(resource(stack, "adopted")).toMatchObject({ external: false, id: "vpc-2" });
    expect(resource(stack, "made").id).toBeUndefined();
    expect(resource(stack, "in-known").properties).toEqual({ vpcId: "vpc-1", cidrBlock: "10.9.0.0/16" });
    expect(resource(stack, "in-adopted").properties).toEqual({ vpcId: "vpc-2" });
    expect(resource(stack, "in-unknown").properties).toEqual({
      vpcId: new Unknown([UNKNOWN_VPC]),
      cidrBlock: new Unknown([UNKNOWN_VPC]),
    });
  });

  it("knows nothing of another stack", async () => {
    const stack = await load("reads");
    expect(resource(stack, "organization/network/prod")).toMatchObject({
      external: true,
      id: "organization/network/prod",
    });
    expect(resource(stack, "organization/network/prod").properties.outputs).toBeInstanceOf(Unknown);
    expect(resource(stack, "in-other").properties).toEqual({
      vpcId: new Unknown([OTHER]),
      cidrBlock: new Unknown([OTHER]),
    });
    expect(resource(stack, "in-whole").properties).toEqual({ vpcId: new Unknown([OTHER]) });
  });

  it("takes both from a fixture file", async () => {
    const stack = await load("reads", { fixtures: `${PROGRAMS}/reads/fixtures.yaml` });
    expect(resource(stack, "in-other").properties).toEqual({ vpcId: "vpc-7", cidrBlock: "10.7.0.0/24" });
    expect(resource(stack, "in-whole").properties).toEqual({ vpcId: "vpc-7" });
    expect(resource(stack, "in-known").properties).toEqual({ vpcId: "vpc-1", cidrBlock: "10.9.0.0/17" });
  });
});
