import { describe, expect, it } from "vitest";
import { Unknown } from "../../policies/analysis/model/snapshot";
import { ask, everybody4, everybody6, exact, maybe4, nobody } from "./ask";
import { ANY, ANY6, edge, everything, type Inputs, tcp } from "./stack";

/** Interfaces that are made elsewhere than by the instance, and the addresses that they get. */

const TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";
const SPOT = "aws:ec2/spotInstanceRequest:SpotInstanceRequest";
const dark = () => edge({ subnet: { mapPublicIpOnLaunch: false } });

describe("an interface that a launch template names", () => {
  it("is the machine's own: its groups and its Elastic IP count, and the subnet's flag does not", () => {
    const built = edge();
    const eni = built.stack.add("eni", { subnetId: built.subnet, securityGroups: [built.group] });
    const template = built.stack.addType(TEMPLATE, {
      networkInterfaces: [{ networkInterfaceId: eni, deviceIndex: 0 }],
    });
    const host = built.stack.add("instance", { launchTemplate: { id: template.id } }, { name: "launched" });
    expect(ask(built.stack).internet(host)).toEqual(nobody);
    built.stack.add("eip", { networkInterface: eni });
    expect(ask(built.stack).internet(host)).toEqual(everybody4);
  });

  it("takes an Elastic IP of the machine", () => {
    const built = edge();
    const eni = built.stack.add("eni", { subnetId: built.subnet, securityGroups: [built.group] });
    const template = built.stack.addType(TEMPLATE, {
      networkInterfaces: [{ networkInterfaceId: eni, deviceIndex: 0 }],
    });
    const host = built.stack.add("instance", { launchTemplate: { id: template.id } }, { name: "launched" });
    built.stack.add("eip", { instance: host });
    expect(ask(built.stack).internet(host)).toEqual(everybody4);
  });
});

describe("a spot instance", () => {
  const spot = () => {
    const built = dark();
    const host = built.stack.addType(SPOT, { subnetId: built.subnet, vpcSecurityGroupIds: [built.group] });
    return { ...built, host };
  };

  it("is placed like any instance", () => {
    const built = edge();
    const host = built.stack.addType(SPOT, { subnetId: built.subnet, vpcSecurityGroupIds: [built.group] });
    expect(ask(built.stack).internet(host)).toEqual(everybody4);
  });

  it("gets an Elastic IP, a further interface and a further group by its outputs", () => {
    const addressed = spot();
    addressed.stack.add("eip", { instance: addressed.host.id });
    expect(ask(addressed.stack).internet(addressed.host)).toEqual(everybody4);

    const attached = spot();
    const eni = attached.stack.add("eni", { subnetId: attached.subnet, securityGroups: [attached.group] });
    attached.stack.add("attachment", { instanceId: attached.host.id, networkInterfaceId: eni, deviceIndex: 1 });
    attached.stack.add("eip", { networkInterface: eni });
    expect(ask(attached.stack).internet(attached.host)).toEqual(everybody4);
  });

  it("is known in a state by the id of its instance, not of its request", () => {
    const built = dark();
    const inputs = {
      subnetId: built.subnet,
      vpcSecurityGroupIds: [built.group],
      spotInstanceId: "i-0123456789abcdef0",
    };
    const host = built.stack.addType(SPOT, inputs, { id: "sir-01234567" });
    built.stack.add("eip", { instance: "i-0123456789abcdef0" });
    expect(ask(built.stack).internet(host)).toEqual(everybody4);
  });
});

describe("an attachment", () => {
  it("to one of two machines leaves both undetermined", () => {
    const built = dark();
    const other = built.stack.add("instance", { subnetId: built.subnet, vpcSecurityGroupIds: [built.group] });
    const eni = built.stack.add("eni", { subnetId: built.subnet, securityGroups: [built.group] });
    built.stack.add("eip", { networkInterface: eni });
    built.stack.add("attachment", {
      networkInterfaceId: eni,
      instanceId: new Unknown([built.host.urn, other.urn]),
      deviceIndex: 1,
    });
    const asked = ask(built.stack);
    expect(asked.internet(built.host)).toEqual(maybe4);
    expect(asked.internet(other)).toEqual(maybe4);
  });
});

describe("an Elastic IP", () => {
  it("on a secondary address reaches the same interface", () => {
    const built = dark();
    const eni = built.stack.add("eni", {
      subnetId: built.subnet,
      securityGroups: [built.group],
      privateIps: ["10.0.1.10", "10.0.1.11"],
    });
    const host = built.stack.add("instance", { primaryNetworkInterface: { networkInterfaceId: eni } });
    built.stack.add("eipAssociation", {
      allocationId: built.stack.add("eip"),
      networkInterfaceId: eni,
      privateIpAddress: "10.0.1.11",
    });
    expect(ask(built.stack).internet(host)).toEqual(everybody4);
  });
});

