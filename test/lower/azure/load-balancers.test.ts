import { describe, expect, test } from "vitest";
import { Unknown } from "../../../policies/analysis/model/snapshot";
import { ask, everybody4, exact, maybe4, nobody } from "../ask";
import type { Input } from "../stack";
import { AzureStack, edge, rule } from "./stack";

/** A public load balancer in front of E, whose interface is in its only pool. */
function balanced(
  change: {
    readonly balancer?: { [key: string]: Input };
    readonly rules?: readonly Input[] | null;
    readonly sku?: string;
    readonly frontends?: readonly Input[];
    readonly configuration?: (balancer: { id: Input }) => { [key: string]: Input };
  } = {},
) {
  const stack = new AzureStack();
  const pip = stack.azure("network:PublicIPAddress", { sku: { name: change.sku ?? "Standard" } }, { name: "front" });
  const balancer = stack.azure(
    "network:LoadBalancer",
    {
      sku: { name: change.sku ?? "Standard" },
      frontendIPConfigurations: change.frontends ?? [{ name: "front", publicIPAddress: { id: pip } }],
      backendAddressPools: [{ name: "mail" }],
      loadBalancingRules: [
        {
          ...{ name: "smtp", protocol: "Tcp", frontendPort: 25, backendPort: 25 },
          frontendIPConfiguration: { id: part("frontendIPConfigurations", "front") },
          backendAddressPool: { id: part("backendAddressPools", "mail") },
        },
      ],
      ...change.balancer,
    },
    { name: "lb" },
  );
  const configuration = change.configuration?.(balancer) ?? { loadBalancerBackendAddressPools: [{ id: balancer.id }] };
  const made = edge({
    publicIp: null,
    configuration,
    ...(change.rules === undefined ? {} : { rules: change.rules }),
  });
  return { snapshots: [...stack.snapshots, ...made.stack.snapshots], host: made.host };
}

/** An id as programs build it by hand inside the load balancer itself. */
function part(list: string, name: string): string {
  return `/subscriptions/s/resourceGroups/mail/providers/Microsoft.Network/loadBalancers/lb/${list}/${name}`;
}

describe("public load balancers", () => {
  test("pass on to the machine, which sees the client", () => {
    const { snapshots, host } = balanced();
    const asked = ask(snapshots);
    expect(asked.internet(host)).toEqual(everybody4);
    const [flow] = asked.flows.inbound(asked.host(host), 25);
    expect(flow?.path.seen).toEqual({ kind: "client" });
  });

  test("frontend 2525 exposes port 25 behind it", () => {
    const { snapshots, host } = balanced({
      balancer: {
        loadBalancingRules: [
          {
            ...{ name: "smtp", protocol: "Tcp", frontendPort: 2525, backendPort: 25 },
            frontendIPConfiguration: { id: part("frontendIPConfigurations", "front") },
            backendAddressPool: { id: part("backendAddressPools", "mail") },
          },
        ],
      },
    });
    expect(ask(snapshots).internet(host, 25)).toEqual(everybody4);
    expect(ask(snapshots).internet(host, 2525)).toEqual(nobody);
  });

  test("the group of the machine filters clients", () => {
    const { snapshots, host } = balanced({ rules: [rule({ sourceAddressPrefix: "203.0.113.0/24" })] });
    expect(ask(snapshots).internet(host)).toEqual(exact("203.0.113.0/24"));
  });

  test("a standard one needs a group, a basic one does not", () => {
    const standard = balanced({ rules: null });
    expect(ask(standard.snapshots).internet(standard.host)).toEqual(nobody);
    const basic = balanced({ rules: null, sku: "Basic" });
    expect(ask(basic.snapshots).internet(basic.host)).toEqual(everybody4);
  });

  test("an internal one is no way in from the Internet", () => {
    const { snapshots, host } = balanced({
      frontends: [{ name: "front", subnet: { id: "/subscriptions/s/x/virtualNetworks/v/subnets/s" } }],
    });
    expect(ask(snapshots).internet(host)).toEqual(nobody);
  });

  test("a rule that names a frontend only by an unknown id means the only one", () => {
    const { snapshots, host } = balanced({
      balancer: {
        loadBalancingRules: [
          {
            name: "smtp",
            protocol: "Tcp",
            frontendPort: 25,
            backendPort: 25,
            frontendIPConfiguration: { id: "" },
            backendAddressPool: { id: part("backendAddressPools", "mail") },
          },
        ],
      },
    });
    expect(ask(snapshots).internet(host)).not.toEqual(nobody);
  });

  test("an inbound NAT rule of its own, linked to the interface", () => {
    const { snapshots, host } = balanced({
      balancer: {
        loadBalancingRules: [],
        inboundNatRules: [
          {
            ...{ name: "submission", protocol: "Tcp", frontendPort: 10587, backendPort: 587 },
            frontendIPConfiguration: { id: part("frontendIPConfigurations", "front") },
          },
        ],
      },
      rules: [rule({ destinationPortRange: "587" })],
      configuration: (balancer) => ({ loadBalancerInboundNatRules: [{ id: balancer.id }] }),
    });
    expect(ask(snapshots).internet(host, 587)).toEqual(everybody4);
    expect(ask(snapshots).internet(host, 25)).toEqual(nobody);
  });
});

