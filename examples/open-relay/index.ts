/**
 * The development perimeter with one mistake in it: a mail VM made by hand on the network of the components. No rule and no setting
 * says 0.0.0.0/0, each change looked right in its own review, and together they relay for everybody. Do not deploy.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ec2, vpc } from "@pulumi/aws";
import { aws, render } from "../../components";

const domains = ["dev.example.com"];
const hostname = "mx1.dev.example.com";
const exchangeServers = ["10.20.2.20"];

const network = new aws.PerimeterNetwork("mail-network", { zones: ["eu-central-1a", "eu-central-1b"] });
const [dmz] = network.dmzSubnets;
if (dmz === undefined) throw new Error("no DMZ subnet");

export const exchangeGroups = new aws.ExchangeSecurityGroups("mail-exchange", {
  vpcId: network.vpcId,
  networkCidrs: network.cidrs,
  frontEnds: ["10.20.0.10"],
});

const group = new ec2.SecurityGroup("gateway-group", {
  vpcId: network.vpcId,
  description: "Mail gateway",
  tags: { "relayproof:role": "front-end" },
});

// Two halves, because the linter rejects rules for 0.0.0.0/0.
for (const cidrIpv4 of ["0.0.0.0/1", "128.0.0.0/1"]) {
  const smtp = { securityGroupId: group.id, cidrIpv4, ipProtocol: "tcp", fromPort: 25, toPort: 25 };
  const half = cidrIpv4 === "0.0.0.0/1" ? "low" : "high";
  new vpc.SecurityGroupIngressRule(`gateway-in-${half}`, { ...smtp, description: "Mail from other mail servers" });
  new vpc.SecurityGroupEgressRule(`gateway-out-${half}`, { ...smtp, description: "Mail to other mail servers" });
}

const card = new ec2.NetworkInterface("gateway-interface", {
  subnetId: dmz.id,
  privateIps: ["10.20.0.10"],
  securityGroups: [group.id],
});

const address = new ec2.Eip("gateway-address", { domain: "vpc" });
new ec2.EipAssociation("gateway-address-association", {
  allocationId: address.allocationId,
  networkInterfaceId: card.id,
});

const files = {
  "/etc/postfix/main.cf": readFileSync(join(__dirname, "main.cf"), "utf8"),
  "/etc/postfix/master.cf": render.masterCf({ hostname, domains, exchangeServers }),
};

export const gateway = new ec2.Instance("gateway", {
  ami: "ami-0123456789abcdef0",
  instanceType: "t3.small",
  primaryNetworkInterface: { networkInterfaceId: card.id },
  metadataOptions: { httpEndpoint: "enabled", httpTokens: "required" },
  rootBlockDevice: { encrypted: true },
  userData: `#cloud-config\n${JSON.stringify({
    write_files: Object.entries(files).map(([path, content]) => ({ path, content })),
    packages: ["postfix"],
  })}\n`,
  tags: { "relayproof:role": "front-end" },
});
