import type { Report } from "../../policies/analysis/verdict/report";

/** What is to be equal where two sources of the same stack see the same: every finding, whatever it says beside. */
export function decided(report: Report, ofResource: (urn: string) => boolean = () => true): string[] {
  return report.findings
    .filter(({ resource }) => ofResource(resource))
    .map(({ policy, outcome, severity, enforcement, resource, message }) =>
      [policy, outcome, severity, enforcement, anyStack(resource), message].join(" | "),
    )
    .sort();
}

/**
 * Where one source decides the opposite of another: one has a violation, and the other has nothing to say about the same resource, not
 * even that it does not know. What is undetermined on a resource leaves it open which of its policies apply.
 */
export function contradictions(a: Report, b: Report): string[] {
  return [...missing(a, b), ...missing(b, a)];
}

function missing(from: Report, to: Report): string[] {
  const known = new Set(to.findings.map(({ policy, resource }) => `${policy} ${anyStack(resource)}`));
  const open = new Set(
    to.findings.filter(({ outcome }) => outcome === "undetermined").map((it) => anyStack(it.resource)),
  );
  return from.findings
    .filter(({ outcome, resource }) => outcome === "violation" && !open.has(anyStack(resource)))
    .map(({ policy, resource }) => `${policy} ${anyStack(resource)}`)
    .filter((violation) => !known.has(violation));
}

/** The same program is another stack where it has another configuration. */
function anyStack(urn: string): string {
  return urn.replace(/^urn:pulumi:[^:]+/, "urn:pulumi:*");
}
