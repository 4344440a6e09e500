import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { aws, render } from "../../components";
import { documentContent } from "../../components/aws/parts/hardening-args";
import { evaluateHost } from "../../policies/analysis/mta";
import { toCidrs } from "../../policies/analysis/net/cidr";
import { tcp } from "../lower/stack";
import { MailStack, smtpFromAnywhere, smtpOut } from "../rules/perimeter";
import { lateRefusals, refusal, register } from "./harness";

const valid: aws.ExchangeHardeningArgs = { instanceIds: ["i-0123456789abcdef0"], frontEnds: ["10.20.0.10"] };

const settings: render.ExchangeHardeningSettings = {
  frontEnds: ["10.20.0.10"],
  approvedSenders: ["10.20.16.0/28"],
  relaySenders: ["10.20.16.25", "10.20.16.26"],
  anonymousDefaultFrontend: false,
  banner: "mail",
  recipientLimit: 200,
  organisationRecipientLimit: 500,
  tarpitSeconds: 5,
};

test("a document and an association that names its version", async () => {
  const resources = await register(() => void new aws.ExchangeHardening("ex", { ...valid, tags: { team: "mail" } }));
  const [component, document, association] = resources;
  expect(resources.map(({ type, name, parent }) => ({ type, name, parent }))).toEqual([
    { type: "relayproof:aws:ExchangeHardening", name: "ex", parent: null },
    { type: "aws:ssm/document:Document", name: "ex-hardening", parent: "ex" },
    { type: "aws:ssm/association:Association", name: "ex-hardening-association", parent: "ex" },
  ]);
  expect(component).toBeDefined();
  expect(document?.inputs).toMatchObject({
    documentType: "Command",
    documentFormat: "JSON",
    content: documentContent(render.exchangeHardening({ ...settings, approvedSenders: [], relaySenders: [] })),
    tags: { team: "mail", Name: "ex-hardening" },
  });
  expect(association?.inputs).toMatchObject({
    targets: [{ key: "InstanceIds", values: ["i-0123456789abcdef0"] }],
    scheduleExpression: "rate(1 day)",
    complianceSeverity: "CRITICAL",
  });
});

test("the script", async () => {
  await expect(render.exchangeHardening(settings)).toMatchFileSnapshot("snapshots/exchange-hardening.ps1");
});

test("texts are quoted, and nothing in them is a parameter of Systems Manager", () => {
  const script = render.exchangeHardening({ ...settings, banner: "it's $env:PATH" });
  expect(script).toContain("-Banner '220 it''s $env:PATH'");
  expect(script).not.toContain("{{");
});

/** Settings that the component accepts, by construction. */
const accepted: fc.Arbitrary<render.ExchangeHardeningSettings> = fc
  .uniqueArray(fc.integer({ min: 1, max: 250 }), { minLength: 1, maxLength: 12 })
  .chain((hosts) =>
    fc.record({
      hosts: fc.constant(hosts),
      cut: fc.tuple(fc.nat(hosts.length - 1), fc.nat(hosts.length)),
      anonymousDefaultFrontend: fc.boolean(),
      banner: fc.stringMatching(/^[A-Za-z0-9 ._-]{1,60}$/),
      recipientLimit: fc.integer({ min: 1, max: 5000 }),
      organisationRecipientLimit: fc.integer({ min: 1, max: 5000 }),
      tarpitSeconds: fc.integer({ min: 5, max: 30 }),
    }),
  )
  .map(({ hosts, cut: [first, second], ...rest }) => {
    const addresses = hosts.map((host) => `10.0.2.${host}`);
    const [a, b] = [first + 1, Math.max(first + 1, second)];
    return {
      frontEnds: addresses.slice(0, a),
      approvedSenders: addresses.slice(a, b).map((it) => `${it}/32`),
      relaySenders: addresses.slice(b),
      ...rest,
    };
  });

