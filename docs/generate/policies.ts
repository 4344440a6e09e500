import { MODELLED } from "../../policies/analysis/lower/aws/types";
import { MODELLED as MODELLED_AZURE } from "../../policies/analysis/lower/azure/coverage";
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

/** Type tokens by the module of the SDK that holds them. */
export function modelledTypes(): string {
  const byModule = new Map<string, Set<string>>();
  const add = (module: string, name: string) => byModule.set(module, (byModule.get(module) ?? new Set()).add(name));
  for (const token of MODELLED) {
    const [, module = "", name = ""] = token.split(":");
    add(`aws.${module.split("/")[0]}`, name);
  }
  for (const kind of MODELLED_AZURE) {
    const [module = "", name = ""] = kind.split(":");
    add(`azure_native.${module}`, name);
  }
  const list = (names: Set<string>) => [...names].sort().map((name) => `\`${name}\``);
  return table(
    ["module", "resources"],
    [...byModule].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, names]) => [`\`${key}\``, list(names).join(", ")]),
  );
}
