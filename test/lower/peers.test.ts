import { describe, expect, it } from "vitest";
import { Unknown } from "../../policies/analysis/model/snapshot";
import { ask, everybody4, everybody6, exact, maybe4, nobody } from "./ask";
import { ANY, type Edge, edge, everything, type Inputs, tcp } from "./stack";

/**
 * Mistakes that other tools make, or made, with security groups and network ACLs, each as the set that the packets take. The
 * numbers are ours; what each tool did is told in the title.
 */

const internet = ({ stack, host }: Edge, port = 25) => ask(stack).internet(host, port);
const withRules = (...ingress: Inputs[]) => edge({ group: { ingress: ingress as never } });
const dual = (ipv6CidrBlocks: string[]) =>
  edge({
    vpc: { ipv6CidrBlock: "2600:1f14:1::/56" },
    subnet: { ipv6CidrBlock: "2600:1f14:1::/64", assignIpv6AddressOnCreation: true, mapPublicIpOnLaunch: false },
    routes: (igw) => [{ ipv6CidrBlock: "::/0", gatewayId: igw }],
    group: { ingress: [tcp(25, { ipv6CidrBlocks })] },
  });

describe("addresses compared as text", () => {
  it("P1, P10, P15, P19: two halves, 1.0.0.0/0 and 0::/0 are everybody", () => {
    expect(internet(withRules(tcp(25, { cidrBlocks: ["0.0.0.0/1", "128.0.0.0/1"] })))).toEqual(everybody4);
    expect(internet(withRules(tcp(25, { cidrBlocks: ["1.0.0.0/0"] })))).toEqual(everybody4);
    expect(internet(dual(["0::/0"]))).toEqual(everybody6);
    expect(internet(dual(["::/1", "8000::/1"]))).toEqual(everybody6);
  });

  it("P19: a public /8 is as public as everything, and a managed prefix list is what it holds", () => {
    expect(internet(withRules(tcp(25, { cidrBlocks: ["8.0.0.0/8"] })))).toEqual(exact("8.0.0.0/8"));
    const e = edge({ group: { ingress: [] } });
    const list = e.stack.add("prefixList", { entries: [{ cidr: ANY }] });
    e.stack.add("ingressRule", { securityGroupId: e.group, ipProtocol: "-1", prefixListId: list });
    expect(internet(e)).toEqual(everybody4);
  });

  it("P9, P13, P17: a narrow public block is exactly itself, not everybody and not nobody", () => {
    for (const block of ["203.0.113.0/23", "203.0.113.8/29", "198.51.100.0/24", "198.51.100.7/32"]) {
      expect(internet(withRules(tcp(25, { cidrBlocks: [block] }))).must).toHaveLength(1);
    }
  });
});

describe("one rule that hides another", () => {
  it("P2: a prefix list beside 0.0.0.0/0 in the same rule narrows nothing", () => {
    expect(internet(withRules(tcp(25, { cidrBlocks: [ANY], prefixListIds: ["pl-1"] })))).toEqual(everybody4);
  });

  it("P3: a first rule with self hides no later one", () => {
    expect(internet(withRules(tcp(25, { self: true }), tcp(25, { cidrBlocks: [ANY] })))).toEqual(everybody4);
  });

  it("P14, P17: an unknown source is not decided, and hides no known one", () => {
    expect(internet(withRules(tcp(25, { cidrBlocks: [new Unknown()] })))).toEqual(maybe4);
    expect(internet(withRules(tcp(25, { cidrBlocks: [new Unknown(), ANY] })))).toEqual(everybody4);
  });
});

describe("rules in other places and spellings", () => {
  it("P7: a reference to a group is no open rule", () => {
    const e = edge({ group: { ingress: [] } });
    const app = e.stack.add("group", { vpcId: e.vpc }, { name: "app" });
    e.stack.add("ingressRule", {
      securityGroupId: e.group,
      ipProtocol: "tcp",
      fromPort: 25,
      toPort: 25,
      referencedSecurityGroupId: app,
    });
    expect(internet(e)).toEqual(nobody);
  });

  it("P9, P20: port 25 counts in every resource form and for every spelling of the protocol", () => {
    const forms: ((e: Edge) => void)[] = [
      (e) =>
        e.stack.add("ingressRule", {
          securityGroupId: e.group,
          ipProtocol: "6",
          fromPort: 20,
          toPort: 30,
          cidrIpv4: ANY,
        }),
      (e) => e.stack.add("ingressRule", { securityGroupId: e.group, ipProtocol: "-1", cidrIpv4: ANY }),
      (e) =>
        e.stack.add("groupRule", {
          type: "ingress",
          securityGroupId: e.group,
          protocol: "tcp",
          fromPort: 25,
          toPort: 25,
          cidrBlocks: [ANY],
        }),
      (e) =>
        e.stack.add("groupRule", {
          type: "ingress",
          securityGroupId: e.group,
          protocol: "all",
          fromPort: 0,
          toPort: 0,
          cidrBlocks: [ANY],
        }),
    ];
    for (const add of forms) {
      const e = edge({ group: { ingress: [] } });
      add(e);
      expect(internet(e)).toEqual(everybody4);
    }
  });

  it("P14: all protocols from one private network are not the Internet", () => {
    expect(internet(withRules(everything({ cidrBlocks: ["10.0.0.0/8"] })))).toEqual(nobody);
  });
});

describe("network ACLs", () => {
  const acl = (ingress: Inputs[], egress: Inputs[]) => {
    const e = edge();
    e.stack.add("acl", { vpcId: e.vpc, subnetIds: [e.subnet], ingress: ingress as never, egress: egress as never });
    return e;
  };
  const all = { ruleNo: 100, action: "allow", protocol: "-1", fromPort: 0, toPort: 0, cidrBlock: ANY };

  it("P4: tcp 0-65535 is every port, though 0 is falsy", () => {
    expect(internet(acl([{ ...all, protocol: "tcp", fromPort: 0, toPort: 65535 }], [all]))).toEqual(everybody4);
  });

  it("P12: partial blocks count, and so does the way back", () => {
    expect(internet(acl([{ ...all, cidrBlock: "203.0.113.0/24" }], [all]))).toEqual(exact("203.0.113.0/24"));
    expect(internet(acl([all], [{ ...all, cidrBlock: "203.0.113.0/24" }]))).toEqual(exact("203.0.113.0/24"));
    expect(internet(acl([all], []))).toEqual(nobody);
  });
});
