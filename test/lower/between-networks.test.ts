import { describe, expect, it } from "vitest";
import { Unknown } from "../../policies/analysis/model/snapshot";
import { ask, everybody4, exact, maybe4, nobody } from "./ask";
import { ANY, ANY6, edge, everything, type Inputs, type Resource, Stack, tcp } from "./stack";

/** Ways that do not lead straight from a gateway to an interface: load balancers, launches, peerings, transit gateways. */

const TYPES = {
  balancer: "aws:lb/loadBalancer:LoadBalancer",
  listener: "aws:lb/listener:Listener",
  targets: "aws:lb/targetGroup:TargetGroup",
  target: "aws:lb/targetGroupAttachment:TargetGroupAttachment",
} as const;

/** E stands in a private subnet behind a network load balancer in the public one. */
function behind(
  change: {
    balancer?: Inputs;
    listener?: Inputs;
    targets?: Inputs;
    group?: Inputs;
    target?: Inputs;
    routes?: boolean;
  } = {},
) {
  const e = edge({
    subnet: { mapPublicIpOnLaunch: false },
    group: change.group ?? {},
    ...(change.routes === false ? { routes: () => [] } : {}),
  });
  const inner = e.stack.add("subnet", { vpcId: e.vpc, cidrBlock: "10.0.2.0/24" }, { name: "inner" });
  const host = e.stack.add(
    "instance",
    { subnetId: inner, privateIp: "10.0.2.10", vpcSecurityGroupIds: [e.group] },
    { name: "behind" },
  );
  const balancer = e.stack.addType(TYPES.balancer, {
    loadBalancerType: "network",
    subnets: [e.subnet],
    ...change.balancer,
  });
  const targets = e.stack.addType(TYPES.targets, { port: 25, protocol: "TCP", vpcId: e.vpc, ...change.targets });
  const action = { type: "forward", targetGroupArn: targets };
  e.stack.addType(TYPES.listener, {
    loadBalancerArn: balancer,
    port: 2525,
    protocol: "TCP",
    defaultActions: [action],
    ...change.listener,
  });
  e.stack.addType(TYPES.target, { targetGroupArn: targets, targetId: host, ...change.target });
  return { ...e, inner, host, balancer };
}

const seen = ({ stack, host }: { stack: Stack; host: Resource }) => {
  const asked = ask(stack);
  const flows = asked.flows.inbound(asked.host(host), 25).filter((flow) => flow.path.zone.kind === "internet");
  return [...new Set(flows.map((flow) => flow.path.seen.kind))];
};

