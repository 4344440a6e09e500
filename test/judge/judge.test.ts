import { describe, expect, it } from "vitest";
import type { ResourceSnapshot } from "../../policies/analysis/model/snapshot";
import type { PolicyFinding } from "../../policies/analysis/verdict/report";
import { parsePolicyConfig } from "../../policies/config";
import { judge } from "../../policies/judge";
import { waiverAdvice } from "../../policies/waivers";
import { fakePerimeter, fakePolicy, finding } from "../pack/fake";

const root = "urn:pulumi:dev::mail::pulumi:pulumi:Stack::mail-dev";
const parent = "urn:pulumi:dev::mail::x:y:Edge::edge";
const host = "urn:pulumi:dev::mail::x:y:Edge$aws:ec2/instance:Instance::front-end";
const other = "urn:pulumi:dev::mail::aws:ec2/instance:Instance::other";
const location = { file: "index.ts", line: 3, column: 7 };

function resource(urn: string, rest: Partial<ResourceSnapshot> = {}): ResourceSnapshot {
  return {
    urn,
    type: "x:y:Z",
    name: "n",
    custom: true,
    external: false,
    properties: {},
    propertyDependencies: {},
    ...rest,
  };
}

const resources = [
  resource(root, { type: "pulumi:pulumi:Stack" }),
  resource(parent, { parent: root, location }),
  resource(host, { parent }),
  resource(other),
];

interface Case {
  relay?: () => readonly PolicyFinding[];
  hardening?: () => readonly PolicyFinding[];
  config?: unknown;
  today?: string;
  broken?: Error;
}

function run({ relay = () => [], hardening = () => [], config = {}, today = "2026-11-24", broken }: Case) {
  const policies = [fakePolicy("open-relay-path", "critical", relay), fakePolicy("mta-hardening", "medium", hardening)];
  const parsed = parsePolicyConfig(config, policies);
  const perimeter = broken ?? fakePerimeter(resources, parsed.settings);
  return judge({ stack: "dev", project: "mail", perimeter, policies, config: parsed, today });
}

const undetermined = () => [finding(host, { outcome: "undetermined" as const })];
const violation = () => [finding(host)];

describe("the verdict", () => {
  it.each<[string, Case, string]>([
    ["no finding", {}, "pass"],
    ["a mandatory violation", { relay: violation }, "fail"],
    ["a mandatory undetermined finding", { relay: undetermined }, "undetermined"],
    ["both", { relay: () => [...undetermined(), ...violation()] }, "fail"],
    ["an advisory violation", { hardening: violation }, "pass"],
    ["an advisory undetermined finding", { hardening: undetermined }, "pass"],
    [
      "a violation that is configured as advisory",
      { relay: violation, config: { "open-relay-path": "advisory" } },
      "pass",
    ],
    [
      "a violation that is configured as mandatory",
      { hardening: violation, config: { "mta-hardening": "mandatory" } },
      "fail",
    ],
    ["a disabled policy", { relay: violation, config: { "open-relay-path": "disabled" } }, "pass"],
    ["undetermined as advice", { relay: undetermined, config: { perimeter: { undetermined: "advisory" } } }, "pass"],
    [
      "a violation beside undetermined as advice",
      { relay: violation, config: { perimeter: { undetermined: "advisory" } } },
      "fail",
    ],
    ["a finding of less severity than its policy", { relay: () => [finding(host, { severity: "low" })] }, "pass"],
  ])("of %s is %s", (_, given, verdict) => {
    expect(run(given).verdict).toBe(verdict);
  });
});

