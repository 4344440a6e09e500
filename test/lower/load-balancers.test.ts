import { describe, expect, it } from "vitest";
import { Unknown } from "../../policies/analysis/model/snapshot";
import { type Asked, ask, everybody4, everybody6, exact, maybe4, nobody } from "./ask";
import { ELB, forward } from "./balancers";
import { ANY, ANY6, edge, everything, type Inputs, type Resource, type Stack, tcp } from "./stack";

/** What a target sees behind each kind of load balancer, and what is left open where the stack does not say. */

const NODE = "10.0.1.0/24";

/** E in a subnet of its own, and a load balancer in the public one. */
function behind(change: { ingress?: Inputs[]; balancer?: Inputs; dual?: boolean; targetSubnet?: Inputs } = {}) {
  const e = edge({
    ...(change.dual === true
      ? {
          vpc: { ipv6CidrBlock: "2600:1f14:1::/56" },
          subnet: { mapPublicIpOnLaunch: false, ipv6CidrBlock: "2600:1f14:1::/64" },
          routes: (igw) => [
            { cidrBlock: ANY, gatewayId: igw },
            { ipv6CidrBlock: ANY6, gatewayId: igw },
          ],
        }
      : { subnet: { mapPublicIpOnLaunch: false } }),
    group: { ingress: (change.ingress ?? [tcp(25, { cidrBlocks: [ANY] })]) as never },
  });
  const inner = e.stack.add(
    "subnet",
    { vpcId: e.vpc, cidrBlock: "10.0.2.0/24", ...change.targetSubnet },
    { name: "inner" },
  );
  const host = e.stack.add(
    "instance",
    { subnetId: inner, privateIp: "10.0.2.10", vpcSecurityGroupIds: [e.group] },
    { name: "behind" },
  );
  const balancer = e.stack.addType(ELB.balancer, {
    loadBalancerType: "network",
    subnets: [e.subnet],
    ...(change.dual === true ? { ipAddressType: "dualstack" } : {}),
    ...change.balancer,
  });
  return { ...e, inner, host, balancer };
}

function flows(asked: Asked, host: Resource, port = 25, protocol: "tcp" | "udp" = "tcp") {
  return asked.flows
    .inboundAny(asked.host(host), protocol, [[port, port]])
    .filter((flow) => flow.path.zone.kind === "internet");
}

/** What E sees: `client`, or the pool of a node as CIDR text. */
function seen(stack: Stack, host: Resource, port = 25): readonly string[] {
  const kinds = flows(ask(stack), host, port).map(({ path }) => path.seen.kind);
  return [...new Set(kinds)].sort();
}

describe("the table of the NLB Guide: what the target sees", () => {
  const open = [tcp(25, { cidrBlocks: [ANY], ipv6CidrBlocks: [ANY6] })];

  it("an instance over IPv4 sees IPv4 clients, and the node for IPv6 clients", () => {
    const e = behind({ dual: true, ingress: open });
    forward(e.stack, e.balancer, e.host);
    const found = flows(ask(e.stack), e.host).map(({ path }) => [path.zone.id.split("@")[0], path.seen.kind]);
    expect(found.sort()).toEqual([
      ["internet/4", "client"],
      ["internet/6", "pool"],
    ]);
  });

  it("an IPv6 client is admitted by the node's IPv4 address: a rule for the subnet is enough", () => {
    const e = behind({ dual: true, ingress: [tcp(25, { cidrBlocks: [NODE] })] });
    forward(e.stack, e.balancer, e.host);
    expect(ask(e.stack).internet(e.host)).toEqual(everybody6);
  });

  it("a target by address sees the node over TCP and TLS, and the client over TCP_UDP and where it is switched on", () => {
    for (const [targets, kind] of [
      [{ protocol: "TCP" }, "pool"],
      [{ protocol: "TLS" }, "pool"],
      [{ protocol: "TCP_UDP" }, "client"],
      [{ protocol: "TCP", preserveClientIp: "true" }, "client"],
    ] as const) {
      const e = behind({ ingress: open });
      forward(e.stack, e.balancer, "10.0.2.10", { targets: { targetType: "ip", ...targets } });
      expect(seen(e.stack, e.host)).toEqual([kind]);
    }
  });

  it("a target over IPv6 sees IPv6 clients, and the node for IPv4 clients", () => {
    const v6 = { ipv6CidrBlock: "2600:1f14:1:2::/64", assignIpv6AddressOnCreation: true };
    const e = behind({ dual: true, ingress: [tcp(25, { ipv6CidrBlocks: [ANY6] })], targetSubnet: v6 });
    forward(e.stack, e.balancer, e.host, { targets: { ipAddressType: "ipv6" } });
    expect(ask(e.stack).internet(e.host)).toEqual(exact("0.0.0.0/0", "::/0"));
    const found = flows(ask(e.stack), e.host).map(({ path }) => [path.zone.id.split("@")[0], path.seen.kind]);
    expect(found.sort()).toEqual([
      ["internet/4", "pool"],
      ["internet/6", "client"],
    ]);
  });

  it("an IPv6 target behind a load balancer without an IPv6 address is undetermined, never closed", () => {
    const v6 = { ipv6CidrBlock: "2600:1f14:1:2::/64", ipv6Native: true };
    const e = behind({ ingress: [tcp(25, { ipv6CidrBlocks: [ANY6] })], targetSubnet: v6 });
    const host = e.stack.add("instance", { subnetId: e.inner, vpcSecurityGroupIds: [e.group] }, { name: "six-only" });
    forward(e.stack, e.balancer, host, { targets: { ipAddressType: "ipv6" } });
    expect(ask(e.stack).internet(host)).toEqual(maybe4);
  });

  it("preservation that is not known yet means both", () => {
    const e = behind();
    forward(e.stack, e.balancer, e.host, { targets: { preserveClientIp: new Unknown() } });
    expect(seen(e.stack, e.host)).toEqual(["client", "pool"]);
  });
});

