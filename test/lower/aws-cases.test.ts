import { describe, expect, it } from "vitest";
import { Unknown } from "../../policies/analysis/model/snapshot";
import { ask, everybody4, everybody6, exact, maybe4, nobody, uncertain } from "./ask";
import { ANY, ANY6, type Edge, edge, everything, type Inputs, tcp } from "./stack";

/** Networks that a reader of single rules gets wrong, each with the exact set that can connect to port 25 of E. */

const internet = ({ stack, host }: Edge, port = 25) => ask(stack).internet(host, port);
const withRules = (...ingress: Inputs[]) => edge({ group: { ingress: ingress as never } });

describe("security groups", () => {
  it("two halves make the whole", () => {
    expect(
      internet(withRules(tcp(25, { cidrBlocks: ["0.0.0.0/1"] }), tcp(25, { cidrBlocks: ["128.0.0.0/1"] }))),
    ).toEqual(everybody4);
  });

  it("tcp 0-0 is port 0 only; all traffic ignores the ports", () => {
    expect(internet(withRules(tcp(0, { cidrBlocks: [ANY] })))).toEqual(nobody);
    expect(internet(withRules(everything({ cidrBlocks: [ANY] })))).toEqual(everybody4);
    expect(internet(withRules({ protocol: "-1", fromPort: 443, toPort: 443, cidrBlocks: [ANY] }))).toEqual(everybody4);
  });

  it.each(["6", "TCP", "tcp", "all", "-1", "99"])("protocol %s carries SMTP", (protocol) => {
    expect(internet(withRules({ protocol, fromPort: 25, toPort: 25, cidrBlocks: [ANY] }))).toEqual(everybody4);
  });

  it.each(["udp", "17", "icmp", "1", "58"])("protocol %s does not", (protocol) => {
    expect(internet(withRules({ protocol, fromPort: 25, toPort: 25, cidrBlocks: [ANY] }))).toEqual(nobody);
  });

  it("from and to that are absent or -1 on TCP mean every port; from above to means none", () => {
    expect(internet(withRules({ protocol: "tcp", cidrBlocks: [ANY] }))).toEqual(everybody4);
    expect(internet(withRules({ protocol: "tcp", fromPort: -1, toPort: -1, cidrBlocks: [ANY] }))).toEqual(everybody4);
    expect(internet(withRules({ protocol: "tcp", fromPort: 30, toPort: 20, cidrBlocks: [ANY] }))).toEqual(nobody);
  });

  it("inline, SecurityGroupRule and vpc rules add up, whatever comes first", () => {
    const e = withRules({ protocol: "tcp", fromPort: 25, toPort: 25, self: true });
    e.stack.add("groupRule", {
      type: "ingress",
      securityGroupId: e.group,
      protocol: "tcp",
      fromPort: 25,
      toPort: 25,
      cidrBlocks: ["0.0.0.0/1"],
    });
    e.stack.add("ingressRule", {
      securityGroupId: e.group,
      ipProtocol: "tcp",
      fromPort: 25,
      toPort: 25,
      cidrIpv4: "128.0.0.0/1",
    });
    expect(internet(e)).toEqual(everybody4);
  });

  it("a rule without a source admits nobody", () => {
    expect(internet(withRules(tcp(25, {})))).toEqual(nobody);
  });

  it("egress is absent: nothing may leave; a reply still does", () => {
    const e = edge({ group: { egress: undefined } });
    expect(ask(e.stack).egress(e.host)).toEqual(nobody);
    expect(internet(e)).toEqual(everybody4);
  });

  it("a launch without groups has the VPC's default group, which admits its own members only", () => {
    const e = edge({ host: { vpcSecurityGroupIds: undefined } });
    expect(internet(e)).toEqual(nobody);
    const other = e.stack.add("instance", { subnetId: e.subnet }, { name: "other" });
    expect(ask(e.stack).internal(e.host)).toEqual(exact(other.urn));
    expect(ask(e.stack).egress(e.host)).toEqual(everybody4);
  });

  it("an adopted default group is exactly as declared", () => {
    const e = edge({ host: { vpcSecurityGroupIds: undefined } });
    e.stack.add("defaultGroup", { vpcId: e.vpc, ingress: [tcp(25, { cidrBlocks: ["203.0.113.0/24"] })] });
    expect(internet(e)).toEqual(exact("203.0.113.0/24"));
    expect(ask(e.stack).egress(e.host)).toEqual(nobody);
  });

  it("a reference means private addresses of the members, with or without a machine; never the Internet", () => {
    const e = edge({ group: { ingress: [] } });
    const group = e.stack.add("group", { vpcId: e.vpc }, { name: "b" });
    e.stack.add("ingressRule", {
      securityGroupId: e.group,
      ipProtocol: "tcp",
      fromPort: 25,
      toPort: 25,
      referencedSecurityGroupId: group,
    });
    const b = e.stack.add("eni", { subnetId: e.subnet, securityGroups: [group] }, { name: "spare" });
    e.stack.add("eni", { subnetId: e.subnet, securityGroups: [group], privateIps: ["10.0.1.77"] });
    e.stack.add("eip", { networkInterface: b });
    expect(internet(e)).toEqual(nobody);
    expect(ask(e.stack).internal(e.host)).toEqual(exact("10.0.1.77/32", b.urn));
  });

  it("prefix lists are their entries, inline and standalone; an empty one matches nothing, a foreign one may be anything", () => {
    const e = edge({ group: { ingress: [] } });
    const list = e.stack.add("prefixList", { entries: [{ cidr: "203.0.113.0/25" }], maxEntries: 5 });
    e.stack.add("prefixListEntry", { prefixListId: list, cidr: "203.0.113.128/25" });
    const rule = { securityGroupId: e.group, ipProtocol: "tcp", fromPort: 25, toPort: 25 };
    e.stack.add("ingressRule", { ...rule, prefixListId: list });
    e.stack.add("ingressRule", { ...rule, prefixListId: e.stack.add("prefixList", { maxEntries: 1 }) });
    expect(internet(e)).toEqual(exact("203.0.113.0/24"));
    e.stack.add("ingressRule", { ...rule, prefixListId: "pl-0123456789abcdef0" });
    const { must, maybe } = internet(e);
    expect(must).toEqual(["203.0.113.0/24"]);
    expect(maybe).not.toEqual([]);
  });
});

