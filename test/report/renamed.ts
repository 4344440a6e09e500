import type { Report } from "../../policies/analysis/verdict/report";

/** A report as that of a stack of another name. */
export function renamed(report: Report, stack: string): Report {
  const text = JSON.stringify(report).replaceAll(`urn:pulumi:${report.stack}::`, `urn:pulumi:${stack}::`);
  return { ...JSON.parse(text), stack };
}
