import * as azure from "@pulumi/azure-native";
import * as pulumi from "@pulumi/pulumi";

/**
 * Mail behind load balancers: pools by interface and by scale set, rules for a port and for an instance, a NAT gateway, and a peered
 * network. References as programs write them: nested outputs, ids of children put together, whole objects.
 */
const { network, compute } = azure;
const group = new azure.resources.ResourceGroup("mail");
const resourceGroupName = group.name;
const base64 = (text: string) => Buffer.from(text).toString("base64");
const mailer = (mynetworks: string) =>
  base64(
    `#cloud-config\n${JSON.stringify({
      write_files: [
        {
          path: "/etc/postfix/main.cf",
          content: `mynetworks = ${mynetworks}\nsmtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination\n`,
        },
      ],
      packages: ["postfix"],
    })}\n`,
  );
const anyone = { sourceAddressPrefix: "*", sourcePortRange: "*", destinationAddressPrefix: "*" } as const;

const rules = new network.NetworkSecurityGroup("mail", {
  resourceGroupName,
  securityRules: [
    {
      name: "smtp",
      priority: 200,
      direction: "Inbound",
      access: "Allow",
      protocol: "Tcp",
      ...anyone,
      destinationPortRange: "25",
    },
    {
      name: "no-submission",
      priority: 100,
      direction: "Inbound",
      access: "Deny",
      protocol: "*",
      ...anyone,
      destinationPortRanges: ["465", "587"],
    },
  ],
});
const publicAddress = (name: string) =>
  new network.PublicIPAddress(name, {
    resourceGroupName,
    sku: { name: "Standard" },
    publicIPAllocationMethod: "Static",
  });
const nat = new network.NatGateway("mail", {
  resourceGroupName,
  sku: { name: "Standard" },
  publicIpAddresses: [{ id: publicAddress("nat").id }],
});
const vnet = new network.VirtualNetwork("mail", {
  resourceGroupName,
  addressSpace: { addressPrefixes: ["10.60.0.0/16"] },
  subnets: [
    { name: "front", addressPrefix: "10.60.1.0/24", networkSecurityGroup: { id: rules.id } },
    { name: "back", addressPrefix: "10.60.2.0/24", natGateway: { id: nat.id } },
  ],
});
const subnet = (name: string) => ({ id: pulumi.interpolate`${vnet.id}/subnets/${name}` });

const partner = new network.VirtualNetwork("partner", {
  resourceGroupName,
  addressSpace: { addressPrefixes: ["10.61.0.0/16"] },
});
const inside = new network.Subnet("partner", {
  resourceGroupName,
  virtualNetworkName: partner.name,
  addressPrefix: "10.61.1.0/24",
});
const peer = (name: string, one: azure.network.VirtualNetwork, other: azure.network.VirtualNetwork) =>
  new network.VirtualNetworkPeering(name, {
    resourceGroupName,
    virtualNetworkName: one.name,
    remoteVirtualNetwork: { id: other.id },
    allowVirtualNetworkAccess: true,
    allowForwardedTraffic: false,
  });
peer("to-partner", vnet, partner);
peer("from-partner", partner, vnet);

const loadBalancerName = "mail-balancer";
const part = (kind: string, name: string) => ({
  id: pulumi.interpolate`${group.id}/providers/Microsoft.Network/loadBalancers/${loadBalancerName}/${kind}/${name}`,
});
const balancer = new network.LoadBalancer("mail", {
  resourceGroupName,
  loadBalancerName,
  sku: { name: "Standard" },
  frontendIPConfigurations: [{ name: "edge", publicIPAddress: { id: publicAddress("edge").id } }],
  backendAddressPools: [{ name: "mail" }, { name: "relays" }],
  probes: [{ name: "smtp", protocol: "Tcp", port: 25 }],
  loadBalancingRules: [
    {
      name: "smtp",
      protocol: "Tcp",
      frontendPort: 2525,
      backendPort: 25,
      frontendIPConfiguration: part("frontendIPConfigurations", "edge"),
      backendAddressPool: part("backendAddressPools", "mail"),
      probe: part("probes", "smtp"),
    },
    {
      name: "relays",
      protocol: "Tcp",
      frontendPort: 25,
      backendPort: 25,
      frontendIPConfiguration: part("frontendIPConfigurations", "edge"),
      backendAddressPool: part("backendAddressPools", "relays"),
    },
  ],
});

const card = (name: string, configuration: object) =>
  new network.NetworkInterface(name, { resourceGroupName, ipConfigurations: [{ name: "primary", ...configuration }] });
const machine = (name: string, nic: azure.network.NetworkInterface, customData: string, tags: Record<string, string>) =>
  new compute.VirtualMachine(name, {
    resourceGroupName,
    tags,
    hardwareProfile: { vmSize: "Standard_B2s" },
    networkProfile: { networkInterfaces: [{ id: nic.id, primary: true }] },
    storageProfile: {
      imageReference: { publisher: "Debian", offer: "debian-13", sku: "13-gen2", version: "latest" },
      osDisk: { createOption: "FromImage", deleteOption: "Delete" },
    },
    osProfile: {
      computerName: name,
      adminUsername: "operator",
      linuxConfiguration: { disablePasswordAuthentication: true },
      customData,
    },
  });
const mx = machine(
  "mx",
  card("mx", {
    subnet: subnet("front"),
    loadBalancerBackendAddressPools: [{ id: pulumi.interpolate`${balancer.id}/backendAddressPools/mail` }],
  }),
  mailer("127.0.0.0/8, 0.0.0.0/0"),
  { "relayproof:role": "front-end" },
);
new compute.VirtualMachineExtension("mx", {
  resourceGroupName,
  vmName: mx.name,
  vmExtensionName: "settings",
  publisher: "Microsoft.Azure.Extensions",
  type: "CustomScript",
  typeHandlerVersion: "2.1",
  settings: { commandToExecute: "postconf -e 'smtpd_banner = mail' && systemctl reload postfix" },
});
machine(
  "archive",
  card("archive", { subnet: { id: vnet.subnets.apply((all) => all?.find(({ name }) => name === "back")?.id ?? "") } }),
  mailer("127.0.0.0/8"),
  { "relayproof:role": "internal-mail" },
);
machine("partner", card("partner", { subnet: { id: inside.id } }), mailer("10.0.0.0/8"), {});

new compute.VirtualMachineScaleSet("relays", {
  resourceGroupName,
  vmScaleSetName: "relays",
  sku: { name: "Standard_B2s", capacity: 2, tier: "Standard" },
  upgradePolicy: { mode: "Manual" },
  virtualMachineProfile: {
    osProfile: {
      computerNamePrefix: "relay",
      adminUsername: "operator",
      linuxConfiguration: { disablePasswordAuthentication: true },
      customData: mailer("127.0.0.0/8, 10.60.0.0/16"),
    },
    storageProfile: {
      imageReference: { publisher: "Debian", offer: "debian-13", sku: "13-gen2", version: "latest" },
      osDisk: { createOption: "FromImage" },
    },
    networkProfile: {
      networkInterfaceConfigurations: [
        {
          name: "primary",
          primary: true,
          networkSecurityGroup: { id: rules.id },
          ipConfigurations: [
            {
              name: "primary",
              subnet: subnet("front"),
              loadBalancerBackendAddressPools: [{ id: pulumi.interpolate`${balancer.id}/backendAddressPools/relays` }],
            },
          ],
        },
      ],
    },
  },
});
