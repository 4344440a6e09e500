import { describe, expect, it } from "vitest";
import { Unknown } from "../../policies/analysis/model/snapshot";
import { ask, everybody4, everybody6, exact, maybe4, nobody } from "./ask";
import { ANY, ANY6, edge, everything, type Input, type Inputs, Stack, tcp } from "./stack";

/** What AWS and its provider put in the place of a value that nobody wrote, of each resource that decides about packets. */

const open = (ports: Inputs) => ({ protocol: "tcp", cidrBlocks: [ANY], ...ports });
const internet = (ingress: Input | undefined) => {
  const built = edge({ group: { ingress } });
  return ask(built.stack).internet(built.host);
};

describe("a group's rules", () => {
  it("admit nobody where they are absent, or an empty list; a list that is not known may admit anybody", () => {
    expect(internet(undefined)).toEqual(nobody);
    expect(internet([])).toEqual(nobody);
    expect(internet(new Unknown())).toEqual({ must: [], maybe: ["0.0.0.0/0"] });
  });

  it("let nothing out where egress is absent or empty, and what they say otherwise", () => {
    const out = (egress: Input | undefined) => {
      const built = edge({ group: { egress } });
      return ask(built.stack).egress(built.host);
    };
    expect(out(undefined)).toEqual(nobody);
    expect(out([])).toEqual(nobody);
    expect(out(new Unknown())).toEqual(maybe4);
    expect(out([everything({ cidrBlocks: [ANY] })])).toEqual(everybody4);
  });

  it("take the protocol as a number as well as a word", () => {
    expect(internet([open({ protocol: 6, fromPort: 25, toPort: 25 })])).toEqual(everybody4);
    expect(internet([open({ protocol: -1 })])).toEqual(everybody4);
    expect(internet([open({ protocol: 17, fromPort: 25, toPort: 25 })])).toEqual(nobody);
  });

  it("take ports as text, and one bound that is missing as every port", () => {
    expect(internet([open({ fromPort: "25", toPort: "25" })])).toEqual(everybody4);
    expect(internet([open({ fromPort: 443 })])).toEqual(everybody4);
    expect(internet([open({ toPort: 22 })])).toEqual(everybody4);
  });

  it("leave open which ports are meant while one bound is not known, and nothing beside it", () => {
    expect(internet([open({ fromPort: new Unknown(), toPort: 25 })])).toEqual(maybe4);
    expect(internet([open({ fromPort: 26, toPort: new Unknown() })])).toEqual(nobody);
  });

  it("cover a port range as a whole, and a range turned round not at all", () => {
    expect(internet([open({ fromPort: 20, toPort: 30 })])).toEqual(everybody4);
    expect(internet([open({ fromPort: 30, toPort: 20 })])).toEqual(nobody);
    expect(internet([open({ fromPort: 1, toPort: 65535 })])).toEqual(everybody4);
  });

  it("mask host bits of a block", () => {
    expect(internet([tcp(25, { cidrBlocks: ["203.0.113.77/24"] })])).toEqual(exact("203.0.113.0/24"));
  });

  it("admit nobody by a source that is an empty list or text", () => {
    expect(internet([tcp(25, { cidrBlocks: [], ipv6CidrBlocks: [], prefixListIds: [], self: false })])).toEqual(nobody);
    const built = edge({ group: { ingress: undefined } });
    built.stack.add("ingressRule", {
      securityGroupId: built.group,
      ipProtocol: "tcp",
      fromPort: 25,
      toPort: 25,
      cidrIpv4: "",
    });
    expect(ask(built.stack).internet(built.host)).toEqual(nobody);
  });

  it("of one rule add up: a group or itself beside everybody narrows nothing", () => {
    expect(internet([tcp(25, { cidrBlocks: [ANY], self: true })])).toEqual(everybody4);
    expect(internet([tcp(25, { cidrBlocks: [ANY], securityGroups: ["sg-0123456789abcdef0"] })])).toEqual(everybody4);
  });

  it("for itself admit every carrier of the group, not the host alone", () => {
    const built = edge({ group: { ingress: [tcp(25, { self: true })] } });
    const carrier = built.stack.add("instance", { subnetId: built.subnet, vpcSecurityGroupIds: [built.group] });
    const other = built.stack.add("group", { vpcId: built.vpc, egress: [everything({ cidrBlocks: [ANY] })] });
    const stranger = built.stack.add("instance", { subnetId: built.subnet, vpcSecurityGroupIds: [other] });
    const asked = ask(built.stack);
    expect(asked.internet(built.host)).toEqual(nobody);
    expect(asked.opens(carrier, built.host)).toBe("yes");
    expect(asked.opens(stranger, built.host)).toBe("no");
  });

  it("standalone without ports are for every port, in each of the resource forms", () => {
    const built = edge({ group: { ingress: undefined } });
    built.stack.add("ingressRule", { securityGroupId: built.group, ipProtocol: "-1", cidrIpv4: "198.51.100.0/24" });
    built.stack.add("groupRule", {
      securityGroupId: built.group,
      type: "ingress",
      protocol: "tcp",
      cidrBlocks: ["203.0.113.0/24"],
    });
    expect(ask(built.stack).internet(built.host)).toEqual(exact("198.51.100.0/24", "203.0.113.0/24"));
  });

  it("that an exclusive list leaves out are counted all the same", () => {
    const built = edge();
    built.stack.addType("aws:vpc/securityGroupRulesExclusive:SecurityGroupRulesExclusive", {
      securityGroupId: built.group,
      ingressRuleIds: [],
      egressRuleIds: [],
    });
    expect(ask(built.stack).internet(built.host)).toEqual(everybody4);
  });
});