describe("addresses of an interface", () => {
  const sources = (inputs: Inputs) => {
    const built = edge({ group: { ingress: undefined } });
    const member = built.stack.add("group", { vpcId: built.vpc, egress: [everything({ cidrBlocks: [ANY] })] });
    built.stack.add("groupRule", {
      securityGroupId: built.group,
      type: "ingress",
      protocol: "tcp",
      fromPort: 25,
      toPort: 25,
      sourceSecurityGroupId: member,
    });
    built.stack.add("eni", { subnetId: built.subnet, securityGroups: [member], ...inputs });
    return ask(built.stack).internal(built.host).must;
  };

  it("are those that it is given, in a set or in a list", () => {
    expect(sources({ privateIps: ["10.0.1.10", "10.0.1.11"] })).toEqual(["10.0.1.10/31"]);
    expect(sources({ privateIpListEnabled: true, privateIpLists: ["10.0.1.10", "10.0.1.12"] })).toEqual([
      "10.0.1.10/32",
      "10.0.1.12/32",
    ]);
  });

  it("are not all known while more are assigned than are named", () => {
    expect(sources({ privateIp: "10.0.1.10", privateIpsCount: 3 })).not.toEqual(["10.0.1.10/32"]);
  });
});

describe("an IPv6 address", () => {
  const answer = (subnet: Inputs, host: Inputs, eni?: Inputs) => {
    const built = edge({
      vpc: { ipv6CidrBlock: "2001:db8::/56" },
      subnet: { ipv6CidrBlock: "2001:db8::/64", mapPublicIpOnLaunch: false, ...subnet },
      host,
      routes: (igw) => [{ ipv6CidrBlock: ANY6, gatewayId: igw }],
      group: { ingress: [tcp(25, { ipv6CidrBlocks: [ANY6] })] },
    });
    if (eni === undefined) return ask(built.stack).internet(built.host);
    const made = built.stack.add("eni", { subnetId: built.subnet, securityGroups: [built.group], ...eni });
    const owner = built.stack.add(
      "instance",
      { primaryNetworkInterface: { networkInterfaceId: made } },
      { name: "own" },
    );
    return ask(built.stack).internet(owner);
  };
  const maybe6 = { must: [], maybe: ["::/0"] };

  it("exists in a subnet of IPv6 alone, whatever its other flag says", () => {
    expect(answer({ ipv6Native: true, assignIpv6AddressOnCreation: false, cidrBlock: undefined }, {})).toEqual(
      everybody6,
    );
    expect(answer({ ipv6Native: new Unknown(), assignIpv6AddressOnCreation: false }, {})).toEqual(maybe6);
  });

  it("may be asked for on an interface, as a set, a list or a count", () => {
    expect(answer({}, {}, {})).toEqual(nobody);
    expect(answer({}, {}, { ipv6AddressCount: 1 })).toEqual(everybody6);
    expect(answer({}, {}, { ipv6Addresses: ["2001:db8::25"] })).toEqual(everybody6);
    expect(answer({}, {}, { ipv6AddressListEnabled: true, ipv6AddressLists: ["2001:db8::25"] })).toEqual(everybody6);
  });

  it("may be one of a prefix that is delegated to the interface", () => {
    expect(answer({}, {}, { ipv6PrefixCount: 1 })).toEqual(everybody6);
    expect(answer({}, {}, { ipv6Prefixes: ["2001:db8::1:0/80"] })).toEqual(everybody6);
    expect(answer({}, {}, { ipv6PrefixCount: new Unknown() })).toEqual(maybe6);
  });

  it("is assigned by a switch that may be unknown", () => {
    expect(answer({}, { enablePrimaryIpv6: true })).toEqual(everybody6);
    expect(answer({}, { enablePrimaryIpv6: new Unknown() })).toEqual(maybe6);
    expect(answer({ assignIpv6AddressOnCreation: new Unknown() }, {})).toEqual(maybe6);
  });
});