describe("what is not known of a load balancer", () => {
  it("an unknown type means any type, and no groups may mean that everything passes", () => {
    const e = behind({ balancer: { loadBalancerType: new Unknown() } });
    forward(e.stack, e.balancer, e.host);
    expect(ask(e.stack).internet(e.host)).toEqual(maybe4);
    expect(seen(e.stack, e.host)).toEqual(["client", "pool"]);
  });

  it("an unknown PROXY switch means with and without", () => {
    const e = behind();
    forward(e.stack, e.balancer, e.host, { targets: { proxyProtocolV2: new Unknown() } });
    expect(flows(ask(e.stack), e.host).map(({ path }) => path.proxyHeader)).toEqual([true, false]);
    expect(ask(e.stack).internet(e.host)).toEqual(maybe4);
  });

  it("a rule whose listener is one of two is followed, with a doubt", () => {
    const e = behind();
    const other = e.stack.addType(ELB.listener, { loadBalancerArn: e.balancer, port: 26, protocol: "TCP" });
    const one = e.stack.addType(ELB.listener, { loadBalancerArn: e.balancer, port: 27, protocol: "TCP" });
    const targets = e.stack.addType(ELB.targets, { port: 25, protocol: "TCP" });
    e.stack.addType(ELB.rule, {
      listenerArn: new Unknown([other.urn, one.urn]),
      actions: [{ type: "forward", targetGroupArn: targets }],
    });
    e.stack.addType(ELB.target, { targetGroupArn: targets, targetId: e.host });
    expect(ask(e.stack).internet(e.host)).toEqual(maybe4);
  });

  it("a target that is one of two is behind it, perhaps", () => {
    const e = behind();
    const twin = e.stack.add("instance", { subnetId: e.inner, vpcSecurityGroupIds: [e.group] }, { name: "twin" });
    const targets = e.stack.addType(ELB.targets, { port: 25, protocol: "TCP" });
    const defaultActions = [{ type: "forward", targetGroupArn: targets }];
    e.stack.addType(ELB.listener, { loadBalancerArn: e.balancer, port: 25, protocol: "TCP", defaultActions });
    e.stack.addType(ELB.target, { targetGroupArn: targets, targetId: new Unknown([e.host.urn, twin.urn]) });
    for (const host of [e.host, twin]) expect(ask(e.stack).internet(host)).toEqual(maybe4);
  });

  it("a target that nothing is known of may be any machine; one that is somewhere else is none", () => {
    const unknown = behind();
    forward(unknown.stack, unknown.balancer, "x", { target: { targetId: new Unknown() } });
    expect(ask(unknown.stack).internet(unknown.host)).toEqual(maybe4);
    const elsewhere = behind();
    forward(elsewhere.stack, elsewhere.balancer, "i-0123456789abcdef0");
    expect(ask(elsewhere.stack).internet(elsewhere.host)).toEqual(nobody);
  });
});

it("carries UDP where the listener does, and nothing else", () => {
  const both = { protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: [ANY] };
  for (const [protocol, tcp, udp] of [
    ["TCP", 1, 0],
    ["UDP", 0, 1],
    ["TCP_UDP", 1, 1],
  ] as const) {
    const e = behind({ ingress: [both] });
    forward(e.stack, e.balancer, e.host, { listener: { protocol }, targets: { protocol } });
    const asked = ask(e.stack);
    expect([flows(asked, e.host).length, flows(asked, e.host, 25, "udp").length]).toEqual([tcp, udp]);
  }
});

