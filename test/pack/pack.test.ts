import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Settings } from "../../policies/analysis/model/settings";
import { type ResourceSnapshot, Unknown } from "../../policies/analysis/model/snapshot";
import type { Perimeter } from "../../policies/analysis/verdict/perimeter";
import type { PolicyFinding } from "../../policies/analysis/verdict/report";
import { packArgs } from "../../policies/pack";
import { Analyzer, UNKNOWN, type WireResource } from "./analyzer";
import { fakePerimeter, fakePolicy, finding } from "./fake";

const root = "urn:pulumi:dev::mail::pulumi:pulumi:Stack::mail-dev";
const vpc = "urn:pulumi:dev::mail::aws:ec2/vpc:Vpc::main";
const group = "urn:pulumi:dev::mail::aws:ec2/securityGroup:SecurityGroup::smtp";
const rule = "urn:pulumi:dev::mail::aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule::smtp";
const component = "urn:pulumi:dev::mail::relayproof:index:MailPerimeter::edge";
const stack: WireResource = { urn: root, type: "pulumi:pulumi:Stack", provider: false };

/** What the policies do in one test, and what they were given. */
const world: {
  relay: (perimeter: Perimeter) => readonly PolicyFinding[];
  hardening: (perimeter: Perimeter) => readonly PolicyFinding[];
  ingress: (resource: ResourceSnapshot, settings: Settings) => readonly PolicyFinding[];
  build: (resources: readonly ResourceSnapshot[], settings: Settings) => Perimeter;
  built: { resources: readonly ResourceSnapshot[]; settings: Settings }[];
} = { relay: () => [], hardening: () => [], ingress: () => [], build: fakePerimeter, built: [] };

let analyzer: Analyzer;

beforeAll(async () => {
  analyzer = await Analyzer.serve(
    packArgs({
      policies: [
        fakePolicy("open-relay-path", "critical", (perimeter) => world.relay(perimeter)),
        fakePolicy("mta-hardening", "medium", (perimeter) => world.hardening(perimeter)),
        fakePolicy("smtp-security-group-ingress", "high", () => [finding(root)]),
      ],
      buildPerimeter: (resources, settings) => {
        world.built.push({ resources, settings });
        return world.build(resources, settings);
      },
      resourceChecks: { "smtp-security-group-ingress": (resource, settings) => world.ingress(resource, settings) },
      now: () => new Date("2026-11-24T23:59:59Z"),
    }),
  );
});

afterAll(() => analyzer.close());

beforeEach(async () => {
  Object.assign(world, { relay: () => [], hardening: () => [], ingress: () => [], build: fakePerimeter, built: [] });
  await analyzer.configure({});
});

function snapshots(): Map<string, ResourceSnapshot> {
  return new Map(world.built.at(-1)?.resources.map((resource) => [resource.urn, resource]));
}

