/**
 * Two Exchange servers of one's own behind a gateway that a data centre already runs: the groups admit SMTP from the gateway and two
 * named senders, https from the office, and nothing else.
 */

import { ec2 } from "@pulumi/aws";
import { aws } from "../../components";

const network = new aws.PerimeterNetwork("mail-network", {
  cidr: "10.90.0.0/16",
  zones: ["eu-central-1a", "eu-central-1b"],
  connectedCidrs: ["172.16.0.0/16"],
});

const groups = new aws.ExchangeSecurityGroups("exchange", {
  vpcId: network.vpcId,
  networkCidrs: network.cidrs,
  connectedCidrs: network.connectedCidrs,
  frontEnds: ["172.16.1.25"],
  approvedSenders: [
    { cidr: "10.90.16.8", reason: "Ticket system" },
    { cidr: "172.16.40.0/28", reason: "Multifunction printers", ports: [587] },
  ],
  clientAccess: [{ cidr: "172.16.64.0/20", port: 443, reason: "Outlook and OWA from the office" }],
  egress: [{ cidr: "172.16.2.0/28", protocol: aws.Protocol.All, reason: "Domain controllers" }],
});

export const exchangeServers = network.internalSubnets.map(
  (subnet, i) =>
    new ec2.Instance(`exchange-${i + 1}`, {
      ami: "ami-0123456789abcdef0",
      instanceType: "m6i.2xlarge",
      subnetId: subnet.id,
      privateIp: `10.90.${2 + i}.20`,
      vpcSecurityGroupIds: groups.groupIds,
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required" },
      rootBlockDevice: { encrypted: true, volumeSize: 200 },
      tags: { Name: `exchange-${i + 1}` },
    }).id,
);
