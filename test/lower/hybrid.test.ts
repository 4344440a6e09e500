import { describe, expect, it } from "vitest";
import { Unknown } from "../../policies/analysis/model/snapshot";
import { ask, everybody4 } from "./ask";
import { ANY, edge, everything, type Inputs, type Resource, Stack, tcp } from "./stack";

/** Networks outside the cloud: virtual private gateways, and what ends at a transit gateway. */

const VPN = {
  connection: "aws:ec2/vpnConnection:VpnConnection",
  route: "aws:ec2/vpnConnectionRoute:VpnConnectionRoute",
  gateway: "aws:ec2/vpnGateway:VpnGateway",
  attachment: "aws:ec2/vpnGatewayAttachment:VpnGatewayAttachment",
  propagation: "aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation",
} as const;

/** What connects beyond the host's own network. */
function beyond(stack: Stack, host: Resource) {
  const own = (text: string) => text.startsWith("10.0.") || text.startsWith("urn:");
  const { must, maybe } = ask(stack).internal(host);
  return { must: must.filter((text) => !own(text)), maybe: maybe.filter((text) => !own(text)) };
}

describe("a VPN connection on a virtual private gateway", () => {
  const site = (
    connection: Inputs,
    routes: readonly Inputs[string][],
    change: { attach?: boolean; route?: Inputs } = {},
  ) => {
    const e = edge();
    const gateway = e.stack.addType(VPN.gateway, change.attach === false ? {} : { vpcId: e.vpc });
    const customer = e.stack.addType("aws:ec2/customerGateway:CustomerGateway", { bgpAsn: "65000", type: "ipsec.1" });
    const made = e.stack.addType(VPN.connection, {
      vpnGatewayId: gateway,
      customerGatewayId: customer,
      type: "ipsec.1",
      ...connection,
    });
    for (const destinationCidrBlock of routes)
      e.stack.addType(VPN.route, { vpnConnectionId: made, destinationCidrBlock });
    if (change.route === undefined) e.stack.addType(VPN.propagation, { routeTableId: e.table, vpnGatewayId: gateway });
    else e.stack.add("route", { routeTableId: e.table, gatewayId: gateway, ...change.route });
    return { ...e, gateway };
  };

  it("brings exactly its static routes, where the subnet's table has them too", () => {
    const e = site({ staticRoutesOnly: true }, ["192.168.7.0/24", "172.20.0.0/16"]);
    expect(beyond(e.stack, e.host)).toEqual({ must: ["172.20.0.0/16", "192.168.7.0/24"], maybe: [] });
    expect(ask(e.stack).internet(e.host)).toEqual(everybody4);
    expect(ask(e.stack).network.unmodelled).toEqual([]);
  });

  it("brings what both the table and the connection send there", () => {
    const e = site({ staticRoutesOnly: true }, ["192.168.0.0/16"], {
      route: { destinationCidrBlock: "192.168.8.0/21" },
    });
    expect(beyond(e.stack, e.host)).toEqual({ must: ["192.168.8.0/21"], maybe: [] });
  });

  it("brings any private network over BGP, undetermined, and what a static route sends there", () => {
    const bgp = site({}, []);
    expect(beyond(bgp.stack, bgp.host).must).toEqual([]);
    expect(beyond(bgp.stack, bgp.host).maybe).toContain("192.168.0.0/16");
    const routed = site({}, [], { route: { destinationCidrBlock: "192.168.8.0/21" } });
    expect(beyond(routed.stack, routed.host)).toEqual({ must: [], maybe: ["192.168.8.0/21"] });
  });

  it("that may be static or not is undetermined", () => {
    const e = site({ staticRoutesOnly: new Unknown() }, ["192.168.7.0/24"]);
    expect(beyond(e.stack, e.host).must).toEqual([]);
    expect(beyond(e.stack, e.host).maybe).toContain("192.168.0.0/16");
  });

  it("with an unknown static route is undetermined there, and certain beside it", () => {
    const e = site({ staticRoutesOnly: true }, ["192.168.7.0/24", new Unknown()]);
    expect(beyond(e.stack, e.host).must).toEqual(["192.168.7.0/24"]);
    expect(beyond(e.stack, e.host).maybe).not.toEqual([]);
  });

  it("whose gateway is not attached to the VPC leads nowhere, and attached by a resource does", () => {
    const e = site({ staticRoutesOnly: true }, ["192.168.7.0/24"], { attach: false });
    expect(beyond(e.stack, e.host)).toEqual({ must: [], maybe: [] });
    e.stack.addType(VPN.attachment, { vpnGatewayId: e.gateway, vpcId: e.vpc });
    expect(beyond(e.stack, e.host)).toEqual({ must: ["192.168.7.0/24"], maybe: [] });
  });

  it("is filtered by the host's groups", () => {
    const e = site({ staticRoutesOnly: true }, ["192.168.7.0/24"]);
    const group = e.stack.add("group", { vpcId: e.vpc, ingress: [tcp(25, { cidrBlocks: ["192.168.7.64/26"] })] });
    const host = e.stack.add("instance", { subnetId: e.subnet, vpcSecurityGroupIds: [group] }, { name: "narrow" });
    expect(beyond(e.stack, host)).toEqual({ must: ["192.168.7.64/26"], maybe: [] });
  });

  it("of a gateway with Direct Connect is undetermined beside it", () => {
    const e = site({ staticRoutesOnly: true }, ["192.168.7.0/24"]);
    e.stack.addType("aws:directconnect/gatewayAssociation:GatewayAssociation", { associatedGatewayId: e.gateway });
    expect(beyond(e.stack, e.host).must).toEqual(["192.168.7.0/24"]);
    expect(beyond(e.stack, e.host).maybe).toContain("172.16.0.0/12");
  });
});