describe("what the pack sees", () => {
  it("reads past unknown values and keeps what stands beside them", async () => {
    const ingress = [
      { fromPort: 25, cidrBlocks: [UNKNOWN, "0.0.0.0/0"] },
      { fromPort: 22, cidrBlocks: ["10.0.0.0/8"] },
    ];
    const wire = { urn: group, type: "aws:ec2/securityGroup:SecurityGroup", props: { vpcId: UNKNOWN, ingress } };
    await analyzer.analyze(wire);
    await analyzer.analyzeStack([
      stack,
      { urn: vpc, type: "aws:ec2/vpc:Vpc" },
      { ...wire, dependencies: { vpcId: [vpc] } },
    ]);
    expect(snapshots().get(group)).toMatchObject({
      name: "smtp",
      custom: true,
      external: false,
      propertyDependencies: { vpcId: [vpc] },
      properties: {
        vpcId: new Unknown([vpc]),
        ingress: [
          { fromPort: 25, cidrBlocks: [new Unknown(), "0.0.0.0/0"] },
          { fromPort: 22, cidrBlocks: ["10.0.0.0/8"] },
        ],
      },
    });
  });

  it("prefers inputs, and takes from outputs only what declares nothing", async () => {
    const type = "aws:ec2/securityGroup:SecurityGroup";
    await analyzer.analyze({ urn: group, type, props: { description: "mail", vpcId: "vpc-1" } });
    await analyzer.analyzeStack([
      stack,
      {
        urn: group,
        type,
        props: {
          id: "sg-1",
          description: "old",
          ownerId: "42",
          ingress: [],
          egress: [{ toPort: 0 }],
          arn: UNKNOWN,
          __defaults: [],
        },
      },
    ]);
    const snapshot = snapshots().get(group);
    expect(snapshot?.id).toBe("sg-1");
    // `ingress: []` would be a declaration, and must not appear.
    expect(snapshot?.properties).toEqual({ ownerId: "42", description: "mail", vpcId: "vpc-1" });
  });

  it("falls back on outputs for a resource that no resource policy saw, and misses no dropped property", async () => {
    const other = `${group}-untargeted`;
    await analyzer.analyzeStack([
      stack,
      { urn: vpc, type: "aws:ec2/vpc:Vpc" },
      {
        urn: other,
        type: "aws:ec2/securityGroup:SecurityGroup",
        props: { id: "sg-2", egress: [] },
        dependencies: { ingress: [vpc], description: [] },
      },
    ]);
    expect(snapshots().get(other)?.properties).toEqual({
      id: "sg-2",
      egress: [],
      ingress: new Unknown([vpc], "left out by the provider at preview"),
    });
  });

  it("takes a resource that exists without any input for one that was read", async () => {
    const type = "aws:ec2/securityGroup:SecurityGroup";
    const props = { id: "sg-3", ingress: [{ fromPort: 25 }] };
    const gateway = "urn:pulumi:dev::mail::aws:ec2/internetGateway:InternetGateway::main";
    for (const urn of [`${group}-read`, gateway]) await analyzer.analyze({ urn, type });
    await analyzer.analyzeStack([
      stack,
      { urn: `${group}-read`, type, props },
      { urn: gateway, type: "aws:ec2/internetGateway:InternetGateway", props: { id: "igw-1" } },
    ]);
    expect(snapshots().get(`${group}-read`)).toMatchObject({ external: true, id: "sg-3", properties: props });
    expect(snapshots().get(gateway)).toMatchObject({ external: false, id: "igw-1" });
  });

  it("sees what a component was given and what it registered, and whose child a resource is", async () => {
    const wire = { urn: component, type: "relayproof:index:MailPerimeter", provider: false };
    await analyzer.analyze({ ...wire, props: { exposure: "staged" } });
    await analyzer.analyzeStack([
      stack,
      { ...wire, parent: root, props: { exposure: "live", hosts: [{ id: UNKNOWN }] } },
      { urn: vpc, type: "aws:ec2/vpc:Vpc", parent: component },
    ]);
    expect(snapshots().get(component)).toMatchObject({
      custom: false,
      parent: root,
      properties: { exposure: "staged", hosts: [{ id: new Unknown() }] },
    });
    expect(snapshots().get(vpc)?.parent).toBe(component);
  });

  it("takes a masked secret for unknown", async () => {
    await analyzer.analyzeStack([
      stack,
      { urn: vpc, type: "aws:ec2/instance:Instance", props: { userData: "[secret]" } },
    ]);
    expect(snapshots().get(vpc)?.properties.userData).toEqual(new Unknown([], "a masked secret"));
  });
});