describe("application load balancers", () => {
  const open = (e: ReturnType<typeof behind>, name: string) =>
    e.stack.add(
      "group",
      { vpcId: e.vpc, ingress: [everything({ cidrBlocks: [ANY] })], egress: [everything({ cidrBlocks: [ANY] })] },
      { name },
    );

  it("are proxies: a listener that forwards to 25 exposes it, and the target sees the node", () => {
    const e = behind({ ingress: [tcp(25, { cidrBlocks: [NODE] })] });
    const groups = [open(e, "alb")];
    const alb = e.stack.addType(ELB.balancer, { subnets: [e.subnet], securityGroups: groups });
    forward(e.stack, alb, e.host, { listener: { protocol: "HTTP", port: 80 } });
    expect(ask(e.stack).internet(e.host)).toEqual(everybody4);
    expect(seen(e.stack, e.host)).toEqual(["pool"]);
  });

  it("get the VPC's default group where none is given, which admits nobody", () => {
    const e = behind({ ingress: [tcp(25, { cidrBlocks: [NODE] })] });
    const alb = e.stack.addType(ELB.balancer, { subnets: [e.subnet] });
    forward(e.stack, alb, e.host, { listener: { protocol: "HTTP", port: 80 } });
    expect(ask(e.stack).internet(e.host)).toEqual(nobody);
  });

  it("behind a network load balancer lead to their own targets, and to no other host", () => {
    const e = behind({ ingress: [tcp(25, { cidrBlocks: [NODE] })] });
    const bystander = e.stack.add("instance", { subnetId: e.inner, vpcSecurityGroupIds: [e.group] }, { name: "other" });
    const narrow = e.stack.add(
      "group",
      {
        vpcId: e.vpc,
        ingress: [tcp(80, { cidrBlocks: ["203.0.113.0/24"] })],
        egress: [everything({ cidrBlocks: [ANY] })],
      },
      { name: "narrow" },
    );
    const alb = e.stack.addType(ELB.balancer, { internal: true, subnets: [e.subnet], securityGroups: [narrow] });
    forward(e.stack, alb, e.host, { listener: { protocol: "HTTP", port: 80 } });
    forward(e.stack, e.balancer, alb, { listener: { port: 8025 }, targets: { targetType: "alb", port: 80 } });
    const asked = ask(e.stack);
    expect(asked.internet(e.host)).toEqual(exact("203.0.113.0/24"));
    expect(asked.internet(bystander)).toEqual(nobody);
    expect(seen(e.stack, e.host)).toEqual(["pool"]);
  });
});

describe("classic load balancers", () => {
  const classic = (change: Inputs = {}, extra?: (s: Stack, balancer: Resource) => void) => {
    const e = behind({ ingress: [tcp(25, { cidrBlocks: [NODE] })] });
    const open = e.stack.add(
      "group",
      { vpcId: e.vpc, ingress: [tcp(25, { cidrBlocks: [ANY] })], egress: [everything({ cidrBlocks: [ANY] })] },
      { name: "open" },
    );
    const balancer = e.stack.addType(ELB.classic, {
      subnets: [e.subnet],
      securityGroups: [open],
      instances: [e.host],
      listeners: [{ lbPort: 25, lbProtocol: "tcp", instancePort: 25, instanceProtocol: "tcp" }],
      ...change,
    });
    extra?.(e.stack, balancer);
    const found = flows(ask(e.stack), e.host);
    return { header: found.map(({ path }) => path.proxyHeader), internet: ask(e.stack).internet(e.host) };
  };
  const policy = (s: Stack, balancer: Resource, backend: Inputs = {}) => {
    const made = s.addType("aws:elb/loadBalancerPolicy:LoadBalancerPolicy", {
      loadBalancerName: balancer,
      policyName: "proxy",
      policyTypeName: "ProxyProtocolPolicyType",
      policyAttributes: [{ name: "ProxyProtocol", value: "true" }],
    });
    s.addType("aws:elb/loadBalancerBackendServerPolicy:LoadBalancerBackendServerPolicy", {
      loadBalancerName: balancer,
      instancePort: 25,
      policyNames: [made],
      ...backend,
    });
  };

  it("write a PROXY header by ProxyProtocolPolicy, or by a backend policy of that type, on the ports that they name", () => {
    expect(classic().header).toEqual([false]);
    const named = (s: Stack, loadBalancer: Resource) =>
      void s.addType("aws:ec2/proxyProtocolPolicy:ProxyProtocolPolicy", { loadBalancer, instancePorts: ["25"] });
    expect(classic({}, named).header).toEqual([true]);
    expect(classic({}, (s, b) => policy(s, b)).header).toEqual([true]);
    expect(classic({}, (s, b) => policy(s, b, { policyNames: ["proxy"] })).header).toEqual([true]);
    expect(classic({}, (s, b) => policy(s, b, { instancePort: 587 })).header).toEqual([false]);
    expect(classic({}, (s, b) => policy(s, b, { instancePort: new Unknown() })).header).toEqual([true, false]);
  });

  it("that name zones and no subnets stand in the default VPC", () => {
    const e = edge();
    const admit = e.stack.add(
      "group",
      { ingress: [tcp(25, { cidrBlocks: ["172.31.0.0/16"] })] },
      { name: "from the default VPC" },
    );
    const host = e.stack.add(
      "instance",
      { vpcSecurityGroupIds: [admit], associatePublicIpAddress: false },
      { name: "plain" },
    );
    const open = e.stack.add(
      "group",
      { ingress: [tcp(25, { cidrBlocks: [ANY] })], egress: [everything({ cidrBlocks: [ANY] })] },
      { name: "open" },
    );
    e.stack.addType(ELB.classic, {
      availabilityZones: ["eu-central-1a"],
      securityGroups: [open],
      instances: [host],
      listeners: [{ lbPort: 25, lbProtocol: "tcp", instancePort: 25, instanceProtocol: "tcp" }],
    });
    expect(ask(e.stack).internet(host)).toEqual(everybody4);
  });
});

