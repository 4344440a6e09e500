import { z } from "zod";
import type { Explanation } from "../../policies/analysis/verdict/explanation";
import { evidence, step, urn } from "./report-schema";
import { type Plain, published, type Same } from "./schema";

/** What `relayproof explain --format json` prints, as a schema, published as docs/explanation.schema.json. */

const answer = z.enum(["open", "undetermined", "closed"]);
const sources = z.array(z.string()).describe("CIDR prefixes, and URNs of interfaces whose address is not known yet.");

const mta = z
  .strictObject({
    answer: z
      .enum(["relays", "some", "refuses", "undetermined", "no-listener", "none"])
      .describe(
        "Whether the MTA relays without authentication for every one of them, for some, or for none; or there is none.",
      ),
    seen: z.string().nullable().describe("The address that the MTA sees, where that is not the client's own."),
    relays: z.array(z.string()).describe("The clients that it relays for, as far as they have addresses."),
    undetermined: z.array(z.string()).describe("Those for which that is not known."),
    lines: z.array(step).describe("The lines of configuration that decide it."),
  })
  .nullable()
  .describe("What the MTA would do for the address that it sees; null on a way that is closed.");

const change = z.strictObject({
  text: z.string().describe("An instruction."),
  resource: urn.nullable().describe("What has to be changed."),
  rules: z.array(z.strictObject({ resource: urn, text: z.string() })).describe("The rules that are meant."),
});
const alternatives = z.array(z.array(change));

const way = z.strictObject({
  answer,
  steps: z.array(
    step.extend({
      decision: z
        .enum(["passes", "undetermined", "stops"])
        .nullable()
        .describe("What the hop decides by itself, whatever the others do; null for the two ends."),
    }),
  ),
  stoppedAt: z.int().nullable().describe("The number of the first step that stops it, counted from 0."),
  mta,
});

export const explanation = z.strictObject({
  schemaVersion: z.literal(1),
  stack: z.string(),
  source: z.strictObject({ text: z.string(), resource: urn.nullable() }),
  target: z.strictObject({ resource: urn, protocol: z.enum(["tcp", "udp"]), port: z.int() }),
  answer: answer.nullable().describe("Null where the answer is not the same for all sources."),
  parts: z
    .array(
      z.strictObject({
        answer,
        sources,
        packet: z
          .strictObject({ source: z.string(), seenSource: z.string(), destination: z.string(), port: z.int() })
          .describe("One packet that stands for all. Names stand in for addresses that are not known yet."),
        reasons: z.array(evidence).describe("Why it is not known, where it is not."),
        ways: z.array(way).describe("Every way from the sources to the port, the open ones first."),
        toOpen: alternatives.describe("Each opens it for certain, if all of its changes are made; the smallest first."),
        toClose: alternatives.describe(
          "Each closes it for certain, if all of its changes are made; the smallest first.",
        ),
      }),
    )
    .describe("Sources for which every hop decides alike: disjoint, and the whole source together."),
  assumptions: z.array(z.string()).describe("Documented defaults that were applied where the program says nothing."),
});

/** Does not compile once the explanation and the schema differ. */
const same: Same<Plain<z.output<typeof explanation>>, Plain<Explanation>> = true;

export function explanationSchema(): string {
  return published(explanation, "relayproof explain --format json", same);
}
