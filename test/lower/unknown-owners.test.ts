import { describe, expect, it } from "vitest";
import { Unknown } from "../../policies/analysis/model/snapshot";
import { ask, everybody4, maybe4, nobody } from "./ask";
import { ANY, edge, everything, type Input, type Inputs, type Kind, tcp } from "./stack";

/** An id of which nothing tells what it names: the answer of a function, a masked secret. */
const something = new Unknown([], "answer of a function that was not called");

/** E with neither public address nor open group, with one resource more whose owner is not known. */
function closed(kind: Kind | string, inputs: Inputs, change: Parameters<typeof edge>[0] = {}) {
  const { stack, host, ...parts } = edge(change);
  if (kind.includes(":")) stack.addType(kind, inputs);
  else stack.add(kind as Kind, inputs);
  return { asked: ask(stack), stack, host, ...parts };
}

const unmapped = { subnet: { mapPublicIpOnLaunch: false } };
const shut = { group: { ingress: [] } };

describe("what is attached to something that nothing names may be attached to anything of the kind", () => {
  it.each<[string, Kind, Inputs, Parameters<typeof edge>[0]]>([
    ["an Elastic IP of an instance", "eip", { instance: something }, unmapped],
    ["an Elastic IP of an interface", "eip", { networkInterface: something }, unmapped],
    [
      "an association of an Elastic IP",
      "eipAssociation",
      { allocationId: "eipalloc-1", instanceId: something },
      unmapped,
    ],
    ["a rule", "groupRule", { type: "ingress", securityGroupId: something, ...tcp(25, { cidrBlocks: [ANY] }) }, shut],
    [
      "a rule of the vpc module",
      "ingressRule",
      { securityGroupId: something, ipProtocol: "tcp", fromPort: 25, toPort: 25, cidrIpv4: ANY },
      shut,
    ],
  ])("%s", (_, kind, inputs, change) => {
    const { asked, host } = closed(kind, inputs, change);
    expect(asked.internet(host)).toEqual(maybe4);
  });

  it("a route", () => {
    const { stack, igw, host } = edge({ routes: () => [] });
    stack.add("route", { routeTableId: something, destinationCidrBlock: ANY, gatewayId: igw });
    expect(ask(stack).internet(host)).toEqual(maybe4);
  });

  it("a route table, the main one of a network included", () => {
    for (const kind of ["association", "mainAssociation"] as const) {
      const { stack, vpc, igw, host } = edge({ routes: () => [], associate: false });
      const table = stack.add("table", { vpcId: vpc, routes: [{ cidrBlock: ANY, gatewayId: igw }] });
      stack.add(kind, { [kind === "association" ? "subnetId" : "vpcId"]: something, routeTableId: table });
      expect(ask(stack).internet(host), kind).toEqual(maybe4);
    }
  });

  it("an Internet gateway", () => {
    const { stack, vpc, subnet } = edge();
    const igw = stack.add("igw");
    const table = stack.add("table", { vpcId: vpc, routes: [{ cidrBlock: ANY, gatewayId: igw }] });
    const other = stack.add("subnet", { vpcId: vpc, cidrBlock: "10.0.2.0/24", mapPublicIpOnLaunch: true });
    stack.add("association", { subnetId: other, routeTableId: table });
    const group = stack.add("group", { vpcId: vpc, ingress: [tcp(25, { cidrBlocks: [ANY] })] });
    const host = stack.add("instance", { subnetId: other, vpcSecurityGroupIds: [group] });
    expect(ask(stack).internet(host)).toEqual(nobody);
    stack.add("igwAttachment", { internetGatewayId: something, vpcId: vpc });
    expect(ask(stack).internet(host)).toEqual(maybe4);
    expect(subnet).toBeDefined();
  });

  it("a network ACL, and a rule of one", () => {
    const acl = edge();
    acl.stack.add("acl", { vpcId: acl.vpc, subnetIds: [acl.subnet] }, { name: "own" });
    expect(ask(acl.stack).internet(acl.host)).toEqual(nobody);
    const all = { protocol: "-1", ruleAction: "allow", cidrBlock: ANY };
    for (const egress of [true, false])
      acl.stack.add("aclRule", { networkAclId: something, ruleNumber: 100, egress, ...all });
    expect(ask(acl.stack).internet(acl.host)).toEqual(maybe4);

    const association = edge();
    const closing = association.stack.add("acl", { vpcId: association.vpc });
    association.stack.add("aclAssociation", { networkAclId: closing, subnetId: something });
    expect(ask(association.stack).internet(association.host)).toEqual(maybe4);
  });

  it("a group of an interface", () => {
    const { stack, vpc, host } = edge(shut);
    const open = stack.add("group", { vpcId: vpc, ingress: [tcp(25, { cidrBlocks: [ANY] })] });
    stack.add("groupAttachment", { securityGroupId: open, networkInterfaceId: something });
    expect(ask(stack).internet(host)).toEqual(maybe4);
  });

  it("an interface of a machine", () => {
    const { stack, vpc, subnet, host } = edge(shut);
    const open = stack.add("group", { vpcId: vpc, ingress: [tcp(25, { cidrBlocks: [ANY] })] });
    const eni = stack.add("eni", { subnetId: subnet, securityGroups: [open] });
    stack.add("eip", { networkInterface: eni });
    expect(ask(stack).internet(host)).toEqual(nobody);
    stack.add("attachment", { networkInterfaceId: eni, instanceId: something, deviceIndex: 1 });
    expect(ask(stack).internet(host)).toEqual(maybe4);
  });

  it("an entry of a prefix list", () => {
    const { stack, group, host } = edge(shut);
    const list = stack.add("prefixList", { addressFamily: "IPv4", maxEntries: 5, entries: [] });
    const rule = { ipProtocol: "tcp", fromPort: 25, toPort: 25, prefixListId: list };
    stack.add("ingressRule", { securityGroupId: group, ...rule });
    expect(ask(stack).internet(host)).toEqual(nobody);
    stack.add("prefixListEntry", { prefixListId: something, cidr: "203.0.113.0/24" });
    expect(ask(stack).internet(host)).toEqual({ must: [], maybe: ["203.0.113.0/24"] });
  });

  it("a target of a load balancer, a listener, and what it forwards to", () => {
    const lb = (arn: Input, listened: Input, forwarded: Input) => {
      const { stack, vpc, subnet, host } = edge({
        ...unmapped,
        group: { ingress: [everything({ cidrBlocks: [ANY] })] },
      });
      const balancer = stack.addType("aws:lb/loadBalancer:LoadBalancer", {
        loadBalancerType: "network",
        subnets: [subnet],
      });
      const targets = stack.addType("aws:lb/targetGroup:TargetGroup", { vpcId: vpc, port: 25, protocol: "TCP" });
      stack.addType("aws:lb/listener:Listener", {
        loadBalancerArn: listened ?? balancer,
        port: 25,
        protocol: "TCP",
        defaultActions: [{ type: "forward", targetGroupArn: forwarded ?? targets }],
      });
      stack.addType("aws:lb/targetGroupAttachment:TargetGroupAttachment", {
        targetGroupArn: arn ?? targets,
        targetId: host,
      });
      return ask(stack).internet(host);
    };
    expect(lb(null, null, null)).toEqual(everybody4);
    for (const maybe of [lb(something, null, null), lb(null, something, null), lb(null, null, something)])
      expect([...maybe.must, ...maybe.maybe]).toContain("0.0.0.0/0");
    expect(lb(null, something, null).must).toEqual([]);
  });
});

