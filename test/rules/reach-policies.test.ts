import { describe, expect, it } from "vitest";
import { Unknown } from "../../policies/analysis/model/snapshot";
import { ANY, ANY6, tcp } from "../lower/stack";
import { allOut, MailStack, postfix, smtpFromAnywhere, smtpOut } from "./perimeter";

describe("a well kept perimeter", () => {
  it("has no finding", () => {
    const s = new MailStack().logged();
    const fe = s.group("fe", {
      ingress: [smtpFromAnywhere],
      egress: [smtpOut, tcp(25, { cidrBlocks: ["10.0.2.20/32"] })],
    });
    s.frontEnd(fe);
    s.exchange(s.group("ex", { ingress: [tcp(25, { securityGroups: [fe] })] }));
    expect(s.findings()).toEqual([]);
  });
});

describe("smtp-internet-exposure", () => {
  it("rejects a host that is no front end, port by port in one finding", () => {
    const s = new MailStack();
    const web = s.host("web", {
      subnetId: s.dmz,
      associatePublicIpAddress: true,
      vpcSecurityGroupIds: [
        s.group("open", { ingress: [smtpFromAnywhere, tcp(587, { cidrBlocks: ["203.0.113.0/24"] })] }),
      ],
    });
    const [finding] = s.report().findings.filter(({ policy }) => policy === "smtp-internet-exposure");
    expect(finding?.resource).toBe(web.urn);
    expect(finding?.message).toContain("ports 25, 587");
    expect(finding?.witness).toEqual({
      source: "203.0.113.9",
      seenSource: "203.0.113.9",
      destination: "web",
      port: 25,
    });
    expect(finding?.path.map(({ kind }) => kind)).toEqual([
      "internet",
      "translation",
      "filter",
      "filter",
      "filter",
      "route",
      "host",
    ]);
  });

  it("takes the role from configuration before the tag", () => {
    const s = new MailStack().logged();
    s.frontEnd(s.group("fe", { ingress: [smtpFromAnywhere] }), { tags: {} });
    expect(s.findings()).toEqual(["smtp-internet-exposure violation front-end"]);
    expect(s.findings({ perimeter: { roles: { "*::front-end": "front-end" } } })).toEqual([]);
    expect(s.findings({ perimeter: { roles: { "*::front": "front-end" } } })).not.toEqual([]);
  });

  it("finds a role that it does not know, or that is not known yet", () => {
    const s = new MailStack().logged();
    const fe = s.group("fe");
    s.frontEnd(fe, { tags: { "relayproof:role": "gateway" } });
    expect(s.findings()).toEqual(["smtp-internet-exposure violation front-end"]);
    const t = new MailStack().logged();
    t.frontEnd(t.group("fe"), { tags: { "relayproof:role": new Unknown() } });
    expect(t.findings()).toEqual(["smtp-internet-exposure undetermined front-end"]);
  });

  it("excuses exactly the public addresses that may send to internal mail", () => {
    const s = new MailStack().logged();
    const ex = s.exchange(s.group("ex", { ingress: [tcp(25, { cidrBlocks: ["40.92.0.0/15"] })] }), {
      subnetId: s.dmz,
      privateIp: "10.0.1.20",
    });
    s.add("eip", { instance: ex });
    expect(s.findings()).toEqual([
      "exchange-approved-senders violation exchange",
      "smtp-internet-exposure violation exchange",
    ]);
    expect(s.findings({ perimeter: { approvedSenders: ["40.92.0.0/15"] } })).toEqual([]);
    expect(s.findings({ perimeter: { approvedSenders: ["40.92.0.0/16"] } })).toHaveLength(2);
  });

  it("lets an unknown range beside an open one hide nothing", () => {
    const s = new MailStack();
    const open = s.group("open", { ingress: [tcp(25, { cidrBlocks: [new Unknown(), ANY] })] });
    s.host("web", { subnetId: s.dmz, associatePublicIpAddress: true, vpcSecurityGroupIds: [open] });
    expect(s.findings()).toContain("smtp-internet-exposure violation web");
  });

  it("cannot decide a range that is not known", () => {
    const s = new MailStack();
    const open = s.group("open", { ingress: [tcp(25, { cidrBlocks: [new Unknown()] })] });
    s.host("web", { subnetId: s.dmz, associatePublicIpAddress: true, vpcSecurityGroupIds: [open] });
    expect(s.findings()).toEqual(["smtp-internet-exposure undetermined web"]);
    expect(s.report({ perimeter: { undetermined: "advisory" } }).verdict).toBe("pass");
    expect(s.report().verdict).toBe("undetermined");
  });
});