describe("for every argument that is accepted", () => {
  it("our own reader follows the whole script, and it relays for the relay senders and nobody else", () => {
    fc.assert(
      fc.property(accepted, fc.boolean(), (given, twice) => {
        const script = render.exchangeHardening(given);
        const host = "urn:host";
        const mta = evaluateHost([
          { host, kind: "powershell", at: { urn: host, path: "s" }, text: twice ? `${script}\n${script}` : script },
        ]);
        if (mta.kind !== "known") throw new Error(mta.kind);
        expect(mta.exchange?.problems).toEqual([]);
        for (const { port, relays } of mta.answers) {
          expect(relays.why).toEqual([]);
          const expected = port === 25 ? [...given.relaySenders].map((it) => `${it}/32`) : [];
          expect(toCidrs(relays.must).flatMap(hostsOf).sort()).toEqual(expected.sort());
        }
      }),
      { numRuns: 40 },
    );
  });

  it("no policy has anything to say", () => {
    fc.assert(
      fc.property(accepted, (given) => {
        const s = new MailStack().logged();
        s.frontEnd(s.group("fe", { ingress: [smtpFromAnywhere], egress: [smtpOut] }));
        const exchange = s.exchange(s.group("ex", { ingress: [tcp(25, { cidrBlocks: ["10.0.1.10/32"] })] }), {
          privateIp: "10.0.2.251",
        });
        const document = s.addType("aws:ssm/document:Document", {
          documentType: "Command",
          content: documentContent(render.exchangeHardening({ ...given, frontEnds: ["10.0.1.10"] })),
        });
        s.addType("aws:ssm/association:Association", {
          name: document,
          targets: [{ key: "InstanceIds", values: [exchange] }],
        });
        expect(s.findings()).toEqual([]);
      }),
      { numRuns: 10 },
    );
  });

  it("what was open before is closed", () => {
    const host = "urn:host";
    const opened =
      "Get-ReceiveConnector | Add-ADPermission -User 'S-1-5-7' -ExtendedRights ms-Exch-SMTP-Accept-Any-Recipient";
    const mta = evaluateHost([
      {
        host,
        kind: "powershell",
        at: { urn: host, path: "s" },
        text: `${opened}\n${render.exchangeHardening(settings)}`,
      },
    ]);
    if (mta.kind !== "known") throw new Error(mta.kind);
    const found = mta.answers.flatMap(({ relays }) => toCidrs(relays.may)).flatMap(hostsOf);
    expect(found).toEqual(["10.20.16.25/32", "10.20.16.26/32"]);
  });
});

/** A prefix of few addresses, one by one. */
function hostsOf(cidr: string): string[] {
  const [address = "", length] = cidr.split("/");
  const base = address.replace(/\d+$/, "");
  const first = Number(/\d+$/.exec(address)?.[0]);
  return Array.from({ length: 2 ** (32 - Number(length)) }, (_, i) => `${base}${first + i}/32`);
}

describe("refuses in one line", () => {
  test.each<[object, string]>([
    [{ instanceIds: [] }, "instanceIds: []: expected 1 to 50 instances"],
    [{ frontEnds: [] }, "frontEnds: []: expected at least one address"],
    [{ frontEnds: ["203.0.113.5"] }, 'frontEnds[0]: "203.0.113.5": expected a private address'],
    [{ relaySenders: ["10.20.16.0/24"] }, 'relaySenders[0]: "10.20.16.0/24": expected an IPv4 address'],
    [{ relaySenders: ["0.0.0.0/0"] }, "expected an IPv4 address"],
    [{ relaySenders: ["40.92.1.1"] }, 'relaySenders[0]: "40.92.1.1": expected a private address'],
    [{ relaySenders: ["10.20.0.10"] }, 'relaySenders[0]: "10.20.0.10": expected no front end'],
    [{ relaySenders: ["10.20.0.11", "10.20.0.11"] }, "each of them once"],
    [{ approvedSenders: ["10.0.0.0/8"] }, "no wider than /24"],
    [{ approvedSenders: ["0.0.0.0/0"] }, "no wider than /24"],
    [{ approvedSenders: ["10.20.0.10"] }, "in one of frontEnds, approvedSenders and relaySenders only"],
    [{ approvedSenders: ["10.20.1.0/24", "10.20.1.4"] }, "a block that overlaps no other"],
    [{ banner: "mail'; Remove-Item *" }, "banner"],
    [{ tarpitSeconds: 0 }, "tarpitSeconds: 0: expected a whole number of seconds from 5 to 30"],
    [{ schedule: "daily" }, 'schedule: "daily": expected rate(…) or cron(…)'],
    [{ relayHosts: [] }, "expected one of the arguments"],
  ])("%j", async (changes, message) => {
    const args = { ...valid, ...changes } as aws.ExchangeHardeningArgs;
    const refused = await refusal(() => new aws.ExchangeHardening("ex", args));
    expect(refused).toContain('ExchangeHardening "ex": ');
    expect(refused).toContain(message);
    expect(refused).not.toContain("\n");
  });

  test("an output that turns out to be wrong", async () => {
    const messages = await lateRefusals(() =>
      register(() => void new aws.ExchangeHardening("ex", { ...valid, relaySenders: [pulumi.output("10.20.0.10")] })),
    );
    expect([...messages].join("\n")).toContain("expected no front end");
  });
});
