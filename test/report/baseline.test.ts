import { describe, expect, it } from "vitest";
import { againstBaseline } from "../../cli/report/baseline";
import { renderHtml } from "../../cli/report/html";
import { renderJson } from "../../cli/report/json";
import { renderJunit } from "../../cli/report/junit";
import { renderMarkdown } from "../../cli/report/markdown";
import { renderPretty } from "../../cli/report/pretty";
import { renderSarif } from "../../cli/report/sarif";
import { report as schema } from "../../docs/generate/report-schema";
import type { Finding, Report } from "../../policies/analysis/verdict/report";
import { renamed } from "./renamed";
import { sample } from "./sample";

const [relay, senders, egress, ...others] = sample.findings as [Finding, Finding, Finding, ...Finding[]];
/** Before: the sample without its relay path, and with a finding that is gone now. */
const gone: Finding = { ...relay, policy: "mail-vm-hardening", message: "Passwords log in." };
const before: Report = { ...sample, findings: [gone, senders, egress, ...others] };
const held = againstBaseline(sample, before);
const states = (found: Report) => found.findings.map(({ policy, baseline }) => `${policy} ${baseline}`);

/** A report whose only finding is a violation, before and after a change. */
function change(
  was: Partial<Finding>,
  is: Partial<Finding>,
  more: { before?: Partial<Report>; after?: Partial<Report> } = {},
) {
  const [old, now] = [was, is].map((part) => ({ ...relay, ...part }));
  const result = againstBaseline(
    { ...sample, findings: [now as Finding], ...more.after },
    { ...sample, findings: [old as Finding], ...more.before },
  );
  return `${result.findings[0]?.baseline} ${result.verdict}`;
}

describe("a report against a baseline", () => {
  it("fails on nothing that it knows, whatever the stack is called", () => {
    for (const old of [sample, renamed(sample, "prod")]) {
      const same = againstBaseline(sample, old);
      expect(same.findings.map(({ baseline }) => baseline)).toEqual(sample.findings.map(() => "known"));
      expect({ verdict: same.verdict, gone: same.baseline?.gone }).toEqual({ verdict: "pass", gone: [] });
    }
  });

  it("fails on what is new, and says what is gone", () => {
    expect(states(held)[0]).toBe("open-relay-path new");
    expect(
      new Set(
        states(held)
          .slice(1)
          .map((text) => text.split(" ")[1]),
      ),
    ).toEqual(new Set(["known"]));
    expect(held.verdict).toBe("fail");
    expect(held.baseline).toEqual({ stack: "dev", gone: [gone] });
  });

  it("takes what is certain now, or graver, or was waived, for worse", () => {
    expect(change({}, {})).toBe("known pass");
    expect(change({ outcome: "undetermined" }, {})).toBe("worse fail");
    expect(change({}, { outcome: "undetermined" })).toBe("known pass");
    expect(change({ outcome: "undetermined" }, { outcome: "undetermined", message: "For another reason." })).toBe(
      "known pass",
    );
    expect(change({ severity: "medium" }, {})).toBe("worse fail");
    expect(change({}, { severity: "medium" })).toBe("known pass");
    expect(change({ outcome: "waived" }, {})).toBe("worse fail");
    // What happens on a finding is up to the configuration of the day.
    expect(change({ enforcement: "advisory" }, {})).toBe("known pass");
  });

  it("takes what more can connect to for worse, and what fewer can not", () => {
    const rows = (internet: readonly string[], internal: readonly string[] = []) => ({
      exposure: [{ resource: relay.resource, port: 25, internet, internal, undetermined: [], paths: [] }],
    });
    const some = rows(["198.51.100.0/24"]);
    const all = rows(["0.0.0.0/0"]);
    expect(change({}, { message: "Anybody." }, { before: some, after: all })).toBe("worse fail");
    expect(change({}, { message: "Somebody." }, { before: all, after: some })).toBe("known pass");
    expect(change({}, {}, { before: all, after: rows(["0.0.0.0/0"], ["10.0.0.0/8"]) })).toBe("known pass");
  });

  it("takes an MTA that relays for more for worse", () => {
    const relaying = (relays: readonly string[], undetermined: readonly string[] = []) => ({
      hosts: sample.hosts.map((host) => ({
        ...host,
        mta: { ...host.mta, listeners: [{ port: 25, loopbackOnly: false, relays, undetermined, lines: [] }] },
      })),
    });
    const narrow = relaying(["10.0.0.0/24"]);
    expect(change({}, {}, { before: narrow, after: relaying(["10.0.0.0/16"]) })).toBe("worse fail");
    expect(change({}, {}, { before: narrow, after: relaying([], ["10.0.1.0/24"]) })).toBe("worse fail");
    expect(change({}, { message: "Less." }, { before: narrow, after: relaying(["10.0.0.9/32"]) })).toBe("known pass");
  });

  it("goes by the message where no set is told", () => {
    const other = { policy: "mail-vm-hardening", path: [], message: "Passwords log in." };
    expect(change(other, other)).toBe("known pass");
    expect(change(other, { ...other, message: "Passwords log in, and its disk is not encrypted." })).toBe("worse fail");
    const older = { hosts: undefined } as unknown as Partial<Report>;
    expect(change({ path: relay.path.slice(-3) }, { path: relay.path.slice(-3) }, { before: older })).toBe(
      "known pass",
    );
  });

  it("never excuses that a policy could not be evaluated", () => {
    const broken = {
      outcome: "undetermined",
      resource: "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev",
      path: [],
    } as const;
    expect(change(broken, broken)).toBe("worse undetermined");
  });
});

describe("in every format", () => {
  const origin = { directory: "", file: "Pulumi.yaml" };

  it("pretty", async () => {
    await expect(renderPretty(held, { color: false, width: 80 })).toMatchFileSnapshot("golden/baseline.txt");
  });

  it("json, by its schema", () => {
    expect(schema.parse(JSON.parse(renderJson(held)))).toEqual(JSON.parse(JSON.stringify(held)));
  });

  it("sarif, as baselineState", () => {
    const { runs } = JSON.parse(renderSarif(held, origin, "0.0.0"));
    const found = runs[0].results.map((one: { baselineState: string }) => one.baselineState);
    expect(found).toEqual(["new", ...sample.findings.slice(1).map(() => "unchanged")]);
    const notes = runs[0].invocations[0].toolExecutionNotifications.filter(
      ({ descriptor }: { descriptor: { id: string } }) => descriptor.id === "gone",
    );
    expect(notes).toMatchObject([
      { level: "note", message: { text: "Gone since the baseline: mail-vm-hardening: Passwords log in." } },
    ]);
    const worse = againstBaseline(sample, { ...sample, findings: [{ ...relay, severity: "low" }] });
    expect(JSON.parse(renderSarif(worse, origin, "0.0.0")).runs[0].results[0].baselineState).toBe("updated");
    expect(renderSarif(sample, origin, "0.0.0")).not.toContain("baselineState");
  });

  it("junit, where what is known is no failed test", () => {
    const xml = renderJunit(held);
    expect(xml.match(/<failure /g)).toHaveLength(1);
    expect(xml).toContain("Known before: ");
    expect(xml).toContain("Gone since the baseline: mail-vm-hardening");
  });

  it("markdown and html", () => {
    for (const text of [renderMarkdown(held), renderHtml(held)]) {
      expect(text).toContain("known before");
      expect(text).toContain("Gone since the baseline");
    }
  });
});
