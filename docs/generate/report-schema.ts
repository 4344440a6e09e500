import { z } from "zod";
import type { Report } from "../../policies/analysis/verdict/report";
import { type Plain, published, type Same } from "./schema";

/** The JSON report as a schema. It is checked against the type that the checker writes, and published as docs/report.schema.json. */

export const urn = z.string().describe("A Pulumi URN.");
const severity = z.enum(["critical", "high", "medium", "low"]);
export const enforcement = z.enum(["mandatory", "advisory", "disabled"]);
export const location = z
  .strictObject({ file: z.string(), line: z.int(), column: z.int() })
  .optional()
  .describe("Where the resource is declared, relative to the project; absent where that is not known.");
const place = z.string().nullable().describe("A URN and a property path; null where no single place is meant.");
export const evidence = z.strictObject({ text: z.string(), at: place });
const prefixes = z.array(z.string()).describe("CIDR prefixes, IPv4 before IPv6, ascending.");

export const step = z
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
    location,
  })
  .describe("One hop of a path, in the order in which a packet, then a message, takes it.");

const waiverTerms = {
  owner: z.string(),
  reason: z.string(),
  expires: z.string().describe("Last day on which it is valid, UTC."),
  daysLeft: z.int().describe("Days to the last day: 0 on the day itself, negative once expired."),
};

export const finding = z.strictObject({
  policy: z.string(),
  severity,
  enforcement: z.enum(["mandatory", "advisory"]),
  outcome: z.enum(["violation", "undetermined", "waived"]),
  resource: urn.describe("The host or rule that the finding is about."),
  location,
  message: z.string(),
  remediation: z.string(),
  path: z.array(step),
  witness: z
    .strictObject({ source: z.string(), seenSource: z.string(), destination: z.string(), port: z.int() })
    .optional()
    .describe("A concrete packet that shows the finding. Names stand in for addresses that are not known yet."),
  assumptions: z.array(z.string()),
  waiver: z
    .strictObject(waiverTerms)
    .optional()
    .describe("Who accepted it, why and until when; with the outcome waived only."),
  baseline: z
    .enum(["new", "known", "worse"])
    .optional()
    .describe("What it is beside the report of --baseline; what is known does not count for the verdict."),
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
        at: place,
      }),
    ),
    paths: z
      .array(
        z.strictObject({
          side: z.enum(["internet", "internal"]),
          certain: z.boolean().describe("False if it is not certain that anything connects this way."),
          path: z.array(step),
        }),
      )
      .describe("One way in for each side from which anything connects."),
  })
  .describe("Who can connect to one SMTP port of one host.");

const host = z
  .strictObject({
    resource: urn,
    location,
    role: z.enum(["front-end", "internal-mail"]).nullable(),
    ports: z.array(z.int()).describe("Ports on which a declared front end may be reached from the Internet."),
    addresses: z.array(z.string()).describe("Addresses of its own that are known."),
    mta: z.strictObject({
      state: z
        .enum(["known", "undetermined", "none"])
        .describe("none: nothing in the stack configures an MTA on the host."),
      listeners: z.array(
        z.strictObject({
          port: z.int(),
          loopbackOnly: z.boolean(),
          relays: z
            .array(z.string())
            .describe("Addresses, as the MTA sees them, for which it relays to anybody without authentication."),
          undetermined: z.array(z.string()).describe("Addresses for which it may relay."),
          lines: z.array(evidence).describe("The configuration lines that decide it."),
        }),
      ),
      reasons: z.array(evidence).describe("What of it is not known."),
    }),
    egress: z.enum(["open", "undetermined", "closed"]).describe("Whether the host can open port 25 to the Internet."),
    sendsAs: z
      .array(z.string())
      .describe(
        "As which public addresses its mail leaves, by the name of the resource: those that PTR and SPF records speak of.",
      ),
  })
  .describe("A machine of the stack, or a group of equal machines.");

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
      ...waiverTerms,
      state: z.enum(["used", "unused", "expired"]),
    }),
  ),
  policies: z
    .array(z.strictObject({ name: z.string(), severity, enforcement }))
    .describe("Every policy, and what a finding of its own severity does to the verdict."),
  hosts: z.array(host),
  approvedSenders: z
    .array(
      z.strictObject({
        ports: z.array(z.int()),
        sources: z.array(z.string()).describe("CIDR prefixes, and URNs of interfaces whose address is not known yet."),
      }),
    )
    .describe("Who may open SMTP to internal mail servers; ports with the same senders are one row."),
  assumptions: z
    .array(z.string())
    .describe("Documented defaults that were applied to the whole stack where the program says nothing."),
  baseline: z
    .strictObject({
      stack: z.string(),
      gone: z.array(finding).describe("Findings of it that are there no more."),
    })
    .optional()
    .describe("The report of --baseline; absent where there is none."),
});

/** Does not compile once the report and the schema differ. */
const same: Same<Plain<z.output<typeof report>>, Plain<Report>> = true;

export function reportSchema(): string {
  return published(report, "relayproof check --format json", same);
}
