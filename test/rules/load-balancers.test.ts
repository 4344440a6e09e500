import { describe, expect, it } from "vitest";
import { ANY, type Inputs, tcp } from "../lower/stack";
import { MailStack, postfix, smtpOut } from "./perimeter";

/** A front end in the inner subnet, which gets out by NAT, behind a network load balancer in the DMZ. */
function balanced(change: { targets?: Inputs; ingress?: object[]; userData?: string } = {}) {
  const s = new MailStack().logged();
  const nat = s.add("nat", { subnetId: s.dmz, allocationId: s.add("eip") });
  const out = s.add("table", { vpcId: s.vpc, routes: [{ cidrBlock: ANY, natGatewayId: nat }] });
  s.add("association", { subnetId: s.inner, routeTableId: out });
  const ingress = change.ingress ?? [tcp(25, { cidrBlocks: [ANY] })];
  const group = s.group("fe", { ingress: ingress as never, egress: [smtpOut] });
  const host = s.host("front-end", {
    subnetId: s.inner,
    privateIp: "10.0.2.10",
    vpcSecurityGroupIds: [group],
    userData: change.userData ?? postfix("127.0.0.0/8"),
    tags: { "relayproof:role": "front-end" },
  });
  const balancer = s.addType("aws:lb/loadBalancer:LoadBalancer", { loadBalancerType: "network", subnets: [s.dmz] });
  const targets = s.addType("aws:lb/targetGroup:TargetGroup", {
    port: 25,
    protocol: "TCP",
    vpcId: s.vpc,
    ...change.targets,
  });
  const defaultActions = [{ type: "forward", targetGroupArn: targets }];
  s.addType("aws:lb/listener:Listener", { loadBalancerArn: balancer, port: 25, protocol: "TCP", defaultActions });
  s.addType("aws:lb/targetGroupAttachment:TargetGroupAttachment", { targetGroupArn: targets, targetId: host });
  return { s, host };
}

const proxied = (mynetworks: string) => `${postfix(mynetworks)}      smtpd_upstream_proxy_protocol = haproxy\n`;
/** Neighbours of the load balancer that may be a source of their own. */
const neighbour = (s: MailStack) =>
  s.host("neighbour", {
    subnetId: s.dmz,
    vpcSecurityGroupIds: [s.group("n", { egress: [tcp(25, { cidrBlocks: ["10.0.0.0/16"] })] })],
  });

describe("client-address-preserved", () => {
  it("is content with a load balancer that keeps the client's address", () => {
    expect(balanced().s.findings()).toEqual([]);
  });

  it("rejects one that hides it, and names what the front end sees", () => {
    const { s } = balanced({ targets: { preserveClientIp: "false" } });
    const [finding] = s.report().findings.filter(({ policy }) => policy === "client-address-preserved");
    expect(finding).toMatchObject({ outcome: "violation", severity: "high" });
    expect(finding?.witness).toMatchObject({ source: "203.0.113.9", seenSource: "10.0.1.0/24" });
  });

  it("is content with a PROXY header that the MTA reads, and not with one that it does not", () => {
    const targets = { preserveClientIp: "false", proxyProtocolV2: true };
    const matched = balanced({ targets, userData: proxied("127.0.0.0/8") });
    expect(matched.s.findings().filter((text) => text.startsWith("client-address-preserved"))).toEqual([]);
    expect(balanced({ targets }).s.findings()).toContain("client-address-preserved violation front-end");
  });
});

describe("a load balancer that hides the client", () => {
  it("makes a relay of a host that trusts its own network", () => {
    const hidden = balanced({ targets: { preserveClientIp: "false" }, userData: postfix("10.0.0.0/8") });
    const [finding] = hidden.s.report().findings.filter(({ policy }) => policy === "open-relay-path");
    expect(finding).toMatchObject({ outcome: "violation" });
    expect(finding?.path.map(({ kind }) => kind)).toContain("load-balancer");
    expect(finding?.message).toContain("its MTA sees 10.0.1.0/24 in place of the client and relays for it");
    expect(finding?.witness).toMatchObject({ source: "203.0.113.9", seenSource: "10.0.1.0/24" });
    const kept = balanced({ userData: postfix("10.0.0.0/8") });
    // It is wide, and nobody outside has such an address.
    expect(kept.s.findings()).toEqual(["mta-trust-list violation front-end"]);
    expect(kept.s.report().verdict).toBe("pass");
  });
});

describe("mta-trust-list", () => {
  const hidden = (mynetworks: string, targets: Inputs = { preserveClientIp: "false" }) =>
    balanced({ targets, userData: postfix(mynetworks) })
      .s.report()
      .findings.filter(({ policy, severity }) => policy === "mta-trust-list" && severity === "critical");

  it("rejects a trusted network that a load balancer hides its clients in", () => {
    for (const mynetworks of ["10.0.1.0/24", "10.0.0.0/16"]) {
      const [finding, ...others] = hidden(mynetworks);
      expect(others).toEqual([]);
      expect(finding).toMatchObject({ outcome: "violation", enforcement: "mandatory" });
      expect(finding?.message).toContain(
        "front-end trusts 10.0.1.0/24 on port 25, and that is what it sees of every client there: load balancer",
      );
      expect(finding?.path.at(-1)?.detail).toContain(`mynetworks = ${mynetworks}`);
    }
  });

  it("is content where the client is not hidden, or the network is another one", () => {
    expect(hidden("10.0.1.0/24", {})).toEqual([]);
    expect(hidden("10.0.2.0/24")).toEqual([]);
  });

  it("cannot decide about a part of the network in which the load balancer gets some address", () => {
    expect(hidden("10.0.1.0/25")).toMatchObject([{ outcome: "undetermined" }]);
  });

  it("knows that the load balancer gets no address that a host has", () => {
    const { s } = balanced({ targets: { preserveClientIp: "false" }, userData: postfix("10.0.1.77") });
    expect(s.findings()).toContain("mta-trust-list undetermined front-end");
    s.host("app", { subnetId: s.dmz, privateIp: "10.0.1.77", vpcSecurityGroupIds: [s.group("app")] });
    expect(s.findings()).not.toContain("mta-trust-list undetermined front-end");
    expect(s.findings()).not.toContain("open-relay-path undetermined front-end");
  });
});

describe("mta-hardening", () => {
  it("wants the PROXY header at both ends, or at none", () => {
    const sent = balanced({ targets: { proxyProtocolV2: true } });
    expect(sent.s.findings()).toContain("mta-hardening violation front-end");
    const expected = balanced({ userData: proxied("127.0.0.0/8") });
    expect(expected.s.findings()).toContain("mta-hardening violation front-end");
  });
});

describe("proxy-protocol-trust", () => {
  const targets = { preserveClientIp: "false", proxyProtocolV2: true };
  const nodes = [tcp(25, { cidrBlocks: ["10.0.1.0/24"] })];

  it("is content where only the load balancer reaches the listener", () => {
    const { s } = balanced({ targets, ingress: nodes, userData: proxied("127.0.0.0/8") });
    expect(s.findings()).toEqual([]);
  });

  it("rejects a neighbour that can reach it too, and that the header makes a relay", () => {
    const { s } = balanced({ targets, ingress: nodes, userData: proxied("10.0.2.99") });
    neighbour(s);
    expect(s.findings()).toContain("proxy-protocol-trust violation front-end");
    expect(s.findings()).toContain("open-relay-path violation front-end");
  });
});
