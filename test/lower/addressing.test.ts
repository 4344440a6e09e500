import { describe, expect, test } from "vitest";
import { Unknown } from "../../policies/analysis/model/snapshot";
import { ask, everybody4, everybody6, exact, maybe4, nobody } from "./ask";
import { ANY, ANY6, type Edge, edge, everything, type Inputs, type Resource, Stack, tcp } from "./stack";

/** How interfaces get addresses, groups and public mappings. */

describe("auto-assigned public IPv4 addresses", () => {
  test("come from the subnet's flag, and the launch's own flag wins", () => {
    const answer = (subnet: boolean | undefined, launch: boolean | undefined) => {
      const built = edge({ subnet: { mapPublicIpOnLaunch: subnet }, host: { associatePublicIpAddress: launch } });
      return ask(built.stack).internet(built.host);
    };
    expect(answer(undefined, undefined)).toEqual(nobody);
    expect(answer(true, undefined)).toEqual(everybody4);
    expect(answer(true, false)).toEqual(nobody);
    expect(answer(false, true)).toEqual(everybody4);
  });

  test("are undetermined while the flag is unknown, beside a certain Elastic IP", () => {
    const built = edge({ host: { associatePublicIpAddress: new Unknown() } });
    expect(ask(built.stack).internet(built.host)).toEqual(maybe4);
    built.stack.add("eip", { instance: built.host });
    expect(ask(built.stack).internet(built.host)).toEqual(everybody4);
  });

  test("need the launch to make exactly one interface", () => {
    const built = edge();
    const second = built.stack.add("eni", { subnetId: built.subnet });
    const two = built.stack.add("instance", {
      subnetId: built.subnet,
      vpcSecurityGroupIds: [built.group],
      networkInterfaces: [{ networkInterfaceId: second, deviceIndex: 1 }],
    });
    expect(ask(built.stack).internet(two)).toEqual(nobody);
  });
});

describe("Elastic IPs", () => {
  const dark = () => edge({ subnet: { mapPublicIpOnLaunch: false } });

  test("reach an instance by any of the ways to associate them", () => {
    const forms: readonly ((built: ReturnType<typeof dark>) => void)[] = [
      ({ stack, host }) => stack.add("eip", { instance: host }),
      ({ stack, host }) => stack.add("eip", { networkInterface: host.id }),
      ({ stack, host }) => stack.add("eipAssociation", { allocationId: stack.add("eip"), instanceId: host }),
      ({ stack, host }) => stack.add("eipAssociation", { allocationId: stack.add("eip"), networkInterfaceId: host.id }),
      ({ stack, host }) => stack.add("eipAssociation", { publicIp: stack.add("eip").id, instanceId: host }),
    ];
    for (const associate of forms) {
      const built = dark();
      associate(built);
      expect(ask(built.stack).internet(built.host)).toEqual(everybody4);
    }
  });

  test("that nothing associates open nothing", () => {
    const built = dark();
    built.stack.add("eip", { domain: "vpc" });
    expect(ask(built.stack).internet(built.host)).toEqual(nobody);
  });

  test("with one of two instances in question leave both undetermined", () => {
    const built = dark();
    const other = built.stack.add("instance", { subnetId: built.subnet, vpcSecurityGroupIds: [built.group] });
    built.stack.add("eip", { instance: new Unknown([built.host.urn, other.urn]) });
    const asked = ask(built.stack);
    expect(asked.internet(built.host)).toEqual(maybe4);
    expect(asked.internet(other)).toEqual(maybe4);
  });

  test("of an instance map to its primary interface, not to one attached later", () => {
    const built = dark();
    const inner = built.stack.add("subnet", { vpcId: built.vpc, cidrBlock: "10.0.9.0/24" });
    const second = built.stack.add("eni", { subnetId: inner, securityGroups: [built.group] });
    built.stack.add("attachment", { instanceId: built.host, networkInterfaceId: second, deviceIndex: 1 });
    built.stack.add("eip", { instance: built.host });
    const asked = ask(built.stack);
    const [publicClass] = asked
      .host(built.host)
      .classes.filter((id) => asked.network.classes.get(id)?.subnet === built.subnet.urn);
    const flows = asked.flows.inbound(asked.host(built.host), 25).filter((flow) => flow.path.zone.kind === "internet");
    expect(flows.map((flow) => flow.path.class)).toEqual([publicClass]);
  });
});

