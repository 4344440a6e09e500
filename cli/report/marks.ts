import type { Finding } from "../../policies/analysis/verdict/report";

/** Whether a finding counts for the verdict: it is neither advice nor waived, and no earlier report has it. */
export function isDecisive(finding: Finding): boolean {
  return ["open", "undetermined"].includes(markOf(finding));
}

/** From the worst to the best. `allowed` stands for what is open and meant to be. */
export const marks = ["open", "undetermined", "advice", "waived", "known", "allowed"] as const;
export type Mark = (typeof marks)[number];

export function markOf({ outcome, enforcement, baseline }: Finding): Mark {
  if (outcome === "waived") return "waived";
  if (baseline === "known") return "known";
  if (enforcement === "advisory") return "advice";
  return outcome === "violation" ? "open" : "undetermined";
}

/** What a reader has to know first: what is open before what is not known, and whole relay paths before their parts. */
export function byUrgency(findings: readonly Finding[]): readonly Finding[] {
  const rank = (finding: Finding) => 2 * marks.indexOf(markOf(finding)) + (isRelayPath(finding) ? 0 : 1);
  return findings.toSorted((a, b) => rank(a) - rank(b));
}

export function isRelayPath({ policy }: Finding): boolean {
  return policy === "open-relay-path";
}

/** The worst of some marks. */
export function worst(found: readonly Mark[]): Mark {
  return marks.find((mark) => found.includes(mark)) ?? "allowed";
}