const TGW = {
  attachment: "aws:ec2transitgateway/vpcAttachment:VpcAttachment",
  table: "aws:ec2transitgateway/routeTable:RouteTable",
  association: "aws:ec2transitgateway/routeTableAssociation:RouteTableAssociation",
  propagation: "aws:ec2transitgateway/routeTablePropagation:RouteTablePropagation",
  route: "aws:ec2transitgateway/route:Route",
  list: "aws:ec2transitgateway/prefixListReference:PrefixListReference",
} as const;

/** Two VPCs on a transit gateway, each with a route to the other; a client in the one and a server in the other. */
function joined(gateway: Inputs = {}, attachment: Inputs = {}) {
  const stack = new Stack();
  const transit = stack.add("transitGateway", gateway, { name: "tgw" });
  const side = (n: number) => {
    const vpc = stack.add("vpc", { cidrBlock: `10.${n}.0.0/16` }, { name: `vpc-${n}` });
    const subnet = stack.add("subnet", { vpcId: vpc, cidrBlock: `10.${n}.1.0/24` }, { name: `subnet-${n}` });
    const table = stack.add("table", { vpcId: vpc }, { name: `table-${n}` });
    stack.add("association", { subnetId: subnet, routeTableId: table });
    const joint = stack.addType(
      TGW.attachment,
      { transitGatewayId: transit, vpcId: vpc, subnetIds: [subnet], ...attachment },
      { name: `attachment-${n}` },
    );
    stack.add("route", { routeTableId: table, destinationCidrBlock: "10.0.0.0/8", transitGatewayId: transit });
    const group = stack.add(
      "group",
      { vpcId: vpc, ingress: [tcp(25, { cidrBlocks: [ANY] })], egress: [everything({ cidrBlocks: [ANY] })] },
      { name: `group-${n}` },
    );
    const host = stack.add("instance", { subnetId: subnet, vpcSecurityGroupIds: [group] }, { name: `host-${n}` });
    return { vpc, subnet, table, joint, host };
  };
  const [a, b] = [side(1), side(2)];
  const opens = () => ask(stack).opens(a.host, b.host);
  return { stack, transit, a, b, opens };
}

describe("the default table of a transit gateway", () => {
  it("joins all attachments unless association or propagation is off, on the gateway or the attachment", () => {
    expect(joined().opens()).toBe("yes");
    expect(joined({ defaultRouteTableAssociation: "disable" }).opens()).toBe("no");
    expect(joined({ defaultRouteTablePropagation: "disable" }).opens()).toBe("no");
    expect(joined({}, { transitGatewayDefaultRouteTableAssociation: false }).opens()).toBe("no");
    expect(joined({}, { transitGatewayDefaultRouteTablePropagation: false }).opens()).toBe("no");
  });

  it("is undetermined where a switch is not known", () => {
    expect(joined({ defaultRouteTableAssociation: new Unknown() }).opens()).toBe("maybe");
    expect(joined({ defaultRouteTablePropagation: new Unknown() }).opens()).toBe("maybe");
    expect(joined({}, { transitGatewayDefaultRouteTableAssociation: new Unknown() }).opens()).toBe("maybe");
    expect(joined({}, { transitGatewayDefaultRouteTablePropagation: new Unknown() }).opens()).toBe("maybe");
  });

  it("takes explicit propagations and static routes by the gateway's own output", () => {
    const propagated = joined({ defaultRouteTablePropagation: "disable" });
    for (const { joint } of [propagated.a, propagated.b])
      propagated.stack.addType(TGW.propagation, {
        transitGatewayAttachmentId: joint,
        transitGatewayRouteTableId: propagated.transit,
      });
    expect(propagated.opens()).toBe("yes");
    const routed = joined({ defaultRouteTablePropagation: "disable" });
    for (const [destinationCidrBlock, { joint }] of [
      ["10.1.0.0/16", routed.a],
      ["10.2.0.0/16", routed.b],
    ] as const)
      routed.stack.addType(TGW.route, {
        destinationCidrBlock,
        transitGatewayAttachmentId: joint,
        transitGatewayRouteTableId: routed.transit,
      });
    expect(routed.opens()).toBe("yes");
  });
});

