import fc from "fast-check";
import { aws, render } from "../../components";
import { planSubnets } from "../../components/parts/network-plan";
import { addressAt, prefixLength } from "../../components/schemas";

/**
 * Arguments that the components accept, by construction: for the properties that hold of every perimeter that can be built.
 */

const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,10}[a-z0-9])?$/);
const domain = fc.tuple(label, fc.constantFrom("com", "org", "example")).map((parts) => parts.join("."));
const reason = fc.stringMatching(/^[a-zA-Z0-9 ._\-:/()#,@[\]+=;{}!$*]{1,150}$/);

const postfix: fc.Arbitrary<render.PostfixSettings> = fc.record(
  {
    recipients: fc.array(
      fc.tuple(label, domain).map((parts) => parts.join("@")),
      { maxLength: 20 },
    ),
    dnsblSites: fc.array(domain, { maxLength: 2 }),
    messageSizeLimit: fc.integer({ min: 65536, max: 157286400 }),
    hardErrorLimit: fc.integer({ min: 1, max: 100 }),
    queueLifetimeDays: fc.integer({ min: 1, max: 30 }),
    outboundTls: fc.constantFrom("may" as const, "encrypt" as const, "dane" as const),
  },
  { requiredKeys: [] },
);

const ports = fc.constantFrom<number[]>([25], [25, 2525], [25, 10025]);

/** Settings of a gateway. */
export const renderSettings: fc.Arbitrary<render.GatewaySettings> = fc.record({
  hostname: domain.map((name) => `mx.${name}`),
  domains: fc.uniqueArray(domain, { minLength: 1, maxLength: 3 }),
  exchangeServers: fc.uniqueArray(fc.ipV4(), { minLength: 1, maxLength: 4 }),
  ports,
  postfix,
});

interface Places {
  readonly network: aws.PerimeterNetworkArgs;
  /** Blocks for Exchange servers. */
  readonly internal: readonly string[];
  /** Blocks of nobody in particular, inside the network or a connected one. */
  readonly spare: readonly string[];
  readonly connected: readonly string[];
  /** Whether AWS Network Firewall can stand before the DMZ. */
  readonly inspectable: boolean;
}

const zones = ["eu-central-1a", "eu-central-1b", "eu-central-1c"];
const connectedBlocks = ["10.200.0.0/16", "172.20.0.0/16", "192.168.64.0/20"];
const connected = fc.subarray(connectedBlocks, { maxLength: 2 });

const created: fc.Arbitrary<Places> = fc
  .record({
    cidr: fc
      .tuple(fc.integer({ min: 0, max: 199 }), fc.integer({ min: 16, max: 20 }))
      .map(([net, length]) => `10.${net}.0.0/${length}`),
    count: fc.integer({ min: 2, max: 3 }),
    connectedCidrs: connected,
  })
  .map(({ cidr, count, connectedCidrs }) => {
    const plan = planSubnets(cidr, count);
    const last = addressAt(cidr, 2 ** (32 - prefixLength(cidr)) - 256);
    return {
      network: { cidr, zones: zones.slice(0, count), connectedCidrs },
      internal: plan?.internal ?? [],
      spare: [`${last}/24`, ...connectedCidrs],
      connected: connectedCidrs,
      inspectable: true,
    };
  });

const existing: fc.Arbitrary<Places> = fc
  .record({
    first: fc.constantFrom("10.80", "172.16", "192.168"),
    second: fc.boolean(),
    count: fc.integer({ min: 1, max: 2 }),
    connectedCidrs: fc.constantFrom<string[]>([], ["10.200.0.0/16"]),
  })
  .map(({ first, second, count, connectedCidrs }) => {
    const base = (n: number) => `${first}.${n}.0/24`;
    const subnets = Array.from({ length: 2 * count }, (_, i) => ({
      id: `subnet-0a00000000000000${i}`,
      cidr: base(i < count ? i : 10 + i),
      zone: zones[i % count] ?? "eu-central-1a",
      tier: i < count ? aws.Tier.Dmz : aws.Tier.Internal,
    }));
    const cidrs = [`${first}.0.0/16`, ...(second ? ["10.81.0.0/16"] : [])];
    return {
      network: { existing: { vpcId: "vpc-0a1b2c3d4e5f60718", cidrs, subnets }, connectedCidrs },
      internal: subnets.filter(({ tier }) => tier === aws.Tier.Internal).map(({ cidr }) => cidr),
      spare: [base(99), ...connectedCidrs],
      connected: connectedCidrs,
      inspectable: false,
    };
  });

function hostIn(blocks: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...blocks), fc.integer({ min: 4, max: 14 }))
    .map(([block, at]) => addressAt(block, at));
}

