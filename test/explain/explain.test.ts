import { describe, expect, it } from "vitest";
import { chooseSource, chooseTarget } from "../../cli/commands/choose-host";
import { Unknown } from "../../policies/analysis/model/snapshot";
import { AzureStack, edge, machine, rule } from "../lower/azure/stack";
import { ANY, type Input, type Inputs, tcp } from "../lower/stack";
import { allOut, MailStack, postfix, smtpFromAnywhere } from "../rules/perimeter";
import { explained, perimeter, shown } from "./stacks";

/** A front end that is open to the Internet, changed as given. */
function frontEnd(change: { ingress?: readonly Input[]; host?: Inputs; before?: (s: MailStack) => void } = {}) {
  const s = new MailStack();
  change.before?.(s);
  const group = s.group("smtp", { ingress: change.ingress ?? [smtpFromAnywhere], egress: [allOut] });
  s.frontEnd(group, change.host);
  return s;
}

const aclRule = (ruleNo: number, action: string, cidrBlock: string, from = 0, to = 65535) => ({
  ...{ ruleNo, action, protocol: "tcp", fromPort: from, toPort: to, cidrBlock },
});

function withAcl(ingress: readonly Input[], egress: readonly Input[]) {
  const s = frontEnd();
  s.add("acl", { vpcId: s.vpc, subnetIds: [s.dmz], ingress, egress }, { name: "edge-acl" });
  return s;
}

describe("explain, a flow that is denied", () => {
  it("by a security group", async () => {
    const s = frontEnd({ ingress: [tcp(25, { cidrBlocks: ["198.51.100.0/24"] })] });
    await expect(shown(s.snapshots, "203.0.113.9", "front-end")).toMatchFileSnapshot("golden/denied-by-group.txt");
  });

  it("by a network ACL that denies the request, and would deny the reply", async () => {
    const s = withAcl(
      [aclRule(90, "deny", "203.0.113.0/24"), aclRule(100, "allow", ANY)],
      [aclRule(100, "allow", "198.51.100.0/24")],
    );
    await expect(shown(s.snapshots, "203.0.113.9", "front-end")).toMatchFileSnapshot("golden/denied-by-acl.txt");
  });

  it("by a network ACL that passes the reply to no port that a client uses", async () => {
    const s = withAcl([aclRule(100, "allow", ANY, 25, 25)], [aclRule(100, "deny", ANY, 1, 65535)]);
    await expect(shown(s.snapshots, "203.0.113.9", "front-end")).toMatchFileSnapshot("golden/denied-by-acl-reply.txt");
  });

  it("by a route that is missing", async () => {
    const s = new MailStack();
    const group = s.group("smtp", { ingress: [smtpFromAnywhere], egress: [allOut] });
    s.frontEnd(group, { subnetId: s.inner });
    await expect(shown(s.snapshots, "203.0.113.9", "front-end")).toMatchFileSnapshot("golden/denied-by-route.txt");
  });

  it("by the lack of a public address", async () => {
    const s = new MailStack();
    s.exchange(s.group("mail", { ingress: [smtpFromAnywhere] }));
    await expect(shown(s.snapshots, "internet", "exchange")).toMatchFileSnapshot("golden/denied-by-address.txt");
  });

  it("by a load balancer that listens on another port", async () => {
    const s = balanced();
    await expect(shown(s.snapshots, "203.0.113.9", "front-end:587")).toMatchFileSnapshot(
      "golden/denied-by-listener.txt",
    );
  });

  it("by the priority of a rule of an Azure network security group", async () => {
    const { stack } = edge({
      rules: [
        rule({ name: "smtp", priority: 200 }),
        rule({ name: "no-smtp", priority: 100, access: "Deny", sourceAddressPrefix: "203.0.113.0/24" }),
      ],
    });
    await expect(shown(stack.snapshots, "203.0.113.9", "E")).toMatchFileSnapshot("golden/denied-by-priority.txt");
  });

  it("by a standard public address of Azure without a network security group", async () => {
    const { stack } = edge({ rules: null });
    await expect(shown(stack.snapshots, "internet", "E")).toMatchFileSnapshot("golden/denied-without-group.txt");
  });

  it("by the sources of a firewall's DNAT rule", async () => {
    const s = translated(["198.51.100.0/24"]);
    await expect(shown(s.snapshots, "203.0.113.9", "E")).toMatchFileSnapshot("golden/denied-by-dnat.txt");
  });
});