describe("what the pack reports", () => {
  it("names the finding, its chain and its fix, at the level of the policy", async () => {
    world.relay = () => [
      finding(group, {
        message: "Anyone can relay.\nReally\u001b[31m.",
        path: [
          { kind: "internet", resource: null, detail: "0.0.0.0/0" },
          { kind: "filter", resource: group, detail: "ingress[0]" },
        ],
      }),
    ];
    world.hardening = () => [finding(vpc)];
    expect(await analyzer.analyzeStack([stack])).toEqual([
      {
        policy: "open-relay-path",
        level: "mandatory",
        severity: "critical",
        urn: group,
        message:
          "Anyone can relay. Really\\u{1b}[31m.\n  1. internet: 0.0.0.0/0\n  2. filter: smtp: ingress[0]\nFix: Close it.",
      },
      {
        policy: "mta-hardening",
        level: "advisory",
        severity: "medium",
        urn: vpc,
        message: "It is open.\nFix: Close it.",
      },
    ]);
  });

  it("lets the configuration of Pulumi set the level", async () => {
    await analyzer.configure({ "open-relay-path": { level: "advisory" }, "mta-hardening": { level: "mandatory" } });
    world.relay = world.hardening = () => [finding(group)];
    expect((await analyzer.analyzeStack([stack])).map((d) => [d.policy, d.level])).toEqual([
      ["open-relay-path", "advisory"],
      ["mta-hardening", "mandatory"],
    ]);
  });

  it("reports what is undetermined at the level of the policy, or as advice where that is configured", async () => {
    world.relay = () => [finding(group, { outcome: "undetermined", message: "Not known." })];
    expect(await analyzer.analyzeStack([stack])).toMatchObject([
      { level: "mandatory", message: "Undetermined: Not known.\nFix: Close it." },
    ]);
    await analyzer.configure({ perimeter: { props: { undetermined: "advisory" } } });
    expect(await analyzer.analyzeStack([stack])).toMatchObject([{ level: "advisory" }]);
  });

  it("gives a finding that is less severe than its policy the default level of its own severity", async () => {
    world.relay = () => [finding(group, { severity: "medium" })];
    expect(await analyzer.analyzeStack([stack])).toMatchObject([{ level: "advisory", severity: "medium" }]);
  });

  it("honours waivers until their last day, and lists those that are past", async () => {
    const waiver = { policy: "open-relay-path", urn: "*::smtp", reason: "move", owner: "ops" };
    world.relay = () => [finding(group)];
    await analyzer.configure({ perimeter: { props: { waivers: [{ ...waiver, expires: "2026-11-24" }] } } });
    expect(await analyzer.analyzeStack([stack])).toMatchObject([
      {
        policy: "perimeter",
        level: "advisory",
        message: expect.stringMatching(/^The waiver of open-relay-path for \*::smtp \(ops\) ends today: /),
      },
      {
        level: "advisory",
        message: "Waived (ops, until 2026-11-24 (its last day): move): It is open.\nFix: Close it.",
      },
    ]);
    await analyzer.configure({ perimeter: { props: { waivers: [{ ...waiver, expires: "2026-11-23" }] } } });
    expect(await analyzer.analyzeStack([stack])).toMatchObject([
      {
        policy: "perimeter",
        level: "advisory",
        message: expect.stringMatching(/^The waiver of open-relay-path for \*::smtp \(ops\) expired on 2026-11-23: /),
      },
      { policy: "open-relay-path", level: "mandatory" },
    ]);
  });

  it("points out a waiver that matches nothing, at the policy that it is for", async () => {
    const waiver = { policy: "open-relay-path", urn: "*::gone", reason: "move", owner: "ops", expires: "2027-06-30" };
    await analyzer.configure({ perimeter: { props: { waivers: [waiver] } } });
    world.relay = () => [finding(group)];
    expect(await analyzer.analyzeStack([stack])).toMatchObject([
      { policy: "open-relay-path", level: "mandatory" },
      {
        policy: "open-relay-path",
        level: "advisory",
        urn: root,
        message: expect.stringMatching(/^The waiver of open-relay-path for \*::gone \(ops\) matches no finding: /),
      },
    ]);
  });

  it("reports a policy that throws, unwaived, and runs the others", async () => {
    const waivers = [
      { policy: "open-relay-path", urn: "*", reason: "r", owner: "o", expires: "2027-01-01", outcome: "undetermined" },
    ];
    await analyzer.configure({ perimeter: { props: { undetermined: "advisory", waivers } } });
    world.relay = () => {
      throw new Error("no such\nclass");
    };
    world.hardening = () => [finding(group)];
    expect(await analyzer.analyzeStack([stack])).toMatchObject([
      {
        policy: "open-relay-path",
        level: "mandatory",
        urn: root,
        message: expect.stringContaining("open-relay-path could not be evaluated: no such class"),
      },
      { policy: "mta-hardening" },
    ]);
  });
});

