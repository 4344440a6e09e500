import type { Finding, Report } from "../../policies/analysis/verdict/report";
import { printable, printableLine } from "../../policies/printable";
import { waiverNotices } from "../../policies/waivers";
import { painter } from "./layout";
import { type Names, namesOf } from "./names";
import { renderFinding } from "./pretty";
import { goneLines, unmodelledSection } from "./sections";

const WIDTH = 100;
const paint = painter(false);

/**
 * JUnit's XML, as Jenkins defines it: a mandatory finding is a failed test, advice and waived findings are skipped ones that say why,
 * and a policy without findings is a passed test.
 */
export function renderJunit(report: Report): string {
  const names = namesOf(report);
  const cases = report.policies.flatMap(({ name, enforcement }) => {
    if (enforcement === "disabled")
      return [testcase(name, "stack", element("skipped", {}, "Disabled in the policy configuration: not judged."))];
    const findings = report.findings.filter((finding) => finding.policy === name);
    return findings.length === 0 ? [testcase(name, "stack")] : findings.map(caseOf);
  });
  const known = new Set(report.policies.map((policy) => policy.name));
  const all = [...cases, ...report.findings.filter((finding) => !known.has(finding.policy)).map(caseOf)];
  const failures = report.findings.filter(isFailure).length;
  const skipped =
    report.findings.length - failures + report.policies.filter((policy) => policy.enforcement === "disabled").length;
  const counts = { tests: String(all.length), failures: String(failures), errors: "0", time: "0" };
  const suite = element(
    "testsuite",
    { name: `relayproof ${report.stack}`, ...counts, skipped: String(skipped) },
    element("properties", {}, element("property", { name: "verdict", value: report.verdict })),
    ...all,
    ...notes(),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element("testsuites", { name: "relayproof", ...counts }, suite).xml}\n`;

  function caseOf(finding: Finding): Xml {
    const text = renderFinding(finding, names, paint, WIDTH).join("\n");
    return testcase(finding.policy, caseName(finding, names), ...outcome(finding, text));
  }

  function notes(): Xml[] {
    const lines = [
      ...waiverNotices(report.waivers),
      ...goneLines(report, names).map((line) => `Gone since the baseline: ${line}`),
      ...unmodelledSection(report.unmodelled, names, paint, WIDTH),
      ...report.assumptions.map((assumption) => `Assumed: ${printableLine(assumption)}`),
    ];
    return lines.length === 0 ? [] : [element("system-out", {}, `\n${lines.join("\n")}\n`)];
  }
}

function isFailure({ outcome, enforcement, baseline }: Finding): boolean {
  return outcome !== "waived" && enforcement === "mandatory" && baseline !== "known";
}

function outcome(finding: Finding, text: string): Xml[] {
  const message = printableLine(finding.message);
  if (isFailure(finding)) {
    const prefix = `${finding.baseline === "worse" ? "Worse than before: " : ""}${finding.outcome === "undetermined" ? "Undetermined: " : ""}`;
    return [element("failure", { type: finding.outcome, message: prefix + message }, `\n${text}\n`)];
  }
  const why = finding.waiver !== undefined ? "Waived" : finding.baseline === "known" ? "Known before" : "Advice";
  return [element("skipped", {}, `${why}: ${message}`), element("system-out", {}, `\n${text}\n`)];
}

/** The resource, and what tells two findings of one policy about it apart. */
function caseName(finding: Finding, names: Names): string {
  const { witness } = finding;
  const port = witness === undefined ? "" : `:${witness.port}`;
  const undetermined = finding.outcome === "undetermined" ? " (undetermined)" : "";
  return `${names.typed(finding.resource)}${port}${undetermined}`;
}

function testcase(policy: string, name: string, ...content: Xml[]): Xml {
  return element("testcase", { classname: `relayproof.${policy}`, name, time: "0" }, ...content);
}

interface Xml {
  readonly xml: string;
}

function element(name: string, attributes: Readonly<Record<string, string>>, ...content: (Xml | string)[]): Xml {
  const open = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${escapeXml(value)}"`)].join(" ");
  if (content.length === 0) return { xml: `<${open}/>` };
  const isText = content.every((item) => typeof item === "string");
  const inner = content.map((item) => (typeof item === "string" ? escapeXml(item) : item.xml));
  return { xml: isText ? `<${open}>${inner.join("")}</${name}>` : `<${open}>\n${inner.join("\n")}\n</${name}>` };
}

/** Not even escaped has XML 1.0 a place for control characters, lone surrogates and two noncharacters. */
function escapeXml(text: string): string {
  return text
    .split("\n")
    .map(printable)
    .join("\n")
    .replace(/[\ufffe\uffff]/g, (char) => `\\u{${char.charCodeAt(0).toString(16)}}`)
    .replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
