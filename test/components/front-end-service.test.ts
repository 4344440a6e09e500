import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { aws, render } from "../../components";
import { ofType, type Registered, refusal, register, types } from "./harness";

const valid: aws.FrontEndMailServerArgs = {
  vpcId: "vpc-1",
  networkCidrs: ["10.20.0.0/16"],
  subnet: { id: "subnet-1", cidr: "10.20.0.0/24", zone: "eu-central-1a" },
  hostname: "mx1.example.com",
  domains: ["example.com"],
  exchangeServers: ["10.20.2.20"],
  exposure: aws.Exposure.Live,
};
const secretArn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:smart-host-AbCdEf";
const keyArn = "arn:aws:kms:eu-central-1:123456789012:key/0a1b";

const full: Partial<aws.FrontEndMailServerArgs> = {
  smartHost: { host: "email-smtp.eu-central-1.amazonaws.com", secretArn, kmsKeyArn: keyArn },
  recipientsObject: { kmsKeyArn: keyArn },
  dnsZoneId: "Z1",
  certificate: { email: "admin@example.net" },
  queueVolume: { sizeGib: 50, kmsKeyId: keyArn },
  mailLog: { retentionDays: 90, kmsKeyArn: keyArn },
  alarms: { emails: ["oncall@example.net"] },
  agent: { version: "3.3.987.0", sha256: "0".repeat(64) },
};

const create = (changes: Partial<aws.FrontEndMailServerArgs> = {}) =>
  register(() => void new aws.FrontEndMailServer("mx", { ...valid, ...changes }));

/** What the snapshots leave to other tests: rules, and the text of the scripts. */
function inventory(resources: readonly Registered[]): object[] {
  return resources
    .filter(({ type }) => type !== types.ingress && type !== types.egress && type !== types.prefixList)
    .map(({ type, name, inputs, parent: _, after, ...options }) => {
      const shown = Object.entries(inputs).map(([key, value]) => {
        if (key === "userData" || key === "content") return [key, "…"];
        return [key, /olicy$/.test(key) ? JSON.parse(String(value)) : value];
      });
      return {
        type,
        name,
        ...options,
        ...(type.startsWith("relayproof") ? {} : { after, inputs: Object.fromEntries(shown) }),
      };
    });
}

const document = (resources: readonly Registered[]) =>
  JSON.parse(String(ofType(resources, types.document)[0]?.inputs.content));
const script = (resources: readonly Registered[]): string =>
  document(resources).mainSteps[0].inputs.runCommand.join("\n");

describe("what is created", () => {
  test.each([
    ["small", {}],
    ["full", full],
  ])("%s", async (name, changes) => {
    const text = JSON.stringify(inventory(await create(changes)), null, 2);
    await expect(`${text}\n`).toMatchFileSnapshot(`snapshots/${name}.front-end.txt`);
  });
});

describe("the configuration", () => {
  test("is the script that is rendered, and nothing else carries it", async () => {
    const resources = await create(full);
    const expected = render.delivery({
      hostname: "mx1.example.com",
      domains: ["example.com"],
      exchangeServers: ["10.20.2.20"],
      cloud: render.awsCloud(),
      smartHost: { host: "email-smtp.eu-central-1.amazonaws.com", port: 587 },
      recipientsObject: true,
      acme: { email: "admin@example.net" },
      mailLog: true,
      metrics: true,
    });
    expect(`${script(resources)}\n`).toBe(expected);
    expect(document(resources)).toMatchObject({
      schemaVersion: "2.2",
      mainSteps: [{ action: "aws:runShellScript", precondition: { StringEquals: ["platformType", "Linux"] } }],
    });
    expect(JSON.stringify(document(resources))).not.toContain("{{");
  });

  test("names no resource, so that it is known before anything exists", async () => {
    const preview = await register(() => void new aws.FrontEndMailServer("mx", { ...valid, ...full }), {
      preview: true,
    });
    expect(ofType(preview, types.document)[0]?.inputs.content).toBe(
      ofType(await create(full), types.document)[0]?.inputs.content,
    );
    expect(ofType(preview, types.instance)[0]?.inputs.userData).toBe(
      ofType(await create(full), types.instance)[0]?.inputs.userData,
    );
  });

  test("holds no secret: where the login is stands on the VM, what it is stands nowhere", async () => {
    const resources = await create(full);
    for (const { type, name, inputs } of resources) {
      const allowed = type === types.instance || type === types.rolePolicy || type.startsWith("relayproof:");
      expect([name, JSON.stringify(inputs).includes(secretArn)]).toEqual([
        name,
        allowed && name !== "mx" ? true : name === "mx",
      ]);
    }
  });

  test("arrives at once, is waited for, and fails the update if the VM refuses it", async () => {
    const [delivery] = ofType(await create(), types.delivery);
    expect(delivery?.inputs).toMatchObject({
      name: "name of mx-configuration",
      targets: [{ key: "InstanceIds", values: ["mx-instance-id"] }],
      waitForSuccessTimeoutSeconds: 1200,
    });
    expect(delivery?.inputs).not.toHaveProperty("applyOnlyAtCronInterval");
    expect(delivery?.replaceOnChanges).toEqual(["documentVersion", "targets"]);
    expect(delivery?.after).toContain("mx-queue-attachment");
  });
});

