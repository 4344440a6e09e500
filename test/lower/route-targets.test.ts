import { describe, expect, it } from "vitest";
import { ask, everybody4, exact, maybe4, nobody, uncertain } from "./ask";
import { ANY, ANY6, edge, everything, type Input, type Resource, type Stack, tcp } from "./stack";

/** Where routes lead: each kind of target, and which route wins. */

const answer = (routes: (igw: Resource, stack: Stack) => readonly Input[]) => {
  const built = edge({ routes });
  const asked = ask(built.stack);
  return { in: asked.internet(built.host), out: asked.egress(built.host) };
};

describe("a target that the model does not follow is undetermined, never closed", () => {
  it.each([
    ["carrierGatewayId", "cagw-0123456789abcdef0"],
    ["localGatewayId", "lgw-0123456789abcdef0"],
    ["coreNetworkArn", "arn:aws:networkmanager::123456789012:core-network/core-network-0123456789abcdef0"],
    ["odbNetworkArn", "arn:aws:odb:eu-central-1:123456789012:odb-network/x"],
    ["gatewayId", "igw-0123456789abcdef0"],
    ["natGatewayId", "nat-0123456789abcdef0"],
    ["networkInterfaceId", "eni-0123456789abcdef0"],
    ["vpcEndpointId", "vpce-0123456789abcdef0"],
  ])("%s", (property, id) => {
    expect(answer(() => [{ cidrBlock: ANY, [property]: id }])).toEqual({ in: maybe4, out: maybe4 });
  });

  it.each([
    ["carrierGatewayId", "aws:ec2/carrierGateway:CarrierGateway"],
    ["coreNetworkArn", "aws:networkmanager/coreNetwork:CoreNetwork"],
  ])("%s of the stack", (property, type) => {
    expect(answer((_, stack) => [{ cidrBlock: ANY, [property]: stack.addType(type).id }])).toEqual({
      in: maybe4,
      out: maybe4,
    });
  });

  it("only for what it takes: the rest goes where it went", () => {
    const { in: sources } = answer((igw) => [
      { cidrBlock: ANY, gatewayId: igw },
      { cidrBlock: "198.51.100.0/24", carrierGatewayId: "cagw-0123456789abcdef0" },
    ]);
    expect(sources.maybe).toEqual(["198.51.100.0/24"]);
    expect(sources.must).not.toContain("0.0.0.0/0");
  });
});

describe("gateways", () => {
  it("an egress-only gateway lets IPv6 out and nothing in", () => {
    const built = edge({
      vpc: { ipv6CidrBlock: "2001:db8::/56" },
      subnet: { ipv6CidrBlock: "2001:db8::/64", assignIpv6AddressOnCreation: true, mapPublicIpOnLaunch: false },
      routes: (_, stack) => [
        { ipv6CidrBlock: ANY6, egressOnlyGatewayId: stack.add("eigw", { vpcId: "vpc-0123456789abcdef0" }) },
      ],
      group: { ingress: [tcp(25, { ipv6CidrBlocks: [ANY6] })], egress: [everything({ ipv6CidrBlocks: [ANY6] })] },
    });
    const asked = ask(built.stack);
    expect(asked.internet(built.host)).toEqual(nobody);
    expect(asked.egress(built.host)).toEqual(exact("::/0"));
  });

  it("a NAT gateway lets out by its own subnet's Internet gateway and nothing in; a private one does not even that", () => {
    const through = (nat: { readonly connectivityType?: string }, own: boolean) => {
      const built = edge({ subnet: { mapPublicIpOnLaunch: false } });
      const inner = built.stack.add("subnet", { vpcId: built.vpc, cidrBlock: "10.0.2.0/24" }, { name: "inner" });
      const gateway = built.stack.add("nat", { subnetId: own ? built.subnet : inner, ...nat });
      const table = built.stack.add(
        "table",
        { vpcId: built.vpc, routes: [{ cidrBlock: ANY, natGatewayId: gateway }] },
        { name: "private" },
      );
      built.stack.add("association", { subnetId: inner, routeTableId: table });
      const host = built.stack.add("instance", { subnetId: inner, vpcSecurityGroupIds: [built.group] });
      built.stack.add("eip", { instance: host });
      const asked = ask(built.stack);
      return { in: asked.internet(host), out: asked.egress(host) };
    };
    expect(through({}, true)).toEqual({ in: nobody, out: everybody4 });
    expect(through({ connectivityType: "public" }, true)).toEqual({ in: nobody, out: everybody4 });
    expect(through({ connectivityType: "private" }, true)).toEqual({ in: nobody, out: nobody });
    expect(through({}, false)).toEqual({ in: nobody, out: nobody });
  });

  it("an Internet gateway that hangs on nothing, or on another VPC, is a blackhole", () => {
    expect(answer((_, stack) => [{ cidrBlock: ANY, gatewayId: stack.add("igw", {}, { name: "loose" }) }])).toEqual({
      in: nobody,
      out: nobody,
    });
    const elsewhere = answer((_, stack) => {
      const vpc = stack.add("vpc", { cidrBlock: "10.9.0.0/16" }, { name: "other" });
      return [{ cidrBlock: ANY, gatewayId: stack.add("igw", { vpcId: vpc }, { name: "other" }) }];
    });
    expect(elsewhere).toEqual({ in: nobody, out: nobody });
  });
});

