import { describe, expect, test } from "vitest";
import { aws } from "../../components";
import { ofType, type Registered, refusal, register, types } from "./harness";

const valid: aws.PerimeterFirewallArgs = {
  vpcId: "vpc-1",
  networkCidrs: ["10.20.0.0/16"],
  dmzSubnets: [
    { id: "subnet-1", cidr: "10.20.0.0/24" },
    { id: "subnet-2", cidr: "10.20.1.0/24" },
  ],
  internalSubnets: [{ id: "subnet-3", cidr: "10.20.2.0/24" }],
};

const create = (changes: Partial<aws.PerimeterFirewallArgs> = {}) =>
  register(() => void new aws.PerimeterFirewall("fw", { ...valid, ...changes }));

/** The rules of one ACL and direction in the order in which they are tried. */
function table(resources: readonly Registered[], tier: string, egress: boolean): string[] {
  return ofType(resources, types.aclRule)
    .map(({ inputs }) => inputs)
    .filter((it) => it.networkAclId === `fw-${tier}-acl-id` && it.egress === egress)
    .sort((a, b) => Number(a.ruleNumber) - Number(b.ruleNumber))
    .map((it) => {
      const ports =
        it.fromPort === undefined ? "" : it.fromPort === it.toPort ? ` ${it.fromPort}` : ` ${it.fromPort}-${it.toPort}`;
      return `${it.ruleAction} ${it.protocol}${ports} ${it.cidrBlock}`;
    });
}

test("the DMZ takes SMTP and answers; 2525 and management are denied before the ephemeral ports open", async () => {
  const resources = await create({ exposure: aws.Exposure.Live });
  expect(table(resources, "dmz", false)).toEqual([
    "deny tcp 2525 0.0.0.0/0",
    "deny tcp 3389 0.0.0.0/0",
    "deny tcp 5985-5986 0.0.0.0/0",
    "allow tcp 25 0.0.0.0/0",
    "allow tcp 1024-65535 0.0.0.0/0",
  ]);
  expect(table(resources, "dmz", true)).toEqual([
    "allow tcp 25 0.0.0.0/0",
    "deny tcp 1-1023 10.20.0.0/16",
    "deny tcp 2525 10.20.0.0/16",
    "deny tcp 3389 10.20.0.0/16",
    "deny tcp 5985-5986 10.20.0.0/16",
    "allow tcp 443 0.0.0.0/0",
    "allow tcp 1024-65535 0.0.0.0/0",
  ]);
});

test("a staged DMZ takes SMTP from the probes and from inside", async () => {
  const resources = await create({ probeSources: ["198.51.100.7"], ports: [25, 2525] });
  expect(table(resources, "dmz", false)).toEqual([
    "deny tcp 3389 0.0.0.0/0",
    "deny tcp 5985-5986 0.0.0.0/0",
    "allow tcp 25 198.51.100.7/32",
    "allow tcp 25 10.20.0.0/16",
    "allow tcp 2525 198.51.100.7/32",
    "allow tcp 2525 10.20.0.0/16",
    "allow tcp 1024-65535 0.0.0.0/0",
  ]);
});

test("the internal subnets take SMTP from the DMZ and approved senders, and open it to the DMZ only", async () => {
  const resources = await create({
    connectedCidrs: ["172.16.0.0/16"],
    approvedSenders: [{ cidr: "172.16.8.0/28", ports: [25, 587] }],
    clientAccess: [
      { cidr: "172.16.0.0/16", port: 443, reason: "covered by what comes from inside" },
      { cidr: "10.20.0.0/24", port: 443, reason: "a reverse proxy in the DMZ" },
    ],
    egress: [{ cidr: "203.0.113.0/24", port: 443, reason: "archive" }],
    ruleQuota: 40,
  });
  expect(table(resources, "internal", false)).toEqual([
    "allow -1 10.20.2.0/24",
    "allow tcp 25 10.20.0.0/23",
    "allow tcp 25 172.16.8.0/28",
    "allow tcp 587 172.16.8.0/28",
    "allow tcp 443 10.20.0.0/24",
    "deny tcp 25 0.0.0.0/0",
    "deny tcp 465 0.0.0.0/0",
    "deny tcp 587 0.0.0.0/0",
    "deny tcp 2525 0.0.0.0/0",
    "deny tcp 3389 10.20.0.0/23",
    "deny tcp 5985-5986 10.20.0.0/23",
    "allow tcp 1024-65535 10.20.0.0/23",
    "deny -1 10.20.0.0/23",
    "allow -1 10.20.0.0/16",
    "allow -1 172.16.0.0/16",
    "allow tcp 1024-65535 203.0.113.0/24",
  ]);
  expect(table(resources, "internal", true)).toEqual([
    "allow -1 10.20.2.0/24",
    "allow tcp 25 10.20.0.0/23",
    "allow tcp 1024-65535 10.20.0.0/23",
    "allow tcp 443 203.0.113.0/24",
    "deny -1 10.20.0.0/23",
    "deny tcp 25 0.0.0.0/0",
    "allow -1 10.20.0.0/16",
    "allow -1 172.16.0.0/16",
  ]);
});

test("a changed rule is deleted first, because its number is taken", async () => {
  const rules = ofType(await create(), types.aclRule);
  expect(rules.length).toBeGreaterThan(0);
  for (const rule of rules) expect(rule.deleteBeforeReplace).toBe(true);
});

describe("refuses in one line", () => {
  test.each<[object, string]>([
    [{ dmzSubnets: [] }, "dmzSubnets: []: expected at least one subnet"],
    [{ internalSubnets: [{ id: "s" }] }, "internalSubnets[0].cidr: missing: expected"],
    [{ approvedSenders: ["10.99.0.1"] }, "approvedSenders[0]:"],
    [{ ruleQuota: 50 }, "ruleQuota: 50: expected a whole number of rules from 1 to 40"],
    [{ ruleQuota: 5 }, "ruleQuota: 5: expected room for the 7 outbound rules of the dmz ACL"],
  ])("%j", async (changes, message) => {
    const args = { ...valid, ...changes } as aws.PerimeterFirewallArgs;
    const refused = await refusal(() => new aws.PerimeterFirewall("fw", args));
    expect(refused).toContain('PerimeterFirewall "fw": ');
    expect(refused).toContain(message);
    expect(refused).not.toContain("\n");
  });
});