function sender(blocks: readonly string[]): fc.Arbitrary<string | aws.ApprovedSenderArgs> {
  const cidr = fc
    .tuple(fc.constantFrom(...blocks), fc.integer({ min: 24, max: 32 }))
    .map(([block, length]) => `${addressAt(block, 0)}/${length}`);
  const someReason = reason;
  const some = fc.subarray([25, 465, 587, 2525], { minLength: 1, maxLength: 2 });
  return fc.oneof(cidr, fc.record({ cidr, reason: someReason, ports: some }, { requiredKeys: ["cidr"] }));
}

function flow(blocks: readonly string[], port: fc.Arbitrary<number>): fc.Arbitrary<aws.FlowArgs> {
  const protocol = fc.constantFrom(aws.Protocol.Tcp, aws.Protocol.Udp);
  return fc.record(
    { cidr: fc.constantFrom(...blocks), port, protocol, reason },
    { requiredKeys: ["cidr", "port", "reason"] },
  );
}

const flowKey = ({ cidr, port, protocol }: aws.FlowArgs) => `${protocol ?? "tcp"} ${port} ${cidr}`;

/** Records for the names of a perimeter, in zones of their own. */
function dnsOf({ domains }: { readonly domains: readonly string[] }): fc.Arbitrary<aws.DnsArgs> {
  const zones = Object.fromEntries([...domains, "example.com"].map((zone) => [zone, "Z0"]));
  return fc.record(
    {
      zones: fc.constant(zones),
      domainRecords: fc.boolean(),
      spf: fc.constantFrom("v=spf1 ip4:203.0.113.7 -all", "v=spf1 include:example.net ~all"),
      dmarc: fc.constantFrom("v=DMARC1; p=none", "v=DMARC1; p=reject; rua=mailto:dmarc@example.net"),
      tlsReports: fc.constant("tls@example.net"),
      mtaSts: fc.constant({ policyId: "1", policyHost: "policy.example.net" }),
      ttl: fc.integer({ min: 60, max: 86400 }),
    },
    { requiredKeys: ["zones"] },
  );
}

const key = "arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d";
const logGroup = fc.record(
  { retentionDays: fc.constantFrom(30, 365), kmsKeyArn: fc.constant(key), enabled: fc.boolean() },
  { requiredKeys: [] },
);

const service: fc.Arbitrary<aws.FrontEndServiceArgs> = fc.record(
  {
    outbound: fc.constantFrom(render.Outbound.Open, render.Outbound.Held),
    smartHost: fc.record(
      {
        host: fc.constantFrom("smtp.example.net", "email-smtp.eu-central-1.amazonaws.com"),
        port: fc.constantFrom(25, 587, 2525, 2587),
        secretArn: fc.constant("arn:aws:secretsmanager:eu-central-1:123456789012:secret:smart-host-AbCdEf"),
        kmsKeyArn: fc.constant(key),
      },
      { requiredKeys: ["host", "secretArn"] },
    ),
    recipientsObject: fc.record(
      { bucket: fc.constant("a-bucket"), key: fc.constant("mail/recipients.txt"), kmsKeyArn: fc.constant(key) },
      { requiredKeys: [] },
    ),
    resolver: fc.constantFrom(render.Resolver.Own, render.Resolver.Cloud),
    queueVolume: fc.record(
      { sizeGib: fc.integer({ min: 1, max: 100 }), kmsKeyId: fc.constant(key), protect: fc.boolean() },
      { requiredKeys: [] },
    ),
    mailLog: logGroup,
    alarms: fc.record(
      {
        topicArns: fc.constant(["arn:aws:sns:eu-central-1:123456789012:on-call"]),
        emails: fc.constantFrom<string[]>([], ["oncall@example.net"]),
        queueLength: fc.integer({ min: 1, max: 1000 }),
      },
      { requiredKeys: ["topicArns"] },
    ),
    agent: fc.constant({ version: "3.3.987.0", sha256: "0".repeat(64) }),
    rebootTime: fc.constantFrom("03:30", "23:05"),
  },
  { requiredKeys: [] },
);

