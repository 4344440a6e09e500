import { describe, expect, it } from "vitest";
import { Unknown } from "../../policies/analysis/model/snapshot";
import { ask, everybody4, exact, maybe4, nobody } from "./ask";
import { ELB, forward } from "./balancers";
import { ANY, ANY6, edge, everything, type Input, type Inputs, type Resource, tcp } from "./stack";

/** Global Accelerator: which ports of which endpoints the Internet reaches through it, and what they see. */

const GA = {
  accelerator: "aws:globalaccelerator/accelerator:Accelerator",
  listener: "aws:globalaccelerator/listener:Listener",
  group: "aws:globalaccelerator/endpointGroup:EndpointGroup",
} as const;

/** E in a private subnet: no public address, no route to the Internet gateway that the VPC has. */
function hidden(group: Inputs = {}) {
  return edge({ subnet: { mapPublicIpOnLaunch: false }, routes: () => [], group });
}

function accelerate(
  e: ReturnType<typeof edge>,
  endpoint: Inputs | Unknown,
  change: { accelerator?: Inputs; listener?: Inputs; group?: Inputs } = {},
) {
  const accelerator = e.stack.addType(GA.accelerator, { ...change.accelerator }, { name: "ga" });
  const listener = e.stack.addType(GA.listener, {
    acceleratorArn: accelerator,
    protocol: "TCP",
    portRanges: [{ fromPort: 25, toPort: 25 }],
    ...change.listener,
  });
  e.stack.addType(GA.group, {
    listenerArn: listener,
    endpointConfigurations: [endpoint as Input],
    ...change.group,
  });
}

const seen = (e: { stack: ReturnType<typeof edge>["stack"] }, host: Resource, port = 25) => {
  const asked = ask(e.stack);
  const flows = asked.flows.inbound(asked.host(host), port).filter(({ path }) => path.zone.kind === "internet");
  return [...new Set(flows.map(({ path }) => path.seen.kind))];
};

describe("an instance as the endpoint", () => {
  it("is reached in a private subnet without a public address, and sees the client", () => {
    const e = hidden();
    expect(ask(e.stack).internet(e.host)).toEqual(nobody);
    accelerate(e, { endpointId: e.host });
    expect(ask(e.stack).internet(e.host)).toEqual(everybody4);
    expect(seen(e, e.host)).toEqual(["client"]);
  });

  it("is filtered by its groups", () => {
    const e = hidden({ ingress: [tcp(25, { cidrBlocks: ["203.0.113.0/24"] })] });
    accelerate(e, { endpointId: e.host });
    expect(ask(e.stack).internet(e.host)).toEqual(exact("203.0.113.0/24"));
  });

  it("is undetermined, never closed, behind a network ACL that denies", () => {
    const e = hidden();
    e.stack.add("acl", {
      vpcId: e.vpc,
      subnetIds: [e.subnet],
      ingress: [],
      egress: [{ ruleNo: 100, action: "allow", protocol: "-1", cidrBlock: ANY, fromPort: 0, toPort: 0 }],
    });
    accelerate(e, { endpointId: e.host });
    expect(ask(e.stack).internet(e.host)).toEqual(maybe4);
  });

  it("needs an Internet gateway in its VPC", () => {
    const e = hidden();
    const vpc = e.stack.add("vpc", { cidrBlock: "10.9.0.0/16" }, { name: "closed" });
    const subnet = e.stack.add("subnet", { vpcId: vpc, cidrBlock: "10.9.1.0/24" }, { name: "closed-subnet" });
    const group = e.stack.add("group", { vpcId: vpc, ingress: [tcp(25, { cidrBlocks: [ANY] })] }, { name: "open" });
    const host = e.stack.add("instance", { subnetId: subnet, vpcSecurityGroupIds: [group] }, { name: "inside" });
    accelerate(e, { endpointId: host });
    expect(ask(e.stack).internet(host)).toEqual(nobody);
  });

  it("is closed by VPC Block Public Access", () => {
    const e = hidden();
    accelerate(e, { endpointId: e.host });
    e.stack.addType("aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions", {
      internetGatewayBlockMode: "block-ingress",
    });
    expect(ask(e.stack).internet(e.host)).toEqual(nobody);
  });
});

