import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { judgeStack, readPolicyConfig } from "../../cli/commands/judge-stack";
import { loadFile } from "../../cli/sources/file";
import type { LoadedStack } from "../../cli/sources/loaded-stack";
import { loadProgram } from "../../cli/sources/program";
import type { Report } from "../../policies/analysis/verdict/report";
import { contradictions, decided } from "./agreement";

/**
 * What Pulumi's engine wrote about a small stack that is made and then changed (`test/engine/files.test.ts` recorded it), against the
 * program itself.
 */
const folder = join(__dirname, "../fixtures/recordings");
const judge = (loaded: LoadedStack) => judgeStack(loaded, readPolicyConfig({}));
const fromFile = async (name: string) => judge(await loadFile(join(folder, name)));

/** Its configuration is a secret, which no file shows. */
const isSealed = (urn: string) => urn.endsWith("::sealed");

let programs: Readonly<Record<string, Report>>;
beforeAll(async () => {
  const load = async (stack: string) => judge(await loadProgram({ directory: folder, stack }));
  programs = { before: await load("before"), after: await load("after") };
}, 60_000);

describe.each([
  "before/preview.json",
  "before/update.jsonl",
  "before/state.json",
  "after/preview.json",
  "after/update.jsonl",
  "after/state.json",
])("%s", (name) => {
  const program = () => programs[name.split("/")[0] ?? ""] as Report;

  it("is judged as the program is", async () => {
    const report = await fromFile(name);
    const seen = (urn: string) => !isSealed(urn);
    expect(decided(report, seen)).toEqual(decided(program(), seen));
    expect(report).toMatchObject({ stack: "before", verdict: program().verdict });
  });

  it("leaves open what is in a secret, and nothing else about it", async () => {
    const report = await fromFile(name);
    expect(contradictions(program(), report)).toEqual([]);
    const relay = report.findings.find(({ policy, resource }) => policy === "open-relay-path" && isSealed(resource));
    expect(relay).toMatchObject({ outcome: "undetermined", message: expect.stringContaining("secret") });
  });
});

it("decides little from the events of a first preview, and nothing against the program", async () => {
  const loaded = await loadFile(join(folder, "before/events.jsonl"));
  expect(loaded.warnings).toEqual([
    expect.stringMatching(/events\.jsonl: events do not tell what an unknown value depends on/),
  ]);
  const report = judge(loaded);
  expect(report.verdict).toBe("undetermined");
  expect(contradictions(programs.before as Report, report)).toEqual([]);
});

it("knows what was read, what exists, and where the program says it", async () => {
  const { resources, outputs } = await loadFile(join(folder, "after/state.json"));
  const find = (name: string, type = "") => resources.find(({ urn }) => urn.endsWith(`${type}::${name}`));
  expect(find("office")).toMatchObject({ external: true, id: "sg-0123456789abcdef0", properties: { name: "office" } });
  expect(find("network")?.id).toMatch(/^vpc-/);
  expect(find("mail-test")).toBeUndefined();
  expect(find("mail-in")?.properties.cidrIpv4).toBe("198.51.100.0/24");
  const line =
    readFileSync(join(folder, "index.ts"), "utf8")
      .split("\n")
      .findIndex((text) => text.includes("const vpc =")) + 1;
  expect(find("network")?.location).toMatchObject({ file: "index.ts", line });
  expect(outputs.gatewayNetwork).toBe(find("network")?.id);
});

it("knows a preview's dependencies where ids are not known yet", async () => {
  const { resources } = await loadFile(join(folder, "after/preview.json"));
  const gateway = resources.find(({ urn }) => urn.endsWith("::gateway"));
  const subnet = resources.find(({ urn }) => urn.endsWith("subnet:Subnet::dmz"));
  expect(subnet?.id).toBeUndefined(); // It is replaced.
  expect(gateway?.properties.subnetId).toMatchObject({ dependsOn: [subnet?.urn] });
  expect(gateway?.properties.vpcSecurityGroupIds).toEqual([expect.stringMatching(/^securitygroup-/)]); // It stays.
});