describe("the switch", () => {
  test("held closes the way out, keeps the way in, and changes rules and the document only", async () => {
    const [open, held] = [await create(), await create({ outbound: render.Outbound.Held })];
    const out = (resources: readonly Registered[]) => ofType(resources, types.egress).map(({ name }) => name);
    expect(out(open).filter((name) => !out(held).includes(name))).toEqual(["mx-out-25-internet"]);
    expect(ofType(held, types.ingress)).toEqual(ofType(open, types.ingress));
    const rest = (resources: readonly Registered[]) =>
      resources.filter(
        ({ type }) => type !== types.egress && type !== types.document && !type.startsWith("relayproof:"),
      );
    expect(rest(held)).toEqual(rest(open));
    expect(script(held)).not.toBe(script(open));
  });

  test("a smart host takes the place of port 25", async () => {
    const smartHost = { host: "smtp.example.net", port: 2525, secretArn };
    const names = ofType(await create({ smartHost }), types.egress).map(({ name }) => name);
    expect(names).toContain("mx-out-2525-internet");
    expect(names).not.toContain("mx-out-25-internet");
  });

  test("with the cloud's resolver no port is open for names", async () => {
    const resources = await create({ resolver: render.Resolver.Cloud });
    expect(ofType(resources, types.egress).filter(({ inputs }) => inputs.fromPort === 53)).toEqual([]);
    expect(ofType(resources, types.group).map(({ name }) => name)).toEqual(["mx-mail", "mx-updates"]);
  });
});

describe("rights", () => {
  const grants = async (changes: Partial<aws.FrontEndMailServerArgs>) => {
    const [policy] = ofType(await create(changes), types.rolePolicy);
    const { Statement } = JSON.parse(String(policy?.inputs.policy)) as {
      Statement: { Sid: string; Resource: unknown }[];
    };
    return Statement;
  };

  test("are what is used, each named by what it is for", async () => {
    expect((await grants({ mailLog: { enabled: false } })).map(({ Sid }) => Sid)).toEqual(["Agent"]);
    expect((await grants({})).map(({ Sid }) => Sid)).toEqual(["Agent", "MailLog"]);
    expect((await grants(full)).map(({ Sid }) => Sid)).toEqual([
      "Agent",
      "MailLog",
      "MailMetrics",
      "SmartHostSecret",
      "SmartHostSecretKey",
      "Recipients",
      "RecipientsKey",
      "CertificateChallenge",
      "CertificateChallengeRecords",
      "CertificateChallengeState",
    ]);
  });

  test("name what they are about, but for the agent and the metrics, which AWS cannot limit so", async () => {
    const wide = (await grants(full)).filter(({ Resource }) => Resource === "*").map(({ Sid }) => Sid);
    expect(wide).toEqual(["Agent", "MailMetrics"]);
  });
});