describe("a scaling group", () => {
  it("gets its public address by the subnet it launches into, and by what its template says otherwise", () => {
    const launch = (maps: boolean, flag: string | null = null) => {
      const built = edge({ subnet: { mapPublicIpOnLaunch: maps } });
      const template = built.stack.addType(TEMPLATE, {
        networkInterfaces: [{ securityGroups: [built.group], associatePublicIpAddress: flag }],
      });
      const group = built.stack.addType("aws:autoscaling/group:Group", {
        mixedInstancesPolicy: { launchTemplate: { launchTemplateSpecification: { launchTemplateId: template.id } } },
        vpcZoneIdentifiers: [built.subnet],
      });
      return ask(built.stack).internet(group);
    };
    expect(launch(true)).toEqual(everybody4);
    expect(launch(false)).toEqual(nobody);
    expect(launch(false, "true")).toEqual(everybody4);
    expect(launch(true, "false")).toEqual(nobody);
  });

  it("takes what an override of its policy names, beside the template", () => {
    const built = edge();
    const closed = built.stack.add("group", { vpcId: built.vpc }, { name: "closed" });
    const template = (groups: Inputs[string]) => built.stack.addType(TEMPLATE, { vpcSecurityGroupIds: groups });
    const policy = (other: Inputs[string]) => ({
      launchTemplate: {
        launchTemplateSpecification: { launchTemplateId: template([closed]).id },
        overrides: [{ launchTemplateSpecification: { launchTemplateId: other as string } }],
      },
    });
    const group = built.stack.addType("aws:autoscaling/group:Group", {
      mixedInstancesPolicy: policy(template([built.group]).id),
      vpcZoneIdentifiers: [built.subnet],
    });
    expect(ask(built.stack).internet(group)).toEqual(everybody4);
  });

  it("has the groups, the user data and the flag of a launch configuration", () => {
    const built = dark();
    const configuration = built.stack.addType("aws:ec2/launchConfiguration:LaunchConfiguration", {
      securityGroups: [built.group],
      associatePublicIpAddress: true,
    });
    const group = built.stack.addType("aws:autoscaling/group:Group", {
      launchConfiguration: configuration.id,
      vpcZoneIdentifiers: [built.subnet],
    });
    expect(ask(built.stack).internet(group)).toEqual(everybody4);
  });
});

describe("a group that is used in a further VPC", () => {
  it("filters what carries it there, and keeps its own members apart", () => {
    const built = edge();
    const home = built.stack.add("vpc", { cidrBlock: "10.9.0.0/16" }, { name: "home" });
    const shared = built.stack.add(
      "group",
      { vpcId: home, ingress: [tcp(25, { cidrBlocks: ["203.0.113.0/24"] })] },
      { name: "shared" },
    );
    built.stack.addType("aws:vpc/securityGroupVpcAssociation:SecurityGroupVpcAssociation", {
      securityGroupId: shared,
      vpcId: built.vpc,
    });
    const host = built.stack.add("instance", { subnetId: built.subnet, vpcSecurityGroupIds: [shared] }, { name: "S" });
    expect(ask(built.stack).internet(host)).toEqual(exact("203.0.113.0/24"));
  });

  it("does not tell which of its VPCs a subnet outside the stack is in", () => {
    const built = edge();
    const shared = built.stack.add(
      "group",
      { vpcId: built.vpc, ingress: [tcp(25, { cidrBlocks: ["10.0.0.0/8"] })] },
      { name: "shared" },
    );
    const sender = built.stack.add("group", {
      vpcId: "vpc-0123456789abcdef0",
      egress: [everything({ cidrBlocks: [ANY] })],
    });
    const subnetId = "subnet-0123456789abcdef0";
    built.stack.addType("aws:vpc/securityGroupVpcAssociation:SecurityGroupVpcAssociation", {
      securityGroupId: shared,
      vpcId: "vpc-0123456789abcdef0",
    });
    const host = built.stack.add("instance", { subnetId, vpcSecurityGroupIds: [shared] }, { name: "S" });
    const near = built.stack.add(
      "instance",
      { subnetId: "subnet-0123456789abcdef1", vpcSecurityGroupIds: [sender] },
      { name: "near" },
    );
    expect(ask(built.stack).opens(near, host)).toBe("maybe");
  });

  it("an association of a group with an endpoint opens no machine", () => {
    const built = edge({ group: { ingress: [] } });
    const open = built.stack.add("group", { vpcId: built.vpc, ingress: [tcp(25, { cidrBlocks: [ANY] })] });
    const endpoint = built.stack.addType("aws:ec2/vpcEndpoint:VpcEndpoint", {
      vpcId: built.vpc,
      serviceName: "com.amazonaws.eu-central-1.email-smtp",
      vpcEndpointType: "Interface",
    });
    built.stack.addType("aws:ec2/securityGroupAssociation:SecurityGroupAssociation", {
      vpcEndpointId: endpoint.id,
      securityGroupId: open,
    });
    expect(ask(built.stack).internet(built.host)).toEqual(nobody);
  });
});
