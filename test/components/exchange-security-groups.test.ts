import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { aws } from "../../components";
import { ofType, refusal, register, types } from "./harness";

const valid: aws.ExchangeSecurityGroupsArgs = {
  vpcId: "vpc-1",
  networkCidrs: ["10.20.0.0/16"],
  connectedCidrs: ["172.16.0.0/16"],
  frontEnds: ["10.20.0.10"],
};

async function rules(changes: Partial<aws.ExchangeSecurityGroupsArgs> = {}) {
  const resources = await register(() => void new aws.ExchangeSecurityGroups("ex", { ...valid, ...changes }));
  return ofType(resources, types.ingress, types.egress).map(({ type, inputs: it }) => {
    const direction = type === types.ingress ? "in" : "out";
    const ports = it.fromPort === undefined ? "" : ` ${it.fromPort}-${it.toPort}`;
    const peer = it.cidrIpv4 ?? it.referencedSecurityGroupId;
    return `${it.securityGroupId} ${direction} ${it.ipProtocol}${ports} ${peer}: ${it.description}`;
  });
}

test("by default: Exchange among itself, and SMTP between it and the front ends", async () => {
  expect(await rules()).toEqual([
    "ex-servers-id in tcp 25-25 10.20.0.10/32: Inbound mail from a front end",
    "ex-servers-id in -1 ex-servers-id: Everything from other Exchange servers",
    "ex-servers-id out tcp 25-25 10.20.0.10/32: Outbound mail to a front end",
    "ex-servers-id out -1 ex-servers-id: Everything to other Exchange servers",
  ]);
});

test("each approved sender has a rule a port, with its reason", async () => {
  const approvedSenders = [
    "10.20.16.25",
    { cidr: "172.16.8.0/28", reason: "Printers", ports: [25, 587] },
    pulumi.output("10.20.16.26"),
  ];
  expect(await rules({ approvedSenders })).toEqual(
    expect.arrayContaining([
      "ex-servers-id in tcp 25-25 10.20.16.25/32: Approved sender",
      "ex-servers-id in tcp 25-25 172.16.8.0/28: Printers",
      "ex-servers-id in tcp 587-587 172.16.8.0/28: Printers",
      "ex-servers-id in tcp 25-25 10.20.16.26/32: Approved sender",
    ]),
  );
});

test("client access is in a group of its own, other egress in that of the servers", async () => {
  const clientAccess = [{ cidr: "172.16.0.0/16", port: 443, reason: "Outlook" }];
  const egress = [
    { cidr: "10.20.2.10/32", protocol: aws.Protocol.All, reason: "Domain controller" },
    { cidr: "203.0.113.0/24", port: 8000, toPort: 8100, reason: "Archive" },
  ];
  const all = await rules({ clientAccess, egress });
  expect(all).toContain("ex-clients-id in tcp 443-443 172.16.0.0/16: Outlook");
  expect(all).toContain("ex-servers-id out -1 10.20.2.10/32: Domain controller");
  expect(all).toContain("ex-servers-id out tcp 8000-8100 203.0.113.0/24: Archive");
});

describe("refuses in one line", () => {
  test.each<[object, string]>([
    [
      { approvedSenders: ["0.0.0.0/0"] },
      'approvedSenders[0]: "0.0.0.0/0": expected a single host or a block no wider than /24',
    ],
    [{ approvedSenders: ["10.20.0.0/16"] }, "no wider than /24"],
    [
      { approvedSenders: ["10.99.1.1"] },
      'approvedSenders[0]: "10.99.1.1/32": expected an address or block inside the network 10.20.0.0/16, 172.16.0.0/16',
    ],
    [{ approvedSenders: ["erp.example.com"] }, "an IPv4 block"],
    [
      { approvedSenders: ["10.20.1.1", "10.20.1.1/32"] },
      'approvedSenders[1]: "10.20.1.1/32": expected each of them once',
    ],
    [{ approvedSenders: [{ cidr: "10.20.1.1", reason: "the boss's" }] }, "as AWS requires of descriptions"],
    [
      { approvedSenders: [{ cidr: "10.20.1.1", ports: [443] }] },
      "approvedSenders[0].ports[0]: 443: expected one of 25, 465, 587, 2525",
    ],
    [{ approvedSenders: [{ reason: "none" }] }, "approvedSenders[0].cidr: missing: expected"],
    [
      { clientAccess: [{ cidr: "10.20.0.0/16", port: 587, reason: "mail" }] },
      "clientAccess[0].port: 587: expected no port of SMTP",
    ],
    [
      { clientAccess: [{ cidr: "10.20.0.0/16", port: 20, toPort: 30, reason: "mail" }] },
      'clientAccess[0].port: "20-30": expected no port of SMTP',
    ],
    [{ clientAccess: [{ cidr: "10.20.0.0/16", protocol: "all", reason: "all" }] }, "expected no port of SMTP"],
    [
      { clientAccess: [{ cidr: "0.0.0.0/0", port: 443, reason: "web" }] },
      'clientAccess[0].cidr: "0.0.0.0/0": expected a block inside',
    ],
    [
      { clientAccess: [{ cidr: "10.20.0.0/16", port: 30, toPort: 20, reason: "x" }] },
      "expected a port that is not above toPort",
    ],
    [
      { egress: [{ cidr: "0.0.0.0/0", port: 25, reason: "mail" }] },
      'egress[0].cidr: "0.0.0.0/0": expected a block inside',
    ],
    [{ egress: [{ cidr: "203.0.113.0/24", protocol: "all", reason: "all" }] }, "mail leaves through the front ends"],
    [{ egress: [{ cidr: "203.0.113.0/24", reason: "no port" }] }, "egress[0]: {"],
    [{ frontEnds: [] }, "frontEnds: []: expected at least one address"],
    [{ frontEnds: ["192.0.2.1"] }, 'frontEnds[0]: "192.0.2.1": expected an address or block inside'],
    [
      { egress: Array.from({ length: 59 }, (_, i) => ({ cidr: `10.20.9.${i}/32`, port: 443, reason: "x" })) },
      "at most 60 outbound rules in one security group, they take 61",
    ],
  ])("%j", async (changes, message) => {
    const args = { ...valid, ...changes } as aws.ExchangeSecurityGroupsArgs;
    const refused = await refusal(() => new aws.ExchangeSecurityGroups("ex", args));
    expect(refused).toContain('ExchangeSecurityGroups "ex": ');
    expect(refused).toContain(message);
    expect(refused).not.toContain("\n");
  });
});
