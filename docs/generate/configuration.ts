import { z } from "zod";
import { perimeterSection, sectionOf } from "../../policies/config/schema";
import { table } from "./markdown";

interface Schema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
}

/** Where a key means what. The keys themselves, their types and defaults come from the code. */
const meanings: Readonly<Record<string, string>> = {
  roles: "Declares hosts: a glob over URNs, and the role of what it matches. Beats components and tags.",
  approvedSenders: "Who may open SMTP to internal mail servers, instead of the declared front ends.",
  trustedNetworks: "Networks that may reach management ports of mail hosts, and that mail is relayed for.",
  smtpDestinations: "Public addresses that a host other than a front end may open SMTP to, such as a smart host.",
  inwardAllowed: "Private addresses that a front end may open beside SMTP to declared mail hosts.",
  undetermined: "How much an undetermined finding may weigh.",
  waivers: "Accepted findings; see [Waivers](#waivers).",
  ports: "Of `smtp-egress-through-gateway` only: the ports that count as SMTP. Without it 25.",
  enforcementLevel: "What a finding of the policy does.",
};

export function configurationKeys(): string {
  const shared = keys(perimeterSection);
  const own = keys(sectionOf("smtp-egress-through-gateway"));
  const row = (section: string, key: string, schema: Schema) => {
    const meaning = meanings[key];
    if (meaning === undefined) throw new Error(`the configuration key ${key} has no description`);
    return [section, `\`${key}\``, typeOf(schema), defaultOf(schema), meaning];
  };
  return table(
    ["section", "key", "value", "default", "meaning"],
    [
      ...shared.filter(([key]) => key !== "enforcementLevel").map(([key, schema]) => row("`perimeter`", key, schema)),
      ...own
        .filter(([key]) => !["approvedSenders", "trustedNetworks"].includes(key))
        .map(([key, schema]) => row("a policy", key, schema)),
    ],
  );
}

function keys(section: z.ZodType): [string, Schema][] {
  const schema = z.toJSONSchema(section, { target: "draft-7", io: "input" }) as Schema;
  return Object.entries(schema.properties ?? {});
}

function typeOf(schema: Schema): string {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(", ");
  if (schema.type === "array")
    return schema.items?.type === "object"
      ? "list of objects"
      : `list of ${schema.items?.type === "integer" ? "ports" : "CIDRs"}`;
  if (schema.type === "object") {
    const inner = typeof schema.additionalProperties === "object" ? typeOf(schema.additionalProperties) : "";
    return `glob → ${inner}`;
  }
  return schema.type ?? "";
}

function defaultOf(schema: Schema): string {
  return schema.default === undefined ? "" : `\`${JSON.stringify(schema.default)}\``;
}
