import { describe, expect, it } from "vitest";
import { Unknown } from "../../policies/analysis/model/snapshot";
import type { Input, Inputs, Resource } from "../lower/stack";
import { MailStack, postfix } from "./perimeter";

/** A front end that introduces itself as mx1.example.com, with an Elastic IP, and a zone for the names. */
class Named extends MailStack {
  readonly address: Resource;
  readonly zone: Resource;

  constructor(change: { userData?: string; zone?: Inputs } = {}) {
    super();
    this.logged();
    const host = this.host("mx", {
      subnetId: this.dmz,
      vpcSecurityGroupIds: [this.group("closed")],
      userData: change.userData ?? `${postfix("127.0.0.0/8")}      myhostname = mx1.example.com\n`,
      tags: { "relayproof:role": "front-end" },
    });
    this.address = this.add("eip", { instance: host }, { name: "address" });
    this.zone = this.addType("aws:route53/zone:Zone", change.zone ?? { name: "example.com" }, { name: "zone" });
  }

  record(name: Input, type: string, records: readonly Input[]): this {
    this.addType("aws:route53/record:Record", { zoneId: this.zone, name, type, records, ttl: 300 });
    return this;
  }

  pointer(domainName: Input): this {
    this.addType("aws:ec2/eipDomainName:EipDomainName", { allocationId: this.address, domainName });
    return this;
  }

  sound(): this {
    return this.record("mx1", "A", [this.address]).pointer("mx1.example.com");
  }

  identity(): string[] {
    return this.report()
      .findings.filter(({ policy }) => policy === "mail-identity")
      .map(({ outcome, message }) => `${outcome}: ${message}`);
  }
}

describe("the names of a mail host", () => {
  it("agree", () => {
    expect(new Named().sound().identity()).toEqual([]);
    expect(
      new Named().record("mx1.example.com", "A", [new Named().address]).pointer("MX1.example.com.").identity(),
    ).toEqual([]);
  });

  it("disagree by PTR", () => {
    const s = new Named();
    expect(s.record("mx1", "A", [s.address]).pointer("mail.example.com").identity()).toEqual([
      "violation: The names of mx disagree: it says mx1.example.com, and the PTR record of address says mail.example.com.",
    ]);
    const none = new Named();
    expect(none.record("mx1", "A", [none.address]).identity()).toEqual([
      "violation: The names of mx disagree: it says mx1.example.com, and its address address has no PTR record of its own.",
    ]);
    expect(new Named({ zone: { name: "example.net" } }).identity()).toEqual([]);
    expect(new Named({ zone: { name: "example.net" } }).pointer("mx.example.net").identity()).toHaveLength(1);
  });

  it("disagree by A record", () => {
    expect(new Named().pointer("mx1.example.com").identity()).toEqual([
      "violation: The names of mx disagree: it says mx1.example.com, which has no A record in the zone example.com.",
    ]);
    const other = new Named();
    const elsewhere = other.add("eip", {}, { name: "elsewhere" });
    expect(other.record("mx1", "A", [elsewhere]).pointer("mx1.example.com").identity()).toEqual([
      "violation: The names of mx disagree: the A record of mx1.example.com holds another address.",
    ]);
    expect(new Named().record("mx1", "A", ["192.0.2.1"]).pointer("mx1.example.com").identity()).toHaveLength(1);
  });

  it("are undetermined where a value is not known", () => {
    for (const s of [
      new Named().record("mx1", "A", [new Unknown()]).pointer("mx1.example.com"),
      new Named().record(new Unknown(), "A", ["192.0.2.1"]).pointer("mx1.example.com"),
      new Named().sound().pointer(new Unknown()),
    ])
      for (const text of s.identity()) expect(text).toMatch(/^undetermined: /);
    expect(new Named({ userData: postfix("127.0.0.0/8") }).pointer("mx1.example.com").identity()).toEqual([
      "undetermined: Whether the names of mx agree cannot be decided: its configuration does not say by which name it introduces itself.",
    ]);
  });

  it("in a private zone say nothing", () => {
    expect(new Named({ zone: { name: "example.com", vpcs: [{ vpcId: "vpc-1" }] } }).identity()).toEqual([]);
  });
});

describe("a domain that receives mail", () => {
  const domain = (...records: [Input, string, Input[]][]) => {
    const s = new Named().sound().record("", "MX", ["10 mx1.example.com"]);
    for (const [name, type, values] of records) s.record(name, type, values);
    return s.identity();
  };
  const spf: [Input, string, Input[]] = ["example.com", "TXT", ["google-site=1", "v=spf1 mx -all"]];
  const dmarc: [Input, string, Input[]] = ["_dmarc", "TXT", ["v=DMARC1; p=reject"]];

  it("needs SPF and DMARC", () => {
    expect(domain(spf, dmarc)).toEqual([]);
    expect(domain()).toEqual(["violation: example.com receives mail and has no SPF and no DMARC record."]);
    expect(domain(spf)).toEqual(["violation: example.com receives mail and has no DMARC record."]);
    expect(domain(["example.com", "TXT", ["v=spf10"]], dmarc)).toHaveLength(1);
    expect(domain(["", "TXT", ['"v=spf1 mx" " -all"']], ["_dmarc", "CNAME", ["dmarc.example.net"]])).toEqual([]);
  });

  it("needs an SPF record that keeps somebody out", () => {
    for (const end of ["+all", "all"])
      expect(domain(["", "TXT", [`v=spf1 mx ${end}`]], dmarc)).toEqual([
        "violation: The SPF record of example.com lets everybody send for it.",
      ]);
    expect(domain(["", "TXT", ["v=spf1 mx ~all"]], dmarc)).toEqual([]);
  });

  it("is undetermined where the records are not known", () => {
    expect(domain(["", "TXT", [new Unknown()]], dmarc)).toEqual([
      "undetermined: Whether example.com has SPF records cannot be decided: values of its zone are not known yet.",
    ]);
  });

  it("is none if it says that it takes no mail", () => {
    const s = new Named().sound().record("", "MX", ["0 ."]);
    expect(s.identity()).toEqual([]);
  });

  it("has the subdomain's own SPF, and the DMARC record of the zone", () => {
    const s = new Named()
      .sound()
      .record("sub", "MX", ["10 mx1.example.com"])
      .record("_dmarc", "TXT", ["v=DMARC1; p=none"]);
    expect(s.identity()).toEqual(["violation: sub.example.com receives mail and has no SPF record."]);
  });
});