describe("exchange-approved-senders", () => {
  const exchangeWith = (ingress: object[], more: (s: MailStack) => void = () => undefined) => {
    const s = new MailStack().logged();
    const fe = s.group("fe", { ingress: [smtpFromAnywhere] });
    s.frontEnd(fe);
    s.exchange(s.group("ex", { ingress: ingress as never }));
    more(s);
    return s;
  };

  it("approves the declared front ends by address where none are configured", () => {
    expect(exchangeWith([tcp(25, { cidrBlocks: ["10.0.1.10/32"] })]).findings()).toEqual([]);
  });

  it("rejects the front ends' subnet: R7 is a list of addresses", () => {
    const [finding] = exchangeWith([tcp(25, { cidrBlocks: ["10.0.1.0/24"] })]).report().findings;
    expect(finding?.policy).toBe("exchange-approved-senders");
    expect(finding?.message).not.toContain("10.0.1.10/32");
  });

  it("replaces the front ends by the configured senders", () => {
    const s = exchangeWith([tcp(25, { cidrBlocks: ["10.0.1.10/32"] })]);
    expect(s.findings({ perimeter: { approvedSenders: ["10.0.3.0/28"] } })).toEqual([
      "exchange-approved-senders violation exchange",
    ]);
    expect(s.findings({ "exchange-approved-senders": { approvedSenders: ["10.0.1.10"] } })).toEqual([]);
  });

  it("counts a group as the interfaces that carry it, with or without a machine", () => {
    const s = new MailStack().logged();
    const app = s.group("app");
    const eni = s.add("eni", { subnetId: s.inner, securityGroups: [app] }, { name: "spare" });
    s.exchange(s.group("ex", { ingress: [tcp(25, { securityGroups: [app] })] }));
    expect(s.findings()).toEqual(["exchange-approved-senders violation exchange"]);
    expect(s.report().exposure).toMatchObject([{ port: 25, internet: [], internal: [eni.urn], undetermined: [] }]);
  });

  it("always approves internal mail servers among each other", () => {
    const s = new MailStack().logged();
    const ex = s.group("ex", { ingress: [{ protocol: "-1", fromPort: 0, toPort: 0, self: true }] });
    s.exchange(ex);
    s.host("exchange-2", {
      subnetId: s.inner,
      vpcSecurityGroupIds: [ex],
      tags: { "relayproof:role": "internal-mail" },
    });
    expect(s.findings({ perimeter: { approvedSenders: ["10.0.9.9"] } })).toEqual([]);
  });

  it("leaves the host itself out of its own sources", () => {
    const s = new MailStack().logged();
    s.exchange(s.group("ex", { ingress: [tcp(25, { cidrBlocks: ["10.0.2.20/32"] })] }));
    expect(s.findings()).toEqual([]);
    expect(s.report().exposure).toEqual([]);
  });
});

