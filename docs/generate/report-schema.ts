import { z } from "zod";
import type { Report } from "../../policies/analysis/verdict/report";

/** The JSON report as a schema. It is checked against the type that the checker writes, and published as docs/report.schema.json. */

const urn = z.string().describe("A Pulumi URN.");
const severity = z.enum(["critical", "high", "medium", "low"]);
const prefixes = z.array(z.string()).describe("CIDR prefixes, IPv4 before IPv6, ascending.");

const step = z
  .strictObject({
    kind: z.enum([
      "internet",
      "network",
      "host",
      "gateway",
      "route",
      "filter",
      "load-balancer",
      "firewall",
      "translation",
      "mta",
      "egress",
    ]),
    resource: urn.nullable(),
    detail: z.string(),
  })
  .describe("One hop of a path, in the order in which a packet, then a message, takes it.");

const finding = z.strictObject({
  policy: z.string(),
  severity,
  enforcement: z.enum(["mandatory", "advisory"]),
  outcome: z.enum(["violation", "undetermined", "waived"]),
  resource: urn.describe("The host or rule that the finding is about."),
  location: z
    .strictObject({ file: z.string(), line: z.int(), column: z.int() })
    .optional()
    .describe("Where the resource is declared, relative to the project; absent where that is not known."),
  message: z.string(),
  remediation: z.string(),
  path: z.array(step),
  witness: z
    .strictObject({ source: z.string(), seenSource: z.string(), destination: z.string(), port: z.int() })
    .optional()
    .describe("A concrete packet that shows the finding. Names stand in for addresses that are not known yet."),
  assumptions: z.array(z.string()),
});

const exposure = z
  .strictObject({
    resource: urn,
    port: z.int().describe("The listener's port."),
    internet: prefixes,
    internal: z.array(z.string()).describe("CIDR prefixes, and URNs of interfaces whose address is not known yet."),
    undetermined: z.array(
      z.strictObject({
        side: z.enum(["internet", "internal"]),
        sources: z.array(z.string()),
        reason: z.string(),
        at: z.string().nullable().describe("A URN and a property path; null where no single place is meant."),
      }),
    ),
  })
  .describe("Who can connect to one SMTP port of one host.");

export const report = z.strictObject({
  schemaVersion: z.literal(1),
  stack: z.string(),
  verdict: z.enum(["pass", "fail", "undetermined"]),
  findings: z.array(finding).describe("Sorted by severity, policy and URN."),
  exposure: z.array(exposure),
  unmodelled: z.array(z.strictObject({ resource: urn, type: z.string(), reason: z.string() })),
  waivers: z.array(
    z.strictObject({
      policy: z.string(),
      urn: z.string(),
      owner: z.string(),
      reason: z.string(),
      expires: z.string(),
      state: z.enum(["used", "unused", "expired"]),
    }),
  ),
});

/** A type without what the schema cannot say: readonly, and how a key is absent. */
type Plain<T> = T extends readonly (infer Item)[]
  ? Plain<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]-?: Plain<Exclude<T[Key], undefined>> }
    : T;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/** Does not compile once the report and the schema differ. */
const same: Same<Plain<z.output<typeof report>>, Plain<Report>> = true;

export function reportSchema(): string {
  const schema = z.toJSONSchema(report, { target: "draft-7", reused: "inline" });
  return same ? `${JSON.stringify({ ...schema, title: "relayproof check --format json" }, null, 2)}\n` : "";
}