describe("network load balancers", () => {
  it("lead from the listener's port to the target's, and keep the client's address for instances", () => {
    const e = behind();
    expect(ask(e.stack).internet(e.host)).toEqual(everybody4);
    expect(ask(e.stack).internet(e.host, 2525)).toEqual(nobody);
    expect(seen(e)).toEqual(["client"]);
  });

  it("hide it for IP targets over TCP: the target admits the node, and everybody comes in", () => {
    const e = behind({
      targets: { targetType: "ip" },
      target: { targetId: "10.0.2.10" },
      group: { ingress: [tcp(25, { cidrBlocks: ["10.0.0.0/16"] })] },
    });
    expect(ask(e.stack).internet(e.host)).toEqual(everybody4);
    expect(seen(e)).toEqual(["pool"]);
  });

  it("take an address that one interface has for nobody else's", () => {
    const e = behind({ targets: { targetType: "ip" }, target: { targetId: "10.0.2.10" } });
    const other = e.stack.add("instance", { subnetId: e.inner, vpcSecurityGroupIds: [e.group] }, { name: "other" });
    expect(ask(e.stack).internet(other)).toEqual(nobody);
    const free = behind({ targets: { targetType: "ip" }, target: { targetId: "10.0.2.11" } });
    const may = free.stack.add(
      "instance",
      { subnetId: free.inner, vpcSecurityGroupIds: [free.group] },
      { name: "may" },
    );
    expect(ask(free.stack).internet(may)).toEqual(maybe4);
  });

  it("need a route to the Internet in their own subnet, not in the target's", () => {
    const e = behind({ routes: false });
    expect(ask(e.stack).internet(e.host)).toEqual(nobody);
  });

  it("filter clients by their own group; a reference to that group admits whom it lets pass", () => {
    const e = edge({ subnet: { mapPublicIpOnLaunch: false } });
    void e;
    const f = behind({ group: { ingress: [] } });
    const outer = f.stack.add(
      "group",
      {
        vpcId: f.vpc,
        ingress: [tcp(2525, { cidrBlocks: ["203.0.113.0/24"] })],
        egress: [everything({ cidrBlocks: [ANY] })],
      },
      { name: "outer" },
    );
    const g = f.stack.addType(TYPES.balancer, {
      loadBalancerType: "network",
      subnets: [f.subnet],
      securityGroups: [outer],
    });
    const targets = f.stack.addType(TYPES.targets, { port: 25, protocol: "TCP", vpcId: f.vpc });
    f.stack.addType(TYPES.listener, {
      loadBalancerArn: g,
      port: 2525,
      protocol: "TCP",
      defaultActions: [{ type: "forward", targetGroupArn: targets }],
    });
    f.stack.addType(TYPES.target, { targetGroupArn: targets, targetId: f.host });
    f.stack.add("ingressRule", {
      securityGroupId: f.group,
      ipProtocol: "tcp",
      fromPort: 25,
      toPort: 25,
      referencedSecurityGroupId: outer,
    });
    expect(ask(f.stack).internet(f.host)).toEqual(exact("203.0.113.0/24"));
  });

  it("let nobody in by a rule for a client's group", () => {
    const e = behind({ group: { ingress: [] } });
    const clients = e.stack.add("group", { vpcId: e.vpc }, { name: "clients" });
    e.stack.add("ingressRule", {
      securityGroupId: e.group,
      ipProtocol: "tcp",
      fromPort: 25,
      toPort: 25,
      referencedSecurityGroupId: clients,
    });
    expect(ask(e.stack).internet(e.host)).toEqual(nobody);
  });

  it("carry TCP for TCP_UDP and TLS, and nothing for UDP", () => {
    for (const protocol of ["TCP_UDP", "TLS"]) {
      const e = behind({ listener: { protocol } });
      expect(ask(e.stack).internet(e.host)).toEqual(everybody4);
    }
    const udp = behind({ listener: { protocol: "UDP" } });
    expect(ask(udp.stack).internet(udp.host)).toEqual(nobody);
  });

  it("are closed to the Internet when internal, and open to the network", () => {
    const e = behind({ balancer: { internal: true }, group: { ingress: [tcp(25, { cidrBlocks: ["10.0.0.0/16"] })] } });
    expect(ask(e.stack).internet(e.host)).toEqual(nobody);
    expect(ask(e.stack).internal(e.host).must).toEqual(["10.0.0.0/16"]);
  });
});

describe("classic load balancers", () => {
  it("are full proxies: the host sees the node", () => {
    const e = edge({
      subnet: { mapPublicIpOnLaunch: false },
      group: { ingress: [tcp(25, { cidrBlocks: ["10.0.1.0/24"] })] },
    });
    const open = e.stack.add(
      "group",
      { vpcId: e.vpc, ingress: [tcp(25, { cidrBlocks: [ANY] })], egress: [everything({ cidrBlocks: [ANY] })] },
      { name: "open" },
    );
    const listeners = [{ lbPort: 25, lbProtocol: "tcp", instancePort: 25, instanceProtocol: "tcp" }];
    e.stack.addType("aws:elb/loadBalancer:LoadBalancer", {
      subnets: [e.subnet],
      securityGroups: [open],
      instances: [e.host],
      listeners,
    });
    expect(ask(e.stack).internet(e.host)).toEqual(everybody4);
    expect(seen(e)).toEqual(["pool"]);
  });
});

