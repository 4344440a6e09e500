import { beforeAll, describe, expect, it } from "vitest";
import type { Report } from "../../policies/analysis/verdict/report";
import { PROGRAMS } from "../embedded/programs";
import { relayproof } from "./run";

/** Programs as people have them, judged as they judge them. */
function check(name: string): { readonly status: number | null; readonly stderr: string; readonly report: Report } {
  const { status, stdout, stderr } = relayproof(["check", `${PROGRAMS}/${name}`, "--format", "json"]);
  return { status, stderr, report: JSON.parse(stdout) };
}

describe("an ordinary web stack", () => {
  let checked: ReturnType<typeof check>;
  beforeAll(() => {
    checked = check("web");
  });

  it("passes: open egress without a gateway to go through is advice", () => {
    expect(checked).toMatchObject({ status: 0, stderr: "" });
    expect(checked.report.verdict).toBe("pass");
    expect(new Set(checked.report.findings.map(({ policy }) => policy))).toEqual(
      new Set(["smtp-egress-through-gateway"]),
    );
  });

  it("names what was not judged", () => {
    expect(checked.report.unmodelled.map(({ type }) => type).sort()).toEqual([
      "aws:rds/instance:Instance",
      "eks:index:Cluster",
    ]);
  });
});

describe("a program whose values are not what their types say", () => {
  it("is judged, and what cannot be read is undetermined", () => {
    const { status, stderr, report } = check("odd");
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    expect(report.verdict).toBe("undetermined");
    const mandatory = report.findings.filter(({ enforcement }) => enforcement === "mandatory");
    expect(mandatory.map(({ outcome }) => outcome)).not.toContain("violation");
    expect(mandatory.map(({ resource }) => resource.split("::").at(-1))).toContain("host-of-nothing");
  });

  it("is shown without its control characters", () => {
    const { stdout } = relayproof(["check", `${PROGRAMS}/odd`]);
    expect(stdout).toMatch(/^UNDETERMINED {2}dev: /);
    expect(stdout.replaceAll("\n", "")).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
  });
});
