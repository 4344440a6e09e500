import type { Log, Result } from "sarif";

/** What GitHub makes of a SARIF file, set right where it would be wrong. */

/** Code scanning ignores suppressions: a waived finding would be an open alert. */
export function withoutSuppressed(log: Log): Log {
  return {
    ...log,
    runs: log.runs.map((run) => ({ ...run, results: run.results?.filter((result) => !isSuppressed(result)) ?? [] })),
  };
}

/** Lines that the runner turns into annotations of the lines they name, of the results that count. */
export function annotations(log: Log): string[] {
  return log.runs
    .flatMap((run) => run.results ?? [])
    .filter((result) => !isSuppressed(result))
    .map((result) => {
      const place = result.locations?.[0]?.physicalLocation;
      return command(result.properties?.enforcement === "advisory" ? "warning" : "error", result.message.text ?? "", {
        file: decodeURIComponent(place?.artifactLocation?.uri ?? ""),
        line: String(place?.region?.startLine ?? 1),
        col: String(place?.region?.startColumn ?? 1),
        title: `Relayproof: ${result.ruleId}`,
      });
    });
}

function isSuppressed({ suppressions = [] }: Result): boolean {
  return suppressions.length > 0;
}

/** A workflow command; nothing in its text can end it or begin another. */
export function command(
  kind: "error" | "warning" | "notice",
  text: string,
  properties: Record<string, string>,
): string {
  const list = Object.entries(properties).map(([key, value]) => `${key}=${escapeProperty(value)}`);
  return `::${kind} ${list.join(",")}::${escapeData(text)}`;
}

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