describe("ports", () => {
  const reached = (change: Parameters<typeof accelerate>[2]) => {
    const e = hidden({ ingress: [tcp([1, 65535], { cidrBlocks: [ANY] })] });
    accelerate(e, { endpointId: e.host }, change);
    return ask(e.stack).openPorts(e.host);
  };

  it("are the listener's, unless the endpoint group overrides them", () => {
    const portRanges = [
      { fromPort: 2525, toPort: 2526 },
      { fromPort: 587, toPort: 587 },
    ];
    expect(reached({ listener: { portRanges } })).toEqual([
      [587, 587],
      [2525, 2526],
    ]);
    const portOverrides = [{ listenerPort: 2525, endpointPort: 25 }];
    expect(reached({ listener: { portRanges }, group: { portOverrides } })).toEqual([
      [25, 25],
      [587, 587],
      [2526, 2526],
    ]);
  });

  it("of an override beside the listener's ports lead nowhere", () => {
    expect(reached({ group: { portOverrides: [{ listenerPort: 80, endpointPort: 587 }] } })).toEqual([[25, 25]]);
  });

  it("of UDP carry no mail", () => {
    expect(reached({ listener: { protocol: "UDP" } })).toEqual([]);
  });

  it.each([
    ["listener", { listener: { portRanges: [{ fromPort: new Unknown(), toPort: 25 }] } }],
    ["override", { group: { portOverrides: [{ listenerPort: 25, endpointPort: new Unknown() }] } }],
  ] as const)("that are not known (%s) may be any", (_, change) => {
    const e = hidden({ ingress: [tcp(587, { cidrBlocks: [ANY] })] });
    accelerate(e, { endpointId: e.host }, change);
    expect(ask(e.stack).internet(e.host, 587)).toEqual(maybe4);
  });
});

it("one that is switched off forwards nothing; whether it is may be open", () => {
  for (const [enabled, answer] of [
    [false, nobody],
    [new Unknown(), maybe4],
  ] as const) {
    const e = hidden();
    accelerate(e, { endpointId: e.host }, { accelerator: { enabled } });
    expect(ask(e.stack).internet(e.host)).toEqual(answer);
  }
});

it("takes IPv6 clients where it is dual-stack", () => {
  const make = (accelerator: Inputs) => {
    const e = edge({
      vpc: { ipv6CidrBlock: "2600:1f14:1::/56" },
      subnet: { mapPublicIpOnLaunch: false, ipv6CidrBlock: "2600:1f14:1::/64", assignIpv6AddressOnCreation: true },
      routes: () => [],
      group: { ingress: [tcp(25, { ipv6CidrBlocks: [ANY6] })] },
    });
    accelerate(e, { endpointId: e.host }, { accelerator });
    return ask(e.stack).internet(e.host);
  };
  expect(make({})).toEqual(nobody);
  expect(make({ ipAddressType: "DUAL_STACK" })).toEqual(exact("::/0"));
});

describe("an Elastic IP as the endpoint", () => {
  const addressed = (cidr: string, routes: boolean) => {
    const e = edge({
      subnet: { mapPublicIpOnLaunch: false },
      group: { ingress: [tcp(25, { cidrBlocks: [cidr] })] },
      ...(routes ? {} : { routes: () => [] }),
    });
    const eip = e.stack.add("eip", { instance: e.host });
    accelerate(e, { endpointId: eip });
    return e;
  };

  it("lets everybody in whom the groups let in from the edge, and hides who it is", () => {
    const e = addressed(ANY, true);
    expect(ask(e.stack).internet(e.host)).toEqual(everybody4);
    expect(seen(e, e.host)).toEqual(["client", "pool"]);
  });

  it("may let in more than the groups name: an edge location may be among them", () => {
    const { must, maybe } = ask(addressed("203.0.113.0/24", true).stack).internet(addressed(ANY, true).host);
    expect(must).toEqual(["203.0.113.0/24"]);
    expect(maybe.length).toBeGreaterThan(0);
  });

  it("needs the route to the Internet that its address needs", () => {
    const e = addressed(ANY, false);
    expect(ask(e.stack).internet(e.host)).toEqual(nobody);
  });
});