describe("routes", () => {
  it("without a default only what is routed to the gateway connects", () => {
    expect(internet(edge({ routes: (igw) => [{ cidrBlock: "203.0.113.0/24", gatewayId: igw }] }))).toEqual(
      exact("203.0.113.0/24"),
    );
  });

  it("a more specific route to something else takes its sources away", () => {
    const e = edge({
      routes: (igw, stack) => [
        { cidrBlock: ANY, gatewayId: igw },
        { cidrBlock: "198.51.100.0/24", transitGatewayId: stack.add("transitGateway") },
      ],
    });
    const { must, maybe } = internet(e);
    expect(maybe).toEqual([]);
    expect(must).not.toContain("0.0.0.0/0");
    expect(must).toContain("198.51.101.0/24");
    expect(must).not.toContain("198.51.100.0/24");
  });

  it("a reply that leaves by a NAT gateway completes nothing", () => {
    const e = edge({ routes: (_, stack) => [{ cidrBlock: ANY, natGatewayId: stack.add("nat", {}) }] });
    e.stack.add("eip", { instance: e.host });
    expect(internet(e)).toEqual(nobody);
  });

  it("targets that share what their table depends on are told apart by what their property can name", () => {
    const routed = (routes: (igw: Unknown, nat: Unknown) => readonly Inputs[]) =>
      edge({
        routes: (igw, stack) => {
          const shared = new Unknown([igw.urn, stack.add("nat", {}).urn, stack.add("transitGateway").urn]);
          return routes(shared, shared) as never;
        },
      });
    const byNat = routed((_, nat) => [{ cidrBlock: ANY, natGatewayId: nat }]);
    byNat.stack.add("eip", { instance: byNat.host });
    expect(internet(byNat)).toEqual(nobody);
    // A NAT gateway is taken as `gatewayId` too.
    const byGateway = routed((gateway) => [{ cidrBlock: ANY, gatewayId: gateway }]);
    expect(internet(byGateway)).toEqual(maybe4);
  });

  it("a subnet without association has the main table, which knows the local route only", () => {
    const e = edge({ associate: false });
    expect(internet(e)).toEqual(nobody);
    // `vpc.mainRouteTableId` depends on the VPC and nothing else.
    e.stack.add("route", { routeTableId: e.vpc, destinationCidrBlock: ANY, gatewayId: e.igw });
    expect(internet(e)).toEqual(everybody4);
  });

  it("the main table can be another one, or be adopted", () => {
    const e = edge({ associate: false });
    e.stack.add("mainAssociation", { vpcId: e.vpc, routeTableId: e.table });
    expect(internet(e)).toEqual(everybody4);
    const f = edge({ associate: false });
    f.stack.add("defaultTable", { defaultRouteTableId: f.vpc, routes: [{ cidrBlock: ANY, gatewayId: f.igw }] });
    expect(internet(f)).toEqual(everybody4);
  });

  it("a target counts by what it refers to, not by the property's name", () => {
    expect(internet(edge({ routes: (igw) => [{ cidrBlock: ANY, natGatewayId: igw }] }))).toEqual(everybody4);
  });

  it("a gateway works only where it is attached, by property or by resource", () => {
    const e = edge({ routes: () => [] });
    const loose = e.stack.add("igw", {}, { name: "loose" });
    e.stack.add("route", { routeTableId: e.table, destinationCidrBlock: ANY, gatewayId: loose });
    expect(internet(e)).toEqual(nobody);
    e.stack.add("igwAttachment", { internetGatewayId: loose, vpcId: e.vpc });
    expect(internet(e)).toEqual(everybody4);
  });

  it("a gateway endpoint for storage takes nobody's mail away", () => {
    const e = edge();
    const endpoint = e.stack.addType("aws:ec2/vpcEndpoint:VpcEndpoint", {
      vpcId: e.vpc,
      serviceName: "com.amazonaws.eu-central-1.s3",
      routeTableIds: [e.table],
    });
    const route = { destinationPrefixListId: "pl-0123456789abcdef0", vpcEndpointId: endpoint };
    e.stack.add("route", { routeTableId: e.table, ...route });
    expect(internet(e)).toEqual(everybody4);
  });

  it("a route whose destination is not known yet decides nothing", () => {
    const e = edge({
      routes: (igw) => [
        { cidrBlock: ANY, gatewayId: igw },
        { cidrBlock: new Unknown(), natGatewayId: new Unknown() },
      ],
    });
    expect(internet(e)).toEqual(maybe4);
  });
});