describe("front ends of a perimeter", () => {
  const perimeter = (changes: Partial<aws.MailPerimeterArgs> = {}) =>
    register(
      () =>
        void new aws.MailPerimeter("mail", {
          domains: ["example.com"],
          hostnames: ["mx1.example.com", "mx2.example.com"],
          exchangeServers: ["10.20.2.20"],
          exposure: aws.Exposure.Live,
          ...changes,
        }),
    );

  test("are touched one after the other: the second waits for what the first was given", async () => {
    const resources = await perimeter();
    const [first, second] = ofType(resources, "relayproof:aws:FrontEndMailServer");
    const given = ["mail-front-end-1-configuration-association", "mail-front-end-1-queue-attachment"];
    expect(first?.after).not.toEqual(expect.arrayContaining(given));
    expect(second?.after).toEqual(expect.arrayContaining(given));
  });

  test("restart at different times, and share topics and the list of recipients", async () => {
    const resources = await perimeter({
      rebootTime: "23:15",
      alarms: { emails: ["oncall@example.net"] },
      recipientsObject: {},
    });
    const times = ofType(resources, types.instance).map(
      ({ inputs }) => /Automatic-Reboot-Time "(.*)"/.exec(String(inputs.userData))?.[1],
    );
    expect(times).toEqual(["23:15", "00:15"]);
    expect(ofType(resources, "aws:sns/topic:Topic").map(({ name }) => name)).toEqual(["mail-alarms"]);
    expect(ofType(resources, types.bucket).map(({ name }) => name)).toEqual(["mail-recipients"]);
    expect(ofType(resources, types.alarm).length).toBe(12);
    for (const { inputs } of ofType(resources, types.alarm))
      expect(inputs.alarmActions).toEqual(["arn:aws:test:::mail-alarms"]);
  });
});

describe("refuses in one line", () => {
  test.each<[object, string]>([
    [{ queueVolume: { sizeGib: 0 } }, "queueVolume.sizeGib: 0: expected a whole number of GiB from 1 to 16384"],
    [{ outbound: "closed" }, 'outbound: "closed": expected one of open, held'],
    [{ smartHost: { host: "smtp", secretArn } }, 'smartHost.host: "smtp": expected a fully qualified domain name'],
    [{ smartHost: { host: "smtp.example.net" } }, "smartHost.secretArn: missing: expected"],
    [
      { smartHost: { host: "smtp.example.net", secretArn, port: 465 } },
      "smartHost.port: 465: expected a port with STARTTLS",
    ],
    [{ smartHost: { host: "smtp.example.net", secretArn, password: "x" } }, "smartHost.password:"],
    [
      { certificate: { email: "admin@example.net" } },
      "expected none without the hosted zone of the hostname: dnsZoneId",
    ],
    [
      {
        dnsZoneId: "Z1",
        certificate: { email: "a@example.net" },
        postfix: { tlsCertificateFile: "/a", tlsKeyFile: "/b" },
      },
      'postfix.tlsCertificateFile: "/a": expected own certificate files or certificate, not both',
    ],
    [
      { recipientsObject: {}, postfix: { recipients: ["a@example.com"] } },
      'recipientsObject: {"key":"recipients"}: expected none beside postfix.recipients',
    ],
    [{ recipientsObject: { key: "a b" } }, 'recipientsObject.key: "a b": expected 1 to 200 letters'],
    [{ alarms: {} }, "alarms: {}: expected one of topicArns and emails"],
    [
      { alarms: { emails: ["it@example.com"] } },
      'alarms.emails[0]: "it@example.com": expected an address outside of domains',
    ],
    [{ mailLog: { retentionDays: 2 } }, "mailLog.retentionDays: 2: expected one of the periods of CloudWatch"],
    [{ resolver: "google" }, 'resolver: "google": expected one of own, cloud'],
    [{ rebootTime: "3:30" }, 'rebootTime: "3:30": expected a time such as 03:30'],
    [{ agent: { version: "latest", sha256: "0" } }, 'agent.version: "latest": expected a version such as'],
    [{ tags: { "cost centre": "1" } }, 'tags.cost centre: "1": expected a name without spaces and slashes'],
  ])("%j", async (changes, message) => {
    const refused = await refusal(
      () => new aws.FrontEndMailServer("mx", { ...valid, ...changes } as aws.FrontEndMailServerArgs),
    );
    expect(refused).toContain('FrontEndMailServer "mx": ');
    expect(refused).toContain(message);
    expect(refused).not.toContain("\n");
  });

  test("a smart host without the SPF record that allows it", async () => {
    const args = {
      domains: ["example.com"],
      hostnames: ["mx1.example.com"],
      exchangeServers: ["10.20.2.20"],
      exposure: aws.Exposure.Live,
      smartHost: { host: "smtp.example.net", secretArn },
      dns: { zones: { "example.com": pulumi.output("Z1") } },
    };
    expect(await refusal(() => new aws.MailPerimeter("mail", args))).toBe(
      'MailPerimeter "mail": dns.spf: missing: expected a record that lets the smart host send, such as v=spf1 include:amazonses.com -all',
    );
  });
});