describe("no groups", () => {
  const none: readonly (readonly [string, Input | undefined])[] = [
    ["absent", undefined],
    ["an empty list", []],
    ["null", null],
  ];

  it.each(none)("on an instance (%s): the default group of its VPC, adopted or not", (_, vpcSecurityGroupIds) => {
    const built = edge({ host: { vpcSecurityGroupIds } });
    expect(ask(built.stack).internet(built.host)).toEqual(nobody);
    built.stack.add("defaultGroup", { vpcId: built.vpc, ingress: [tcp(25, { cidrBlocks: [ANY] })] });
    expect(ask(built.stack).internet(built.host)).toEqual(everybody4);
  });

  it.each(none)("on an interface (%s): likewise", (_, securityGroups) => {
    const built = edge({ group: { ingress: [] } });
    const eni = built.stack.add("eni", { subnetId: built.subnet, securityGroups });
    const host = built.stack.add("instance", { primaryNetworkInterface: { networkInterfaceId: eni } });
    built.stack.add("eip", { instance: host });
    expect(ask(built.stack).internet(host)).toEqual(nobody);
    built.stack.add("defaultGroup", { vpcId: built.vpc, ingress: [tcp(25, { cidrBlocks: [ANY] })] });
    expect(ask(built.stack).internet(host)).toEqual(everybody4);
  });

  it("on a launch template, and on its interfaces: likewise", () => {
    for (const inputs of [{}, { networkInterfaces: [{ associatePublicIpAddress: "true" }] }]) {
      const built = edge();
      const template = built.stack.addType("aws:ec2/launchTemplate:LaunchTemplate", inputs);
      const fleet = built.stack.addType("aws:autoscaling/group:Group", {
        launchTemplate: { id: template.id },
        vpcZoneIdentifiers: [built.subnet],
      });
      expect(ask(built.stack).internet(fleet)).toEqual(nobody);
      built.stack.add("defaultGroup", { vpcId: built.vpc, ingress: [tcp(25, { cidrBlocks: [ANY] })] });
      expect(ask(built.stack).internet(fleet)).toEqual(everybody4);
    }
  });

  it("a default group that is adopted without rules lets nothing in and nothing out", () => {
    const built = edge({ host: { vpcSecurityGroupIds: undefined } });
    const peer = built.stack.add("instance", { subnetId: built.subnet }, { name: "peer" });
    built.stack.add("defaultGroup", { vpcId: built.vpc });
    const asked = ask(built.stack);
    expect(asked.opens(peer, built.host)).toBe("no");
    expect(asked.egress(built.host)).toEqual(nobody);
  });

  it("a rule added to an unmanaged default group adds to what it has", () => {
    const built = edge({ host: { vpcSecurityGroupIds: undefined } });
    built.stack.add("ingressRule", {
      securityGroupId: built.vpc.id,
      ipProtocol: "tcp",
      fromPort: 25,
      toPort: 25,
      cidrIpv4: ANY,
    });
    const peer = built.stack.add("instance", { subnetId: built.subnet }, { name: "peer" });
    const asked = ask(built.stack);
    expect(asked.internet(built.host)).toEqual(everybody4);
    expect(asked.opens(peer, built.host, 80)).toBe("yes");
  });
});

