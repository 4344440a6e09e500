import * as aws from "@pulumi/aws";
import * as azure from "@pulumi/azure-native";

/** One stack on two clouds: a front end on AWS, and on Azure an internal mail server that a public address leaves open to it and to all. */
const vpc = new aws.ec2.Vpc("edge", { cidrBlock: "10.90.0.0/16" });
const gateway = new aws.ec2.InternetGateway("edge", { vpcId: vpc.id });
const routes = new aws.ec2.RouteTable("edge", {
  vpcId: vpc.id,
  routes: [{ cidrBlock: "0.0.0.0/0", gatewayId: gateway.id }],
});
const dmz = new aws.ec2.Subnet("edge", { vpcId: vpc.id, cidrBlock: "10.90.1.0/24" });
new aws.ec2.RouteTableAssociation("edge", { subnetId: dmz.id, routeTableId: routes.id });
const anyone = { protocol: "tcp", fromPort: 25, toPort: 25, cidrBlocks: ["0.0.0.0/0"] };
const smtp = new aws.ec2.SecurityGroup("edge", { vpcId: vpc.id, ingress: [anyone], egress: [anyone] });
const frontEnd = new aws.ec2.Instance("edge", {
  ami: "ami-0123456789abcdef0",
  instanceType: "t3.small",
  subnetId: dmz.id,
  vpcSecurityGroupIds: [smtp.id],
  metadataOptions: { httpEndpoint: "enabled", httpTokens: "required" },
  rootBlockDevice: { encrypted: true },
  tags: { "relayproof:role": "front-end" },
});
const address = new aws.ec2.Eip("edge", { domain: "vpc" });
new aws.ec2.EipAssociation("edge", { instanceId: frontEnd.id, allocationId: address.id });

const group = new azure.resources.ResourceGroup("exchange");
const resourceGroupName = group.name;
const vnet = new azure.network.VirtualNetwork("exchange", {
  resourceGroupName,
  addressSpace: { addressPrefixes: ["10.91.0.0/16"] },
  subnets: [{ name: "exchange", addressPrefix: "10.91.1.0/24" }],
});
const rules = new azure.network.NetworkSecurityGroup("exchange", {
  resourceGroupName,
  securityRules: [
    {
      name: "smtp",
      direction: "Inbound",
      access: "Allow",
      priority: 100,
      protocol: "Tcp",
      sourceAddressPrefix: "*",
      sourcePortRange: "*",
      destinationAddressPrefix: "*",
      destinationPortRange: "25",
    },
  ],
});
const published = new azure.network.PublicIPAddress("exchange", {
  resourceGroupName,
  sku: { name: azure.network.PublicIPAddressSkuName.Standard },
  publicIPAllocationMethod: azure.network.IPAllocationMethod.Static,
});
const card = new azure.network.NetworkInterface("exchange", {
  resourceGroupName,
  networkSecurityGroup: { id: rules.id },
  ipConfigurations: [
    {
      name: "primary",
      subnet: { id: vnet.subnets.apply((all) => all?.[0]?.id ?? "") },
      publicIPAddress: { id: published.id },
    },
  ],
});
new azure.compute.VirtualMachine("exchange", {
  resourceGroupName,
  tags: { "relayproof:role": "internal-mail" },
  hardwareProfile: { vmSize: "Standard_D4s_v5" },
  networkProfile: { networkInterfaces: [{ id: card.id }] },
  storageProfile: {
    imageReference: {
      publisher: "MicrosoftWindowsServer",
      offer: "WindowsServer",
      sku: "2022-datacenter",
      version: "latest",
    },
    osDisk: { createOption: "FromImage", deleteOption: "Delete" },
  },
  osProfile: {
    computerName: "ex1",
    adminUsername: "operator",
    adminPassword: "Not-0ne-of-ours",
    windowsConfiguration: {},
  },
});