describe("launches", () => {
  const GROUP = "aws:autoscaling/group:Group";
  const template = (inputs: Inputs) => {
    const e = edge();
    return { e, made: e.stack.addType("aws:ec2/launchTemplate:LaunchTemplate", inputs) };
  };

  it("a scaling group is one host, in each of its subnets", () => {
    const e = edge();
    const inner = e.stack.add("subnet", { vpcId: e.vpc, cidrBlock: "10.0.2.0/24" }, { name: "inner" });
    const made = e.stack.addType("aws:ec2/launchTemplate:LaunchTemplate", { vpcSecurityGroupIds: [e.group] });
    const group = e.stack.addType(GROUP, {
      launchTemplate: { id: made.id },
      vpcZoneIdentifiers: [inner, e.subnet],
      maxSize: 0,
    });
    expect(ask(e.stack).internet(group)).toEqual(everybody4);
  });

  it("network interfaces of a template replace its groups, and its public flag is a string", () => {
    const { e, made } = template({});
    void made;
    const closed = e.stack.add("group", { vpcId: e.vpc }, { name: "closed" });
    const other = e.stack.addType("aws:ec2/launchTemplate:LaunchTemplate", {
      vpcSecurityGroupIds: [closed],
      networkInterfaces: [{ associatePublicIpAddress: "false", securityGroups: [e.group], subnetId: e.subnet }],
    });
    const host = e.stack.add("instance", { launchTemplate: { id: other.id } }, { name: "launched" });
    expect(ask(e.stack).internet(host)).toEqual(nobody);
    e.stack.add("eip", { instance: host });
    expect(ask(e.stack).internet(host)).toEqual(everybody4);
  });

  it("the instance's own arguments win", () => {
    const { e, made } = template({});
    const closed = e.stack.add("group", { vpcId: e.vpc }, { name: "closed" });
    const host = e.stack.add(
      "instance",
      { launchTemplate: { id: made.id }, subnetId: e.subnet, vpcSecurityGroupIds: [closed] },
      { name: "launched" },
    );
    expect(ask(e.stack).internet(host)).toEqual(nobody);
  });

  it("a template outside the stack decides nothing", () => {
    const e = edge();
    const group = e.stack.addType(GROUP, {
      launchTemplate: { id: "lt-0123456789abcdef0" },
      vpcZoneIdentifiers: [e.subnet],
    });
    expect(ask(e.stack).internet(group)).toEqual(maybe4);
  });

  it("only tags that propagate reach the machines", () => {
    const { e, made } = template({});
    const tags = [
      { key: "relayproof:role", value: "front-end", propagateAtLaunch: true },
      { key: "other", value: "x", propagateAtLaunch: false },
    ];
    const group = e.stack.addType(GROUP, { launchTemplate: { id: made.id }, vpcZoneIdentifiers: [e.subnet], tags });
    expect(ask(e.stack).host(group).tags).toEqual({ "relayproof:role": "front-end" });
  });
});