describe("network ACLs", () => {
  const acl = (ingress: Inputs[], egress: Inputs[], change: Parameters<typeof edge>[0] = {}) => {
    const e = edge(change);
    e.stack.add("acl", { vpcId: e.vpc, subnetIds: [e.subnet], ingress: ingress as never, egress: egress as never });
    return e;
  };
  const rule = (ruleNo: number, action: string, cidrBlock: string, more: Inputs = {}) => ({
    ruleNo,
    action,
    protocol: "-1",
    fromPort: 0,
    toPort: 0,
    cidrBlock,
    ...more,
  });
  const all = rule(100, "allow", ANY);
  const smtp = { protocol: "tcp", fromPort: 25, toPort: 25 };

  it("an outbound 443 is enough: the attacker binds source port 443", () => {
    const e = acl(
      [rule(100, "allow", ANY, smtp)],
      [rule(100, "allow", ANY, { protocol: "tcp", fromPort: 443, toPort: 443 })],
    );
    expect(internet(e)).toEqual(everybody4);
  });

  it("the first match by number wins, in whatever order they are written", () => {
    const deny = { protocol: "tcp", fromPort: 0, toPort: 65535 };
    const first = internet(acl([all, rule(90, "deny", "203.0.113.0/24", deny)], [all]));
    expect(first.must).not.toContain("0.0.0.0/0");
    expect(first.must).toContain("203.0.112.0/24");
    expect(internet(acl([rule(110, "deny", "203.0.113.0/24", deny), all], [all]))).toEqual(everybody4);
  });

  it("one without rules closes the subnet; neighbours in it still reach E", () => {
    const e = acl([], []);
    expect(internet(e)).toEqual(nobody);
    expect(ask(e.stack).internal(e.host)).toEqual(exact("10.0.1.0/24"));
  });

  it("an adopted default ACL without rules denies everything", () => {
    const e = edge();
    e.stack.add("defaultAcl", { defaultNetworkAclId: e.vpc });
    expect(internet(e)).toEqual(nobody);
  });

  it("masks host bits, and takes 0-65535 for every port", () => {
    const e = acl([rule(100, "allow", "203.0.113.77/24", { protocol: "6", fromPort: 0, toPort: 65535 })], [all]);
    expect(internet(e)).toEqual(exact("203.0.113.0/24"));
  });

  it("standalone rules spell number and action differently and are read alike", () => {
    const e = acl([], []);
    const owner = e.stack.snapshots.find(({ type }) => type.endsWith(":NetworkAcl"));
    const networkAclId = new Unknown([owner?.urn ?? ""]);
    const base = { networkAclId, protocol: "-1", ruleAction: "allow" };
    e.stack.add("aclRule", { ...base, ruleNumber: 100, cidrBlock: "203.0.113.0/24" });
    e.stack.add("aclRule", { ...base, ruleNumber: 100, egress: true, cidrBlock: ANY });
    expect(internet(e)).toEqual(exact("203.0.113.0/24"));
  });

  it("what is not known of a rule decides neither way", () => {
    expect(internet(acl([rule(100, "allow", ANY, { cidrBlock: new Unknown() })], [all]))).toEqual(maybe4);
    expect(internet(acl([rule(90, "deny", ANY, { cidrBlock: new Unknown() }), all], [all]))).toEqual(maybe4);
    expect(internet(acl([{ ...all, action: new Unknown() }], [all]))).toEqual(maybe4);
    expect(internet(acl([{ ...all, ruleNo: new Unknown() }], [all]))).toEqual(maybe4);
  });
});

