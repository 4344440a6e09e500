import { z } from "zod";
import type { Difference } from "../../cli/report/difference";
import { enforcement, evidence, finding, urn } from "./report-schema";
import { type Plain, published, type Same } from "./schema";

/** The JSON of `relayproof diff` as a schema, checked against the type that it writes, and published as docs/difference.schema.json. */

const endpoints = z.array(z.string()).describe("CIDR prefixes, and URNs of interfaces whose address is not known yet.");
const answer = z.enum(["closed", "undetermined", "open"]);
const fromTo = <T extends z.ZodType>(value: T) => ({ before: value, after: value });
const side = z.strictObject({ stack: z.string() });

export const difference = z.strictObject({
  schemaVersion: z.literal(1),
  old: side,
  new: side,
  opens: z
    .boolean()
    .describe(
      "A source connects, or may connect, that did not before, or a mandatory finding is new or has become worse.",
    ),
  exposure: z.array(
    z
      .strictObject({
        resource: urn,
        port: z.int().describe("The listener's port."),
        side: z.enum(["internet", "internal"]),
        ...fromTo(answer),
        sources: endpoints,
        reasons: z.array(evidence).describe("Why it is not known now, where `after` is `undetermined`."),
      })
      .describe("Sources for which the answer of one port of one host is another one now."),
  ),
  findings: z.strictObject({
    new: z.array(finding),
    gone: z.array(finding),
    changed: z.array(z.strictObject(fromTo(finding))),
  }),
  roles: z.array(z.strictObject({ resource: urn, ...fromTo(z.enum(["front-end", "internal-mail"]).nullable()) })),
  approvedSenders: z.array(
    z.strictObject({ change: z.enum(["approved", "withdrawn"]), ports: z.array(z.int()), sources: endpoints }),
  ),
  policies: z.array(z.strictObject({ policy: z.string(), ...fromTo(enforcement.nullable()) })),
  notCompared: z
    .array(z.enum(["roles", "approvedSenders", "policies"]))
    .describe("What a report of an older version does not tell."),
});

/** Does not compile once the difference and the schema differ. */
const same: Same<Plain<z.output<typeof difference>>, Plain<Difference>> = true;

export function differenceSchema(): string {
  return published(difference, "relayproof diff --format json", same);
}
