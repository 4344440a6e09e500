import { z } from "zod";
import type { Comparable } from "../../report/difference";
import { InputError } from "../input-error";
import { inputName } from "../text-file";
import { isRecord } from "../yaml-file";
import { readPart } from "./schema";

/** What is read of an earlier JSON report. Keys that came later may be absent, and ones that are not compared are let pass. */

const list = <T extends z.ZodType>(item: T) => z.array(item).default([]);
const location = z.object({ file: z.string(), line: z.int(), column: z.int() }).exactOptional();
const sources = z.array(z.string());
const kinds = [
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
] as const;

const finding = z.object({
  policy: z.string(),
  severity: z.enum(["critical", "high", "medium", "low"]),
  enforcement: z.enum(["mandatory", "advisory"]),
  outcome: z.enum(["violation", "undetermined", "waived"]),
  resource: z.string(),
  location,
  message: z.string(),
  remediation: z.string(),
  path: list(z.object({ kind: z.enum(kinds), resource: z.string().nullable(), detail: z.string(), location })),
  witness: z
    .object({ source: z.string(), seenSource: z.string(), destination: z.string(), port: z.int() })
    .exactOptional(),
  assumptions: list(z.string()),
  waiver: z.object({ owner: z.string(), reason: z.string(), expires: z.string(), daysLeft: z.int() }).exactOptional(),
});

const exposure = z.object({
  resource: z.string(),
  port: z.int(),
  internet: sources,
  internal: sources,
  undetermined: list(
    z.object({
      side: z.enum(["internet", "internal"]),
      sources,
      reason: z.string(),
      at: z.string().nullable().default(null),
    }),
  ),
});

const host = z.object({
  resource: z.string(),
  role: z.enum(["front-end", "internal-mail"]).nullable(),
  addresses: list(z.string()),
  mta: z
    .object({ listeners: list(z.object({ port: z.int(), relays: sources, undetermined: sources })) })
    .exactOptional(),
});

const senders = z.object({ ports: z.array(z.int()), sources });
const policy = z.object({ name: z.string(), enforcement: z.enum(["mandatory", "advisory", "disabled"]) });

const report = z.object({
  schemaVersion: z.literal(1, "expected 1, the version that this relayproof reads"),
  stack: z.string(),
  findings: z.array(finding),
  exposure: z.array(exposure),
  hosts: z.array(host).exactOptional(),
  approvedSenders: z.array(senders).exactOptional(),
  policies: z.array(policy).exactOptional(),
});

/** Whether the values of a file are meant as a JSON report of `relayproof check`; nothing that Pulumi writes has these keys. */
export function isReport(values: readonly unknown[]): boolean {
  const [first] = values;
  return values.length === 1 && isRecord(first) && ("schemaVersion" in first || "findings" in first);
}

/**
 * Reads the report that another one is to be held against.
 *
 * @throws InputError if the file is no report.
 */
export async function readBaseline(path: string): Promise<Comparable> {
  const { readValues } = await import("./index.js");
  const values = await readValues(path);
  if (!isReport(values))
    throw new InputError(`${inputName(path)}: not a report; expected what relayproof check --format json writes`);
  return readReport(inputName(path), values[0]);
}

/**
 * Reads an earlier JSON report.
 *
 * @throws InputError naming the file and the key that is not as `relayproof check --format json` writes it.
 */
export function readReport(name: string, value: unknown): Comparable {
  return readPart(name, "", report, value);
}
