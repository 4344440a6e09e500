import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { validateXML } from "xmllint-wasm";
import { renderJunit } from "../../cli/report/junit";
import type { Report } from "../../policies/analysis/verdict/report";
import { hostile, passing, sample } from "./sample";

const schema = {
  fileName: "jenkins-junit.xsd",
  contents: readFileSync(join(__dirname, "schemas/jenkins-junit.xsd"), "utf8"),
};

async function render(report: Report): Promise<string> {
  const text = renderJunit(report);
  const result = await validateXML({ xml: [{ fileName: "report.xml", contents: text }], schema: [schema] });
  expect(result.errors).toEqual([]);
  return text;
}

describe("the JUnit report", () => {
  it("is the golden one, and valid", async () => {
    await expect(await render(sample)).toMatchFileSnapshot("golden/report.junit.txt");
  });

  it("passes a clean stack: every policy is a passed test, but for the disabled one", async () => {
    const text = await render(passing);
    expect(text).toContain('<testsuite name="relayproof prod" tests="6" failures="0" errors="0" time="0" skipped="1">');
    expect(text).toContain('<testcase classname="relayproof.open-relay-path" name="stack" time="0"/>');
    expect(text).not.toContain("<failure");
  });

  it("fails a test for each mandatory finding, with the path in its text", async () => {
    const text = await render(sample);
    expect(text.match(/<failure /g)).toHaveLength(2);
    expect(text).toContain('failures="2"');
    const failure = /<failure type="violation"[\s\S]*?<\/failure>/.exec(text)?.[0] ?? "";
    for (const step of sample.findings[0]?.path ?? []) expect(failure).toContain(step.kind);
    expect(text).toContain('<failure type="undetermined" message="Undetermined: ');
    expect(text).toMatch(/<skipped>Waived: exchange-1 can open SMTP/);
    expect(text).toContain("mail-team, until 2027-01-31 (9 days left): hybrid cut-over");
  });

  it("stays valid whatever the names are", async () => {
    await render(hostile);
  });
});