describe("an ordinary stack stays decided", () => {
  it("beside an Elastic IP that nobody uses yet", () => {
    const { asked, host } = closed("eip", { domain: "vpc" }, unmapped);
    expect(asked.internet(host)).toEqual(nobody);
  });

  it("beside what another stack names", () => {
    const { stack, host } = edge(shut);
    const other = stack.addType("pulumi:pulumi:StackReference", { name: "network" }, { name: "network" });
    const rule = { type: "ingress", securityGroupId: other, ...tcp(25, { cidrBlocks: [ANY] }) };
    stack.add("groupRule", rule);
    expect(ask(stack).internet(host)).toEqual(nobody);
  });

  it("beside an id that is chosen at random from those of the stack, which may be any of them", () => {
    const { stack, group, host } = edge(shut);
    const shuffle = stack.addType("random:index/randomShuffle:RandomShuffle", { inputs: [group] }, { name: "pick" });
    stack.add("groupRule", { type: "ingress", securityGroupId: shuffle, ...tcp(25, { cidrBlocks: [ANY] }) });
    expect(ask(stack).internet(host)).toEqual(maybe4);
  });
});

describe("an Elastic IP that writes an id out", () => {
  it("may mean any machine whose id the source of resources does not show", () => {
    const { asked, host } = closed("eip", { instance: "i-0123456789abcdef0" }, unmapped);
    expect(asked.internet(host)).toEqual(maybe4);
  });

  it("means no other machine where ids are known", () => {
    const { stack, subnet, group } = edge();
    const inputs = { subnetId: subnet, associatePublicIpAddress: false, vpcSecurityGroupIds: [group] };
    const one = stack.add("instance", inputs, { name: "one", id: "i-1" });
    const two = stack.add("instance", inputs, { name: "two", id: "i-2" });
    stack.add("eip", { instance: "i-1" });
    expect(ask(stack).internet(one)).toEqual(everybody4);
    expect(ask(stack).internet(two)).toEqual(nobody);
  });
});