describe("explain, a flow that is open", () => {
  it("to an MTA that relays for nobody", async () => {
    await expect(shown(frontEnd().snapshots, "203.0.113.9", "front-end")).toMatchFileSnapshot("golden/open.txt");
  });

  it("to an MTA that relays for the client, by two rules", async () => {
    const s = frontEnd({
      ingress: [smtpFromAnywhere, tcp(25, { cidrBlocks: ["203.0.113.0/24"] })],
      host: { userData: postfix("203.0.113.0/24") },
    });
    await expect(shown(s.snapshots, "203.0.113.9", "front-end")).toMatchFileSnapshot("golden/open-relay.txt");
  });

  it("through a firewall, which the MTA sees in place of the client", async () => {
    const s = translated(["*"]);
    await expect(shown(s.snapshots, "203.0.113.9", "E")).toMatchFileSnapshot("golden/open-dnat.txt");
  });

  it("through a load balancer that hides the client", async () => {
    const s = balanced({ preserveClientIp: "false" });
    await expect(shown(s.snapshots, "203.0.113.9", "front-end")).toMatchFileSnapshot("golden/open-balancer.txt");
  });

  it("from a machine of the stack, through the filters of both", async () => {
    const s = frontEnd();
    const mail = s.group("mail", { ingress: [tcp(25, { cidrBlocks: ["10.0.1.10/32"] })] });
    s.exchange(mail);
    await expect(shown(s.snapshots, "front-end", "exchange")).toMatchFileSnapshot("golden/open-inside.txt");
  });

  it("for a part of the sources only", async () => {
    const s = frontEnd({ ingress: [tcp(25, { cidrBlocks: ["198.51.100.0/24"] })] });
    await expect(shown(s.snapshots, "198.51.0.0/16", "front-end")).toMatchFileSnapshot("golden/partly-open.txt");
  });
});

describe("explain, a flow that is not known", () => {
  it("because of a property of a rule", async () => {
    const s = frontEnd({ ingress: [tcp(25, { cidrBlocks: [new Unknown()] })] });
    await expect(shown(s.snapshots, "203.0.113.9", "front-end")).toMatchFileSnapshot("golden/undetermined.txt");
  });
});

describe("what a question names", () => {
  const s = frontEnd();
  s.exchange(s.group("mail"));
  const model = perimeter(s.snapshots);
  const target = (text: string) => {
    const { view, port } = chooseTarget(model, text);
    return `${view.name} ${port}`;
  };

  it("is a machine by URN, name or glob, with a port or without", () => {
    const urn = "urn:pulumi:test::stack::aws:ec2/instance:Instance::front-end";
    for (const text of ["front-end", urn, "front-*", "*::front-end", "*:Instance::front*"])
      expect(target(text)).toBe("front-end 25");
    for (const text of ["front-end:587", `${urn}:587`, "f*:587"]) expect(target(text)).toBe("front-end 587");
  });

  it("is refused in one line that lists what there is", () => {
    for (const [text, message] of [
      ["nobody", '--target "nobody" names nothing in the stack; the machines are exchange, front-end'],
      ["*", '--target "*" names 2 resources: exchange, front-end'],
      ["dmz", '--target "dmz" is a Subnet, not a machine; the machines are exchange, front-end'],
      ["front-end:0", '--target "front-end:0": expected a port from 1 to 65535, got 0'],
    ] as const)
      expect(() => chooseTarget(model, text)).toThrow(message);
    for (const text of ["10.0.0", "203.0.113.300", "192.0.2.0/33", "2001:db8::/129", "1::2::3"])
      expect(() => chooseSource(model, text)).toThrow("expected an address or a CIDR prefix such as 192.0.2.0/24");
    expect(() => chooseSource(model, "*")).toThrow('--source "*" names 2 resources: exchange, front-end');
  });

  it("tells the same of an address that belongs to a machine and of nothing else in the network", () => {
    const mail = new MailStack();
    mail.exchange(mail.group("mail", { ingress: [tcp(25, { cidrBlocks: ["10.0.1.0/24"] })] }));
    expect(explained(mail.snapshots, "10.0.1.9", "exchange").answer).toBe("open");
    expect(explained(mail.snapshots, "10.0.3.9", "exchange").answer).toBe("closed");
    expect(explained(mail.snapshots, "10.0.0.0/16", "exchange").answer).toBe(null);
  });
});