describe("the default VPC", () => {
  const admitting = (stack: Stack) => stack.add("group", { ingress: [tcp(25, { cidrBlocks: [ANY] })] });

  it("whose main table is adopted has exactly the routes that are declared", () => {
    const answer = (routes: (stack: Stack) => Input | undefined) => {
      const stack = new Stack();
      const vpc = stack.add("defaultVpc");
      stack.add("defaultTable", { defaultRouteTableId: vpc.id, routes: routes(stack) });
      const host = stack.add("instance", { vpcSecurityGroupIds: [admitting(stack)] });
      return ask(stack).internet(host);
    };
    expect(answer(() => undefined)).toEqual(nobody);
    expect(answer((stack) => [{ cidrBlock: ANY, gatewayId: stack.add("igw", {}, { external: true }) }])).toEqual(
      maybe4,
    );
  });

  it("whose default network ACL is adopted without rules is closed", () => {
    const stack = new Stack();
    const vpc = stack.add("defaultVpc");
    stack.add("defaultAcl", { defaultNetworkAclId: vpc.id });
    const host = stack.add("instance", { vpcSecurityGroupIds: [admitting(stack)] });
    expect(ask(stack).internet(host)).toEqual(nobody);
  });

  it("takes a launch that switches its public address off, and one whose template does", () => {
    const stack = new Stack();
    const groups = [admitting(stack)];
    const dark = stack.add("instance", { vpcSecurityGroupIds: groups, associatePublicIpAddress: false });
    const template = stack.addType("aws:ec2/launchTemplate:LaunchTemplate", {
      networkInterfaces: [{ associatePublicIpAddress: "false", securityGroups: groups }],
    });
    const launched = stack.add("instance", { launchTemplate: { id: template.id } });
    const asked = ask(stack);
    expect(asked.internet(dark)).toEqual(nobody);
    expect(asked.internet(launched)).toEqual(nobody);
  });

  it("takes interfaces and groups without a place as well", () => {
    const stack = new Stack();
    const group = admitting(stack);
    const template = stack.addType("aws:ec2/launchTemplate:LaunchTemplate", { vpcSecurityGroupIds: [group] });
    const scaled = stack.addType("aws:autoscaling/group:Group", {
      launchTemplate: { id: template.id },
      availabilityZones: ["eu-central-1a"],
    });
    expect(ask(stack).internet(scaled)).toEqual(everybody4);
  });
});

