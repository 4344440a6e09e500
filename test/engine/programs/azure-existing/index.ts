import * as azure from "@pulumi/azure-native";
import * as pulumi from "@pulumi/pulumi";

/** A front end in a network of somebody else's: a subnet by the output of another stack and read, a network asked for, ids put together. */
const { network, compute } = azure;
const { subscriptionId } = pulumi.output(azure.authorization.getClientConfig());
const hub = network.getVirtualNetworkOutput({ resourceGroupName: "hub", virtualNetworkName: "hub" });
const platform = new pulumi.StackReference("organization/network/prod");
const dmz = network.Subnet.get("dmz", platform.requireOutput("dmzId"));
const internalId = hub.apply(({ subnets }) => subnets?.find(({ name }) => name === "internal")?.id ?? "");
const resourceGroupName = new azure.resources.ResourceGroup("mail").name;

const rules = new network.NetworkSecurityGroup("front-end", {
  resourceGroupName,
  securityRules: [
    {
      name: "smtp",
      priority: 100,
      direction: "Inbound",
      access: "Allow",
      protocol: "Tcp",
      sourceAddressPrefix: "Internet",
      sourcePortRange: "*",
      destinationAddressPrefix: "*",
      destinationPortRange: "25",
    },
  ],
});
const address = new network.PublicIPAddress("front-end", {
  resourceGroupName,
  sku: { name: "Standard" },
  publicIPAllocationMethod: "Static",
});
const machine = (name: string, subnetId: pulumi.Input<string>, more: object, role: string) => {
  const card = new network.NetworkInterface(name, {
    resourceGroupName,
    ipConfigurations: [{ name: "primary", subnet: { id: subnetId }, ...more }],
    ...(role === "front-end" && { networkSecurityGroup: { id: rules.id } }),
  });
  return new compute.VirtualMachine(name, {
    resourceGroupName,
    tags: { "relayproof:role": role },
    networkProfile: { networkInterfaces: [{ id: card.id }] },
    osProfile: {
      computerName: name,
      adminUsername: "operator",
      linuxConfiguration: { disablePasswordAuthentication: true },
      customData: Buffer.from("#cloud-config\npackages: [postfix]\n").toString("base64"),
    },
  });
};
machine("front-end", dmz.id, { publicIPAddress: { id: address.id } }, "front-end");
machine("internal", internalId, {}, "internal-mail");
machine(
  "beside",
  pulumi.interpolate`/subscriptions/${subscriptionId}/resourceGroups/hub/providers/Microsoft.Network/virtualNetworks/hub/subnets/beside`,
  {},
  "internal-mail",
);