/** A front end in the inner subnet behind a network load balancer in the DMZ. */
function balanced(targetGroup: Inputs = {}) {
  const s = new MailStack();
  const host = s.host("front-end", {
    subnetId: s.inner,
    privateIp: "10.0.2.10",
    vpcSecurityGroupIds: [s.group("smtp", { ingress: [smtpFromAnywhere] })],
    userData: postfix("10.0.1.0/24"),
  });
  const name = { name: "nlb" };
  const balancer = s.addType(
    "aws:lb/loadBalancer:LoadBalancer",
    { loadBalancerType: "network", subnets: [s.dmz] },
    name,
  );
  const targets = s.addType(
    "aws:lb/targetGroup:TargetGroup",
    { port: 25, protocol: "TCP", vpcId: s.vpc, ...targetGroup },
    { name: "targets" },
  );
  const defaultActions = [{ type: "forward", targetGroupArn: targets }];
  s.addType(
    "aws:lb/listener:Listener",
    { loadBalancerArn: balancer, port: 25, protocol: "TCP", defaultActions },
    { name: "listener" },
  );
  s.addType(
    "aws:lb/targetGroupAttachment:TargetGroupAttachment",
    { targetGroupArn: targets, targetId: host },
    { name: "attachment" },
  );
  return s;
}

/** A machine behind a DNAT rule of a firewall. */
function translated(sourceAddresses: readonly string[]): AzureStack {
  const stack = new AzureStack();
  const vnet = stack.azure("network:VirtualNetwork", { addressSpace: { addressPrefixes: ["10.0.0.0/16"] } });
  const nsg = stack.azure("network:NetworkSecurityGroup", { securityRules: [rule({ name: "smtp" })] }, { name: "nsg" });
  const subnet = stack.azure("network:Subnet", {
    ...{ virtualNetworkName: vnet, addressPrefix: "10.0.1.0/24", networkSecurityGroup: { id: nsg } },
  });
  machine(stack, "E", subnet, { privateIPAddress: "10.0.1.10", privateIPAllocationMethod: "Static" });
  const inside = stack.azure("network:Subnet", {
    ...{ virtualNetworkName: vnet, subnetName: "AzureFirewallSubnet", addressPrefix: "10.0.250.0/26" },
  });
  const pip = stack.azure("network:PublicIPAddress", { sku: { name: "Standard" } }, { name: "edge-address" });
  const policy = stack.azure("network:FirewallPolicy", {}, { name: "policy" });
  stack.azure(
    "network:FirewallPolicyRuleCollectionGroup",
    {
      firewallPolicyName: policy,
      priority: 100,
      ruleCollections: [
        {
          ...{ ruleCollectionType: "FirewallPolicyNatRuleCollection", priority: 100, action: { type: "DNAT" } },
          rules: [
            {
              ...{ ruleType: "NatRule", name: "smtp", ipProtocols: ["TCP"], sourceAddresses },
              ...{ destinationPorts: ["25"], translatedAddress: "10.0.1.10", translatedPort: "25" },
              destinationAddresses: [pip],
            },
          ],
        },
      ],
    },
    { name: "dnat" },
  );
  stack.azure(
    "network:AzureFirewall",
    {
      ipConfigurations: [{ name: "fw", subnet: { id: inside }, publicIPAddress: { id: pip } }],
      firewallPolicy: { id: policy },
    },
    { name: "firewall" },
  );
  return stack;
}