describe("front-end-attack-surface", () => {
  const open = (...rules: object[]) => {
    const s = new MailStack().logged();
    s.frontEnd(s.group("fe", { ingress: [smtpFromAnywhere, ...rules] as never }));
    return s;
  };

  it("rejects any other TCP or UDP port, and names it", () => {
    const [finding] = open(tcp(22, { cidrBlocks: ["198.51.100.0/24"] })).report().findings;
    expect(finding).toMatchObject({ policy: "front-end-attack-surface", outcome: "violation", severity: "high" });
    expect(finding?.message).toContain("tcp 22");
    expect(open({ protocol: "udp", fromPort: 53, toPort: 53, cidrBlocks: [ANY] }).findings()).toContain(
      "front-end-attack-surface violation front-end",
    );
  });

  it("does not mind ICMP", () => {
    expect(open({ protocol: "icmp", fromPort: -1, toPort: -1, cidrBlocks: [ANY] }).findings()).toEqual([]);
  });

  it("excuses trusted networks, and no single address beside them", () => {
    const s = open(tcp(22, { cidrBlocks: ["198.51.100.7/32"] }));
    expect(s.findings()).toContain("front-end-attack-surface violation front-end");
    expect(s.findings({ perimeter: { trustedNetworks: ["198.51.100.0/24"] } })).toEqual([]);
  });

  it("allows the ports of the tag instead of 25", () => {
    const s = new MailStack().logged();
    const fe = s.group("fe", { ingress: [smtpFromAnywhere, tcp(587, { cidrBlocks: [ANY] })] });
    s.frontEnd(fe, { tags: { "relayproof:role": "front-end", "relayproof:ports": "25, 587" } });
    expect(s.findings()).toEqual([]);
  });
});

describe("smtp-egress-through-gateway", () => {
  it("rejects a workload beside a mail host, and advises where no mail host is declared", () => {
    const s = new MailStack().logged();
    s.frontEnd(s.group("fe", { ingress: [smtpFromAnywhere] }));
    s.host("app", {
      subnetId: s.dmz,
      associatePublicIpAddress: true,
      vpcSecurityGroupIds: [s.group("app", { egress: [allOut] })],
    });
    expect(s.findings()).toEqual(["smtp-egress-through-gateway violation app"]);
    const t = new MailStack();
    t.host("app", {
      subnetId: t.dmz,
      associatePublicIpAddress: true,
      vpcSecurityGroupIds: [t.group("app", { egress: [allOut] })],
    });
    expect(t.report()).toMatchObject({ verdict: "pass", findings: [{ severity: "medium", enforcement: "advisory" }] });
  });

  it("excuses named destinations exactly", () => {
    const s = new MailStack().logged();
    s.frontEnd(s.group("fe"));
    s.exchange(s.group("ex", { egress: [tcp(25, { cidrBlocks: ["192.0.2.0/24"] })] }), {
      subnetId: s.dmz,
      associatePublicIpAddress: true,
    });
    expect(s.findings()).toEqual(["smtp-egress-through-gateway violation exchange"]);
    expect(s.findings({ perimeter: { smtpDestinations: { "*::exchange": ["192.0.2.0/24"] } } })).toEqual([]);
    expect(s.findings({ perimeter: { smtpDestinations: { "*::exchange": ["192.0.2.0/25"] } } })).toHaveLength(1);
  });

  it("needs a way out: an egress rule alone reaches nothing", () => {
    const s = new MailStack().logged();
    s.frontEnd(s.group("fe"));
    s.exchange(s.group("ex", { egress: [allOut] }));
    expect(s.findings()).toEqual([]);
  });
});

describe("dmz-containment", () => {
  const contained = (egress: object[], target: (s: MailStack) => void) => {
    const s = new MailStack().logged();
    s.frontEnd(s.group("fe", { ingress: [smtpFromAnywhere], egress: egress as never }));
    target(s);
    return s;
  };
  const database = (s: MailStack) =>
    s.host("database", {
      subnetId: s.inner,
      privateIp: "10.0.2.30",
      vpcSecurityGroupIds: [s.group("db", { ingress: [tcp(5432, { cidrBlocks: ["10.0.0.0/16"] })] })],
    });

  it("rejects what both ends let pass, and nothing that one end stops", () => {
    expect(contained([allOut], database).findings()).toEqual(["dmz-containment violation front-end"]);
    expect(contained([smtpOut], database).findings()).toEqual([]);
    expect(
      contained([allOut], (s) =>
        s.host("closed", { subnetId: s.inner, vpcSecurityGroupIds: [s.group("none")] }),
      ).findings(),
    ).toEqual([]);
  });

  it("allows SMTP to declared mail hosts and what inwardAllowed lists", () => {
    const mail = (s: MailStack) =>
      s.exchange(s.group("ex", { ingress: [tcp([0, 65535], { cidrBlocks: ["10.0.1.10/32"] })] }));
    expect(contained([tcp(25, { cidrBlocks: ["10.0.2.20/32"] })], mail).findings()).toEqual([]);
    expect(contained([allOut], mail).findings()).toEqual(["dmz-containment violation front-end"]);
    expect(contained([allOut], database).findings({ perimeter: { inwardAllowed: ["10.0.2.30"] } })).toEqual([]);
  });
});

