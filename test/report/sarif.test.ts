import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv-draft-04";
import addFormats from "ajv-formats";
import type { Log, Result } from "sarif";
import { describe, expect, it } from "vitest";
import { fingerprint } from "../../cli/report/fingerprint";
import { renderSarif } from "../../cli/report/sarif";
import type { Finding, Report } from "../../policies/analysis/verdict/report";
import { policies } from "../../policies/rules";
import { exchange, frontEnd, hostile, passing, sample } from "./sample";

const schema = JSON.parse(readFileSync(join(__dirname, "schemas/sarif-2.1.0-rtm.5.json"), "utf8"));
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
addFormats(ajv);
const validate = ajv.compile(schema);

const origin = { directory: "infra/mail edge", file: "Pulumi.yaml" };

function render(report: Report): string {
  const text = renderSarif(report, origin, "1.2.3");
  validate(JSON.parse(text));
  expect(validate.errors ?? []).toEqual([]);
  return text;
}

function results(report: Report): readonly Result[] {
  return (JSON.parse(render(report)) as Log).runs[0]?.results ?? [];
}

const bySample = results(sample);
const of = (policy: string): Result => {
  const result = bySample.find((one) => one.ruleId === policy);
  if (result === undefined) throw new Error(`no result of ${policy}`);
  return result;
};

describe("the SARIF report", () => {
  it("is the golden one, and valid", async () => {
    // Metadata of policies changes with them: their text is not part of the golden file.
    const log = JSON.parse(render(sample)) as Log;
    for (const run of log.runs)
      run.tool.driver.rules = run.tool.driver.rules?.filter((rule) => rule.id === "open-relay-path") ?? [];
    for (const result of log.runs[0]?.results ?? []) delete result.ruleIndex;
    await expect(`${JSON.stringify(log, null, 2)}\n`).toMatchFileSnapshot("golden/report.sarif.txt");
  });

  it("is valid for a clean stack", () => {
    expect(results(passing)).toEqual([]);
  });

  it("has a rule with help for every policy, and the index of each result's", () => {
    const rules = (JSON.parse(render(sample)) as Log).runs[0]?.tool.driver.rules ?? [];
    expect(rules.map((rule) => rule.id)).toEqual(policies.map((policy) => policy.name));
    for (const rule of rules) {
      expect(rule.help?.markdown).toContain("**To fix it**");
      expect(Number(rule.properties?.["security-severity"])).toBeGreaterThan(0);
    }
    for (const result of bySample) expect(rules[result.ruleIndex ?? -1]?.id).toBe(result.ruleId);
  });

  it("tells violation, undetermined, advice and waived apart", () => {
    expect(of("open-relay-path")).toMatchObject({ kind: "fail", level: "error" });
    expect(of("mail-flow-logging")).toMatchObject({ kind: "fail", level: "warning" });
    const undetermined = of("exchange-approved-senders");
    expect([undetermined.kind, undetermined.level]).toEqual(["open", undefined]);
    expect(undetermined.message.text).toMatch(/^Undetermined: /);
    expect(of("smtp-egress-through-gateway").suppressions).toEqual([
      {
        kind: "external",
        status: "accepted",
        justification: "mail-team, until 2027-01-31 (9 days left): hybrid cut-over",
        properties: { owner: "mail-team", reason: "hybrid cut-over", expires: "2027-01-31", daysLeft: 9 },
      },
    ]);
  });

  it("names places relative to the root of the repository, and the project's file where there is none", () => {
    const uris = bySample.map((result) => result.locations?.[0]?.physicalLocation?.artifactLocation?.uri);
    expect(uris).toEqual([
      "infra/mail%20edge/index.ts",
      "infra/mail%20edge/Pulumi.yaml",
      "infra/mail%20edge/Pulumi.yaml",
      "infra/mail%20edge/network.ts",
    ]);
  });

  it("shows every hop of a path as a place of a code flow", () => {
    const [flow] = of("open-relay-path").codeFlows ?? [];
    const steps = flow?.threadFlows[0]?.locations ?? [];
    expect(steps.map((step) => step.kinds?.[0])).toEqual(sample.findings[0]?.path.map((step) => step.kind));
    expect(steps[2]?.location?.physicalLocation).toMatchObject({
      artifactLocation: { uri: "infra/mail%20edge/network.ts" },
      region: { startLine: 8, startColumn: 15 },
    });
    expect(steps.every((step) => step.location?.physicalLocation !== undefined)).toBe(true);
  });

  it("says what the configuration changed, and what waivers need", () => {
    const [invocation] = (JSON.parse(render(sample)) as Log).runs[0]?.invocations ?? [];
    expect(invocation?.ruleConfigurationOverrides).toEqual([
      { descriptor: { id: "client-address-preserved" }, configuration: { enabled: false } },
    ]);
    expect(invocation?.toolConfigurationNotifications?.map((notice) => notice.message.text)).toEqual([
      expect.stringContaining("ends in 9 days"),
      expect.stringContaining("expired on 2026-01-31"),
      expect.stringContaining("matches no finding"),
    ]);
  });

  it("has a rule for what is no policy of its own", () => {
    const [first] = sample.findings;
    const report = { ...sample, findings: [{ ...(first as Finding), policy: "perimeter" }] };
    const run = (JSON.parse(render(report)) as Log).runs[0];
    expect(run?.tool.driver.rules?.[run.results?.[0]?.ruleIndex ?? -1]?.id).toBe("perimeter");
  });

  it("stays valid, and free of links and placeholders, whatever the names are", () => {
    const texts = results(hostile).map((result) => result.message.text ?? "");
    for (const text of texts) {
      expect(text).not.toMatch(/\]\(/);
      expect(text.replaceAll("{{", "").replaceAll("}}", "")).not.toMatch(/[{}]/);
    }
  });
});

describe("a fingerprint", () => {
  const [finding] = sample.findings as [Finding];

  it("survives moved lines, renumbered networks and other words", () => {
    const moved: Finding = {
      ...finding,
      location: { file: "other.ts", line: 99, column: 1 },
      message: "Other words.",
      path: finding.path.map((step) => ({
        ...step,
        detail: "10.9.9.9",
        location: { file: "x.ts", line: 1, column: 1 },
      })),
    };
    expect(fingerprint(moved)).toBe(fingerprint(finding));
  });

  it("tells policies, resources and far ends apart", () => {
    const prints = [
      finding,
      { ...finding, policy: "dmz-containment" },
      { ...finding, resource: exchange },
      { ...finding, path: [{ kind: "host" as const, resource: `${frontEnd}-2`, detail: "" }] },
    ].map(fingerprint);
    expect(new Set(prints).size).toBe(4);
  });

  it("numbers equal findings, so that none hides another", () => {
    const prints = results({ ...sample, findings: [finding, finding] }).map(
      (result) => result.partialFingerprints?.primaryLocationLineHash,
    );
    expect(new Set(prints).size).toBe(2);
  });
});