describe("the longest prefix", () => {
  it("decides per family: an IPv6 default says nothing about IPv4", () => {
    expect(answer((igw) => [{ ipv6CidrBlock: ANY6, gatewayId: igw }]).in).toEqual(nobody);
  });

  it("masks host bits", () => {
    expect(answer((igw) => [{ cidrBlock: "203.0.113.9/24", gatewayId: igw }]).in).toEqual(exact("203.0.113.0/24"));
  });

  it("of a block beats that of a prefix list only at equal length", () => {
    const list = (stack: Stack, cidr: string) =>
      stack.add("prefixList", { addressFamily: "IPv4", maxEntries: 1, entries: [{ cidr }] });
    const nat = (stack: Stack) => stack.add("nat", { connectivityType: "private" });
    const equal = answer((igw, stack) => [
      { destinationPrefixListId: list(stack, "203.0.113.0/24"), natGatewayId: nat(stack) },
      { cidrBlock: "203.0.113.0/24", gatewayId: igw },
    ]);
    expect(equal.in).toEqual(exact("203.0.113.0/24"));
    const longer = answer((igw, stack) => [
      { destinationPrefixListId: list(stack, "203.0.113.0/25"), natGatewayId: nat(stack) },
      { cidrBlock: "203.0.113.0/24", gatewayId: igw },
    ]);
    expect(longer.in).toEqual(exact("203.0.113.128/25"));
  });

  it("a route that a standalone resource adds counts beside the inline ones", () => {
    const built = edge({ routes: () => [] });
    built.stack.add("route", {
      routeTableId: built.table,
      destinationCidrBlock: "203.0.113.0/24",
      gatewayId: built.igw,
    });
    expect(ask(built.stack).internet(built.host)).toEqual(exact("203.0.113.0/24"));
  });

  it("a further block of the VPC is local: what is in it is no Internet source", () => {
    const built = edge();
    built.stack.addType("aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation", {
      vpcId: built.vpc,
      cidrBlock: "198.51.100.0/24",
    });
    const asked = ask(built.stack);
    expect(asked.internet(built.host)).toEqual(everybody4);
    expect(asked.internal(built.host).must).toContain("198.51.100.0/24");
  });

  it("a route more specific than the local one leaves neighbours of another subnet undetermined, and none of the own", () => {
    const built = edge();
    const inner = built.stack.add("subnet", { vpcId: built.vpc, cidrBlock: "10.0.2.0/24" }, { name: "inner" });
    const mine = built.stack.add("group", { vpcId: built.vpc, egress: [everything({ cidrBlocks: [ANY] })] });
    const far = built.stack.add("instance", { subnetId: inner, vpcSecurityGroupIds: [mine] }, { name: "far" });
    const near = built.stack.add("instance", { subnetId: built.subnet, vpcSecurityGroupIds: [mine] }, { name: "near" });
    expect(ask(built.stack).opens(far, built.host)).toBe("yes");
    const appliance = built.stack.add("eni", { subnetId: built.subnet, securityGroups: [mine] }, { name: "appliance" });
    const table = built.stack.add(
      "table",
      { vpcId: built.vpc, routes: [{ cidrBlock: "10.0.1.0/24", networkInterfaceId: appliance }] },
      { name: "by appliance" },
    );
    built.stack.add("association", { subnetId: inner, routeTableId: table });
    const asked = ask(built.stack);
    expect(asked.opens(far, built.host)).toBe("maybe");
    expect(asked.opens(near, built.host)).toBe("yes");
  });
});

describe("which table a subnet has", () => {
  it("a table that replaces the main one takes over for subnets without an association", () => {
    const built = edge({ associate: false });
    expect(ask(built.stack).internet(built.host)).toEqual(nobody);
    built.stack.add("mainAssociation", { vpcId: built.vpc, routeTableId: built.table });
    expect(ask(built.stack).internet(built.host)).toEqual(everybody4);
  });

  it("a table outside the stack is undetermined", () => {
    const built = edge({ associate: false });
    built.stack.add("association", { subnetId: built.subnet, routeTableId: "rtb-0123456789abcdef0" });
    expect(ask(built.stack).internet(built.host)).toEqual(uncertain("0.0.0.0/0"));
  });
});
