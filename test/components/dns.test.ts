import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { aws } from "../../components";
import { ofType, type Registered, refusal, register } from "./harness";

const valid: aws.MailPerimeterArgs = {
  domains: ["example.com", "example.org"],
  hostnames: ["mx1.example.com", "mx2.mail.example.com"],
  exchangeServers: ["10.20.2.20"],
  exposure: aws.Exposure.Live,
  dns: { zones: { "example.com": "ZCOM", "example.org": "ZORG", "mail.example.com": "ZMAIL" } },
};

const create = (changes: Partial<aws.MailPerimeterArgs> = {}) =>
  register(() => void new aws.MailPerimeter("mail", { ...valid, ...changes }));

const recordType = "aws:route53/record:Record";
const pointerType = "aws:ec2/eipDomainName:EipDomainName";

/** `ZCOM example.com MX 3600: 10 mx1.example.com.` */
function records(resources: readonly Registered[]): string[] {
  return ofType(resources, recordType).map(
    ({ inputs: it }) => `${it.zoneId} ${it.name} ${it.type} ${it.ttl}: ${(it.records as string[]).join(" | ")}`,
  );
}

describe("records", () => {
  test("name the front ends, each in its zone, and their addresses after them", async () => {
    const resources = await create({ dns: { ...valid.dns, zones: valid.dns?.zones ?? {}, domainRecords: false } });
    expect(records(resources)).toEqual([
      "ZCOM mx1.example.com A 3600: 203.0.113.5",
      "ZMAIL mx2.mail.example.com A 3600: 203.0.113.5",
    ]);
    expect(ofType(resources, pointerType).map(({ name, inputs, parent }) => [name, inputs, parent])).toEqual([
      [
        "mail-front-end-1-ptr",
        { allocationId: "mail-front-end-1-address-allocation", domainName: "mx1.example.com" },
        "mail-front-end-1",
      ],
      [
        "mail-front-end-2-ptr",
        { allocationId: "mail-front-end-2-address-allocation", domainName: "mx2.mail.example.com" },
        "mail-front-end-2",
      ],
    ]);
  });

  const spf = "v=spf1 a:mx1.example.com a:mx2.mail.example.com -all";
  const staged = [
    "ZCOM mx1.example.com A 3600: 203.0.113.5",
    "ZMAIL mx2.mail.example.com A 3600: 203.0.113.5",
    "ZCOM _dmarc.example.com TXT 3600: v=DMARC1; p=none; rua=mailto:postmaster@example.com",
    "ZORG _dmarc.example.org TXT 3600: v=DMARC1; p=none; rua=mailto:postmaster@example.org",
    `ZCOM example.com TXT 3600: ${spf}`,
    `ZORG example.org TXT 3600: ${spf}`,
  ];

  test("of the domains say who sends; who receives, only once live, and all alike", async () => {
    expect(records(await create({ exposure: aws.Exposure.Staged, probeSources: ["198.51.100.7"] }))).toEqual(staged);
    expect(records(await create())).toEqual([
      ...staged.slice(0, 2),
      "ZCOM example.com MX 3600: 10 mx1.example.com. | 10 mx2.mail.example.com.",
      "ZORG example.org MX 3600: 10 mx1.example.com. | 10 mx2.mail.example.com.",
      ...staged.slice(2),
    ]);
  });

  test("say what they are told to", async () => {
    const long = `v=spf1 ${Array.from({ length: 20 }, (_, i) => `ip4:203.0.113.${i}`).join(" ")} ~all`;
    const resources = await create({
      domains: ["example.org"],
      dns: {
        zones: { "example.com": "ZCOM", "example.org": pulumi.output("ZORG") },
        spf: long,
        dmarc: "v=DMARC1; p=quarantine; rua=mailto:d@example.net",
        tlsReports: "tls@example.net",
        mtaSts: { policyId: "20260101", policyHost: "policy.example.net" },
        texts: { "example.org": ["token=1"] },
        ttl: 300,
      },
    });
    expect(records(resources).filter((it) => it.startsWith("ZORG"))).toEqual([
      "ZORG mta-sts.example.org CNAME 300: policy.example.net.",
      "ZORG example.org MX 300: 10 mx1.example.com. | 10 mx2.mail.example.com.",
      "ZORG _dmarc.example.org TXT 300: v=DMARC1; p=quarantine; rua=mailto:d@example.net",
      "ZORG _mta-sts.example.org TXT 300: v=STSv1; id=20260101",
      "ZORG _smtp._tls.example.org TXT 300: v=TLSRPTv1; rua=mailto:tls@example.net",
      `ZORG example.org TXT 300: ${long.slice(0, 255)}""${long.slice(255)} | token=1`,
    ]);
  });
});

describe("refuses in one line", () => {
  const zones = valid.dns?.zones ?? {};
  test.each<[Partial<aws.MailPerimeterArgs>, string]>([
    [{ dns: { zones: {} } }, "dns.zones: {}: expected at least one hosted zone"],
    [
      { dns: { zones: { "example.org": "ZORG" } } },
      'hostnames[0]: "mx1.example.com": expected a name in one of the zones of dns: example.org',
    ],
    [
      { dns: { zones: { "example.com": "ZCOM" } } },
      'domains[1]: "example.org": expected a name in one of the zones of dns: example.com',
    ],
    [
      { hostnames: [pulumi.output("mx1.example.com")] },
      "hostnames[0]: not known yet: expected a name that is known when the program runs, beside dns",
    ],
    [{ dns: { zones, spf: "v=spf1 +all" } }, 'dns.spf: "v=spf1 +all": expected an SPF record'],
    [{ dns: { zones, spf: "v=spf1 all" } }, "dns.spf:"],
    [{ dns: { zones, dmarc: "p=none" } }, 'dns.dmarc: "p=none": expected a DMARC record such as'],
    [{ dns: { zones, texts: { "example.net": ["x"] } } }, 'dns.texts.example.net: ["x"]: expected one of domains'],
    [{ dns: { zones, texts: { "example.com": ['a" "b'] } } }, "dns.texts.example.com[0]:"],
    [{ dns: { zones, mtaSts: { policyId: "1-1", policyHost: "x.example.net" } } }, 'dns.mtaSts.policyId: "1-1":'],
    [{ dns: { zones, ttl: 5 } }, "dns.ttl: 5: expected a whole number of seconds from 60 to 86400"],
  ])("%#", async (changes, message) => {
    const refused = await refusal(() => new aws.MailPerimeter("mail", { ...valid, ...changes }));
    expect(refused).toContain('MailPerimeter "mail": ');
    expect(refused).toContain(message);
    expect(refused).not.toContain("\n");
  });
});