describe("a network load balancer as the endpoint", () => {
  const balanced = (endpoint: Inputs, balancer: Inputs = {}, ingress: Inputs[] = [tcp(25, { cidrBlocks: [ANY] })]) => {
    const e = hidden({ ingress: ingress as never });
    const open = e.stack.add(
      "group",
      {
        vpcId: e.vpc,
        ingress: [tcp(25, { cidrBlocks: ["203.0.113.0/24"] })],
        egress: [everything({ cidrBlocks: [ANY] })],
      },
      { name: "nlb" },
    );
    const nlb = e.stack.addType(ELB.balancer, {
      loadBalancerType: "network",
      internal: true,
      subnets: [e.subnet],
      securityGroups: [open],
      ...balancer,
    });
    forward(e.stack, nlb, e.host);
    accelerate(e, { endpointId: nlb, ...endpoint });
    return e;
  };

  it("that keeps the client is filtered by its groups, whatever it faces and whatever its routes say", () => {
    const e = balanced({ clientIpPreservationEnabled: true });
    expect(ask(e.stack).internet(e.host)).toEqual(exact("203.0.113.0/24"));
    expect(seen(e, e.host)).toEqual(["client"]);
  });

  it("that does not is reached by everybody whom it lets in from the edge, as an edge location", () => {
    const e = balanced({}, { securityGroups: undefined });
    expect(ask(e.stack).internet(e.host)).toEqual(everybody4);
    expect(seen(e, e.host)).toEqual(["pool"]);
  });

  it("is not reached on a port that the accelerator does not forward", () => {
    const e = hidden();
    const nlb = e.stack.addType(ELB.balancer, { loadBalancerType: "network", internal: true, subnets: [e.subnet] });
    forward(e.stack, nlb, e.host, { listener: { port: 2525 } });
    accelerate(e, { endpointId: nlb });
    expect(ask(e.stack).internet(e.host)).toEqual(nobody);
  });
});

describe("what is not known", () => {
  it("an endpoint that is one of two is either, perhaps", () => {
    const e = hidden();
    const twin = e.stack.add("instance", { subnetId: e.subnet, vpcSecurityGroupIds: [e.group] }, { name: "twin" });
    accelerate(e, { endpointId: new Unknown([e.host.urn, twin.urn]) });
    for (const host of [e.host, twin]) expect(ask(e.stack).internet(host)).toEqual(maybe4);
  });

  it("an endpoint of which nothing is known may be any machine; one outside the stack is none", () => {
    const unknown = hidden();
    accelerate(unknown, new Unknown());
    expect(ask(unknown.stack).internet(unknown.host)).toEqual(maybe4);
    const foreign = hidden();
    accelerate(foreign, { endpointId: "i-0123456789abcdef0" });
    expect(ask(foreign.stack).internet(foreign.host)).toEqual(nobody);
  });

  it("a listener outside the stack may listen anywhere", () => {
    const e = hidden();
    accelerate(
      e,
      { endpointId: e.host },
      { group: { listenerArn: "arn:aws:globalaccelerator::1:accelerator/x/listener/y" } },
    );
    expect(ask(e.stack).internet(e.host)).toEqual(maybe4);
  });
});

it("custom routing may lead to the named ports of every address of a subnet", () => {
  const e = hidden({ ingress: [tcp([1, 65535], { cidrBlocks: [ANY] })] });
  const accelerator = e.stack.addType("aws:globalaccelerator/customRoutingAccelerator:CustomRoutingAccelerator", {});
  const listener = e.stack.addType("aws:globalaccelerator/customRoutingListener:CustomRoutingListener", {
    acceleratorArn: accelerator,
    portRanges: [{ fromPort: 5000, toPort: 10000 }],
  });
  e.stack.addType("aws:globalaccelerator/customRoutingEndpointGroup:CustomRoutingEndpointGroup", {
    listenerArn: listener,
    destinationConfigurations: [{ fromPort: 20, toPort: 30, protocols: ["TCP"] }],
    endpointConfigurations: [{ endpointId: e.subnet }],
  });
  expect(ask(e.stack).internet(e.host)).toEqual(maybe4);
  expect(ask(e.stack).openPorts(e.host)).toEqual([[20, 30]]);
});