describe("waivers", () => {
  const waiver = { policy: "open-relay-path", urn: "*::front-end", reason: "r", owner: "o", expires: "2026-11-24" };
  const waived = (rest: object = {}) => ({ perimeter: { waivers: [{ ...waiver, ...rest }] } });

  it("cover a finding through their last day, and show it", () => {
    const report = run({ relay: violation, config: waived() });
    expect([report.verdict, report.findings[0]?.outcome]).toEqual(["pass", "waived"]);
    const { policy, urn, reason, owner, expires } = waiver;
    expect(report.waivers).toEqual([{ policy, urn, owner, reason, expires, daysLeft: 0, state: "used" }]);
    expect(report.findings[0]?.waiver).toEqual({ owner, reason, expires, daysLeft: 0 });
  });

  it.each([
    ["2026-11-10", 14, true],
    ["2026-11-09", 15, false],
    ["2026-11-24", 0, true],
    ["2025-11-24", 365, false],
  ])("count the days from %s: %i", (today, daysLeft, soon) => {
    const [use] = run({ config: waived(), today }).waivers;
    expect(use?.daysLeft).toBe(daysLeft);
    expect(use !== undefined && waiverAdvice({ ...use, state: "used" })?.startsWith("ends ") === true).toBe(soon);
  });

  it.each<[string, Case, string]>([
    ["that expired", { relay: violation, config: waived(), today: "2026-11-25" }, "expired"],
    ["of another policy", { relay: violation, config: waived({ policy: "mta-hardening" }) }, "unused"],
    ["of another resource", { relay: () => [finding(other)], config: waived() }, "unused"],
    ["of violations, when the finding is undetermined", { relay: undetermined, config: waived() }, "unused"],
    [
      "of undetermined findings, when it is a violation",
      { relay: violation, config: waived({ outcome: "undetermined" }) },
      "unused",
    ],
  ])("%s let it stand", (_, given, state) => {
    const report = run(given);
    expect(report.verdict).not.toBe("pass");
    expect(report.findings.map((one) => one.outcome)).not.toContain("waived");
    expect(report.waivers.map((use) => use.state)).toEqual([state]);
  });

  it("cover undetermined findings if they say so", () => {
    const report = run({ relay: undetermined, config: waived({ outcome: "undetermined" }) });
    expect([report.verdict, report.waivers[0]?.state]).toEqual(["pass", "used"]);
  });
});

describe("failing closed", () => {
  const waiveAll = [
    { policy: "open-relay-path", urn: "*", reason: "r", owner: "o", expires: "2027-01-01", outcome: "undetermined" },
  ];
  const config = { perimeter: { undetermined: "advisory", waivers: waiveAll } };

  it("takes a policy that throws for undecided, whatever excuses undecided findings, and runs the others", () => {
    const relay = () => {
      throw new TypeError("x is\nundefined");
    };
    const report = run({ relay, hardening: violation, config });
    expect(report.verdict).toBe("undetermined");
    expect(report.findings).toMatchObject([
      {
        policy: "open-relay-path",
        severity: "critical",
        enforcement: "mandatory",
        outcome: "undetermined",
        resource: root,
        message: "open-relay-path could not be evaluated: x is undefined",
      },
      { policy: "mta-hardening" },
    ]);
  });

  it("takes a model that cannot be built for undecided", () => {
    const report = run({ relay: violation, broken: new Error("no subnet"), config });
    expect(report.verdict).toBe("undetermined");
    expect(report.findings).toMatchObject([
      {
        policy: "perimeter",
        enforcement: "mandatory",
        resource: root,
        message: "perimeter could not be evaluated: no subnet",
      },
    ]);
  });
});

describe("a finding in the report", () => {
  it("has the place of its resource or of the nearest ancestor that has one", () => {
    const report = run({ relay: () => [finding(host), finding(other)] });
    expect(report.findings.map((one) => [one.resource, one.location])).toEqual([
      [other, undefined],
      [host, location],
    ]);
  });

  it("is sorted by severity, policy and URN, independent of the order in which it is found", () => {
    const found = [
      finding(host, { message: "b" }),
      finding(other, { severity: "low" }),
      ...undetermined(),
      finding(host, { message: "a" }),
    ];
    const forward = run({ relay: () => found, hardening: violation });
    const backward = run({ relay: () => [...found].reverse(), hardening: violation });
    expect(forward).toEqual(backward);
    expect(forward.findings.map((one) => [one.severity, one.policy, one.outcome, one.message])).toEqual([
      ["critical", "open-relay-path", "violation", "a"],
      ["critical", "open-relay-path", "violation", "b"],
      ["critical", "open-relay-path", "undetermined", "It is open."],
      ["medium", "mta-hardening", "violation", "It is open."],
      ["low", "open-relay-path", "violation", "It is open."],
    ]);
  });

  it("keeps path, witness and assumptions", () => {
    const rest = {
      path: [{ kind: "internet", resource: null, detail: "0.0.0.0/0" }],
      witness: { source: "203.0.113.9", seenSource: "203.0.113.9", destination: "10.0.0.1", port: 25 },
      assumptions: ["port 25 is not blocked"],
    } satisfies Partial<PolicyFinding>;
    expect(run({ relay: () => [finding(host, rest)] }).findings[0]).toMatchObject(rest);
  });
});