describe("routes of a transit gateway", () => {
  const withRoute = (type: string, inputs: (e: ReturnType<typeof joined>) => Inputs) => {
    const e = joined();
    e.stack.addType(type, { transitGatewayRouteTableId: e.transit, ...inputs(e) });
    return e.opens();
  };
  const hole = { destinationCidrBlock: "10.2.0.0/16" };

  it("static ones beat propagated ones: a blackhole closes, one that may be open leaves it open", () => {
    expect(withRoute(TGW.route, () => ({ ...hole, blackhole: true }))).toBe("no");
    expect(
      withRoute(TGW.route, (e) => ({ ...hole, blackhole: new Unknown(), transitGatewayAttachmentId: e.b.joint })),
    ).toBe("maybe");
    expect(withRoute(TGW.route, () => ({ ...hole, blackhole: true, destinationCidrBlock: "10.2.128.0/17" }))).toBe(
      "yes",
    );
  });

  it("whose table is only possible are possible", () => {
    const e = joined();
    const table = e.stack.addType(TGW.table, { transitGatewayId: e.transit });
    const either = new Unknown([e.transit.urn, table.urn]);
    e.stack.addType(TGW.route, { ...hole, blackhole: true, transitGatewayRouteTableId: either });
    expect(e.opens()).toBe("maybe");
  });

  it("by prefix list count block by block; a list outside the stack may be anything", () => {
    const list = (e: ReturnType<typeof joined>) =>
      e.stack.add("prefixList", { entries: [{ cidr: "10.2.0.0/16" }], maxEntries: 1 });
    expect(withRoute(TGW.list, (e) => ({ prefixListId: list(e), blackhole: true }))).toBe("no");
    expect(withRoute(TGW.list, () => ({ prefixListId: "pl-0123456789abcdef0", blackhole: true }))).not.toBe("no");
  });

  it("of a table of its own decide, and an association that is not certain leaves both open", () => {
    const e = joined();
    const table = e.stack.addType(TGW.table, { transitGatewayId: e.transit });
    const { opens } = e;
    e.stack.addType(TGW.association, {
      transitGatewayAttachmentId: new Unknown([e.a.joint.urn, e.b.joint.urn]),
      transitGatewayRouteTableId: table,
    });
    expect(opens()).toBe("maybe");
    e.stack.addType(TGW.association, { transitGatewayAttachmentId: e.a.joint, transitGatewayRouteTableId: table });
    expect(opens()).toBe("no");
  });
});

describe("a VPN connection on a transit gateway", () => {
  const vpn = (connection: Inputs, routes: readonly string[]) => {
    const e = joined();
    e.stack.add("route", {
      routeTableId: e.b.table,
      destinationCidrBlock: "192.168.0.0/16",
      transitGatewayId: e.transit,
    });
    const made = e.stack.addType(VPN.connection, { transitGatewayId: e.transit, type: "ipsec.1", ...connection });
    for (const destinationCidrBlock of routes)
      e.stack.addType(TGW.route, {
        destinationCidrBlock,
        transitGatewayAttachmentId: made,
        transitGatewayRouteTableId: e.transit,
      });
    const { must, maybe } = ask(e.stack).internal(e.b.host);
    const far = (list: readonly string[]) => list.filter((text) => !/^(10\.[12]\.|urn:)/.test(text));
    return { must: far(must), maybe: far(maybe) };
  };

  it("brings exactly what static routes of the gateway and of the subnet send there", () => {
    expect(vpn({ staticRoutesOnly: true }, ["192.168.7.0/24"])).toEqual({ must: ["192.168.7.0/24"], maybe: [] });
  });

  it("brings what the subnet routes there over BGP, undetermined", () => {
    expect(vpn({}, []).must).toEqual([]);
    expect(vpn({}, []).maybe).toContain("192.168.0.0/16");
  });
});