describe("joined networks", () => {
  function two(routes: { there?: boolean; back?: boolean; peered?: boolean } = {}) {
    const stack = new Stack();
    const side = (n: number) => {
      const vpc = stack.add("vpc", { cidrBlock: `10.${n}.0.0/16` }, { name: `vpc-${n}` });
      const subnet = stack.add("subnet", { vpcId: vpc, cidrBlock: `10.${n}.1.0/24` }, { name: `subnet-${n}` });
      const table = stack.add("table", { vpcId: vpc }, { name: `table-${n}` });
      stack.add("association", { subnetId: subnet, routeTableId: table });
      return { vpc, subnet, table };
    };
    const [a, b] = [side(1), side(2)];
    const type = "aws:ec2/vpcPeeringConnection:VpcPeeringConnection";
    const peering = stack.addType(type, routes.peered === false ? {} : { vpcId: a.vpc, peerVpcId: b.vpc });
    if (routes.back !== false)
      stack.add("route", {
        routeTableId: a.table,
        destinationCidrBlock: "10.2.0.0/16",
        vpcPeeringConnectionId: peering,
      });
    if (routes.there !== false)
      stack.add("route", {
        routeTableId: b.table,
        destinationCidrBlock: "10.1.0.0/16",
        vpcPeeringConnectionId: peering,
      });
    const clients = stack.add(
      "group",
      { vpcId: b.vpc, egress: [everything({ cidrBlocks: [ANY], ipv6CidrBlocks: [ANY6] })] },
      { name: "clients" },
    );
    const client = stack.add("instance", { subnetId: b.subnet, vpcSecurityGroupIds: [clients] }, { name: "client" });
    const group = stack.add(
      "group",
      { vpcId: a.vpc, ingress: [tcp(25, { cidrBlocks: ["10.2.0.0/16"] }), tcp(587, { securityGroups: [clients] })] },
      { name: "servers" },
    );
    const host = stack.add("instance", { subnetId: a.subnet, vpcSecurityGroupIds: [group] }, { name: "server" });
    return { stack, a, b, peering, client, host };
  }

  it("a peering needs a route on both sides", () => {
    const both = two();
    expect(ask(both.stack).opens(both.client, both.host)).toBe("yes");
    expect(ask(both.stack).internal(both.host).must).toEqual(["10.2.1.0/24"]);
    for (const routes of [{ there: false }, { back: false }]) {
      const one = two(routes);
      expect(ask(one.stack).opens(one.client, one.host)).toBe("no");
    }
  });

  it("rules may name groups across a peering", () => {
    const e = two();
    expect(ask(e.stack).internal(e.host, 587)).toEqual(exact(e.client.urn));
  });

  const TGW = "aws:ec2transitgateway";

  /** Both networks on a transit gateway, each with a route to the other. */
  function joined(gateway: Inputs = {}, attachment: Inputs = {}) {
    const e = two({ there: false, back: false, peered: false });
    const transit = e.stack.add("transitGateway", gateway);
    const [one, other] = ([e.a, e.b] as const).map(({ vpc, subnet, table }, i) => {
      const destinationCidrBlock = i === 0 ? "10.2.0.0/16" : "10.1.0.0/16";
      e.stack.add("route", { routeTableId: table, destinationCidrBlock, transitGatewayId: transit });
      return e.stack.addType(`${TGW}/vpcAttachment:VpcAttachment`, {
        transitGatewayId: transit,
        vpcId: vpc,
        subnetIds: [subnet],
        ...attachment,
      });
    }) as [Resource, Resource];
    return { ...e, transit, one, other };
  }

  it("a transit gateway joins its attachments by default, and not where the table is empty", () => {
    const open = joined();
    expect(ask(open.stack).opens(open.client, open.host)).toBe("yes");
    // Groups are not referenced across a transit gateway unless it is switched on.
    expect(ask(open.stack).opens(open.client, open.host, 587)).toBe("no");
    const closed = joined({ defaultRouteTableAssociation: "disable" });
    expect(ask(closed.stack).opens(closed.client, closed.host)).toBe("no");
    const unsure = joined({ defaultRouteTableAssociation: new Unknown() });
    expect(ask(unsure.stack).opens(unsure.client, unsure.host)).toBe("maybe");
  });

  it("the answer may come back another way than the question went", () => {
    const e = joined();
    const peering = e.stack.addType("aws:ec2/vpcPeeringConnection:VpcPeeringConnection", {
      vpcId: e.a.vpc,
      peerVpcId: e.b.vpc,
    });
    expect(ask(e.stack).internal(e.host).must).toEqual(["10.2.1.0/24"]);
    e.stack.add("route", {
      routeTableId: e.a.table,
      destinationCidrBlock: "10.2.1.0/24",
      vpcPeeringConnectionId: peering,
    });
    expect(ask(e.stack).opens(e.client, e.host)).toBe("yes");
    expect(ask(e.stack).internal(e.host).must).toEqual(["10.2.1.0/24"]);
  });

  it("a static route in the gateway's own table beats what is propagated to it", () => {
    const main = "tgw-rtb-0a1b";
    const e = joined({ associationDefaultRouteTableId: main, propagationDefaultRouteTableId: main });
    const hole = { destinationCidrBlock: "10.2.1.0/24", blackhole: true };
    e.stack.addType(`${TGW}/route:Route`, { transitGatewayRouteTableId: main, ...hole });
    expect(ask(e.stack).opens(e.client, e.host)).toBe("no");
    const first = joined();
    first.stack.addType(`${TGW}/route:Route`, { transitGatewayRouteTableId: first.transit, ...hole });
    expect(ask(first.stack).opens(first.client, first.host)).toBe("no");
  });

  it("attachments are propagated to tables that they name, the gateway's own included", () => {
    const e = joined({ defaultRouteTablePropagation: "disable" });
    expect(ask(e.stack).opens(e.client, e.host)).toBe("no");
    for (const transitGatewayAttachmentId of [e.one, e.other])
      e.stack.addType(`${TGW}/routeTablePropagation:RouteTablePropagation`, {
        transitGatewayRouteTableId: e.transit,
        transitGatewayAttachmentId,
      });
    expect(ask(e.stack).opens(e.client, e.host)).toBe("yes");
  });

  it("a prefix list is as good as the routes that it stands for", () => {
    const e = joined({ defaultRouteTablePropagation: "disable" });
    for (const [attachment, cidr] of [
      [e.one, "10.1.0.0/16"],
      [e.other, "10.2.0.0/15"],
    ] as const)
      e.stack.addType(`${TGW}/prefixListReference:PrefixListReference`, {
        transitGatewayRouteTableId: e.transit,
        transitGatewayAttachmentId: attachment,
        prefixListId: e.stack.addType("aws:ec2/managedPrefixList:ManagedPrefixList", { entries: [{ cidr }] }),
      });
    expect(ask(e.stack).opens(e.client, e.host)).toBe("yes");
  });
});

