import { NetworkInterface } from "@pulumi/aws/ec2";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { aws, render } from "../../components";
import { publicDestinations } from "../../components/parts/network-plan";
import { lateRefusals, ofType, type Registered, refusal, register, types } from "./harness";

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
    "allow udp 1024-65535 0.0.0.0/0",
  ]);
  expect(table(resources, "dmz", true)).toEqual([
    "allow tcp 25 0.0.0.0/0",
    "deny tcp 1-1023 10.20.0.0/16",
    "deny tcp 2525 10.20.0.0/16",
    "deny tcp 3389 10.20.0.0/16",
    "deny tcp 5985-5986 10.20.0.0/16",
    "allow tcp 443 0.0.0.0/0",
    "allow tcp 53 0.0.0.0/0",
    "allow udp 53 0.0.0.0/0",
    "allow tcp 1024-65535 0.0.0.0/0",
  ]);
});

test("the DMZ opens the port of a smart host, and no port for names where the cloud resolves them", async () => {
  const resources = await create({ exposure: aws.Exposure.Live, smartHostPort: 587, resolver: render.Resolver.Cloud });
  expect(table(resources, "dmz", false).at(-1)).toBe("allow tcp 1024-65535 0.0.0.0/0");
  expect(table(resources, "dmz", true).slice(-3)).toEqual([
    "allow tcp 443 0.0.0.0/0",
    "allow tcp 587 0.0.0.0/0",
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
    "allow udp 1024-65535 0.0.0.0/0",
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

const inspection: aws.InspectionArgs = {
  gatewayRouteTableId: "rtb-gateway",
  zones: [
    { firewallSubnetId: "subnet-f1", dmz: [{ cidr: "10.20.0.0/24", routeTableId: "rtb-dmz-1" }] },
    { firewallSubnetId: "subnet-f2", dmz: [{ cidr: "10.20.1.0/24", routeTableId: "rtb-dmz-2" }] },
  ],
};
const networkFirewall: aws.NetworkFirewallArgs = { frontEnds: ["10.20.0.10", "10.20.1.10"], inspection };
const live = { exposure: aws.Exposure.Live, networkFirewall };

describe("AWS Network Firewall", () => {
  const ofKind = async (type: string, changes: Partial<aws.PerimeterFirewallArgs> = live) =>
    ofType(await create(changes), type).map(({ name, inputs }) => ({ name, ...inputs }) as Record<string, unknown>);

  test("is none unless asked for", async () => {
    const types = (await create()).map(({ type }) => type);
    expect(types.filter((type) => !/NetworkAcl|PerimeterFirewall/.test(type))).toEqual([]);
  });

  test("passes SMTP to the front ends and what they need of the Internet, as their security groups do", async () => {
    const groups = await ofKind(types.firewallRules);
    expect(groups.map(({ name }) => name)).toEqual(["fw-inspection-inbound-rules", "fw-inspection-outbound-rules"]);
    const [inbound, outbound] = groups as { ruleGroup: Record<string, never>; type: string; capacity: number }[];
    expect(inbound).toMatchObject({ type: "STATEFUL", capacity: 100 });
    expect(inbound?.ruleGroup).toEqual({
      statefulRuleOptions: { ruleOrder: "STRICT_ORDER" },
      ruleVariables: { ipSets: [{ key: "FRONT_ENDS", ipSet: { definitions: ["10.20.0.10/32", "10.20.1.10/32"] } }] },
      rulesSource: {
        rulesString:
          'pass tcp 0.0.0.0/0 any -> $FRONT_ENDS 25 (msg:"SMTP on 25 from other mail servers on the Internet"; sid:1000001; rev:1;)',
      },
    });
    expect(outbound?.ruleGroup).toEqual({
      statefulRuleOptions: { ruleOrder: "STRICT_ORDER" },
      ruleVariables: {
        ipSets: [
          { key: "FRONT_ENDS", ipSet: { definitions: ["10.20.0.10/32", "10.20.1.10/32"] } },
          { key: "INTERNET", ipSet: { definitions: publicDestinations(["10.20.0.0/16"]) } },
        ],
      },
      rulesSource: {
        rulesString: [
          'pass tcp $FRONT_ENDS any -> $INTERNET 25 (msg:"Mail to the mail servers of others"; sid:2000001; rev:1;)',
          'pass tcp $FRONT_ENDS any -> $INTERNET 443 (msg:"Package updates over https"; sid:2000002; rev:1;)',
          'pass udp $FRONT_ENDS any -> $INTERNET 53 (msg:"Names, from the root on"; sid:2000003; rev:1;)',
          'pass tcp $FRONT_ENDS any -> $INTERNET 53 (msg:"Names whose answers are long"; sid:2000004; rev:1;)',
        ].join("\n"),
      },
    });
  });

  test("staged passes SMTP from the probes alone; going live changes the inbound rules and nothing else of it", async () => {
    const staged = await create({
      networkFirewall,
      probeSources: ["198.51.100.7", "203.0.113.0/28"],
      ports: [25, 2525],
    });
    const [inbound] = ofType(staged, types.firewallRules).map(({ inputs }) => inputs.ruleGroup) as {
      rulesSource: { rulesString: string };
    }[];
    expect(inbound?.rulesSource.rulesString.split("\n").map((rule) => rule.replace(/ \(.*/, ""))).toEqual([
      "pass tcp 198.51.100.7/32 any -> $FRONT_ENDS 25",
      "pass tcp 203.0.113.0/28 any -> $FRONT_ENDS 25",
      "pass tcp 198.51.100.7/32 any -> $FRONT_ENDS 2525",
      "pass tcp 203.0.113.0/28 any -> $FRONT_ENDS 2525",
    ]);
    const others = (resources: Registered[]) =>
      resources.filter(
        ({ name, type }) =>
          name.startsWith("fw-inspection") && type !== types.aclRule && name !== "fw-inspection-inbound-rules",
      );
    expect(others(await create(live))).toEqual(others(staged));
  });

  test("hands every packet to rules in strict order, and drops what none passes", async () => {
    const [policy] = await ofKind(types.firewallPolicy);
    expect(policy?.firewallPolicy).toEqual({
      statelessDefaultActions: ["aws:forward_to_sfe"],
      statelessFragmentDefaultActions: ["aws:forward_to_sfe"],
      statefulEngineOptions: { ruleOrder: "STRICT_ORDER", streamExceptionPolicy: "DROP" },
      statefulDefaultActions: ["aws:drop_strict", "aws:alert_strict"],
      statefulRuleGroupReferences: [
        { resourceArn: "arn:aws:test:::fw-inspection-inbound-rules", priority: 10 },
        { resourceArn: "arn:aws:test:::fw-inspection-outbound-rules", priority: 20 },
      ],
    });
    expect(await ofKind(types.firewall)).toEqual([
      {
        name: "fw-inspection",
        vpcId: "vpc-1",
        firewallPolicyArn: "arn:aws:test:::fw-inspection-policy",
        subnetMappings: [{ subnetId: "subnet-f1" }, { subnetId: "subnet-f2" }],
        description: "Between the Internet gateway and the DMZ",
        tags: { Name: "fw-inspection" },
      },
    ]);
  });

  test("is in the path both ways, each DMZ subnet by the endpoint of its own zone", async () => {
    const routes = (await ofKind(types.route)).map(
      (it) => `${it.name}: ${it.routeTableId} ${it.destinationCidrBlock} ${it.vpcEndpointId}`,
    );
    expect(routes).toEqual([
      "fw-inspection-from-dmz-1: rtb-dmz-1 0.0.0.0/0 vpce-in-subnet-f1",
      "fw-inspection-from-dmz-2: rtb-dmz-2 0.0.0.0/0 vpce-in-subnet-f2",
      "fw-inspection-to-dmz-1: rtb-gateway 10.20.0.0/24 vpce-in-subnet-f1",
      "fw-inspection-to-dmz-2: rtb-gateway 10.20.1.0/24 vpce-in-subnet-f2",
    ]);
  });

  test("logs flows and drops to CloudWatch", async () => {
    const kept = { ...live, networkFirewall: { ...networkFirewall, logs: { retentionDays: 30, kmsKeyArn: "key" } } };
    const [group] = await ofKind("aws:cloudwatch/logGroup:LogGroup", kept);
    expect(group).toMatchObject({
      namePrefix: "/aws/vendedlogs/fw-inspection-",
      retentionInDays: 30,
      kmsKeyId: "key",
    });
    const [logs] = await ofKind("aws:networkfirewall/loggingConfiguration:LoggingConfiguration", kept);
    expect(logs).toMatchObject({
      firewallArn: "arn:aws:test:::fw-inspection",
      loggingConfiguration: {
        logDestinationConfigs: ["FLOW", "ALERT"].map((logType) => ({
          logType,
          logDestinationType: "CloudWatchLogs",
          logDestination: { logGroup: "name of fw-inspection-log-group" },
        })),
      },
    });
  });

  test("a first preview, in which no id and no address is known, goes through", async () => {
    const outputs: Registered[] = await register(
      () => {
        const eni = new NetworkInterface("eni", { subnetId: "subnet-1" });
        const frontEnds = [eni.privateIp];
        new aws.PerimeterFirewall("fw", { ...valid, ...live, networkFirewall: { ...networkFirewall, frontEnds } });
      },
      { preview: true },
    );
    expect(ofType(outputs, types.route)).toHaveLength(4);
  });

  test("an address that becomes known later is checked then", async () => {
    const frontEnds = [pulumi.output("10.20.7.10")];
    const args = { ...valid, ...live, networkFirewall: { ...networkFirewall, frontEnds } };
    const messages = await lateRefusals(() => register(() => void new aws.PerimeterFirewall("fw", args)));
    const expected = "expected an address inside the DMZ 10.20.0.0/24, 10.20.1.0/24";
    expect([...messages].join()).toContain(`networkFirewall.frontEnds[0]: "10.20.7.10": ${expected}`);
  });
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
    [{ networkFirewall: true }, "networkFirewall: true: expected an object with frontEnds and inspection"],
    [
      { exposure: "live", networkFirewall: { ...networkFirewall, frontEnds: [] } },
      "networkFirewall.frontEnds: []: expected at least one address",
    ],
    [
      { exposure: "live", networkFirewall: { ...networkFirewall, frontEnds: ["10.20.2.10"] } },
      'networkFirewall.frontEnds[0]: "10.20.2.10": expected an address inside the DMZ 10.20.0.0/24, 10.20.1.0/24',
    ],
    [
      {
        exposure: "live",
        networkFirewall: { ...networkFirewall, inspection: { ...inspection, zones: inspection.zones.slice(1) } },
      },
      'networkFirewall.inspection.zones: ["10.20.1.0/24"]: expected each of the DMZ subnets 10.20.0.0/24, 10.20.1.0/24 in one zone',
    ],
    [
      { networkFirewall },
      'probeSources: []: expected 1 to 100 blocks while exposure is "staged", for the rules of the Network Firewall',
    ],
    [{ ruleQuota: 50 }, "ruleQuota: 50: expected a whole number of rules from 1 to 40"],
    [{ ruleQuota: 5 }, "ruleQuota: 5: expected room for the 6 inbound rules of the dmz ACL"],
  ])("%j", async (changes, message) => {
    const args = { ...valid, ...changes } as aws.PerimeterFirewallArgs;
    const refused = await refusal(() => new aws.PerimeterFirewall("fw", args));
    expect(refused).toContain('PerimeterFirewall "fw": ');
    expect(refused).toContain(message);
    expect(refused).not.toContain("\n");
  });
});