describe("network ACLs", () => {
  const allow = { action: "allow", protocol: "-1", cidrBlock: ANY, fromPort: 0, toPort: 0 };
  const through = (kind: "acl" | "defaultAcl", ingress: Input | undefined, egress: Input | undefined) => {
    const built = edge();
    const owner =
      kind === "acl" ? { vpcId: built.vpc, subnetIds: [built.subnet] } : { defaultNetworkAclId: built.vpc.id };
    built.stack.add(kind, { ...owner, ingress, egress });
    return ask(built.stack).internet(built.host);
  };

  it("deny in each direction that is absent or empty, the default one like any other once it is adopted", () => {
    const one = [{ ...allow, ruleNo: 100 }];
    for (const kind of ["acl", "defaultAcl"] as const) {
      expect(through(kind, one, one)).toEqual(everybody4);
      expect(through(kind, one, undefined)).toEqual(nobody);
      expect(through(kind, [], one)).toEqual(nobody);
      expect(through(kind, undefined, undefined)).toEqual(nobody);
      expect(through(kind, new Unknown(), one)).toEqual(maybe4);
    }
  });

  it("name protocols by number or word, and TCP without ports is all of it", () => {
    const out = [{ ...allow, ruleNo: 100 }];
    const rule = (fields: Inputs) => [{ ruleNo: 100, action: "allow", cidrBlock: ANY, ...fields } as Input];
    expect(through("acl", rule({ protocol: "6", fromPort: 25, toPort: 25 }), out)).toEqual(everybody4);
    expect(through("acl", rule({ protocol: 6, fromPort: 25, toPort: 25 }), out)).toEqual(everybody4);
    expect(through("acl", rule({ protocol: "tcp", fromPort: 0, toPort: 0 }), out)).toEqual(nobody);
    expect(through("acl", rule({ protocol: "tcp" }), out)).toEqual(everybody4);
    expect(through("acl", rule({ protocol: "all" }), out)).toEqual(everybody4);
    expect(through("acl", rule({ protocol: "udp", fromPort: 25, toPort: 25 }), out)).toEqual(nobody);
    expect(through("acl", rule({ protocol: "-1", fromPort: 443, toPort: 443 }), out)).toEqual(everybody4);
  });

  it("take the action in any case", () => {
    const out = [{ ...allow, ruleNo: 100 }];
    expect(through("acl", [{ ...allow, ruleNo: 100, action: "ALLOW" }], out)).toEqual(everybody4);
  });

  it("let everything pass by default, IPv6 too, unless a rule of a lower number stands before it", () => {
    const built = edge();
    const rule = { networkAclId: built.vpc.id, ruleAction: "deny", protocol: "tcp", fromPort: 25, toPort: 25 };
    built.stack.add("aclRule", { ...rule, ruleNumber: 90, cidrBlock: "0.0.0.0/1" });
    built.stack.add("aclRule", { ...rule, ruleNumber: 200, cidrBlock: ANY });
    expect(ask(built.stack).internet(built.host)).toEqual(exact("128.0.0.0/1"));
  });

  it("match their own family: a rule for IPv4 neither admits nor denies IPv6", () => {
    const built = edge({
      vpc: { ipv6CidrBlock: "2001:db8::/56" },
      subnet: { ipv6CidrBlock: "2001:db8::/64", assignIpv6AddressOnCreation: true, mapPublicIpOnLaunch: false },
      routes: (igw) => [{ ipv6CidrBlock: ANY6, gatewayId: igw }],
      group: { ingress: [tcp(25, { ipv6CidrBlocks: [ANY6] })] },
    });
    const all6 = { action: "allow", protocol: "-1", ipv6CidrBlock: ANY6, fromPort: 0, toPort: 0 };
    const acl = (rules: readonly Input[]) => ({ vpcId: built.vpc, ingress: rules, egress: rules });
    const deny4 = { ...allow, action: "deny", ruleNo: 90 };
    const name = built.stack.add("acl", { ...acl([deny4, { ...all6, ruleNo: 100 }]), subnetIds: [built.subnet] });
    void name;
    expect(ask(built.stack).internet(built.host)).toEqual(everybody6);
  });
});
