import type { PolicyConfigSchema } from "@pulumi/policy/policy";
import type { PolicyConfigJSONSchema } from "@pulumi/policy/schema";
import { z } from "zod";
import { perimeterSection, sectionOf } from "../config/schema";

/**
 * Configuration schemas for Pulumi's CLI and Cloud, from the same source as our own validation, which is stricter and runs anyway:
 * the CLI checks the types and applies defaults, the SDK's server does neither.
 */
export function perimeterConfigSchema(): PolicyConfigSchema {
  return toConfigSchema(perimeterSection);
}

export function policyConfigSchema(policy: string): PolicyConfigSchema {
  return toConfigSchema(sectionOf(policy));
}

function toConfigSchema(section: z.ZodType): PolicyConfigSchema {
  const { properties = {} } = z.toJSONSchema(section, { target: "draft-7", io: "input" });
  const { enforcementLevel: _reserved, ...own } = properties as Record<string, PolicyConfigJSONSchema>;
  return { properties: own };
}
