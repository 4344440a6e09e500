import { MODELLED } from "../../policies/analysis/lower/aws/types";
import { defaultEnforcement } from "../../policies/config";
import type { Framework } from "../../policies/policy";
import { policies } from "../../policies/rules";
import { table } from "./markdown";

export function policyTable(): string {
  return table(
    ["policy", "severity", "what it asks for"],
    policies.map((policy) => [
      `[\`${policy.name}\`](docs/policies.md#${policy.name})`,
      `${policy.severity}${isAdvisory(policy) ? ", advisory" : ""}`,
      policy.description,
    ]),
  );
}

export function policyDetails(): string {
  return policies
    .map((policy) =>
      [
        `### ${policy.name}`,
        `**${policy.severity}**, ${defaultEnforcement(policy)} unless configured. ${policy.description}`,
        `${policy.rationale}`,
        `To fix a violation:\n\n${steps(policy.remediation)}`,
        policy.frameworks.length === 0 ? "" : `Requirements:\n\n${policy.frameworks.map(requirement).join("\n")}`,
      ]
        .filter((part) => part !== "")
        .join("\n\n"),
    )
    .join("\n\n");
}

function isAdvisory(policy: (typeof policies)[number]): boolean {
  return defaultEnforcement(policy) === "advisory";
}

function steps(remediation: string): string {
  return /^\d+\. /.test(remediation) ? remediation : `1. ${remediation}`;
}

function requirement({ name, version, reference, specification }: Framework): string {
  return `- ${name}${version === undefined ? "" : ` ${version}`}, ${reference}: ${specification}`;
}

/** Type tokens by the module of @pulumi/aws that holds them. */
export function modelledTypes(): string {
  const byModule = new Map<string, Set<string>>();
  for (const token of MODELLED) {
    const [, module = "", name = ""] = token.split(":");
    const key = `aws.${module.split("/")[0]}`;
    byModule.set(key, (byModule.get(key) ?? new Set()).add(name));
  }
  const list = (names: Set<string>) => [...names].sort().map((name) => `\`${name}\``);
  return table(
    ["module", "resources"],
    [...byModule].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, names]) => [`\`${key}\``, list(names).join(", ")]),
  );
}
