import { buildPerimeter, type Perimeter } from "../../policies/analysis/verdict/perimeter";
import type { Report } from "../../policies/analysis/verdict/report";
import { ConfigError, type PolicyConfig, parsePolicyConfig } from "../../policies/config";
import { judge } from "../../policies/judge";
import { policies } from "../../policies/rules";
import { InputError } from "../sources/input-error";
import type { LoadedStack } from "../sources/loaded-stack";

/** @throws InputError naming the file and the key that cannot be used. */
export function readPolicyConfig(json: unknown, file = "policy configuration"): PolicyConfig {
  try {
    return parsePolicyConfig(json, policies);
  } catch (error) {
    throw error instanceof ConfigError ? new InputError(`${file}: ${error.message}`) : error;
  }
}

/** What of a configuration counts for Pulumi alone, a line each. */
export function configWarnings({ environments }: PolicyConfig, file = "policy configuration"): string[] {
  return environments.map(
    (environment) => `${file}: the environment ${JSON.stringify(environment)} is ignored: only Pulumi can open it`,
  );
}

/** Builds the model of a stack and lets every policy judge it. A model that cannot be built is a finding, not a pass. */
export function judgeStack(loaded: LoadedStack, config: PolicyConfig, now: Date = new Date()): Report {
  const perimeter = perimeterOf(loaded, config);
  return judge({
    stack: loaded.stack,
    project: loaded.project,
    perimeter,
    policies,
    config,
    today: now.toISOString().slice(0, 10),
  });
}

/** The model of a stack that policies judge, or what went wrong when it was built. */
export function perimeterOf(loaded: LoadedStack, config: PolicyConfig): Perimeter | Error {
  return attempt(() => buildPerimeter(loaded.resources, config.settings));
}

function attempt(build: () => Perimeter): Perimeter | Error {
  try {
    return build();
  } catch (error) {
    if (process.env.RELAYPROOF_DEBUG === "1") console.error(error);
    return error instanceof Error ? error : new Error(String(error));
  }
}
