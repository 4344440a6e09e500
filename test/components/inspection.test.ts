import { beforeAll, describe, expect, test } from "vitest";
import { aws } from "../../components";
import type { ResourceSnapshot } from "../../policies/analysis/model/snapshot";
import { buildPerimeter } from "../../policies/analysis/verdict/perimeter";
import { parsePolicyConfig } from "../../policies/config";
import { judge } from "../../policies/judge";
import { policies } from "../../policies/rules";
import { type Answer, ask, everybody4, exact, maybe4, nobody } from "../lower/ask";
import { runPerimeters } from "./programs";

/** A perimeter behind AWS Network Firewall, as the analysis sees it: whole, and with parts of it taken away. */

const common: aws.MailPerimeterArgs = {
  domains: ["example.com"],
  hostnames: ["mx1.example.com", "mx2.example.com"],
  exchangeServers: ["10.20.2.20"],
  network: { zones: ["eu-central-1a", "eu-central-1b"] },
  probeSources: ["198.51.100.7", "203.0.113.0/28"],
  networkFirewall: true,
};
const live = { ...common, exposure: aws.Exposure.Live };

let perimeters: ReadonlyMap<string, readonly ResourceSnapshot[]>;
beforeAll(async () => {
  perimeters = await runPerimeters([common, live, { ...live, networkFirewall: false }]);
}, 120_000);

const staged = () => perimeters.get("p0") ?? [];
const inService = () => perimeters.get("p1") ?? [];

function without(resources: readonly ResourceSnapshot[], ...names: string[]): readonly ResourceSnapshot[] {
  for (const name of names) expect(resources.map((it) => it.name)).toContain(name);
  return resources.filter(({ name }) => !names.includes(name));
}

function urnOf(resources: readonly ResourceSnapshot[], n: number): string {
  const found = resources.find(({ name }) => name.endsWith(`-front-end-${n}-instance`));
  return found?.urn ?? "";
}

const sources = (resources: readonly ResourceSnapshot[], n = 1, port = 25): Answer =>
  ask(resources).internet(urnOf(resources, n), port);
const egress = (resources: readonly ResourceSnapshot[], port: number) =>
  ask(resources).egress(urnOf(resources, 1), port);

function judged(resources: readonly ResourceSnapshot[]) {
  const config = parsePolicyConfig({}, policies);
  const perimeter = buildPerimeter(resources, config.settings);
  return judge({ stack: "dev", project: "generated", perimeter, policies, config, today: "2026-01-01" });
}

describe("whole", () => {
  test("in service the Internet reaches every front end on SMTP, and nothing else of it", () => {
    for (const n of [1, 2]) {
      expect(sources(inService(), n)).toEqual(everybody4);
      for (const port of [22, 443, 587]) expect(sources(inService(), n, port)).toEqual(nobody);
    }
    expect(judged(inService())).toMatchObject({ findings: [], unmodelled: [] });
  });

  test("staged the probes alone do", () => {
    for (const n of [1, 2]) expect(sources(staged(), n)).toEqual(exact("198.51.100.7/32", "203.0.113.0/28"));
    expect(judged(staged())).toMatchObject({ findings: [], unmodelled: [] });
  });

  test("the front ends get out as without it", () => {
    const plain = perimeters.get("p2") ?? [];
    for (const port of [22, 25, 443, 587]) expect(egress(inService(), port)).toEqual(egress(plain, port));
    expect(egress(inService(), 25)).toEqual(everybody4);
    expect(egress(inService(), 22)).toEqual(nobody);
  });
});

describe("its rules count, beside those of the security groups", () => {
  const rewrite = (resources: readonly ResourceSnapshot[], name: string, rulesString: string) =>
    resources.map((it) =>
      it.name.endsWith(name)
        ? { ...it, properties: { ...it.properties, ruleGroup: { rulesSource: { rulesString } } } }
        : it,
    );

  test("what no rule passes is dropped, in either direction", () => {
    const narrow = "pass tcp 203.0.113.0/24 any -> 10.20.0.0/16 25 (sid:1;)";
    const narrowed = rewrite(inService(), "inspection-inbound-rules", narrow);
    expect(sources(narrowed)).toEqual(exact("203.0.113.0/24"));
    const silent = rewrite(inService(), "inspection-outbound-rules", "");
    expect(egress(silent, 25)).toEqual(nobody);
    expect(sources(silent)).toEqual(everybody4);
  });

  test("the groups still hold where a rule passes too much", () => {
    const wide = "pass ip any any -> any any (sid:1;)";
    expect(sources(rewrite(inService(), "inspection-inbound-rules", wide), 1, 22)).toEqual(nobody);
  });
});

describe("with a part missing", () => {
  const firewall = "p1-firewall-inspection";
  const network = "p1-network";

  test.each<[string, string[], Answer]>([
    ["the route in", [`${firewall}-to-dmz-1`], maybe4],
    ["the table on the gateway", [`${network}-gateway-routes`], maybe4],
    ["the route out", [`${firewall}-from-dmz-1`], nobody],
    ["the way from the firewall to the gateway", [`${network}-firewall-internet`], nobody],
    ["the policy", [`${firewall}-policy`], maybe4],
  ])("%s", (_, names, answer) => {
    expect(sources(without(inService(), ...names))).toEqual(answer);
  });

  test("the report says so of the front end that has lost its route in, and of no other", () => {
    const broken = without(inService(), `${firewall}-to-dmz-1`);
    const rows = judged(broken).exposure.filter(({ resource }) => resource.includes("-front-end-"));
    expect(rows.map(({ internet }) => internet)).toEqual([[], ["0.0.0.0/0"]]);
    expect(rows[0]?.undetermined).toMatchObject([
      {
        side: "internet",
        sources: ["0.0.0.0/0"],
        reason: expect.stringContaining("endpoint p1-firewall-inspection is not known"),
      },
    ]);
  });
});
