import { describe, expect, it } from "vitest";
import { Unknown } from "../../policies/analysis/model/snapshot";
import { ask, everybody4, everybody6, maybe4, nobody } from "./ask";
import { ANY, ANY6, type Edge, edge, everything, type Inputs, type Stack, tcp } from "./stack";

/** VPC Block Public Access closes Internet gateways for a whole account and Region; exclusions exempt a VPC or subnet. */

const OPTIONS = "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions";
const EXCLUSION = "aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion";

function blocked(mode: Inputs[string], exclusion?: (e: Edge) => Inputs, change: Parameters<typeof edge>[0] = {}) {
  const e = edge(change);
  e.stack.addType(OPTIONS, { internetGatewayBlockMode: mode });
  if (exclusion !== undefined) e.stack.addType(EXCLUSION, exclusion(e));
  return e;
}
const internet = ({ stack, host }: Edge) => ask(stack).internet(host);
const egress = ({ stack, host }: Edge) => ask(stack).egress(host);
const exempt = (internetGatewayExclusionMode: Inputs[string], of: "vpc" | "subnet") => (e: Edge) => ({
  internetGatewayExclusionMode,
  [of === "vpc" ? "vpcId" : "subnetId"]: of === "vpc" ? e.vpc : e.subnet,
});

describe("an interface with a public address", () => {
  it.each([
    ["absent, nothing is blocked", undefined, everybody4, everybody4],
    ["off", "off", everybody4, everybody4],
    ["block-ingress lets nobody in, and nobody out with an address of its own", "block-ingress", nobody, nobody],
    ["block-bidirectional", "block-bidirectional", nobody, nobody],
    ["an unknown mode decides nothing", new Unknown(), maybe4, maybe4],
  ] as const)("%s", (_, mode, inward, outward) => {
    const e = mode === undefined ? edge() : blocked(mode);
    expect(internet(e)).toEqual(inward);
    expect(egress(e)).toEqual(outward);
  });

  it("is still reached from its own network", () => {
    const e = blocked("block-bidirectional");
    expect(ask(e.stack).internal(e.host).must).toEqual(["10.0.0.0/16"]);
  });

  it("names the switch in the path that it closes", () => {
    const e = blocked("block-ingress");
    const asked = ask(e.stack);
    const [path] = asked.network
      .inbound(asked.flows.classesOf(asked.host(e.host))[0] as never)
      .filter(({ zone }) => zone.kind === "internet");
    const gate = path?.hops.find((hop) => hop.kind === "filter" && hop.step === "gateway");
    expect(gate).toMatchObject({ filters: [{ name: "VPC Block Public Access", rules: [], otherwise: "deny" }] });
  });
});

describe("exclusions", () => {
  it.each(["vpc", "subnet"] as const)("allow-bidirectional of the %s lifts either mode", (of) => {
    for (const mode of ["block-ingress", "block-bidirectional"]) {
      const e = blocked(mode, exempt("allow-bidirectional", of));
      expect([internet(e), egress(e)]).toEqual([everybody4, everybody4]);
    }
  });

  it("allow-egress lets out where both directions are blocked, and changes nothing under block-ingress", () => {
    const both = blocked("block-bidirectional", exempt("allow-egress", "vpc"));
    expect([internet(both), egress(both)]).toEqual([nobody, everybody4]);
    const ingress = blocked("block-ingress", exempt("allow-egress", "vpc"));
    expect([internet(ingress), egress(ingress)]).toEqual([nobody, nobody]);
  });

  it("of another VPC or subnet exempt nobody", () => {
    const other = blocked("block-ingress", (e) => ({
      internetGatewayExclusionMode: "allow-bidirectional",
      vpcId: e.stack.add("vpc", { cidrBlock: "10.9.0.0/16" }, { name: "other" }),
    }));
    expect(internet(other)).toEqual(nobody);
    const beside = blocked("block-ingress", (e) => ({
      internetGatewayExclusionMode: "allow-bidirectional",
      subnetId: e.stack.add("subnet", { vpcId: e.vpc, cidrBlock: "10.0.9.0/24" }, { name: "beside" }),
    }));
    expect(internet(beside)).toEqual(nobody);
  });

  it("of an unknown mode or target decide nothing", () => {
    expect(internet(blocked("block-ingress", exempt(new Unknown(), "vpc")))).toEqual(maybe4);
    const either = blocked("block-ingress", (e) => ({
      internetGatewayExclusionMode: "allow-bidirectional",
      vpcId: new Unknown([e.vpc.urn, e.stack.add("vpc", { cidrBlock: "10.9.0.0/16" }, { name: "other" }).urn]),
    }));
    expect(internet(either)).toEqual(maybe4);
  });
});

