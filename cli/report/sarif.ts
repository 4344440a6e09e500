import type {
  CodeFlow,
  ConfigurationOverride,
  Location,
  Log,
  LogicalLocation,
  Notification,
  PropertyBag,
  ReportingDescriptor,
  Result,
  Suppression,
} from "sarif";
import type { BaselineState, Finding, PathStep, Report, WaiverUse } from "../../policies/analysis/verdict/report";
import { defaultEnforcement } from "../../policies/config";
import type { Policy } from "../../policies/policy";
import { printable, printableLine } from "../../policies/printable";
import { policies } from "../../policies/rules";
import { waiverNotices, waiverText } from "../../policies/waivers";
import { fingerprints } from "./fingerprint";
import { namesOf } from "./names";
import { type Origin, placeIn } from "./origin";
import { safeJson } from "./safe-json";

/**
 * SARIF 2.1.0 (OASIS), within what GitHub code scanning takes of it: a result without a location is refused there, `kind` and
 * `suppressions` are ignored, and `security-severity` is read from the rule.
 */
export function renderSarif(report: Report, origin: Origin, version: string): string {
  const log: Log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: "relayproof", semanticVersion: version, rules: rulesOf(report) } },
        automationDetails: { id: `relayproof/${report.stack}/` },
        columnKind: "utf16CodeUnits",
        originalUriBaseIds: { [ROOT]: { description: { text: "The root of the repository." } } },
        invocations: [
          {
            executionSuccessful: true,
            exitCode: report.verdict === "pass" ? 0 : 1,
            exitCodeDescription: report.verdict,
            ruleConfigurationOverrides: overrides(report),
            toolConfigurationNotifications: report.waivers.flatMap(waiverNotification),
            toolExecutionNotifications: [...unmodelled(report), ...gone(report)],
          },
        ],
        results: results(report, origin),
        properties: { stack: report.stack, verdict: report.verdict, assumptions: report.assumptions },
      },
    ],
  };
  return safeJson(log);
}

const ROOT = "%SRCROOT%";

/** As GitHub sorts them: above 9 critical, from 7 high, from 4 medium, below that low. */
const securitySeverity = { critical: "9.5", high: "8.0", medium: "5.5", low: "2.0" } as const;

function rulesOf(report: Report): ReportingDescriptor[] {
  const known = policies.map(ruleOf);
  const others = new Set(report.findings.map((finding) => finding.policy).filter((name) => !isKnown(name)));
  return [...known, ...[...others].map(unknownRule)];
}

function isKnown(name: string): boolean {
  return policies.some((policy) => policy.name === name);
}

function ruleOf(policy: Policy): ReportingDescriptor {
  const requirements = policy.frameworks.map(
    ({ name, version: edition, reference, specification }) =>
      `${name}${edition === undefined ? "" : ` ${edition}`}, ${reference}: ${specification}`,
  );
  return {
    id: policy.name,
    name: pascalCase(policy.name),
    shortDescription: { text: policy.description },
    fullDescription: { text: `${policy.description} ${policy.rationale}` },
    help: {
      text: [policy.rationale, "To fix it:", policy.remediation, ...requirements].join("\n\n"),
      markdown: [
        policy.rationale,
        "**To fix it**",
        policy.remediation,
        ...(requirements.length === 0
          ? []
          : ["**Requirements**", requirements.map((requirement) => `- ${requirement}`).join("\n")]),
      ].join("\n\n"),
    },
    defaultConfiguration: { level: levelOf(defaultEnforcement(policy)) },
    properties: {
      tags: ["security", "mail", "smtp"],
      precision: "very-high",
      "security-severity": securitySeverity[policy.severity],
    },
  };
}

/** What is no policy of its own: the model that the others read could not be built. */
function unknownRule(name: string): ReportingDescriptor {
  const text = "The stack could not be judged: what the policies read could not be built from it.";
  return {
    id: name,
    name: pascalCase(name),
    shortDescription: { text },
    fullDescription: { text },
    help: { text },
    defaultConfiguration: { level: "error" },
    properties: { tags: ["security", "mail", "smtp"], "security-severity": securitySeverity.critical },
  };
}

