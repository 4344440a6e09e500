import { describe, expect, test } from "vitest";
import { Unknown } from "../../policies/analysis/model/snapshot";
import { ask, exact, maybe4, nobody } from "./ask";
import { ANY, edge, everything, type Input, Stack, tcp } from "./stack";

/** Networks that exist already and that a program only names: what the stack does not show is never closed. */

/** Hosts A and B, where B's group admits A's on 25. */
function pair(subnetA: Input, subnetB: Input, vpc: Input) {
  const stack = new Stack();
  const out = { egress: [everything({ cidrBlocks: [ANY] })] };
  const groupA = stack.add("group", { vpcId: vpc, ...out }, { name: "group-a" });
  const ingress = [tcp(25, { securityGroups: [groupA] })];
  const groupB = stack.add("group", { vpcId: vpc, ingress, ...out }, { name: "group-b" });
  const a = stack.add("instance", { subnetId: subnetA, vpcSecurityGroupIds: [groupA] }, { name: "A" });
  const b = stack.add("instance", { subnetId: subnetB, vpcSecurityGroupIds: [groupB] }, { name: "B" });
  return { asked: ask(stack), a, b };
}

describe("two hosts in a network that the stack only names", () => {
  test("in one subnet reach each other for certain", () => {
    const { asked, a, b } = pair("subnet-1", "subnet-1", "vpc-1");
    expect(asked.opens(a, b)).toBe("yes");
    expect(asked.opens(b, a)).toBe("no");
    expect(asked.internal(b).must).toEqual([a.urn]);
  });

  test.each([
    ["subnet-1", "subnet-2"],
    ["subnet-1", new Unknown()],
    [new Unknown([], "an answer"), new Unknown([], "another answer")],
  ])("in subnets %s and %s may reach each other", (subnetA, subnetB) => {
    const { asked, a, b } = pair(subnetA, subnetB, "vpc-1");
    expect(asked.opens(a, b)).toBe("maybe");
    expect(asked.opens(b, a)).toBe("no");
    const { must, maybe } = asked.internal(b);
    expect(must).toEqual([]);
    expect(maybe).toContain(a.urn);
  });
});

test("two hosts whose groups belong to different VPCs do not meet", () => {
  const stack = new Stack();
  const hosts = ["vpc-1", "vpc-2"].map((vpcId, i) => {
    const open = [everything({ cidrBlocks: [ANY] })];
    const group = stack.add("group", { vpcId, ingress: open, egress: open });
    return stack.add("instance", { subnetId: `subnet-${i}`, vpcSecurityGroupIds: [group] });
  });
  const [a, b] = hosts.map(({ urn }) => urn);
  expect(ask(stack).opens(a ?? "", b ?? "")).toBe("no");
});

test("a subnet of a VPC that was read has the routes and the default ACL that one may have", () => {
  const stack = new Stack();
  const vpc = stack.add("vpc", {}, { external: true, id: "vpc-1" });
  const subnet = stack.add("subnet", { vpcId: vpc, cidrBlock: "10.9.1.0/24", mapPublicIpOnLaunch: true });
  const group = stack.add("group", { vpcId: vpc, ingress: [tcp(25, { cidrBlocks: [ANY] })] });
  const host = stack.add("instance", { subnetId: subnet, vpcSecurityGroupIds: [group] });
  expect(ask(stack).internet(host)).toEqual(maybe4);
});

test("a table, a gateway and an ACL that were read decide nothing for certain", () => {
  const table = edge({ associate: false });
  const read = table.stack.add("table", {}, { external: true, id: "rtb-1" });
  table.stack.add("association", { subnetId: table.subnet, routeTableId: read });
  expect(ask(table.stack).internet(table.host)).toEqual(maybe4);

  const gateway = edge({
    routes: (_, stack) => [{ cidrBlock: ANY, gatewayId: stack.add("igw", {}, { external: true, id: "igw-1" }) }],
  });
  expect(ask(gateway.stack).internet(gateway.host)).toEqual(maybe4);
  const literal = edge({ routes: () => [{ cidrBlock: ANY, gatewayId: "igw-0123456789abcdef0" }] });
  expect(ask(literal.stack).internet(literal.host)).toEqual(maybe4);

  const acl = edge();
  const readAcl = acl.stack.add("acl", {}, { external: true, id: "acl-1" });
  acl.stack.add("aclAssociation", { subnetId: acl.subnet, networkAclId: readAcl });
  expect(ask(acl.stack).internet(acl.host)).toEqual(maybe4);
});

test("a state that knows ids decides what a preview does", () => {
  const stack = new Stack();
  const ids = { mainRouteTableId: "rtb-1", defaultSecurityGroupId: "sg-1", defaultNetworkAclId: "acl-1" };
  stack.add("vpc", { cidrBlock: "10.0.0.0/16", ...ids }, { id: "vpc-1" });
  stack.add("igw", { vpcId: "vpc-1" }, { id: "igw-1" });
  stack.add("subnet", { vpcId: "vpc-1", cidrBlock: "10.0.1.0/24", mapPublicIpOnLaunch: true }, { id: "subnet-1" });
  stack.add("route", { routeTableId: "rtb-1", destinationCidrBlock: ANY, gatewayId: "igw-1", natGatewayId: "" });
  stack.add("ingressRule", {
    securityGroupId: "sg-1",
    ipProtocol: "tcp",
    fromPort: 25,
    toPort: 25,
    cidrIpv4: "203.0.113.0/24",
    cidrIpv6: "",
    referencedSecurityGroupId: "",
    prefixListId: "",
  });
  const host = stack.add(
    "instance",
    {
      subnetId: "subnet-1",
      primaryNetworkInterface: { networkInterfaceId: "eni-1" },
      primaryNetworkInterfaceId: "eni-1",
      vpcSecurityGroupIds: ["sg-1"],
      privateIp: "10.0.1.7",
    },
    { id: "i-1" },
  );
  expect(ask(stack).internet(host)).toEqual(exact("203.0.113.0/24"));
  stack.add("aclRule", {
    networkAclId: "acl-1",
    ruleNumber: 10,
    ruleAction: "deny",
    protocol: "-1",
    cidrBlock: "203.0.113.0/24",
    ipv6CidrBlock: "",
  });
  expect(ask(stack).internet(host)).toEqual(nobody);
});