describe("addresses", () => {
  it("IPv6 needs no mapping: gateway, ACL and group decide", () => {
    const v6 = (route: (e: Edge) => Inputs) => {
      const e = edge({
        vpc: { ipv6CidrBlock: "2600:1f14:1::/56" },
        subnet: { mapPublicIpOnLaunch: false, ipv6CidrBlock: "2600:1f14:1::/64", assignIpv6AddressOnCreation: true },
        routes: () => [],
        group: { ingress: [tcp(25, { ipv6CidrBlocks: [ANY6] })] },
      });
      e.stack.add("route", { routeTableId: e.table, destinationIpv6CidrBlock: ANY6, ...route(e) });
      return e;
    };
    expect(internet(v6((e) => ({ gatewayId: e.igw })))).toEqual(everybody6);
    expect(internet(v6((e) => ({ egressOnlyGatewayId: e.stack.add("eigw", { vpcId: e.vpc }) })))).toEqual(nobody);
  });

  it("a generated IPv6 block exists all the same", () => {
    const e = edge({
      vpc: { assignGeneratedIpv6CidrBlock: true },
      subnet: { ipv6CidrBlock: new Unknown(), assignIpv6AddressOnCreation: true },
      routes: (igw) => [{ ipv6CidrBlock: ANY6, gatewayId: igw }],
      group: { ingress: [tcp(25, { ipv6CidrBlocks: [ANY6] })] },
    });
    expect(internet(e)).toEqual(everybody6);
  });

  it("0.0.0.0/0 never admits IPv6, and ::/0 never IPv4", () => {
    const dual = (cidrs: Inputs) =>
      edge({
        vpc: { ipv6CidrBlock: "2600:1f14:1::/56" },
        subnet: { ipv6CidrBlock: "2600:1f14:1::/64", assignIpv6AddressOnCreation: true },
        routes: (igw) => [
          { cidrBlock: ANY, gatewayId: igw },
          { ipv6CidrBlock: ANY6, gatewayId: igw },
        ],
        group: { ingress: [tcp(25, cidrs)] },
      });
    expect(internet(dual({ cidrBlocks: [ANY] }))).toEqual(everybody4);
    expect(internet(dual({ ipv6CidrBlocks: [ANY6] }))).toEqual(everybody6);
  });

  it("an existing interface ignores the subnet's flag; an Elastic IP of either reaches it", () => {
    const e = edge({ host: { subnetId: undefined, vpcSecurityGroupIds: undefined } });
    const eni = e.stack.add("eni", { subnetId: e.subnet, securityGroups: [e.group] });
    const own = e.stack.add("instance", { primaryNetworkInterface: { networkInterfaceId: eni } }, { name: "own" });
    expect(ask(e.stack).internet(own)).toEqual(nobody);
    e.stack.add("eip", { instance: own });
    expect(ask(e.stack).internet(own)).toEqual(everybody4);
  });

  it.each(["instanceId", "networkInterfaceId"])("an association names either (%s)", (property) => {
    const e = edge({ subnet: { mapPublicIpOnLaunch: false } });
    expect(internet(e)).toEqual(nobody);
    e.stack.add("eipAssociation", { allocationId: e.stack.add("eip"), [property]: e.host });
    expect(internet(e)).toEqual(everybody4);
  });

  it("the flag of the launch wins over the subnet's", () => {
    expect(internet(edge({ host: { associatePublicIpAddress: false } }))).toEqual(nobody);
    expect(internet(edge({ subnet: { mapPublicIpOnLaunch: undefined } }))).toEqual(nobody);
    expect(internet(edge({ subnet: { mapPublicIpOnLaunch: new Unknown() } }))).toEqual(maybe4);
  });

  it("an attachment adds its group to the union", () => {
    const e = edge({ group: { ingress: [] } });
    const more = e.stack.add(
      "group",
      { vpcId: e.vpc, ingress: [tcp(25, { cidrBlocks: ["203.0.113.0/24"] })] },
      { name: "more" },
    );
    e.stack.add("groupAttachment", { securityGroupId: more, networkInterfaceId: e.host });
    expect(internet(e)).toEqual(exact("203.0.113.0/24"));
  });

  it("a secondary interface is a way in of its own", () => {
    const e = edge({ group: { ingress: [] } });
    const open = e.stack.add("group", { vpcId: e.vpc, ingress: [tcp(25, { cidrBlocks: [ANY] })] }, { name: "open" });
    const eni = e.stack.add("eni", { subnetId: e.subnet, securityGroups: [open] });
    e.stack.add("attachment", { instanceId: e.host, networkInterfaceId: eni, deviceIndex: 1 });
    expect(internet(e)).toEqual(nobody);
    e.stack.add("eip", { networkInterface: eni });
    expect(internet(e)).toEqual(everybody4);
  });

  it("a launch without a subnet is public in the default VPC", () => {
    const e = edge({ host: { subnetId: undefined } });
    expect(internet(e)).toEqual(everybody4);
  });
});