/** What a perimeter is run for years with, as far as it goes together. */
function serviceOf(args: {
  readonly domains: readonly string[];
  readonly postfix?: render.PostfixSettings;
}): fc.Arbitrary<Partial<aws.MailPerimeterArgs>> {
  const certificate = fc.constantFrom({ email: "admin@example.net" }, undefined);
  return fc
    .record({ service, dns: fc.option(dnsOf(args), { nil: undefined }), certificate })
    .map(({ service, dns, certificate }) => {
      const { recipientsObject, ...rest } = service;
      const spf = rest.smartHost === undefined ? {} : { spf: "v=spf1 include:example.net -all" };
      return {
        ...rest,
        ...(dns && { dns: { ...dns, ...spf } }),
        ...(dns && certificate && { certificate }),
        ...(args.postfix?.recipients === undefined && recipientsObject && { recipientsObject }),
      };
    });
}

/** Arguments of a whole perimeter: new and existing networks, one to three front ends, staged and live. */
export const mailPerimeterArgs: fc.Arbitrary<aws.MailPerimeterArgs> = fc.oneof(created, existing).chain((places) =>
  fc
    .record(
      {
        domains: fc.uniqueArray(domain, { minLength: 1, maxLength: 3 }),
        hostnames: fc
          .integer({ min: 1, max: 3 })
          .map((count) => Array.from({ length: count }, (_, i) => `mx${i + 1}.example.com`)),
        exchangeServers: fc.uniqueArray(hostIn([...places.internal, ...places.connected]), {
          minLength: 1,
          maxLength: 3,
        }),
        exposure: fc.constantFrom(aws.Exposure.Staged, aws.Exposure.Live),
        probeSources: fc.uniqueArray(fc.constantFrom("198.51.100.7/32", "203.0.113.0/28", "192.0.2.9"), {
          minLength: 1,
          maxLength: 2,
        }),
        network: fc.constant(places.network),
        approvedSenders: fc.uniqueArray(sender(places.spare), {
          maxLength: 2,
          selector: (it) => (typeof it === "string" ? it : String(it.cidr)),
        }),
        clientAccess: fc.uniqueArray(flow(places.spare, fc.constantFrom(80, 143, 443, 993)), {
          maxLength: 2,
          selector: flowKey,
        }),
        exchangeEgress: fc.uniqueArray(flow([...places.spare, "192.0.2.0/24"], fc.constantFrom(53, 88, 389, 443)), {
          maxLength: 2,
          selector: flowKey,
        }),
        ports,
        postfix,
        firewallRuleQuota: fc.constant(40),
        firewall: places.inspectable
          ? fc.oneof(
              fc.record({ enableFirewall: fc.boolean() }),
              fc.record({ networkFirewall: fc.constantFrom(true, false, { logs: { retentionDays: 30 } }) }),
            )
          : fc.record({ enableFirewall: fc.boolean() }),
        tags: fc.constant({ environment: "test" }),
      },
      { requiredKeys: ["domains", "hostnames", "exchangeServers", "network", "probeSources", "firewallRuleQuota"] },
    )
    .chain(({ firewall, ...args }) => serviceOf(args).map((more) => ({ ...args, ...firewall, ...more }))),
);
