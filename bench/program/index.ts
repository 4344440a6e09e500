/** A web server in a VPC of its own: what a program without mail looks like. */

import { ec2, vpc } from "@pulumi/aws";

const network = new ec2.Vpc("network", { cidrBlock: "10.0.0.0/16" });
const subnet = new ec2.Subnet("subnet", { vpcId: network.id, cidrBlock: "10.0.1.0/24" });
const gateway = new ec2.InternetGateway("gateway", { vpcId: network.id });
const routes = new ec2.RouteTable("routes", {
  vpcId: network.id,
  routes: [{ cidrBlock: "0.0.0.0/0", gatewayId: gateway.id }],
});
new ec2.RouteTableAssociation("subnet-routes", { subnetId: subnet.id, routeTableId: routes.id });

const group = new ec2.SecurityGroup("group", { vpcId: network.id, description: "Web server" });
const https = { securityGroupId: group.id, cidrIpv4: "0.0.0.0/0", ipProtocol: "tcp", fromPort: 443, toPort: 443 };
new vpc.SecurityGroupIngressRule("https-in", https);
new vpc.SecurityGroupEgressRule("https-out", https);

export const server = new ec2.Instance("server", {
  ami: "ami-0123456789abcdef0",
  instanceType: "t3.micro",
  subnetId: subnet.id,
  vpcSecurityGroupIds: [group.id],
  associatePublicIpAddress: true,
});