describe("Regions", () => {
  const inRegion = (vpc: Inputs, options: Inputs) => {
    const e = edge({ vpc });
    e.stack.addType(OPTIONS, { internetGatewayBlockMode: "block-bidirectional", ...options });
    return internet(e);
  };
  it("the switch is one Region's; a Region that only one of the two names is not known to be the same", () => {
    expect(inRegion({ region: "eu-west-1" }, { region: "eu-west-1" })).toEqual(nobody);
    expect(inRegion({ region: "eu-west-1" }, { region: "eu-central-1" })).toEqual(everybody4);
    expect(inRegion({ region: "eu-west-1" }, {})).toEqual(maybe4);
  });

  it("a second provider may be another Region", () => {
    const e = blocked("block-bidirectional");
    e.stack.addType("pulumi:providers:aws", {}, { name: "elsewhere" });
    expect(internet(e)).toEqual(maybe4);
  });
});

it("a subnet that the stack does not create may be excluded elsewhere", () => {
  const e = blocked("block-bidirectional", undefined, { host: { subnetId: "subnet-0123456789abcdef0" } });
  expect(internet(e)).toEqual(maybe4);
});

describe("gateways that only let out", () => {
  const inner = (mode: string, exclusion?: (n: { stack: Stack; dmz: object; inner: object }) => Inputs) => {
    const e = edge();
    const subnet = e.stack.add("subnet", { vpcId: e.vpc, cidrBlock: "10.0.2.0/24" }, { name: "inner" });
    const nat = e.stack.add("nat", { subnetId: e.subnet, allocationId: e.stack.add("eip") });
    const table = e.stack.add("table", { vpcId: e.vpc, routes: [{ cidrBlock: ANY, natGatewayId: nat }] });
    e.stack.add("association", { subnetId: subnet, routeTableId: table });
    const host = e.stack.add("instance", { subnetId: subnet, vpcSecurityGroupIds: [e.group] }, { name: "inner-host" });
    e.stack.addType(OPTIONS, { internetGatewayBlockMode: mode });
    if (exclusion !== undefined)
      e.stack.addType(EXCLUSION, {
        internetGatewayExclusionMode: "allow-egress",
        ...exclusion({ stack: e.stack, dmz: e.subnet, inner: subnet }),
      });
    return ask(e.stack).egress(host);
  };

  it("a NAT gateway passes block-ingress and not block-bidirectional", () => {
    expect(inner("block-ingress")).toEqual(everybody4);
    expect(inner("block-bidirectional")).toEqual(nobody);
  });

  it("a NAT gateway and the subnet behind it need an exclusion both", () => {
    expect(inner("block-bidirectional", ({ dmz }) => ({ subnetId: dmz as never }))).toEqual(maybe4);
  });

  it("an egress-only gateway passes block-ingress and not block-bidirectional", () => {
    const v6 = (mode: string) => {
      const e = blocked(mode, undefined, {
        vpc: { ipv6CidrBlock: "2600:1f14:1::/56" },
        subnet: { mapPublicIpOnLaunch: false, ipv6CidrBlock: "2600:1f14:1::/64", assignIpv6AddressOnCreation: true },
        routes: () => [],
        group: { egress: [everything({ ipv6CidrBlocks: [ANY6] })] },
      });
      const egressOnlyGatewayId = e.stack.add("eigw", { vpcId: e.vpc });
      e.stack.add("route", { routeTableId: e.table, destinationIpv6CidrBlock: ANY6, egressOnlyGatewayId });
      return egress(e);
    };
    expect(v6("block-ingress")).toEqual(everybody6);
    expect(v6("block-bidirectional")).toEqual(nobody);
  });
});

it("a load balancer counts by its own subnets", () => {
  const through = (exclude: "balancer" | "target" | "neither") => {
    const e = edge({ subnet: { mapPublicIpOnLaunch: false }, group: { ingress: [tcp(25, { cidrBlocks: [ANY] })] } });
    const subnet = e.stack.add("subnet", { vpcId: e.vpc, cidrBlock: "10.0.2.0/24" }, { name: "inner" });
    const host = e.stack.add("instance", { subnetId: subnet, vpcSecurityGroupIds: [e.group] }, { name: "behind" });
    const balancer = e.stack.addType("aws:lb/loadBalancer:LoadBalancer", {
      loadBalancerType: "network",
      subnets: [e.subnet],
    });
    const targets = e.stack.addType("aws:lb/targetGroup:TargetGroup", { port: 25, protocol: "TCP", vpcId: e.vpc });
    const defaultActions = [{ type: "forward", targetGroupArn: targets }];
    e.stack.addType("aws:lb/listener:Listener", {
      loadBalancerArn: balancer,
      port: 25,
      protocol: "TCP",
      defaultActions,
    });
    e.stack.addType("aws:lb/targetGroupAttachment:TargetGroupAttachment", { targetGroupArn: targets, targetId: host });
    e.stack.addType(OPTIONS, { internetGatewayBlockMode: "block-ingress" });
    if (exclude !== "neither")
      e.stack.addType(EXCLUSION, {
        internetGatewayExclusionMode: "allow-bidirectional",
        subnetId: exclude === "balancer" ? e.subnet : subnet,
      });
    return ask(e.stack).internet(host);
  };
  expect(through("neither")).toEqual(nobody);
  expect(through("target")).toEqual(nobody);
  expect(through("balancer")).toEqual(everybody4);
});
