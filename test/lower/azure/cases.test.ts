import { describe, expect, test } from "vitest";
import type { ResourceSnapshot } from "../../../policies/analysis/model/snapshot";
import { ask, everybody4, everybody6, exact, maybe4, nobody } from "../ask";
import type { Input, Resource } from "../stack";
import { type AzureStack, edge, machine, rule } from "./stack";

describe("public addresses", () => {
  test("a standard public address and a group that admits SMTP: open", () => {
    const { stack, host } = edge();
    expect(ask(stack).internet(host)).toEqual(everybody4);
    expect(ask(stack).internet(host, 587)).toEqual(nobody);
  });

  test("case 23: a standard public address without any group is closed to the Internet, and open inside the network", () => {
    const { stack, subnet, host } = edge({ rules: null });
    const other = machine(stack, "other", subnet);
    expect(ask(stack).internet(host)).toEqual(nobody);
    expect(ask(stack).opens(other, host)).toBe("yes");
  });

  test("a basic public address without any group is open", () => {
    const { stack, host } = edge({ rules: null, publicIp: { sku: { name: "Basic" } } });
    expect(ask(stack).internet(host)).toEqual(everybody4);
  });

  test("an IPv6 configuration whose public address the stack only names is not taken for closed", () => {
    const { stack, host } = edge({
      vnet: { addressSpace: { addressPrefixes: ["10.0.0.0/16", "fd00:8::/48"] } },
      subnet: { addressPrefix: undefined, addressPrefixes: ["10.0.1.0/24", "fd00:8::/64"] },
      publicIp: null,
      configuration: {
        privateIPAddressVersion: "IPv6",
        publicIPAddress: { id: "/subscriptions/s/resourceGroups/r/providers/Microsoft.Network/publicIPAddresses/old" },
      },
    });
    expect(ask(stack).internet(host)).toEqual(everybody6);
  });

  test("case 24: the group of the subnet allows, that of the interface has only its defaults: closed", () => {
    const { stack, host } = edge();
    const strict = stack.azure("network:NetworkSecurityGroup", { securityRules: [] });
    expect(ask(stack).internet(host)).toEqual(everybody4);
    expect(ask(withProperty(stack, "nic", { networkSecurityGroup: { id: strict.id } })).internet(host)).toEqual(nobody);
  });
});

/** The snapshots of a stack with properties of one resource added: a later resource in the place of an earlier one's reference. */
function withProperty(stack: AzureStack, name: string, properties: ResourceSnapshot["properties"]) {
  return stack.snapshots.map((item) =>
    item.name === name ? { ...item, properties: { ...item.properties, ...properties } } : item,
  );
}

describe("rules", () => {
  test("case 25: a deny that is limited to high source ports stops nobody", () => {
    const { stack, host } = edge({
      rules: [
        rule({ priority: 100, access: "Deny", sourceAddressPrefix: "Internet", sourcePortRange: "1024-65535" }),
        rule({ priority: 110 }),
      ],
    });
    expect(ask(stack).internet(host)).toEqual(everybody4);
  });

  test("first match by priority, whatever the listing", () => {
    const deny = (priority: number) => rule({ priority, access: "Deny", sourceAddressPrefix: "203.0.113.0/24" });
    const before = edge({ rules: [rule({ priority: 110 }), deny(100)] });
    expect(ask(before.stack).internet(before.host).must).not.toContain("0.0.0.0/0");
    const after = edge({ rules: [rule({ priority: 110 }), deny(120)] });
    expect(ask(after.stack).internet(after.host)).toEqual(everybody4);
  });

  test("rules that are resources of their own count, linked by the name of their group", () => {
    const { stack, host, nsg } = edge({ rules: [] });
    expect(ask(stack).internet(host)).toEqual(nobody);
    stack.azure("network:SecurityRule", { networkSecurityGroupName: nsg ?? undefined, ...rule() });
    expect(ask(stack).internet(host)).toEqual(everybody4);
  });

  test("prefixes in singular and plural are united", () => {
    const { stack, host } = edge({
      rules: [
        rule({
          sourceAddressPrefix: "198.51.100.0/24",
          sourceAddressPrefixes: ["203.0.113.0/24"],
          destinationPortRange: undefined,
          destinationPortRanges: ["24-26"],
        }),
      ],
    });
    expect(ask(stack).internet(host)).toEqual(exact("198.51.100.0/24", "203.0.113.0/24"));
  });

  test("deny VirtualNetwork leaves nothing of the default rule for the same tag", () => {
    const { stack, subnet, host } = edge({
      rules: [
        rule({ access: "Deny", sourceAddressPrefix: "VirtualNetwork", destinationPortRange: "*", protocol: "*" }),
      ],
    });
    const other = machine(stack, "other", subnet);
    expect(ask(stack).opens(other, host)).toBe("no");
    expect(ask(stack).internal(host)).toEqual(nobody);
  });

  test("an application security group stands for its members' addresses", () => {
    const base = edge();
    const asg = base.stack.azure("network:ApplicationSecurityGroup", {}, { name: "senders" });
    const { stack, subnet, host } = edge({
      rules: [
        rule({ sourceAddressPrefix: undefined, sourceApplicationSecurityGroups: [{ id: asg }] }),
        rule({ priority: 200, access: "Deny", sourceAddressPrefix: "*" }),
      ],
    });
    const member = machine(stack, "member", subnet, { applicationSecurityGroups: [{ id: asg }] });
    const other = machine(stack, "other", subnet);
    const all = [...base.stack.snapshots.filter((item) => item.name === "senders"), ...stack.snapshots];
    expect(ask(all).opens(member, host)).toBe("yes");
    expect(ask(all).opens(other, host)).toBe("no");
  });

  test("AzureCloud is neither nobody nor everybody: other customers' machines, undetermined", () => {
    const { stack, host } = edge({ rules: [rule({ sourceAddressPrefix: "AzureCloud" })] });
    expect(ask(stack).internet(host)).toEqual(maybe4);
  });
});

