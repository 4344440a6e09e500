import * as compute from "@pulumi/azure-native/compute";
import * as network from "@pulumi/azure-native/network";
import * as resources from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";

/**
 * What a preview lets through and Azure refuses: one that there can be, and then one that there cannot. Later what
 * is in use is to be `gone`, or what cannot change is to be `changed`.
 */
const phase = new pulumi.Config().get("phase") ?? "made";
const isGone = phase === "gone";
const group = new resources.ResourceGroup("mail", { resourceGroupName: "mail" });
const resourceGroupName = group.name;
const subscription = group.id.apply((id) => id.split("/").slice(0, 3).join("/"));
/** The id of something in the group, without a dependency on it. */
const idOf = (path: string) => ({
  id: pulumi.interpolate`${subscription}/resourceGroups/mail/providers/Microsoft.Network/${path}`,
});

const vnet = new network.VirtualNetwork("mail", {
  resourceGroupName,
  virtualNetworkName: "mail",
  addressSpace: { addressPrefixes: ["10.80.0.0/16"] },
});
const within = { resourceGroupName, virtualNetworkName: vnet.name };
const kept: pulumi.Resource[] = isGone
  ? []
  : [
      new network.NetworkSecurityGroup("group", { resourceGroupName, networkSecurityGroupName: "group" }),
      new network.RouteTable("routes", { resourceGroupName, routeTableName: "routes" }),
      new network.Subnet("subnet", { ...within, addressPrefix: "10.80.1.0/24" }),
      new network.PublicIPAddress("address", {
        resourceGroupName,
        publicIpAddressName: "address",
        sku: { name: "Standard" },
        publicIPAllocationMethod: "Static",
      }),
    ];
const beside = new network.Subnet(
  "beside",
  {
    ...within,
    addressPrefix: "10.80.2.0/24",
    networkSecurityGroup: idOf("networkSecurityGroups/group"),
    routeTable: idOf("routeTables/routes"),
  },
  { dependsOn: kept },
);
const card = (name: string, configuration: object, dependsOn: pulumi.Resource[]) =>
  new network.NetworkInterface(
    name,
    { resourceGroupName, networkInterfaceName: name, ipConfigurations: [{ name: "primary", ...configuration }] },
    { dependsOn },
  );
const taken = { subnet: idOf("virtualNetworks/mail/subnets/subnet"), privateIPAddress: "10.80.1.10" };
const first = card("first", { ...taken, publicIPAddress: idOf("publicIPAddresses/address") }, kept);
const machine = (name: string, customData: string, dependsOn: pulumi.Resource[]) =>
  new compute.VirtualMachine(
    name,
    {
      resourceGroupName,
      vmName: name,
      networkProfile: { networkInterfaces: [{ id: idOf("networkInterfaces/first").id }] },
      osProfile: {
        computerName: name,
        adminUsername: "operator",
        customData: Buffer.from(customData).toString("base64"),
      },
    },
    { dependsOn },
  );
const mx = machine("mx", phase === "changed" ? "#cloud-config\n# another\n" : "#cloud-config\n", [first]);

const rules = new network.NetworkSecurityGroup("rules", { resourceGroupName, networkSecurityGroupName: "rules" });
const rule = (name: string, more: Partial<network.SecurityRuleArgs>, dependsOn: pulumi.Resource[] = []) =>
  new network.SecurityRule(
    name,
    {
      resourceGroupName,
      networkSecurityGroupName: rules.name,
      direction: "Inbound",
      access: "Allow",
      priority: 100,
      protocol: "Tcp",
      sourceAddressPrefix: "*",
      sourcePortRange: "*",
      destinationAddressPrefix: "*",
      destinationPortRange: "25",
      ...more,
    },
    { dependsOn },
  );
const smtp = rule("smtp", {});

if (phase === "made") {
  const nothing = [vnet, ...kept, beside, first, mx];
  rule("priority-again", { access: "Deny" }, [smtp]);
  rule("priority-too-high", { priority: 5000 });
  rule("outbound", { direction: "Outbound" }, [smtp]);
  new network.Subnet("overlapping", { ...within, addressPrefix: "10.80.1.128/25" }, { dependsOn: nothing });
  new network.Subnet("elsewhere", { ...within, addressPrefix: "10.81.0.0/24" }, { dependsOn: nothing });
  new network.Subnet("host-bits", { ...within, addressPrefix: "10.80.9.1/24" }, { dependsOn: nothing });
  new network.Subnet("too-small", { ...within, addressPrefix: "10.80.9.0/30" }, { dependsOn: nothing });
  card("second", taken, nothing);
  card("reserved", { ...taken, privateIPAddress: "10.80.1.3" }, nothing);
  card("outside", { ...taken, privateIPAddress: "10.80.2.10" }, nothing);
  card(
    "published",
    { ...taken, privateIPAddress: "10.80.1.11", publicIPAddress: idOf("publicIPAddresses/address") },
    nothing,
  );
  card("nowhere", { subnet: idOf("virtualNetworks/mail/subnets/missing") }, nothing);
  machine("another", "#cloud-config\n", nothing);
  new network.PublicIPAddress("basic", { resourceGroupName, publicIPAllocationMethod: "Static" });
  new network.PublicIPAddress("dynamic", { resourceGroupName, sku: { name: "Standard" } });
  new network.NetworkSecurityGroup("lost", { resourceGroupName: "missing" });
  new network.NetworkSecurityGroup(
    "group-again",
    { resourceGroupName, networkSecurityGroupName: "group" },
    { dependsOn: kept },
  );
  new network.VirtualNetwork("inline", {
    resourceGroupName,
    addressSpace: { addressPrefixes: ["10.82.0.0/16"] },
    subnets: [
      { name: "one", addressPrefix: "10.82.0.0/24" },
      { name: "two", addressPrefix: "10.82.0.0/25" },
    ],
  });
  const small = new network.Subnet(
    "AzureFirewallSubnet",
    { ...within, addressPrefix: "10.80.0.0/27" },
    { dependsOn: nothing },
  );
  const edge = new network.PublicIPAddress("edge", {
    resourceGroupName,
    sku: { name: "Standard" },
    publicIPAllocationMethod: "Static",
  });
  const firewall = (name: string, subnet: network.Subnet) =>
    new network.AzureFirewall(name, {
      resourceGroupName,
      ipConfigurations: [{ name: "edge", publicIPAddress: { id: edge.id }, subnet: { id: subnet.id } }],
    });
  firewall("in-a-small-subnet", small);
  firewall("in-another-subnet", beside);
}
