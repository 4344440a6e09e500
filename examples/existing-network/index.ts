/**
 * A perimeter in a VPC that somebody else made. Its blocks are written down, because every rule is computed from them, and so are the
 * networks that it is connected to: what lies there is inside.
 */

import { aws } from "../../components";

const perimeter = new aws.MailPerimeter("mail", {
  domains: ["example.com"],
  hostnames: ["mx1.example.com", "mx2.example.com"],
  exchangeServers: ["172.16.10.20", "172.16.10.21"],
  exposure: aws.Exposure.Staged,
  probeSources: ["198.51.100.7/32"],
  network: {
    existing: {
      vpcId: "vpc-0a1b2c3d4e5f60718",
      cidrs: ["10.80.0.0/16"],
      subnets: [
        { id: "subnet-0a000000000000001", cidr: "10.80.0.0/24", zone: "eu-central-1a", tier: aws.Tier.Dmz },
        { id: "subnet-0a000000000000002", cidr: "10.80.1.0/24", zone: "eu-central-1b", tier: aws.Tier.Dmz },
        { id: "subnet-0a000000000000003", cidr: "10.80.10.0/24", zone: "eu-central-1a", tier: aws.Tier.Internal },
      ],
    },
    connectedCidrs: ["172.16.0.0/16"],
  },
  frontEndAddresses: ["10.80.0.25", "10.80.1.25"],
  approvedSenders: [{ cidr: "10.80.20.8", reason: "Ticket system" }],
});

export const publicAddresses = perimeter.publicAddresses;
