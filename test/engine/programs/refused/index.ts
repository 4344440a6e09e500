import * as aws from "@pulumi/aws";

/** What a preview lets through and EC2 refuses: one that there can be, and then one that there cannot. */
const vpc = new aws.ec2.Vpc("vpc", { cidrBlock: "10.0.0.0/16" });
const subnet = new aws.ec2.Subnet("subnet", { vpcId: vpc.id, cidrBlock: "10.0.1.0/24" });
new aws.ec2.Subnet("overlapping", { vpcId: vpc.id, cidrBlock: "10.0.1.128/25" }, { dependsOn: [subnet] });
new aws.ec2.Subnet("outside", { vpcId: vpc.id, cidrBlock: "10.1.0.0/24" });

const group = new aws.ec2.SecurityGroup("group", { vpcId: vpc.id });
const rule = { securityGroupId: group.id, cidrIpv4: "192.0.2.0/24", ipProtocol: "tcp", fromPort: 25, toPort: 25 };
const first = new aws.vpc.SecurityGroupIngressRule("rule", rule);
new aws.vpc.SecurityGroupIngressRule("rule-again", rule, { dependsOn: [first] });

const acl = new aws.ec2.NetworkAcl("acl", { vpcId: vpc.id });
const entry = { networkAclId: acl.id, ruleNumber: 100, protocol: "-1", cidrBlock: "0.0.0.0/0", ruleAction: "allow" };
const entry100 = new aws.ec2.NetworkAclRule("entry", entry);
new aws.ec2.NetworkAclRule("entry-again", { ...entry, ruleAction: "deny" }, { dependsOn: [entry100] });

const card = { subnetId: subnet.id, privateIps: ["10.0.1.10"] };
const taken = new aws.ec2.NetworkInterface("card", card);
new aws.ec2.NetworkInterface("card-again", card, { dependsOn: [taken] });
new aws.ec2.NetworkInterface("card-elsewhere", { ...card, privateIps: ["10.0.2.10"] });

const gateway = new aws.ec2.InternetGateway("gateway", { vpcId: vpc.id });
new aws.ec2.InternetGateway("gateway-again", { vpcId: vpc.id }, { dependsOn: [gateway] });

const address = new aws.ec2.Eip("address", { domain: "vpc" });
const elsewhere = new aws.ec2.NetworkInterface("card-beside", { ...card, privateIps: ["10.0.1.11"] });
const association = new aws.ec2.EipAssociation("association", {
  allocationId: address.id,
  networkInterfaceId: taken.id,
});
new aws.ec2.EipAssociation(
  "association-again",
  { allocationId: address.id, networkInterfaceId: elsewhere.id },
  { dependsOn: [association] },
);
new aws.ec2.Route("nowhere", {
  routeTableId: "rtb-0123456789abcdef0",
  destinationCidrBlock: "0.0.0.0/0",
  gatewayId: gateway.id,
});
