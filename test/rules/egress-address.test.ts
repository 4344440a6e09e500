import { describe, expect, it } from "vitest";
import { ANY, type Inputs, tcp } from "../lower/stack";
import { MailStack } from "./perimeter";

/** Under which address a workload opens SMTP to the Internet is in the path of the finding. */

const open = (s: MailStack) => s.group("workload", { egress: [tcp(25, { cidrBlocks: [ANY] })] });

function path(s: MailStack): readonly string[] {
  const [finding] = s.report().findings.filter(({ policy }) => policy === "smtp-egress-through-gateway");
  return (finding?.path ?? []).filter(({ kind }) => kind === "translation").map(({ detail }) => detail);
}

/** A workload in the inner subnet that leaves by a NAT gateway. */
function behindNat(
  nat: (s: MailStack) => Inputs,
  more?: (s: MailStack, gateway: ReturnType<MailStack["add"]>) => void,
) {
  const s = new MailStack().logged();
  const gateway = s.add("nat", nat(s), { name: "nat" });
  more?.(s, gateway);
  const table = s.add("table", { vpcId: s.vpc, routes: [{ cidrBlock: ANY, natGatewayId: gateway }] });
  s.add("association", { subnetId: s.inner, routeTableId: table });
  s.host("workload", { subnetId: s.inner, vpcSecurityGroupIds: [open(s)] });
  return path(s);
}

describe("the address that the Internet sees", () => {
  it("is the Elastic IP of the host, with the address where it is known", () => {
    for (const [inputs, text] of [
      [{}, "it leaves as Elastic IP out"],
      [{ publicIp: "203.0.113.7" }, "it leaves as Elastic IP out (203.0.113.7)"],
    ] as const) {
      const s = new MailStack().logged();
      const host = s.host("workload", { subnetId: s.dmz, vpcSecurityGroupIds: [open(s)] });
      s.add("eip", { instance: host, ...inputs }, { name: "out" });
      expect(path(s)).toEqual([text]);
    }
  });

  it("is any of the Elastic IPs of a NAT gateway", () => {
    expect(behindNat((s) => ({ subnetId: s.dmz, allocationId: s.add("eip", {}, { name: "one" }) }))).toEqual([
      "NAT gateway nat sends as Elastic IP one",
    ]);
    const both = behindNat(
      (s) => ({ subnetId: s.dmz, allocationId: s.add("eip", {}, { name: "one" }) }),
      (s, natGatewayId) =>
        void s.addType("aws:ec2/natGatewayEipAssociation:NatGatewayEipAssociation", {
          natGatewayId,
          allocationId: s.add("eip", { publicIp: "203.0.113.8" }, { name: "two" }),
        }),
    );
    expect(both).toEqual(["NAT gateway nat sends as Elastic IP one or Elastic IP two (203.0.113.8)"]);
  });

  it("of a regional NAT gateway may be its own; it has no subnet, and leaves by the VPC's gateway", () => {
    expect(behindNat((s) => ({ availabilityMode: "regional", vpcId: s.vpc }))).toEqual([
      "NAT gateway nat sends as an address that is not in the stack",
    ]);
  });
});