describe("interfaces", () => {
  test("a host is reachable on any of its interfaces", () => {
    const built = edge({ group: { ingress: [] } });
    const open = built.stack.add("group", { vpcId: built.vpc, ingress: [tcp(25, { cidrBlocks: [ANY] })] });
    const second = built.stack.add("eni", { subnetId: built.subnet, securityGroups: [open] });
    built.stack.add("attachment", { instanceId: built.host, networkInterfaceId: second, deviceIndex: 1 });
    expect(ask(built.stack).internet(built.host)).toEqual(nobody);
    built.stack.add("eip", { networkInterface: second });
    expect(ask(built.stack).internet(built.host)).toEqual(everybody4);
  });

  test("an attached group adds to the union, through the interface or its instance", () => {
    const built = edge({ group: { ingress: [] } });
    const open = built.stack.add("group", { vpcId: built.vpc, ingress: [tcp(25, { cidrBlocks: [ANY] })] });
    built.stack.add("groupAttachment", { networkInterfaceId: built.host.id, securityGroupId: open });
    expect(ask(built.stack).internet(built.host)).toEqual(everybody4);
  });

  test("a group attached through an instance is its primary interface's", () => {
    const built = edge({ group: { ingress: [] } });
    const open = built.stack.add("group", { vpcId: built.vpc, ingress: [tcp(25, { cidrBlocks: [ANY] })] });
    const second = built.stack.add("eni", { subnetId: built.subnet, securityGroups: [built.group] });
    built.stack.add("attachment", { instanceId: built.host, networkInterfaceId: second, deviceIndex: 1 });
    built.stack.add("eip", { networkInterface: second });
    built.stack.add("groupAttachment", { networkInterfaceId: built.host.id, securityGroupId: open });
    const asked = ask(built.stack);
    const flows = asked.flows.inbound(asked.host(built.host), 25).filter((flow) => flow.path.zone.kind === "internet");
    expect(flows.map((flow) => asked.network.classes.get(flow.path.class)?.interfaces)).toEqual([[built.host.urn]]);
  });

  test("an interface without groups carries the VPC's default group", () => {
    const built = edge({ host: { vpcSecurityGroupIds: undefined } });
    const peer = built.stack.add("instance", { subnetId: built.subnet }, { name: "peer" });
    const asked = ask(built.stack);
    expect(asked.internet(built.host)).toEqual(nobody);
    expect(asked.opens(peer, built.host)).toBe("yes");
    expect(asked.egress(built.host)).toEqual(everybody4);
  });

  test("a list of groups that is unknown as a whole may name more than what it is made from", () => {
    const { stack, subnet, vpc } = edge();
    const closed = stack.add("group", { vpcId: vpc, ingress: [] }, { name: "closed" });
    const internet = (vpcSecurityGroupIds: Inputs[string]) => {
      const place = { subnetId: subnet, associatePublicIpAddress: true };
      const host = stack.add("instance", { ...place, vpcSecurityGroupIds });
      return ask(stack).internet(host);
    };
    expect(internet([closed])).toEqual(nobody);
    expect(internet(closed.id)).toEqual(maybe4);
  });

  test("an interface that exists already may be anywhere and open to anybody", () => {
    const stack = new Stack();
    const eni = stack.add("eni", {}, { external: true });
    const host = stack.add("instance", { primaryNetworkInterface: { networkInterfaceId: eni } });
    const literal = stack.add("instance", { primaryNetworkInterface: { networkInterfaceId: "eni-0123456789abcdef0" } });
    const listed = stack.add("instance", {
      networkInterfaces: [{ networkInterfaceId: "eni-0123456789abcdef1", deviceIndex: 0 }],
    });
    const asked = ask(stack);
    for (const instance of [host, literal, listed]) {
      expect(asked.internet(instance).must).toEqual([]);
      expect(asked.internet(instance).maybe).toContain("0.0.0.0/0");
    }
  });

  test("a route to a machine leads on only where its source/destination check may be off, on itself or its interface", () => {
    const through = (make: (built: Edge) => Resource, mapped = true) => {
      const built = edge({ subnet: { mapPublicIpOnLaunch: false } });
      const inner = built.stack.add("subnet", { vpcId: built.vpc, cidrBlock: "10.0.2.0/24" }, { name: "inner" });
      const table = built.stack.add("table", { vpcId: built.vpc }, { name: "by machine" });
      built.stack.add("association", { subnetId: inner, routeTableId: table });
      const target = make(built);
      const owner = target.type.endsWith(":Instance") ? "instance" : "networkInterface";
      if (mapped) built.stack.add("eip", { [owner]: target });
      built.stack.add("route", { routeTableId: table, destinationCidrBlock: ANY, networkInterfaceId: target });
      const host = built.stack.add(
        "instance",
        { subnetId: inner, vpcSecurityGroupIds: [built.group] },
        { name: "far" },
      );
      return ask(built.stack).egress(host);
    };
    const eni = (change: Inputs) => (e: Edge) =>
      e.stack.add("eni", { subnetId: e.subnet, securityGroups: [e.group], ...change });
    const machine = (change: Inputs) => (e: Edge) =>
      e.stack.add("instance", { subnetId: e.subnet, vpcSecurityGroupIds: [e.group], ...change }, { name: "nat" });
    expect(through(eni({}))).toEqual(nobody);
    expect(through(eni({ sourceDestCheck: false }))).toEqual(maybe4);
    expect(through(eni({ sourceDestCheck: new Unknown() }))).toEqual(maybe4);
    expect(through(machine({}))).toEqual(nobody);
    expect(through(machine({ sourceDestCheck: false }))).toEqual(maybe4);
    const own = (e: Edge) =>
      machine({
        subnetId: undefined,
        primaryNetworkInterface: { networkInterfaceId: eni({ sourceDestCheck: false })(e) },
      })(e);
    expect(through(own)).toEqual(maybe4);
    expect(through(eni({ sourceDestCheck: false }), false), "a machine that gets nowhere itself").toEqual(nobody);
  });

  test("an instance that was read may be open to anybody", () => {
    const stack = new Stack();
    const host = stack.add("instance", {}, { external: true, id: "i-0123456789abcdef0" });
    expect(ask(stack).internet(host).maybe).toContain("0.0.0.0/0");
  });
});