describe("the shared policy", () => {
  it("builds the model once for all, and anew for a policy with a section of its own", async () => {
    const seen: (string | undefined)[] = [];
    const approvals = (perimeter: Perimeter) => {
      seen.push(String(perimeter.settings.approvedSendersFor("open-relay-path")?.v4[0]?.[0]));
      return [];
    };
    world.relay = world.hardening = approvals;
    await analyzer.configure({ perimeter: { props: { approvedSenders: ["0.0.0.1"] } } });
    await analyzer.analyzeStack([stack]);
    expect([world.built.length, seen]).toEqual([1, ["1", "1"]]);
    await analyzer.configure({
      perimeter: { props: { approvedSenders: ["0.0.0.1"] } },
      "open-relay-path": { props: { approvedSenders: ["0.0.0.2"] } },
    });
    await analyzer.analyzeStack([stack]);
    expect([world.built.length, seen.slice(2)]).toEqual([3, ["2", "1"]]);
  });

  it("fails every policy when it is disabled, also after it ran before", async () => {
    await analyzer.analyzeStack([stack]);
    await analyzer.configure({ perimeter: { level: "disabled" }, "mta-hardening": { level: "advisory" } });
    const diagnostics = await analyzer.analyzeStack([stack]);
    expect(diagnostics.map((d) => [d.policy, d.level, d.urn])).toEqual([
      ["open-relay-path", "mandatory", root],
      ["mta-hardening", "mandatory", root],
    ]);
    expect(diagnostics[0]?.message).toContain("Enable perimeter.");
    expect(await analyzer.analyze({ urn: `${group}-new`, type: "aws:ec2/securityGroup:SecurityGroup" })).toMatchObject([
      { policy: "smtp-security-group-ingress", level: "mandatory" },
    ]);
  });

  it("reports a configuration that cannot be used once, as mandatory, before anything is created", async () => {
    world.relay = () => [finding(group)];
    await analyzer.configure({ perimeter: { level: "advisory", props: { aprovedSenders: [] } } });
    const message =
      'The policy configuration cannot be used: perimeter.aprovedSenders: unknown key; did you mean "approvedSenders"?';
    const expected = [{ policy: "perimeter", level: "mandatory", message }];
    expect(await analyzer.analyze({ urn: vpc, type: "aws:ec2/vpc:Vpc" })).toMatchObject(expected);
    expect(await analyzer.analyze({ urn: group, type: "aws:ec2/securityGroup:SecurityGroup" })).toEqual([]);
    expect(await analyzer.analyzeStack([stack])).toMatchObject(expected);
    await analyzer.configure({ "open-relay-path": { level: "advisory", props: { ports: [25] } } });
    expect(await analyzer.analyzeStack([stack])).toMatchObject([
      {
        policy: "open-relay-path",
        level: "mandatory",
        message: expect.stringContaining("open-relay-path.ports: unknown key"),
      },
    ]);
  });

  it("reports a model that cannot be built, as mandatory", async () => {
    world.build = () => {
      throw new Error("broken");
    };
    world.relay = () => [finding(group)];
    expect(await analyzer.analyzeStack([stack])).toMatchObject([
      { policy: "perimeter", level: "mandatory", urn: root, message: "perimeter could not be evaluated: broken" },
    ]);
  });
});

describe("a policy on single resources", () => {
  const settingsSeen: Settings[] = [];

  it("is advisory about a rule by itself, judges by the shared configuration, and does not run on the stack again", async () => {
    world.ingress = (resource, settings) => {
      settingsSeen.push(settings);
      return [finding(resource.urn)];
    };
    await analyzer.configure({ perimeter: { props: { trustedNetworks: ["0.0.0.3"] } } });
    const type = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
    expect(await analyzer.analyze({ urn: rule, type })).toMatchObject([
      { level: "advisory", severity: "high", urn: rule },
    ]);
    expect(await analyzer.analyze({ urn: group, type: "aws:ec2/securityGroup:SecurityGroup" })).toMatchObject([
      { level: "mandatory" },
    ]);
    expect(settingsSeen.at(-1)?.trustedNetworks.v4).toEqual([[3, 3]]);
    expect(await analyzer.analyzeStack([stack])).toEqual([]);
  });

  it("leaves the groups of our own front ends alone", async () => {
    world.ingress = (resource) => [finding(resource.urn)];
    const inside = rule.replace("::aws:", "::relayproof:aws:MailPerimeter$relayproof:aws:FrontEndMailServer$aws:");
    const type = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
    expect(await analyzer.analyze({ urn: inside, type })).toEqual([]);
    expect(
      await analyzer.analyze({ urn: inside.replace("FrontEndMailServer", "PerimeterFirewall"), type }),
    ).toHaveLength(1);
  });

  it("reports that it failed", async () => {
    world.ingress = () => {
      throw new Error("broken");
    };
    expect(await analyzer.analyze({ urn: group, type: "aws:ec2/securityGroup:SecurityGroup" })).toMatchObject([
      { policy: "smtp-security-group-ingress", level: "mandatory", urn: group },
    ]);
  });
});

it("describes itself to Pulumi", async () => {
  const info = await analyzer.info();
  expect(info.policiesList.map((policy) => policy.name)).toEqual([
    "perimeter",
    "open-relay-path",
    "mta-hardening",
    "smtp-security-group-ingress",
  ]);
  const [perimeter, relay] = info.policiesList;
  const keys = perimeter?.configschema?.properties?.fieldsMap.map(([key]) => key).sort();
  expect(keys).toEqual([
    "approvedSenders",
    "inwardAllowed",
    "roles",
    "smtpDestinations",
    "trustedNetworks",
    "undetermined",
    "waivers",
  ]);
  expect(relay).toMatchObject({ displayname: "Open Relay Path", remediationSteps: "Fix it.", severity: 4 });
});
