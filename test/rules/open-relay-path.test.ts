import { describe, expect, it } from "vitest";
import { Unknown } from "../../policies/analysis/model/snapshot";
import { ANY, tcp } from "../lower/stack";
import { allOut, MailStack, postfix, smtpFromAnywhere, smtpOut } from "./perimeter";

const relay = (s: MailStack, config: object = {}) =>
  s.report(config).findings.filter(({ policy }) => policy === "open-relay-path");

/** A front end that the Internet reaches on 25 and that may open 25 to the Internet. */
function open(mynetworks: string, more: { ingress?: object[]; egress?: object[]; inputs?: object } = {}) {
  const s = new MailStack().logged();
  const fe = s.group("fe", {
    ingress: (more.ingress ?? [smtpFromAnywhere]) as never,
    egress: (more.egress ?? [smtpOut]) as never,
  });
  s.frontEnd(fe, { userData: postfix(mynetworks), ...(more.inputs as object) });
  return s;
}

describe("an open relay path needs all of reach, relay and egress", () => {
  it("is found whole, with the rule, the route and the configuration line of each part", () => {
    const [finding, ...others] = relay(open("0.0.0.0/1 128.0.0.0/1"));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ outcome: "violation", severity: "critical", enforcement: "mandatory" });
    expect(finding?.path.map(({ kind }) => kind)).toEqual([
      ...["internet", "translation", "filter", "filter", "filter", "route", "host"],
      ...["mta", "mta", "mta", "mta"],
      ...["host", "filter", "filter", "route", "translation", "filter", "egress"],
    ]);
    expect(finding?.path.map(({ detail }) => detail).join("\n")).toContain("mynetworks = 0.0.0.0/1 128.0.0.0/1");
    expect(finding?.path[0]).toMatchObject({ detail: "0.0.0.0/0" });
    expect(finding?.witness).toEqual({
      source: "203.0.113.9",
      seenSource: "203.0.113.9",
      destination: "10.0.1.10",
      port: 25,
    });
  });

  it("is closed without relay, without reach, and without egress", () => {
    expect(relay(open("127.0.0.0/8"))).toEqual([]);
    expect(relay(open("0.0.0.0/0", { ingress: [tcp(443, { cidrBlocks: [ANY] })] }))).toEqual([]);
    expect(relay(open("0.0.0.0/0", { egress: [tcp(443, { cidrBlocks: [ANY] })] }))).toEqual([]);
  });

  it("opens where the trusted network overlaps the sources by one address", () => {
    expect(relay(open("203.0.113.7", { ingress: [tcp(25, { cidrBlocks: ["203.0.113.6/31"] })] }))).toHaveLength(1);
    expect(relay(open("203.0.113.7", { ingress: [tcp(25, { cidrBlocks: ["203.0.113.8/31"] })] }))).toEqual([]);
  });

  it("goes by the next hop's port where 25 is shut", () => {
    const userData = `${postfix(ANY)}      relayhost = [smtp.example.net]:587\n`;
    expect(relay(open(ANY, { egress: [tcp(587, { cidrBlocks: [ANY] })], inputs: { userData } }))).toMatchObject([
      { outcome: "violation" },
    ]);
  });

  it("does not mind sources that somebody approved or trusts", () => {
    const s = open("203.0.113.0/24", { ingress: [tcp(25, { cidrBlocks: ["203.0.113.0/24"] })] });
    expect(relay(s)).toHaveLength(1);
    expect(relay(s, { perimeter: { trustedNetworks: ["203.0.113.0/24"] } })).toEqual([]);
    expect(relay(s, { perimeter: { approvedSenders: ["203.0.113.0/25"] } })).toHaveLength(1);
  });
});

describe("insiders (R6)", () => {
  const withApp = (appEgress: object[]) => {
    const s = open("10.0.0.0/8", { ingress: [tcp(25, { cidrBlocks: ["10.0.0.0/16"] })] });
    s.host("app", { subnetId: s.inner, vpcSecurityGroupIds: [s.group("app", { egress: appEgress as never })] });
    return s;
  };

  it("count a host of the stack that can open the listener", () => {
    const [finding] = relay(withApp([allOut]));
    expect(finding).toMatchObject({ outcome: "violation" });
    expect(finding?.witness?.source).toBe("app");
  });

  it("are bound by their own egress rules, and unused space is no source", () => {
    expect(relay(withApp([tcp(443, { cidrBlocks: [ANY] })]))).toEqual([]);
    expect(relay(open("10.0.0.0/8", { ingress: [tcp(25, { cidrBlocks: ["10.0.0.0/16"] })] }))).toEqual([]);
  });
});