describe("smtp-security-group-ingress", () => {
  const advice = (s: MailStack, config: object = {}) =>
    s.report(config).findings.filter(({ policy }) => policy === "smtp-security-group-ingress");

  it("advises about wide rules of a group that is no front end's, attached or not", () => {
    const s = new MailStack();
    const open = s.group("open", { ingress: [tcp([20, 30], { cidrBlocks: ["0.0.0.0/1"], ipv6CidrBlocks: [ANY6] })] });
    expect(advice(s)).toMatchObject([{ enforcement: "advisory", severity: "high", resource: open.urn }]);
    expect(advice(s, { "smtp-security-group-ingress": "mandatory" })).toMatchObject([{ enforcement: "mandatory" }]);
  });

  it("knows a front end's group by its tag, and standalone rules by their group", () => {
    const s = new MailStack();
    const fe = s.group("fe", { ingress: [smtpFromAnywhere], tags: { "relayproof:role": "front-end" } });
    s.add("ingressRule", { securityGroupId: fe, cidrIpv4: ANY, ipProtocol: "tcp", fromPort: 25, toPort: 25 });
    expect(advice(s)).toEqual([]);
    const other = s.group("other");
    const rule = s.add("groupRule", { type: "ingress", securityGroupId: other, cidrBlocks: [ANY], protocol: "-1" });
    expect(advice(s)).toMatchObject([{ resource: rule.urn }]);
  });

  it("excuses approved and trusted addresses", () => {
    const s = new MailStack();
    s.group("ex", { ingress: [tcp(25, { cidrBlocks: ["192.0.2.0/24", "10.0.0.0/8"] })] });
    expect(advice(s)).toHaveLength(1);
    expect(advice(s, { perimeter: { approvedSenders: ["192.0.2.0/24"] } })).toEqual([]);
  });
});

describe("mail-vm-hardening and mail-flow-logging", () => {
  it("judge mail hosts only, and each gap once", () => {
    const s = new MailStack();
    s.frontEnd(s.group("fe"), {
      metadataOptions: {},
      rootBlockDevice: { encrypted: false },
      ebsBlockDevices: [{ deviceName: "/dev/sdf" }],
    });
    s.add("instance", { subnetId: s.inner });
    const findings = s.report().findings;
    expect(findings.map(({ policy, enforcement }) => `${policy} ${enforcement}`)).toEqual([
      "mail-flow-logging advisory",
      "mail-vm-hardening advisory",
      "mail-vm-hardening advisory",
      "mail-vm-hardening advisory",
    ]);
    expect(s.report().verdict).toBe("pass");
  });

  it("take a flow log of the subnet as well", () => {
    const s = new MailStack();
    s.frontEnd(s.group("fe"));
    s.addType("aws:ec2/flowLog:FlowLog", { subnetId: s.dmz });
    expect(s.findings()).toEqual([]);
  });

  it("find password logins and management ports", () => {
    const s = new MailStack().logged();
    s.frontEnd(s.group("fe", { ingress: [tcp(22, { cidrBlocks: [ANY] })] }), {
      userData: `${postfix("127.0.0.0/8")}ssh_pwauth: true\n`,
    });
    expect(s.findings().filter((text) => text.startsWith("mail-vm-hardening"))).toHaveLength(2);
  });
});

it("a place without a property is the resource alone", () => {
  const s = new MailStack();
  const group = s.group("open");
  const rule = s.add("ingressRule", {
    securityGroupId: group,
    ipProtocol: "tcp",
    fromPort: new Unknown(),
    toPort: 30,
    cidrIpv4: ANY,
  });
  s.host("web", { subnetId: s.dmz, associatePublicIpAddress: true, vpcSecurityGroupIds: [group] });
  const [row] = s.report().exposure;
  expect(row?.undetermined.map(({ at }) => at)).toContain(rule.urn);
});
