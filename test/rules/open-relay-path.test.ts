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
      ...["host", "filter", "filter", "route", "filter", "egress"],
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

describe("two hops", () => {
  it("follow a host that has no way out itself to one that relays for it", () => {
    const s = new MailStack().logged();
    const outer = s.group("outer", {
      ingress: [smtpFromAnywhere],
      egress: [tcp(25, { cidrBlocks: ["10.0.2.20/32"] })],
    });
    s.frontEnd(outer, { userData: postfix(ANY) });
    const inner = s.group("inner", { ingress: [tcp(25, { cidrBlocks: ["10.0.1.10/32"] })], egress: [smtpOut] });
    s.exchange(inner, {
      subnetId: s.dmz,
      privateIp: "10.0.2.20",
      associatePublicIpAddress: true,
      userData: postfix("10.0.0.0/8"),
    });
    const [finding] = relay(s);
    expect(finding).toMatchObject({ outcome: "violation" });
    expect(
      finding?.path.some(({ kind, detail }) => kind === "host" && detail === "exchange relays for front-end"),
    ).toBe(true);
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