describe("IPv6 addresses", () => {
  const dual = (subnet: object, host: object) =>
    edge({
      vpc: { ipv6CidrBlock: "2001:db8::/56" },
      subnet: { ipv6CidrBlock: "2001:db8::/64", mapPublicIpOnLaunch: false, ...subnet },
      host: { ...host },
      routes: (igw) => [{ ipv6CidrBlock: ANY6, gatewayId: igw }],
      group: { ingress: [tcp(25, { ipv6CidrBlocks: [ANY6] })], egress: [everything({ ipv6CidrBlocks: [ANY6] })] },
    });

  test("exist if the launch or the subnet asks for them", () => {
    const answer = (subnet: object, host: object) => {
      const built = dual(subnet, host);
      return ask(built.stack).internet(built.host);
    };
    expect(answer({}, {})).toEqual(nobody);
    expect(answer({ assignIpv6AddressOnCreation: true }, {})).toEqual(everybody6);
    expect(answer({}, { ipv6AddressCount: 1 })).toEqual(everybody6);
    expect(answer({}, { ipv6AddressCount: 0 })).toEqual(nobody);
    expect(answer({}, { ipv6Addresses: ["2001:db8::25"] })).toEqual(everybody6);
    expect(answer({}, { ipv6AddressCount: new Unknown() })).toEqual({ must: [], maybe: ["::/0"] });
    expect(answer({ ipv6Native: true, cidrBlock: undefined }, {})).toEqual(everybody6);
  });
});

describe("the default VPC", () => {
  test("takes an instance without a subnet: public, routed, with the default group", () => {
    const stack = new Stack();
    const host = stack.add("instance", {});
    expect(ask(stack).internet(host)).toEqual(nobody);
    const group = stack.add("group", { ingress: [tcp(25, { cidrBlocks: [ANY] })] });
    const open = stack.add("instance", { vpcSecurityGroupIds: [group] });
    const asked = ask(stack);
    expect(asked.internet(open)).toEqual(everybody4);
    expect(asked.network.assumptions.join()).toContain("default VPC");
  });

  test("names groups on the instance by their name", () => {
    const stack = new Stack();
    stack.add("group", { name: "mail", ingress: [tcp(25, { cidrBlocks: [ANY] })] });
    const host = stack.add("instance", { securityGroups: ["mail"] });
    expect(ask(stack).internet(host)).toEqual(everybody4);
  });

  test("knows the default group by its name", () => {
    const stack = new Stack();
    const named = stack.add("instance", { securityGroups: ["default"] });
    const asked = ask(stack);
    expect(asked.internet(named)).toEqual(nobody);
    const opened = new Stack();
    opened.add("group", { name: "mail", ingress: [tcp(25, { cidrBlocks: [ANY] })] });
    const host = opened.add("instance", { securityGroups: ["default", "mail"] });
    expect(ask(opened).internet(host)).toEqual(everybody4);
  });

  test("adopted with its subnets maps public addresses by default", () => {
    const stack = new Stack();
    const vpc = stack.add("defaultVpc");
    const subnet = stack.add("defaultSubnet", { availabilityZone: "eu-central-1a" });
    const group = stack.add("group", { vpcId: vpc, ingress: [tcp(25, { cidrBlocks: [ANY] })] });
    const host = stack.add("instance", { subnetId: subnet, vpcSecurityGroupIds: [group] });
    expect(ask(stack).internet(host)).toEqual(everybody4);
    const closed = stack.add("defaultSubnet", { mapPublicIpOnLaunch: false });
    const dark = stack.add("instance", { subnetId: closed, vpcSecurityGroupIds: [group] });
    expect(ask(stack).internet(dark)).toEqual(nobody);
  });

  test("internal sources of a host in it are its whole range", () => {
    const stack = new Stack();
    const group = stack.add("group", { ingress: [tcp(25, { cidrBlocks: ["172.31.0.0/16"] })] });
    const host = stack.add("instance", { vpcSecurityGroupIds: [group] });
    const { must, maybe } = ask(stack).internal(host);
    expect([...must, ...maybe]).toEqual(exact("172.31.0.0/16").must);
  });
});
