import { z } from "zod";
import { Role } from "../analysis/model/settings";
import { type AddrSet, equal, unionAll } from "../analysis/net/addr";
import { cidr, parseCidr } from "../analysis/net/cidr";
import { didYouMean } from "./suggest";

/**
 * The shape of the policy configuration: one object with a section for each policy, `perimeter` for what they share, and the keys
 * `all` and `environments` of Pulumi's own. Cross-references (is there such a policy?) are the business of `config.ts`.
 */

const address = z.string().refine((text) => parseCidr(text) !== null, {
  error: "expected an IPv4 or IPv6 address or CIDR block",
});

/** A list that excuses must not excuse everybody: that is a policy to disable or a finding to waive, with a reason. */
const narrowAddress = address.refine(
  (text) => {
    const set = parseCidr(text);
    return set === null || !(equal(set, cidr("0.0.0.0/0")) || equal(set, cidr("::/0")));
  },
  { error: "expected less than every address" },
);

const glob = z.string().min(1, { error: "expected a URN or a glob" });

export const EnforcementLevel = z.enum(["mandatory", "advisory", "disabled"]);

const expectedDate = "expected a date such as 2027-01-31";

const waiver = z.strictObject({
  policy: z.string(),
  urn: glob,
  reason: sentence("expected a reason"),
  owner: sentence("expected an owner"),
  expires: z.string({ error: expectedDate }).refine(isCalendarDate, { error: expectedDate }),
  outcome: z.enum(["violation", "undetermined"]).default("violation"),
});

/** An acceptance of findings that somebody answers for, until a date. */
export type Waiver = z.output<typeof waiver>;

export const perimeterSection = z.strictObject({
  enforcementLevel: EnforcementLevel.optional(),
  roles: z.record(glob, z.enum(Role)).default({}),
  approvedSenders: z.array(narrowAddress).default([]),
  trustedNetworks: z.array(narrowAddress).default([]),
  smtpDestinations: z.record(glob, z.array(address)).default({}),
  inwardAllowed: z.array(address).default([]),
  undetermined: z.enum(["mandatory", "advisory"]).default("mandatory"),
  waivers: z.array(waiver).default([]),
});

function sentence(error: string) {
  return z.string({ error }).trim().min(1, { error });
}

export type PerimeterSection = z.output<typeof perimeterSection>;

const port = z.int({ error: "expected a port from 1 to 65535" }).min(1).max(65535);

const policySection = z.strictObject({
  enforcementLevel: EnforcementLevel.optional(),
  approvedSenders: z.array(narrowAddress).optional(),
  trustedNetworks: z.array(narrowAddress).optional(),
});

const egressSection = policySection.extend({ ports: z.array(port).min(1).optional() });

export type PolicySection = z.output<typeof egressSection>;

export const allSection = z.strictObject({ enforcementLevel: EnforcementLevel.optional() });

/** The section of one policy by its name. */
export function sectionOf(policy: string): z.ZodType<PolicySection> {
  return policy === "smtp-egress-through-gateway" ? egressSection : policySection;
}

/** A configuration that cannot be used. `message` is one line that names the key, its value and what was expected. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** @throws ConfigError about the first thing that does not fit. */
export function parseSection<T>(schema: z.ZodType<T>, value: unknown, path: readonly PropertyKey[]): T {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new ConfigError(issue === undefined ? "not a policy configuration" : describe(issue, path, schema));
}

export function addressSet(texts: readonly string[]): AddrSet {
  return unionAll(texts.map((text) => cidr(text)));
}

function describe(issue: z.core.$ZodIssue, base: readonly PropertyKey[], schema: z.ZodType): string {
  const path = formatPath([...base, ...issue.path]);
  switch (issue.code) {
    case "unrecognized_keys": {
      const [key = ""] = issue.keys;
      return `${formatPath([...base, ...issue.path, key])}: unknown key${didYouMean(key, keysAt(schema, issue.path))}`;
    }
    case "invalid_key":
      return `${path}: ${issue.issues[0]?.message ?? "invalid key"}`;
    case "invalid_value":
      return `${path}: expected ${issue.values.map((value) => JSON.stringify(value)).join(" or ")}, got ${show(issue.input)}`;
    case "invalid_type":
      return wrongType(path, issue);
    case "too_big":
    case "too_small":
      if (issue.origin === "number" || issue.origin === "int")
        return `${path}: expected a port from 1 to 65535, got ${show(issue.input)}`;
      if (issue.origin === "array") return `${path}: expected at least one entry`;
      return `${path}: ${issue.message}, got ${show(issue.input)}`;
    default:
      return `${path}: ${issue.message}, got ${show(issue.input)}`;
  }
}

function wrongType(path: string, issue: z.core.$ZodIssueInvalidType): string {
  const expected = issue.message.startsWith("expected") ? issue.message : `expected ${articled(issue.expected)}`;
  return issue.input === undefined ? `${path}: missing; ${expected}` : `${path}: ${expected}, got ${show(issue.input)}`;
}

/** Keys that the object schema at `path` knows. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: z.core.$ZodType | undefined = schema;
  for (const step of path) {
    at = unwrap(at);
    if (at instanceof z.ZodArray) at = at.element;
    else if (at instanceof z.ZodObject) at = at.shape[String(step)];
  }
  at = unwrap(at);
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

function unwrap(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  return schema instanceof z.ZodDefault || schema instanceof z.ZodOptional ? unwrap(schema.unwrap()) : schema;
}

export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((step, i) => {
      if (typeof step === "number") return `[${step}]`;
      const plain = /^[\w-]+$/.test(String(step));
      return plain ? `${i === 0 ? "" : "."}${String(step)}` : `[${JSON.stringify(String(step))}]`;
    })
    .join("");
}

/** A value as it stands in a message of one line. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function articled(type: string): string {
  if (type === "record" || type === "object") return "an object";
  if (type === "array") return "a list";
  if (type === "int") return "an integer";
  return `a ${type}`;
}

function isCalendarDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (match === null) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