describe("mail that goes from host to host", () => {
  const to = (address: string) => [tcp(25, { cidrBlocks: [`${address}/32`] })];
  /** A front end that anybody may use and that can open 25 to the first of the other hosts only; the last one gets out. */
  const chained = (hops: readonly { host: string; address: string; userData: string }[], front: string) => {
    const s = new MailStack().logged();
    const addresses = ["10.0.1.10", ...hops.map(({ address }) => address)];
    const egress = (i: number) => (i < hops.length ? to(addresses[i + 1] ?? "") : [smtpOut]) as never;
    s.frontEnd(s.group("outer", { ingress: [smtpFromAnywhere], egress: egress(0) }), { userData: front });
    for (const [i, { host, address, userData }] of hops.entries()) {
      const group = s.group(host, { ingress: to(addresses[i] ?? "") as never, egress: egress(i + 1) });
      s.host(host, {
        subnetId: s.dmz,
        privateIp: address,
        associatePublicIpAddress: true,
        vpcSecurityGroupIds: [group],
        userData,
        tags: { "relayproof:role": "internal-mail" },
      });
    }
    return s;
  };
  const via = (mynetworks: string, relayhost: string) => `${postfix(mynetworks)}      relayhost = ${relayhost}\n`;
  const exchange = { host: "exchange", address: "10.0.1.20", userData: postfix("10.0.1.10") };

  it("is followed to a host that relays for the one before, and shown hop by hop", () => {
    const [finding] = relay(chained([exchange], via(ANY, "[10.0.1.20]")));
    expect(finding).toMatchObject({ outcome: "violation" });
    expect(finding?.message).toContain("the mail gets out through exchange to any mail server on 25");
    const details = finding?.path.map(({ kind, detail }) => `${kind}: ${detail}`) ?? [];
    const handover = details.indexOf("host: front-end opens tcp 25");
    expect(details.slice(handover)).toContain("host: exchange relays for front-end");
    expect(details.slice(handover).some((detail) => detail.includes("mynetworks = 10.0.1.10"))).toBe(true);
    expect(details.slice(handover)).toContain("host: exchange opens tcp 25");
  });

  it("is followed over several relay hosts, round in circles too", () => {
    const second = { host: "second", address: "10.0.1.20", userData: via("10.0.1.0/24", "[10.0.1.30]:25") };
    const third = { host: "third", address: "10.0.1.30", userData: postfix("10.0.1.20") };
    const [finding] = relay(chained([second, third], via(ANY, "10.0.1.20")));
    expect(finding).toMatchObject({ outcome: "violation" });
    expect(finding?.message).toContain("through second and third to");
    const circle = { ...third, userData: via("10.0.1.20", "[10.0.1.10]") };
    expect(relay(chained([second, circle], via(ANY, "10.0.1.20")))[0]?.outcome).toBe("violation");
  });

  it("ends at a host that does not relay for the one before", () => {
    const wary = { ...exchange, userData: postfix("10.0.1.11") };
    const findings = chained([wary], via(ANY, "[10.0.1.20]")).findings();
    expect(findings.filter((text) => text.startsWith("open-relay-path"))).toEqual([]);
    // The front end is still open, and nothing but the network keeps the mail in.
    expect(findings).toContain("mta-relay-restrictions violation front-end");
    expect(findings).toContain("mta-trust-list violation front-end");
  });

  it("is undetermined where the next hop is not named, or by a name that may be anybody's", () => {
    for (const front of [postfix(ANY), via(ANY, "[exchange.internal.example.com]")])
      expect(relay(chained([exchange], front))).toMatchObject([{ outcome: "undetermined" }]);
  });

  it("takes many hosts that trust each other in its stride", () => {
    const s = new MailStack().logged();
    const inside = { cidrBlocks: ["10.0.0.0/16"] };
    const group = s.group("mesh", { ingress: [smtpFromAnywhere], egress: [tcp(25, inside)] });
    for (let i = 0; i < 40; i++) {
      const userData = via(ANY, `[10.0.1.${20 + ((i + 1) % 40)}]`);
      s.host(`m${i}`, { subnetId: s.dmz, privateIp: `10.0.1.${20 + i}`, vpcSecurityGroupIds: [group], userData });
    }
    expect(relay(s)).toEqual([]);
  });
});

describe("what is not known", () => {
  it("is undetermined for a mail host whose MTA nobody shows", () => {
    const s = open(ANY, { inputs: { userData: undefined } });
    expect(relay(s)).toMatchObject([{ outcome: "undetermined", enforcement: "mandatory" }]);
    expect(s.report().verdict).toBe("undetermined");
  });

  it("is undetermined for user data that is not known yet", () => {
    expect(relay(open(ANY, { inputs: { userData: new Unknown() } }))).toMatchObject([{ outcome: "undetermined" }]);
  });

  it("is assumed to be no MTA on a host that is no mail host and that the Internet does not reach", () => {
    const s = new MailStack();
    const wide = s.group("wide", { ingress: [tcp(25, { cidrBlocks: ["10.0.0.0/8"] })], egress: [allOut] });
    s.host("a", { subnetId: s.inner, vpcSecurityGroupIds: [wide] });
    s.host("b", { subnetId: s.inner, vpcSecurityGroupIds: [wide] });
    expect(relay(s)).toEqual([]);
  });

  it("stays undetermined where only the reach is not known", () => {
    const s = open(ANY, { ingress: [tcp(25, { cidrBlocks: [new Unknown()] })] });
    expect(relay(s)).toMatchObject([{ outcome: "undetermined" }]);
  });
});

it("a group outside the stack is an unknown sender, never nobody", () => {
  const s = new MailStack().logged();
  s.exchange(s.group("ex", { ingress: [tcp(25, { securityGroups: ["sg-0123456789abcdef0"] })] }));
  expect(s.findings()).toEqual(["exchange-approved-senders undetermined exchange"]);
});
