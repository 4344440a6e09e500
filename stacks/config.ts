import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { aws, azure } from "../components";
import { Exposure, Protocol } from "../components/parts/shared";
import { Outbound, Resolver } from "../components/render";

/**
 * Typed configuration of a stack: the keys of `Pulumi.<stack>.yaml` under the project's name. Only the shape is checked here;
 * what the values mean is checked by the components.
 */

const text = z.string({ error: "a text" });
const texts = z.array(text, { error: "a list of texts" });
const yes = z.boolean({ error: "true or false" });
const wholeNumber = z.int({ error: "a whole number" });

function optional<T extends z.ZodRawShape>(shape: T, error: string) {
  return z.strictObject(shape, { error }).optional();
}

const flows = z
  .array(
    z.strictObject({
      cidr: text,
      port: wholeNumber.optional(),
      toPort: wholeNumber.optional(),
      protocol: z.enum(Protocol, { error: "one of tcp, udp, all" }).optional(),
      reason: text,
    }),
    { error: "a list of flows with cidr, port and reason" },
  )
  .optional();

/** Keys that mean the same on every cloud. */
const common = {
  cloud: z.enum(["aws", "azure"], { error: "one of aws, azure" }).default("aws"),
  domains: texts,
  hostnames: texts,
  exchangeServers: texts,
  exposure: z.enum(Exposure, { error: "one of staged, live" }).optional(),
  probeSources: texts.optional(),
  frontEndAddresses: texts.optional(),
  approvedSenders: z
    .array(z.strictObject({ cidr: text, reason: text, ports: z.array(wholeNumber).optional() }), {
      error: "a list of senders with cidr, reason and ports",
    })
    .optional(),
  clientAccess: flows,
  exchangeEgress: flows,
  recipients: texts.optional(),
  tags: z.record(z.string(), text, { error: "a map from tag names to texts" }).optional(),
};

const onAws = z.strictObject({
  ...common,
  network: optional(
    {
      cidr: text.optional(),
      zones: texts.optional(),
      dmzSubnets: texts.optional(),
      internalSubnets: texts.optional(),
      firewallSubnets: texts.optional(),
      connectedCidrs: texts.optional(),
      flowLogRetentionDays: wholeNumber.optional(),
    },
    "a network with cidr, zones, dmzSubnets, internalSubnets, firewallSubnets, connectedCidrs, flowLogRetentionDays",
  ),
  networkFirewall: z.boolean({ error: "true or false" }).optional(),
  outbound: z.enum(Outbound, { error: "one of open, held" }).optional(),
  smartHost: optional(
    { host: text, port: wholeNumber.optional(), secretArn: text, kmsKeyArn: text.optional() },
    "a smart host with host, port, secretArn, kmsKeyArn",
  ),
  recipientsObject: optional(
    { bucket: text.optional(), key: text.optional(), kmsKeyArn: text.optional() },
    "an object with bucket, key, kmsKeyArn",
  ),
  certificate: optional({ email: text, directory: text.optional() }, "a certificate with email and directory"),
  resolver: z.enum(Resolver, { error: "one of own, cloud" }).optional(),
  dns: optional(
    {
      zones: z.record(z.string(), text, { error: "a map from domains to ids of hosted zones" }),
      domainRecords: yes.optional(),
      spf: text.optional(),
      dmarc: text.optional(),
      tlsReports: text.optional(),
      texts: z.record(z.string(), texts, { error: "a map from domains to lists of texts" }).optional(),
    },
    "an object with zones, domainRecords, spf, dmarc, tlsReports, texts",
  ),
  queueVolume: optional(
    { sizeGib: wholeNumber.optional(), kmsKeyId: text.optional(), protect: yes.optional() },
    "an object with sizeGib, kmsKeyId, protect",
  ),
  mailLogRetentionDays: wholeNumber.optional(),
  alarms: optional(
    {
      topicArns: texts.optional(),
      emails: texts.optional(),
      queueLength: wholeNumber.optional(),
      deferredMessages: wholeNumber.optional(),
      outboundPerHour: wholeNumber.optional(),
    },
    "an object with topicArns, emails, queueLength, deferredMessages, outboundPerHour",
  ),
  instanceType: text.optional(),
  imageName: text.optional(),
});

