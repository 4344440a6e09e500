import { createHash } from "node:crypto";
import type { Finding } from "../../policies/analysis/verdict/report";

/**
 * What makes a finding the same one in the next run: policy, resource, and the other hosts on its path. No
 * line, address or wording is part of it, so that it survives moved code and renumbered networks.
 */
export function fingerprint({ policy, resource, path }: Finding): string {
  const others = path.flatMap(({ kind, resource: urn }) =>
    kind === "host" && urn !== null && urn !== resource ? [urn] : [],
  );
  return createHash("sha256")
    .update(JSON.stringify([policy, resource, [...new Set(others)]]))
    .digest("hex")
    .slice(0, 32);
}

/** The fingerprints of findings, each with its number among equal ones: `9f86d0…:1`. */
export function fingerprints(findings: readonly Finding[]): string[] {
  const seen = new Map<string, number>();
  return findings.map((finding) => {
    const print = fingerprint(finding);
    const number = (seen.get(print) ?? 0) + 1;
    seen.set(print, number);
    return `${print}:${number}`;
  });
}