describe("a load balancer of which the stack shows too little", () => {
  it.each([
    ["exists already", { target: { targetGroupArn: "arn:aws:elasticloadbalancing:eu-central-1:1:targetgroup/x/1" } }],
    [
      "has a listener on one that exists already",
      { listener: { loadBalancerArn: "arn:aws:elasticloadbalancing:eu-central-1:1:loadbalancer/net/x/1" } },
    ],
    ["has a port that is not known yet", { listener: { port: new Unknown() } }],
    ["has no subnet", { balancer: { subnets: undefined } }],
  ] as const)("that %s is undetermined, never closed", (_, change) => {
    const e = behind(change as never);
    expect(ask(e.stack).internet(e.host)).toEqual(maybe4);
  });
});

describe("a VPN gateway", () => {
  const withVpn = (connect: (s: Stack, table: Resource, vpn: Resource) => void) => {
    const e = edge({ group: { ingress: [tcp(25, { cidrBlocks: ["192.168.7.0/24", ANY] })] } });
    connect(e.stack, e.table, e.stack.addType("aws:ec2/vpnGateway:VpnGateway", { vpcId: e.vpc }));
    return e;
  };
  const type = "aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation";

  it("that propagates routes may bring any private network, and takes no Internet source away", () => {
    const e = withVpn((s, routeTableId, vpnGatewayId) => s.addType(type, { routeTableId, vpnGatewayId }));
    expect(ask(e.stack).internet(e.host)).toEqual(everybody4);
    expect(ask(e.stack).internal(e.host).maybe).toContain("192.168.0.0/16");
  });

  it("that propagates nothing brings nobody", () => {
    const e = withVpn(() => undefined);
    expect(ask(e.stack).internal(e.host).maybe).toEqual([]);
  });
});