describe("scale sets", () => {
  const build = (prefix: string) => {
    const stack = new AzureStack();
    const pip = stack.azure("network:PublicIPAddress", { sku: { name: "Standard" } }, { name: "front" });
    const nsg = stack.azure("network:NetworkSecurityGroup", { securityRules: [rule({ sourceAddressPrefix: prefix })] });
    const vnet = stack.azure("network:VirtualNetwork", { addressSpace: { addressPrefixes: ["10.0.0.0/16"] } });
    const subnet = stack.azure("network:Subnet", { virtualNetworkName: vnet, addressPrefix: "10.0.1.0/24" });
    const balancer = stack.azure("network:LoadBalancer", {
      sku: { name: "Standard" },
      frontendIPConfigurations: [{ name: "front", publicIPAddress: { id: pip } }],
      inboundNatPools: [
        {
          ...{
            name: "mail",
            protocol: "Tcp",
            frontendPortRangeStart: 50000,
            frontendPortRangeEnd: 50119,
            backendPort: 25,
          },
          frontendIPConfiguration: { id: part("frontendIPConfigurations", "front") },
        },
      ],
      loadBalancingRules: [],
    });
    const set = stack.azure(
      "compute:VirtualMachineScaleSet",
      {
        virtualMachineProfile: {
          networkProfile: {
            networkInterfaceConfigurations: [
              {
                name: "nic",
                networkSecurityGroup: { id: nsg },
                ipConfigurations: [
                  { name: "ip", subnet: { id: subnet }, loadBalancerInboundNatPools: [{ id: balancer.id }] },
                ],
              },
            ],
          },
        },
      },
      { name: "set" },
    );
    return { stack, set };
  };

  test("case 30: a NAT pool leads to port 25 of every machine, and AzureCloud is other customers", () => {
    const cloud = build("AzureCloud");
    expect(ask(cloud.stack).internet(cloud.set)).toEqual(maybe4);
    const open = build("*");
    expect(ask(open.stack).internet(open.set)).toEqual(everybody4);
  });

  test("machines with public addresses of their own", () => {
    const stack = new AzureStack();
    const nsg = stack.azure("network:NetworkSecurityGroup", { securityRules: [rule()] });
    const vnet = stack.azure("network:VirtualNetwork", {
      addressSpace: { addressPrefixes: ["10.0.0.0/16"] },
      subnets: [{ name: "mail", addressPrefix: "10.0.1.0/24", networkSecurityGroup: { id: nsg } }],
    });
    const set = stack.azure(
      "compute:VirtualMachineScaleSet",
      {
        virtualMachineProfile: {
          networkProfile: {
            networkInterfaceConfigurations: [
              {
                name: "nic",
                ipConfigurations: [
                  {
                    ...{ name: "ip", subnet: { id: vnet.id } },
                    publicIPAddressConfiguration: { name: "public", sku: { name: "Standard" } },
                  },
                ],
              },
            ],
          },
        },
      },
      { name: "set" },
    );
    expect(ask(stack).internet(set)).toEqual(everybody4);
  });
});

describe("an application gateway, which is not modelled", () => {
  const behind = (change: { listeners?: readonly Input[]; pools?: Input }) => {
    const made = edge({
      publicIp: null,
      rules: [],
      configuration: { privateIPAddress: "10.0.1.10", privateIPAllocationMethod: "Static" },
    });
    made.stack.azure(
      "network:ApplicationGateway",
      {
        listeners: change.listeners ?? [{ name: "smtp", protocol: "Tcp" }],
        backendAddressPools: change.pools ?? [{ backendAddresses: [{ ipAddress: "10.0.1.10" }] }],
      },
      { name: "proxy" },
    );
    return ask(made.stack).internet(made.host);
  };

  test("may lead to a machine that it names by address, or may name, if it passes TCP", () => {
    expect(behind({})).toEqual(maybe4);
    expect(behind({ pools: [{ backendAddresses: [{ fqdn: "mail.example.com" }] }] })).toEqual(maybe4);
    expect(behind({ pools: new Unknown() })).toEqual(maybe4);
    expect(behind({ pools: [{ name: "joined by interfaces" }] })).toEqual(maybe4);
  });

  test("leads to no other machine, and carries no mail by its HTTP listeners", () => {
    expect(behind({ pools: [{ backendAddresses: [{ ipAddress: "10.0.1.11" }] }] })).toEqual(nobody);
    expect(behind({ listeners: [] })).toEqual(nobody);
  });
});