function pascalCase(name: string): string {
  return name.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function levelOf(enforcement: Report["policies"][number]["enforcement"]): "error" | "warning" {
  return enforcement === "mandatory" ? "error" : "warning";
}

/** Where the configuration of this run differs from the rules' own. */
function overrides(report: Report): ConfigurationOverride[] {
  return report.policies.flatMap((state): ConfigurationOverride[] => {
    const policy = policies.find((known) => known.name === state.name);
    if (policy === undefined || state.enforcement === defaultEnforcement(policy)) return [];
    const configuration = state.enforcement === "disabled" ? { enabled: false } : { level: levelOf(state.enforcement) };
    return [{ descriptor: { id: state.name }, configuration }];
  });
}

function results(report: Report, origin: Origin): Result[] {
  const names = namesOf(report);
  const prints = fingerprints(report.findings);
  const ids = rulesOf(report).map((rule) => rule.id);
  return report.findings.map((finding, i): Result => {
    const { policy, severity, enforcement, outcome, witness, assumptions, remediation, waiver } = finding;
    const [print = ""] = prints.slice(i);
    const undetermined = outcome === "undetermined";
    const text = plain(
      `${undetermined ? "Undetermined: " : ""}${printableLine(finding.message)} Fix: ${printableLine(remediation)}`,
    );
    return {
      ruleId: policy,
      ruleIndex: ids.indexOf(policy),
      // A result that is no failure has no level of its own: a viewer that ignores `kind` falls back to the rule's.
      ...(undetermined ? { kind: "open" as const } : { kind: "fail" as const, level: levelOf(enforcement) }),
      message: { text },
      locations: [locationOf(finding, origin)],
      ...(finding.path.length > 0 && { codeFlows: [codeFlow(finding)] }),
      // GitHub tells alerts apart by the first key alone.
      partialFingerprints: { primaryLocationLineHash: print, "relayproofFinding/v1": print },
      ...(finding.baseline !== undefined && { baselineState: baselineStates[finding.baseline] }),
      ...(waiver !== undefined && { suppressions: [suppression(waiver)] }),
      properties: bag({
        severity,
        enforcement,
        outcome,
        resource: finding.resource,
        remediation,
        witness,
        assumptions,
      }),
    };
  });

  /** The hops in order. One without a place of its own is shown at the finding's, so that none is lost. */
  function codeFlow(finding: Finding): CodeFlow {
    return {
      threadFlows: [
        {
          locations: finding.path.map((step, i) => ({
            executionOrder: i + 1,
            importance: "essential" as const,
            kinds: [step.kind],
            location: {
              ...locationOf({ ...finding, ...step, location: step.location ?? finding.location }, origin),
              message: { text: plain(stepText(step)) },
            },
          })),
        },
      ],
    };
  }

  function stepText({ kind, resource, detail }: PathStep): string {
    const name = resource === null ? "" : `${names.typed(resource)}: `;
    return `${kind}: ${name}${printableLine(detail)}`;
  }
}

const baselineStates = { new: "new", known: "unchanged", worse: "updated" } as const satisfies Record<
  BaselineState,
  Result["baselineState"]
>;

/** As notes: GitHub would raise an alert for a result that is `absent`. */
function gone(report: Report): Notification[] {
  return (report.baseline?.gone ?? []).map(({ policy, resource, message }) => ({
    descriptor: { id: "gone" },
    level: "note",
    message: { text: plain(`Gone since the baseline: ${policy}: ${printableLine(message)}`) },
    locations: [{ logicalLocations: [logical(resource)] }],
  }));
}

function locationOf(
  { location, resource }: { readonly location?: Finding["location"]; readonly resource: string | null },
  origin: Origin,
): Location {
  const place = placeIn(origin, location);
  return {
    physicalLocation: {
      artifactLocation: {
        uri: place.file
          .split("/")
          .map((part) => encodeURIComponent(printable(part)))
          .join("/"),
        uriBaseId: ROOT,
      },
      region: { startLine: place.line, startColumn: place.column },
    },
    ...(resource !== null && { logicalLocations: [logical(resource)] }),
  };
}

function logical(urn: string): LogicalLocation {
  return { fullyQualifiedName: urn, kind: "resource" };
}

function suppression(waiver: NonNullable<Finding["waiver"]>): Suppression {
  return {
    kind: "external",
    status: "accepted",
    justification: waiverText(waiver),
    properties: bag(waiver),
  };
}

function waiverNotification(waiver: WaiverUse): Notification[] {
  return waiverNotices([waiver]).map((text) => ({
    descriptor: { id: "waiver" },
    level: "warning",
    message: { text: plain(text) },
    properties: bag(waiver),
  }));
}

function unmodelled(report: Report): Notification[] {
  return report.unmodelled.map(({ resource, reason }) => ({
    descriptor: { id: "not-modelled" },
    level: "note",
    message: { text: plain(`Not modelled: ${printableLine(reason)}`) },
    locations: [{ logicalLocations: [logical(resource)] }],
  }));
}

/** Text in which nothing is a link (§3.11.6) or a placeholder (§3.11.5). */
function plain(text: string): string {
  return text.replaceAll("](", "] (").replace(/[{}]/g, "$&$&");
}

function bag(value: object): PropertyBag {
  return { ...value };
}
