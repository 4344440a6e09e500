import { describe, expect, test } from "vitest";
import { ask, everybody4, nobody } from "../ask";
import type { Inputs } from "../stack";
import { AzureStack, edge, machine, rule } from "./stack";

function peered(change: Inputs = { allowVirtualNetworkAccess: true }) {
  const made = edge({ publicIp: null, rules: null });
  const { stack } = made;
  const other = stack.azure(
    "network:VirtualNetwork",
    { addressSpace: { addressPrefixes: ["10.9.0.0/16"] } },
    { name: "other" },
  );
  const subnet = stack.azure(
    "network:Subnet",
    { virtualNetworkName: other, addressPrefix: "10.9.1.0/24" },
    { name: "far" },
  );
  const client = machine(stack, "client", subnet);
  for (const [from, to] of [
    [made.vnet, other],
    [other, made.vnet],
  ] as const)
    stack.azure("network:VirtualNetworkPeering", {
      virtualNetworkName: from,
      remoteVirtualNetwork: { id: to },
      ...change,
    });
  return { ...made, client };
}

describe("peering", () => {
  test("joins two networks", () => {
    const { stack, client, host } = peered();
    expect(ask(stack).opens(client, host)).toBe("yes");
    expect(ask(stack).internal(host).must).toContain("10.9.1.0/24");
  });

  test("case 30: that forbids access adds nothing", () => {
    const { stack, client, host } = peered({ allowVirtualNetworkAccess: false });
    expect(ask(stack).opens(client, host)).toBe("no");
    expect(ask(stack).internal(host).must).not.toContain("10.9.1.0/24");
  });

  test("that does not say is undetermined", () => {
    const { stack, client, host } = peered({});
    expect(ask(stack).opens(client, host)).toBe("maybe");
  });

  test("is part of VirtualNetwork: the default rules of a group admit it", () => {
    const base = peered();
    const nsg = base.stack.azure("network:NetworkSecurityGroup", { securityRules: [] }, { name: "defaults" });
    const all = base.stack.snapshots.map((item) =>
      item.name === "nic"
        ? { ...item, properties: { ...item.properties, networkSecurityGroup: { id: nsg.id } } }
        : item,
    );
    expect(ask(all).opens(base.client, base.host)).toBe("yes");
  });

  test("two networks without one are apart", () => {
    const made = edge({ publicIp: null, rules: null });
    const other = made.stack.azure("network:VirtualNetwork", { addressSpace: { addressPrefixes: ["10.9.0.0/16"] } });
    const subnet = made.stack.azure("network:Subnet", { virtualNetworkName: other, addressPrefix: "10.9.1.0/24" });
    const client = machine(made.stack, "client", subnet);
    expect(ask(made.stack).opens(client, made.host)).toBe("no");
  });
});

describe("security admin rules", () => {
  const build = (access: string, rules: Parameters<typeof edge>[0], options: { commit?: boolean } = {}) => {
    const made = edge(rules);
    const { stack } = made;
    const group = stack.azure("network:NetworkGroup", { networkManagerName: "manager", networkGroupName: "mail" });
    stack.azure("network:StaticMember", { networkGroupName: group, resourceId: made.vnet });
    stack.azure("network:AdminRuleCollection", {
      ...{ networkManagerName: "manager", configurationName: "security", ruleCollectionName: "smtp" },
      appliesToGroups: [{ networkGroupId: group }],
    });
    stack.azure("network:AdminRule", {
      ...{ kind: "Custom", networkManagerName: "manager", configurationName: "security", ruleCollectionName: "smtp" },
      ...{ access, direction: "Inbound", priority: 10, protocol: "Tcp", destinationPortRanges: ["25"] },
      sources: [{ addressPrefix: "*", addressPrefixType: "IPPrefix" }],
    });
    if (options.commit === true)
      stack.azure("network:Commit", { commitType: "SecurityAdmin", configurationIds: [], targetLocations: [] });
    return made;
  };

  test("case 29: AlwaysAllow passes both groups by; Allow does not", () => {
    const deny = { rules: [rule({ access: "Deny" })] };
    const always = build("AlwaysAllow", deny);
    expect(ask(always.stack).internet(always.host)).toEqual(everybody4);
    const allow = build("Allow", deny);
    expect(ask(allow.stack).internet(allow.host)).toEqual(nobody);
  });

  test("case 29: Deny closes once it is committed; without a commit it may not be deployed", () => {
    const committed = build("Deny", {}, { commit: true });
    expect(ask(committed.stack).internet(committed.host)).toEqual(nobody);
    const open = build("Deny", {});
    expect(ask(open.stack).internet(open.host)).not.toEqual(nobody);
  });
});

describe("subnets that the stack does not create", () => {
  const HUB = "/subscriptions/s/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/hub";
  const inSubnet = (stack: AzureStack, name: string, id: string) => {
    const nic = stack.azure("network:NetworkInterface", { ipConfigurations: [{ name: "primary", subnet: { id } }] });
    return stack.azure("compute:VirtualMachine", { networkProfile: { networkInterfaces: [{ id: nic }] } }, { name });
  };

  test("are in one network by their ids, whether the program reads them or only names them", () => {
    const stack = new AzureStack();
    const options = { name: "dmz", external: true, id: `${HUB}/subnets/dmz` };
    const read = stack.azure("network:Subnet", { name: "dmz", addressPrefix: "10.40.1.0/24" }, options);
    const [one, other] = [machine(stack, "one", read), inSubnet(stack, "other", `${HUB.toUpperCase()}/subnets/other`)];
    const elsewhere = inSubnet(stack, "elsewhere", `${HUB}-2/subnets/other`);
    expect(ask(stack).opens(one, other)).toBe("maybe");
    expect(ask(stack).opens(other, one)).toBe("maybe");
    expect(ask(stack).opens(one, elsewhere)).toBe("no");
  });

  test("are named in messages as the program wrote them", () => {
    const stack = new AzureStack();
    const host = inSubnet(stack, "one", `${HUB}/subnets/A`);
    const row = ask(stack).row(host);
    expect(row?.undetermined.map(({ reason }) => reason).join()).toContain(`the subnet ${HUB}/subnets/A is not`);
  });
});

describe("egress", () => {
  test("Azure's default access lets a machine without a public address out", () => {
    const made = edge({ publicIp: null });
    expect(ask(made.stack).egress(made.host)).toEqual(everybody4);
  });

  test("a private subnet without a NAT gateway has no way out", () => {
    const made = edge({ publicIp: null, subnet: { defaultOutboundAccess: false } });
    expect(ask(made.stack).egress(made.host)).toEqual(nobody);
  });

  test("an outbound rule that denies 25 to the Internet closes it", () => {
    const made = edge({
      rules: [rule({ direction: "Outbound", access: "Deny", destinationAddressPrefix: "Internet" })],
    });
    expect(ask(made.stack).egress(made.host)).toEqual(nobody);
    expect(ask(made.stack).egress(made.host, 443)).toEqual(everybody4);
  });
});