describe("routes", () => {
  const build = (more: readonly Input[], rules?: readonly Input[]) => {
    const made = edge(rules === undefined ? {} : { rules });
    firewall(made.stack, made.vnet);
    const table = made.stack.azure("network:RouteTable", {
      routes: [
        {
          ...{ name: "default", addressPrefix: "0.0.0.0/0" },
          ...{ nextHopType: "VirtualAppliance", nextHopIpAddress: "10.0.250.4" },
        },
        ...more,
      ],
    });
    return ask(withProperty(made.stack, "subnet", { routeTable: { id: table.id } })).internet(made.host);
  };
  const partner = { name: "partner", addressPrefix: "203.0.113.0/24", nextHopType: "Internet" };

  test("case 28: a default route to a firewall closes the public address", () => {
    expect(build([])).toEqual(nobody);
  });

  test("case 28: a longer route to the Internet opens its prefix, also where the group has only its default rules", () => {
    expect(build([partner])).toEqual(exact("203.0.113.0/24"));
    expect(build([partner], [])).toEqual(exact("203.0.113.0/24"));
  });
});

describe("firewall", () => {
  const build = (sources: readonly string[], rules: readonly Input[] = []) => {
    const made = edge({ publicIp: null, rules, configuration: { privateIPAddress: "10.0.1.10" } });
    firewall(made.stack, made.vnet, sources);
    return made;
  };

  test("case 26: DNAT reaches a machine whose group has only its defaults, and the machine sees the firewall", () => {
    const { stack, host } = build(["*"]);
    const asked = ask(stack);
    expect(asked.internet(host)).toEqual(everybody4);
    const [flow] = asked.flows.inbound(asked.host(host), 25).filter((item) => item.path.zone.kind === "internet");
    expect(flow?.path.seen).toMatchObject({ kind: "pool" });
  });

  test("case 27: no rule of the group can filter clients behind DNAT; the sources of the DNAT rule can", () => {
    const deny = rule({ access: "Deny", sourceAddressPrefix: "Internet" });
    const denied = build(["*"], [deny]);
    expect(ask(denied.stack).internet(denied.host)).toEqual(everybody4);
    const narrow = build(["203.0.113.0/24"]);
    expect(ask(narrow.stack).internet(narrow.host)).toEqual(exact("203.0.113.0/24"));
  });
});

function firewall(stack: AzureStack, vnet: Resource, sources: readonly string[] = []) {
  const subnet = stack.azure("network:Subnet", {
    ...{ virtualNetworkName: vnet, subnetName: "AzureFirewallSubnet", addressPrefix: "10.0.250.0/26" },
  });
  const pip = stack.azure("network:PublicIPAddress", { sku: { name: "Standard" } });
  const policy = stack.azure("network:FirewallPolicy", {}, { name: "policy" });
  if (sources.length > 0) {
    stack.azure("network:FirewallPolicyRuleCollectionGroup", {
      firewallPolicyName: policy,
      priority: 100,
      ruleCollections: [
        {
          ruleCollectionType: "FirewallPolicyNatRuleCollection",
          priority: 100,
          action: { type: "DNAT" },
          rules: [
            {
              ...{ ruleType: "NatRule", name: "smtp", ipProtocols: ["TCP"], sourceAddresses: sources },
              ...{ destinationPorts: ["25"], translatedAddress: "10.0.1.10", translatedPort: "25" },
              destinationAddresses: [pip],
            },
          ],
        },
      ],
    });
  }
  return stack.azure("network:AzureFirewall", {
    ipConfigurations: [{ name: "fw", subnet: { id: subnet }, publicIPAddress: { id: pip } }],
    firewallPolicy: { id: policy },
  });
}
