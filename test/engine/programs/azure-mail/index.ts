import * as compute from "@pulumi/azure-native/compute";
import * as network from "@pulumi/azure-native/network";
import * as resources from "@pulumi/azure-native/resources";
import * as pulumi from "@pulumi/pulumi";

/**
 * A front end with a public address of its own, and an internal mail server behind a firewall that translates: every spelling of rules,
 * subnets and references, and enough wrong for findings.
 */
const config = new pulumi.Config();
const isLive = config.require("exposure") === "live";
const domains = config.getObject<string[]>("domains") ?? ["example.com"];

const group = new resources.ResourceGroup("mail");
const resourceGroupName = group.name;
const vnet = new network.VirtualNetwork("mail", {
  resourceGroupName,
  addressSpace: { addressPrefixes: ["10.70.0.0/16"] },
});
const virtualNetworkName = vnet.name;

const outside = new network.NetworkSecurityGroup("outside", { resourceGroupName });
const rule = {
  resourceGroupName,
  networkSecurityGroupName: outside.name,
  protocol: "Tcp",
  sourcePortRange: "*",
} as const;
new network.SecurityRule("smtp", {
  ...rule,
  direction: "Inbound",
  access: "Allow",
  priority: 100,
  sourceAddressPrefix: isLive ? "Internet" : "198.51.100.7/32",
  destinationAddressPrefix: "10.70.1.0/24",
  destinationPortRange: "25",
});
new network.SecurityRule("rest", {
  ...rule,
  direction: "Inbound",
  access: "Deny",
  priority: 4096,
  protocol: "*",
  sourceAddressPrefix: "*",
  destinationAddressPrefix: "*",
  destinationPortRange: "*",
});
const dmz = new network.Subnet("dmz", {
  resourceGroupName,
  virtualNetworkName,
  addressPrefix: "10.70.1.0/24",
  networkSecurityGroup: { id: outside.id },
});

const exchange = new network.ApplicationSecurityGroup("exchange", { resourceGroupName });
const inside = new network.NetworkSecurityGroup("inside", {
  resourceGroupName,
  securityRules: [
    {
      name: "front-end",
      direction: "Inbound",
      access: "Allow",
      priority: 100,
      protocol: "Tcp",
      sourceAddressPrefixes: ["10.70.1.0/24"],
      sourcePortRange: "*",
      destinationApplicationSecurityGroups: [{ id: exchange.id }],
      destinationPortRanges: ["25", "587"],
    },
  ],
});
const routes = new network.RouteTable("inside", {
  resourceGroupName,
  routes: [
    { name: "default", addressPrefix: "0.0.0.0/0", nextHopType: "VirtualAppliance", nextHopIpAddress: "10.70.0.4" },
  ],
});
const internal = new network.Subnet("internal", {
  resourceGroupName,
  virtualNetworkName,
  addressPrefixes: ["10.70.2.0/24"],
  networkSecurityGroup: { id: inside.id },
  routeTable: { id: routes.id },
});
const firewallSubnet = new network.Subnet("AzureFirewallSubnet", {
  resourceGroupName,
  virtualNetworkName,
  addressPrefix: "10.70.0.0/26",
});

const publicAddress = (name: string) =>
  new network.PublicIPAddress(name, {
    resourceGroupName,
    sku: { name: "Standard" },
    publicIPAllocationMethod: "Static",
  });
const policy = new network.FirewallPolicy("mail", { resourceGroupName, sku: { tier: "Standard" } });
const edge = publicAddress("edge");
const mailServer = "10.70.2.10";
const rules = new network.FirewallPolicyRuleCollectionGroup("mail", {
  resourceGroupName,
  firewallPolicyName: policy.name,
  priority: 100,
  ruleCollections: [
    {
      ruleCollectionType: "FirewallPolicyNatRuleCollection",
      name: "inbound",
      priority: 100,
      action: { type: "DNAT" },
      rules: [
        {
          ruleType: "NatRule",
          name: "smtp",
          ipProtocols: ["TCP"],
          sourceAddresses: ["*"],
          destinationAddresses: [edge.ipAddress.apply((it) => it ?? "")],
          destinationPorts: ["25"],
          translatedAddress: mailServer,
          translatedPort: "25",
        },
      ],
    },
  ],
});
new network.AzureFirewall(
  "mail",
  {
    resourceGroupName,
    sku: { name: "AZFW_VNet", tier: "Standard" },
    firewallPolicy: { id: policy.id },
    ipConfigurations: [{ name: "edge", publicIPAddress: { id: edge.id }, subnet: { id: firewallSubnet.id } }],
  },
  { dependsOn: [rules] },
);

const interfaceOf = (name: string, configuration: object) =>
  new network.NetworkInterface(name, { resourceGroupName, ipConfigurations: [{ name: "primary", ...configuration }] });
const frontEnd = interfaceOf("front-end", {
  subnet: { id: dmz.id },
  privateIPAddress: "10.70.1.10",
  privateIPAllocationMethod: "Static",
  publicIPAddress: { id: publicAddress("front-end").id },
});
const back = interfaceOf("exchange", {
  subnet: { id: internal.id },
  privateIPAddress: mailServer,
  privateIPAllocationMethod: "Static",
  applicationSecurityGroups: [{ id: exchange.id }],
});

const base64 = (text: string) => Buffer.from(text).toString("base64");
const machine = (name: string, nic: network.NetworkInterface, more: Partial<compute.VirtualMachineArgs>) =>
  new compute.VirtualMachine(name, {
    resourceGroupName,
    hardwareProfile: { vmSize: "Standard_B2s" },
    networkProfile: { networkInterfaces: [{ id: nic.id }] },
    storageProfile: {
      imageReference: { publisher: "Debian", offer: "debian-13", sku: "13-gen2", version: "latest" },
      osDisk: { createOption: "FromImage", deleteOption: "Delete" },
    },
    ...more,
  });
const mailer = machine("front-end", frontEnd, {
  tags: { "relayproof:role": "front-end" },
  osProfile: {
    computerName: "mx1",
    adminUsername: "operator",
    linuxConfiguration: {
      disablePasswordAuthentication: true,
      ssh: { publicKeys: [{ path: "/home/operator/.ssh/authorized_keys", keyData: "ssh-ed25519 AAAA operator" }] },
    },
    customData: base64("#cloud-config\npackages: [postfix]\n"),
  },
});
new compute.VirtualMachineRunCommandByVirtualMachine("configuration", {
  resourceGroupName,
  vmName: mailer.name,
  source: {
    script: [
      "#!/bin/sh",
      "cat > /etc/postfix/main.cf <<'EOF'",
      "mynetworks = 10.0.0.0/8",
      `relay_domains = ${domains.join(", ")}`,
      "smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination",
      "EOF",
      "postfix reload",
    ].join("\n"),
  },
});
machine("exchange", back, {
  tags: { "relayproof:role": "internal-mail" },
  osProfile: {
    computerName: "ex1",
    adminUsername: "operator",
    adminPassword: config.getSecret("password") ?? "Not-0ne-of-ours",
  },
});

export const address = frontEnd.ipConfigurations.apply((all) => all?.[0]?.privateIPAddress);
