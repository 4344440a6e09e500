import { describe, expect, it } from "vitest";
import { Unknown } from "../../policies/analysis/model/snapshot";
import { allPorts, describePorts, ports, samplePort } from "../../policies/analysis/net/ports";
import * as ranges from "../../policies/analysis/net/ranges";
import type { Finding } from "../../policies/analysis/verdict/report";
import { ANY, tcp } from "../lower/stack";
import { allOut, MailStack, smtpFromAnywhere } from "./perimeter";

function of(stack: MailStack, policy: string): Finding {
  const found = stack.report().findings.find((finding) => finding.policy === policy);
  if (found === undefined) throw new Error(`no finding of ${policy}`);
  return found;
}

describe("what a finding says", () => {
  it("names networks whole, with the approved senders in them", () => {
    const s = new MailStack();
    s.frontEnd(s.group("front", { ingress: [smtpFromAnywhere] }));
    s.exchange(s.group("exchange-group", { ingress: [tcp(25, { cidrBlocks: ["10.0.0.0/16"] })] }));
    const finding = of(s, "exchange-approved-senders");
    expect(finding.message).toBe(
      "exchange is internal mail, but 10.0.0.0/16 can reach it on SMTP port 25: that is more than its approved senders.",
    );
    // No address that a subnet keeps for itself.
    expect(finding.witness?.source).toBe("10.0.2.4");
  });

  it("names a source that shares its class with the host by its own name", () => {
    const s = new MailStack();
    const group = s.group("workers", { ingress: [tcp(25, { self: true })] });
    for (const name of ["alpha", "beta"])
      s.host(name, {
        subnetId: s.inner,
        vpcSecurityGroupIds: [group],
        ...(name === "alpha" && { tags: { "relayproof:role": "internal-mail" } }),
      });
    const finding = of(s, "exchange-approved-senders");
    expect(finding.witness).toMatchObject({ source: "beta", destination: "alpha" });
    expect(finding.path[0]?.detail).toBe("beta in subnet inner");
  });

  it("names a host of the stack as the source, and not as a place that it is in", () => {
    const s = new MailStack();
    s.exchange(s.group("exchange-group", { ingress: [tcp(25, { cidrBlocks: ["10.0.2.0/24"] })], egress: [allOut] }));
    s.host("web", { subnetId: s.inner, vpcSecurityGroupIds: [s.group("web", { egress: [allOut] })] });
    s.frontEnd(s.group("front", { ingress: [smtpFromAnywhere], egress: [allOut] }), {});
    const sources = s.report().findings.flatMap(({ path }) => (path[0]?.kind === "network" ? [path[0].detail] : []));
    for (const detail of sources) expect(detail).not.toBe("web in web");
  });

  it("counts ports in words where most are meant, and shows a packet to one that exists", () => {
    const s = new MailStack();
    s.frontEnd(s.group("front", { ingress: new Unknown() }));
    const finding = of(s, "front-end-attack-surface");
    expect(finding.message).toContain("on every tcp port but 25 cannot be decided");
    expect(finding.witness?.port).toBe(22);
  });

  it("says of an unknown rule that the group has it", () => {
    const s = new MailStack();
    s.frontEnd(s.group("front", { ingress: new Unknown() }));
    const details = of(s, "front-end-attack-surface").path.map((step) => step.detail);
    expect(details).toContain("front has a rule that is known only after the update (ingress[0])");
  });

  it("says of a management port that the Internet reaches it, or why that is not known", () => {
    const known = new MailStack();
    known.frontEnd(known.group("front", { ingress: [tcp(22, { cidrBlocks: [ANY] })] }));
    expect(of(known, "mail-vm-hardening").message).toBe(
      "The Internet (0.0.0.0/0) can reach the management port 22 of front-end.",
    );
    const unknown = new MailStack();
    unknown.frontEnd(unknown.group("front", { ingress: new Unknown() }));
    expect(of(unknown, "mail-vm-hardening").message).toMatch(
      /^Whether the Internet can reach the management ports 22, .* cannot be decided: the rule is known only after/,
    );
  });
});

describe("ports in words", () => {
  const smtp = ranges.union(ports(25), ports(587));

  it.each([
    [smtp, "tcp 25, 587"],
    [ports(1024, 2048), "tcp 1024-2048"],
    [allPorts, "every tcp port"],
    [ranges.subtract(allPorts, smtp), "every tcp port but 25, 587"],
    [[], "no tcp port"],
  ])("%j is %s", (set, text) => expect(describePorts("tcp", set)).toBe(text));

  it.each([
    [smtp, 25],
    [allPorts, 25],
    [ranges.subtract(allPorts, smtp), 22],
    [ports(0, 9), 1],
    [ports(8080), 8080],
  ])("%j is shown by %i", (set, port) => expect(samplePort(set)).toBe(port));
});