describe("clients of joined networks", () => {
  it("reach an internal load balancer over a peering, and the target by it", () => {
    const e = behind({ balancer: { internal: true }, ingress: [tcp(25, { cidrBlocks: [NODE] })] });
    const peer = e.stack.add("vpc", { cidrBlock: "10.9.0.0/16" }, { name: "peer" });
    const subnet = e.stack.add("subnet", { vpcId: peer, cidrBlock: "10.9.1.0/24" }, { name: "far" });
    const table = e.stack.add("table", { vpcId: peer }, { name: "far-table" });
    e.stack.add("association", { subnetId: subnet, routeTableId: table });
    const peering = e.stack.addType("aws:ec2/vpcPeeringConnection:VpcPeeringConnection", {
      vpcId: e.vpc,
      peerVpcId: peer,
    });
    e.stack.add("route", { routeTableId: table, destinationCidrBlock: "10.0.0.0/16", vpcPeeringConnectionId: peering });
    const back = { destinationCidrBlock: "10.9.0.0/16", vpcPeeringConnectionId: peering };
    e.stack.add("route", { routeTableId: e.table, ...back });
    forward(e.stack, e.balancer, e.host, { targets: { preserveClientIp: "false" } });
    expect(ask(e.stack).internal(e.host).must).toContain("10.9.1.0/24");
  });
});

describe("consumers of an endpoint service", () => {
  const service = (balancer: Inputs = {}, targets: Inputs = {}) => {
    const e = behind({ balancer: { internal: true, ...balancer }, ingress: [tcp(25, { cidrBlocks: [NODE] })] });
    forward(e.stack, e.balancer, e.host, { targets: { preserveClientIp: "true", ...targets } });
    e.stack.addType("aws:ec2/vpcEndpointService:VpcEndpointService", {
      acceptanceRequired: true,
      networkLoadBalancerArns: [e.balancer],
    });
    const asked = ask(e.stack);
    const found = asked.flows
      .inbound(asked.host(e.host), 25)
      .filter(({ path }) => path.zone.id.startsWith("consumers:"));
    return { found, internal: asked.internal(e.host) };
  };

  it("are private networks that nobody knows, seen as the node whatever the target group keeps", () => {
    const { found, internal } = service();
    expect(found.map(({ path }) => path.seen.kind)).toEqual(["pool"]);
    expect(internal.maybe).toContain("192.168.0.0/16");
    expect(internal.must).not.toContain("192.168.0.0/16");
  });

  it("are filtered by the load balancer's groups unless that is switched off", () => {
    expect(service({ securityGroups: [] }).found).toHaveLength(1);
    const e = (enforce: Inputs) => {
      const f = behind({ ingress: [tcp(25, { cidrBlocks: [NODE] })] });
      const shut = f.stack.add(
        "group",
        { vpcId: f.vpc, egress: [everything({ cidrBlocks: [ANY] })] },
        { name: "shut" },
      );
      const nlb = f.stack.addType(ELB.balancer, {
        loadBalancerType: "network",
        internal: true,
        subnets: [f.subnet],
        securityGroups: [shut],
        ...enforce,
      });
      forward(f.stack, nlb, f.host, { targets: { preserveClientIp: "false" } });
      f.stack.addType("aws:ec2/vpcEndpointService:VpcEndpointService", { networkLoadBalancerArns: [nlb] });
      return ask(f.stack).internal(f.host).maybe;
    };
    expect(e({})).toEqual([]);
    expect(e({ enforceSecurityGroupInboundRulesOnPrivateLinkTraffic: "off" })).toContain("192.168.0.0/16");
  });
});