const onAzure = z.strictObject({
  ...common,
  network: optional(
    {
      cidr: text.optional(),
      dmzSubnets: texts.optional(),
      internalSubnets: texts.optional(),
      connectedCidrs: texts.optional(),
      flowLogRetentionDays: wholeNumber.optional(),
    },
    "a network with cidr, dmzSubnets, internalSubnets, connectedCidrs, flowLogRetentionDays",
  ),
  resourceGroupName: text.optional(),
  zones: texts.optional(),
  sshPublicKey: text,
  vmSize: text.optional(),
  imageVersion: text.optional(),
  encryptionAtHost: z.boolean({ error: "true or false" }).optional(),
  reverseDns: z.boolean({ error: "true or false" }).optional(),
});

/** Of the keys. Not the project's name, which is another one where this is the template of a project. */
const NAMESPACE = "mail-perimeter";

/** The perimeter that a stack's configuration asks for: on which cloud, and its arguments there. */
export type PerimeterConfig =
  | { readonly cloud: "aws"; readonly args: aws.MailPerimeterArgs }
  | { readonly cloud: "azure"; readonly args: azure.MailPerimeterArgs };

/**
 * Reads the arguments of the perimeter from a stack's configuration. The key `cloud` says where it is, `aws` without it.
 *
 * @param project name of the project: a key of its own is one that nobody reads
 * @param config every key of the stack, as Pulumi hands it over; others, such as `aws:region`, belong to providers
 * @throws pulumi.RunError in one line that names the key, its value and what was expected
 */
export function perimeterConfig(project: string, config: Record<string, string>): PerimeterConfig {
  const stray = Object.keys(config).find((key) => project !== NAMESPACE && key.startsWith(`${project}:`));
  if (stray !== undefined)
    throw new pulumi.RunError(
      `configuration ${stray}: expected a key of the perimeter, ${stray.replace(project, NAMESPACE)}`,
    );
  const own = Object.entries(config).filter(([key]) => key.startsWith(`${NAMESPACE}:`));
  const values = Object.fromEntries(own.map(([key, value]) => [key.slice(NAMESPACE.length + 1), parse(value)]));
  const { cloud } = read(z.object({ cloud: common.cloud }), values);
  return cloud === "aws"
    ? { cloud, args: awsArgs(read(onAws, values)) }
    : { cloud, args: azureArgs(read(onAzure, values)) };
}

function read<S extends z.ZodType>(schema: S, values: object): z.output<S> {
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  throw new pulumi.RunError(explain(values, result.error));
}

function awsArgs(config: z.output<typeof onAws>): aws.MailPerimeterArgs {
  const { cloud: _, network, instanceType, imageName, recipients, mailLogRetentionDays, ...args } = config;
  return {
    ...args,
    ...(mailLogRetentionDays !== undefined && { mailLog: { retentionDays: mailLogRetentionDays } }),
    network: network && withFlowLogs(network),
    servers: { instanceType, imageName },
    postfix: { recipients },
  };
}

function azureArgs(config: z.output<typeof onAzure>): azure.MailPerimeterArgs {
  const { cloud: _, network, vmSize, imageVersion, encryptionAtHost, reverseDns, recipients, ...args } = config;
  return {
    ...args,
    network: network && withFlowLogs(network),
    servers: { vmSize, imageVersion, encryptionAtHost, reverseDns },
    postfix: { recipients },
  };
}

function withFlowLogs<T extends { flowLogRetentionDays?: number | undefined }>({
  flowLogRetentionDays,
  ...network
}: T) {
  return {
    ...network,
    ...(flowLogRetentionDays === undefined ? {} : { flowLogs: { retentionDays: flowLogRetentionDays } }),
  };
}

/** Pulumi hands lists, maps and numbers over as JSON, and texts as they are. */
function parse(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function explain(values: object, error: z.ZodError): string {
  const issue = error.issues[0];
  const extra = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const path = [...(issue?.path ?? []), ...(extra === undefined ? [] : [extra])];
  const value = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], values);
  const key = path.reduce<string>(
    (at, part) => (typeof part === "number" ? `${at}[${part}]` : `${at}.${String(part)}`),
    "",
  );
  const expected = extra === undefined ? issue?.message : "no such key";
  return `configuration ${NAMESPACE}:${key.slice(1)}: ${JSON.stringify(value) ?? "missing"}: expected ${expected}`;
}