describe("what is outside the stack is undetermined, never closed", () => {
  it.each(["subnet-0123456789abcdef0", new Unknown()])("a subnet %s", (subnetId) => {
    expect(internet(edge({ host: { subnetId } }))).toEqual(maybe4);
  });

  it("a subnet in one of several VPCs", () => {
    const e = edge();
    const other = e.stack.add("vpc", { cidrBlock: "10.9.0.0/16" }, { name: "other" });
    const vpcId = new Unknown([e.vpc.urn, other.urn]);
    const subnet = e.stack.add("subnet", { vpcId, cidrBlock: "10.0.7.0/24", mapPublicIpOnLaunch: true });
    const host = e.stack.add("instance", { subnetId: subnet, vpcSecurityGroupIds: [e.group] }, { name: "either" });
    const asked = ask(e.stack);
    expect(asked.internet(host)).toEqual(maybe4);
    expect(asked.opens(host, e.host)).toBe("maybe");
  });

  it("a group by id, whatever the other groups say", () => {
    const e = edge({ group: { ingress: [] }, host: { vpcSecurityGroupIds: ["sg-0123456789abcdef0"] } });
    expect(internet(e)).toEqual(maybe4);
  });

  it("a group that is read", () => {
    const e = edge();
    const read = e.stack.add("group", {}, { name: "read", external: true, id: "sg-1" });
    const other = e.stack.add("instance", { subnetId: e.subnet, vpcSecurityGroupIds: [read] }, { name: "other" });
    expect(ask(e.stack).internet(other)).toEqual(maybe4);
  });

  it("one of several groups: both are possible, none is certain", () => {
    const e = edge({ group: { ingress: [] } });
    const [a, b] = ["203.0.113.0/25", "203.0.113.128/25"].map((block, i) =>
      e.stack.add("group", { vpcId: e.vpc, ingress: [tcp(25, { cidrBlocks: [block] })] }, { name: `maybe-${i}` }),
    );
    const either = new Unknown([a?.urn ?? "", b?.urn ?? ""]);
    const other = e.stack.add("instance", { subnetId: e.subnet, vpcSecurityGroupIds: [either] }, { name: "other" });
    expect(ask(e.stack).internet(other)).toEqual(uncertain("203.0.113.0/24"));
  });

  it("a list of unknown ids with fewer candidates than items names something else too", () => {
    const e = edge({ group: { ingress: [] } });
    const merged = new Unknown([e.group.urn]);
    const other = e.stack.add(
      "instance",
      { subnetId: e.subnet, vpcSecurityGroupIds: [merged, merged] },
      { name: "other" },
    );
    expect(ask(e.stack).internet(other)).toEqual(maybe4);
    const beside = { subnetId: e.subnet, vpcSecurityGroupIds: [e.group, new Unknown()] };
    const third = e.stack.add("instance", beside, { name: "beside" });
    expect(ask(e.stack).internet(third)).toEqual(maybe4);
  });
});
