import { describe, expect, it } from "vitest";
import { endpoints } from "../../policies/analysis/model/endpoints";
import { Unknown } from "../../policies/analysis/model/snapshot";
import { ask, everybody4, maybe4, nobody } from "./ask";
import { ANY, edge, everything, type Inputs, tcp } from "./stack";

/** A machine with a public address that may forward, and E behind it: a private subnet, whose group admits the machine's subnet only. */
function behind(change: { machine?: Inputs; group?: Inputs; ingress?: readonly Inputs[]; route?: boolean } = {}) {
  const e = edge({
    group: { ingress: [tcp(1194, { cidrBlocks: [ANY] })], ...change.group },
    host: { sourceDestCheck: false, ...change.machine },
  });
  const { stack, vpc, host: machine } = e;
  const inner = stack.add("subnet", { vpcId: vpc, cidrBlock: "10.0.2.0/24" }, { name: "inner" });
  const table = stack.add("table", { vpcId: vpc }, { name: "inner" });
  stack.add("association", { subnetId: inner, routeTableId: table });
  if (change.route !== false)
    stack.add("route", { routeTableId: table, destinationCidrBlock: ANY, networkInterfaceId: machine });
  const group = stack.add("group", {
    vpcId: vpc,
    ingress: (change.ingress ?? [tcp(25, { cidrBlocks: ["10.0.1.0/24"] })]) as never,
    egress: [everything({ cidrBlocks: [ANY] })],
  });
  const host = stack.add("instance", { subnetId: inner, vpcSecurityGroupIds: [group] }, { name: "inside" });
  return { ...e, machine, host };
}

describe("a machine whose source/destination check is off", () => {
  it("may pass on whoever opens any port of it, seen as himself or as the machine", () => {
    const { stack, host } = behind();
    const asked = ask(stack);
    expect(asked.internet(host)).toEqual(maybe4);
    const flows = asked.flows.inbound(asked.host(host), 25).filter((flow) => flow.path.zone.kind === "internet");
    expect(flows.map((flow) => flow.path.seen)).toContainEqual({
      kind: "pool",
      pools: [{ v4: [[0x0a000100, 0x0a0001ff]], v6: [] }],
    });
    const kept = behind({ ingress: [tcp(25, { cidrBlocks: [ANY] })] });
    const both = ask(kept.stack);
    const seen = both.flows.inbound(both.host(kept.host), 25).filter((flow) => flow.path.zone.kind === "internet");
    expect(seen.map((flow) => flow.path.seen.kind)).toContain("client");
  });

  it("passes nobody on while its check is on, or nobody reaches it, or it opens nothing there", () => {
    expect(ask(behind({ machine: { sourceDestCheck: true } }).stack).internet(behind().host)).toEqual(nobody);
    expect(ask(behind({ group: { ingress: [] } }).stack).internet(behind().host)).toEqual(nobody);
    const web = behind({ group: { egress: [tcp([80, 443], { cidrBlocks: [ANY] })] } });
    expect(ask(web.stack).internet(web.host)).toEqual(nobody);
    const shut = behind({ ingress: [] });
    expect(ask(shut.stack).internet(shut.host)).toEqual(nobody);
  });

  it("may pass on a host that can open nothing but a tunnel to it", () => {
    const { stack, vpc, subnet, host } = behind();
    const group = stack.add(
      "group",
      { vpcId: vpc, egress: [tcp(1194, { cidrBlocks: ["10.0.1.0/24"] })] },
      { name: "client" },
    );
    const client = stack.add("instance", { subnetId: subnet, vpcSecurityGroupIds: [group] }, { name: "client" });
    const shut = stack.add("group", { vpcId: vpc, egress: [] }, { name: "shut" });
    const other = stack.add("instance", { subnetId: subnet, vpcSecurityGroupIds: [shut] }, { name: "other" });
    const asked = ask(stack);
    const between = (from: typeof client) =>
      asked.flows
        .classesOf(asked.host(host))
        .flatMap((item) => asked.flows.between(asked.host(from), item, 25))
        .map((flow) => [endpoints.isEmpty(flow.endpoints.must), endpoints.isEmpty(flow.endpoints.may)]);
    expect(between(client)).toContainEqual([true, false]);
    expect(between(other)).toEqual([]);
  });

  it("may be either while the check is not known", () => {
    const { stack, host } = behind({ machine: { sourceDestCheck: new Unknown() } });
    expect(ask(stack).internet(host)).toEqual(maybe4);
  });

  it("lets out what its own groups let in and out, and no more", () => {
    const egress = (group: Inputs) => {
      const { stack, host } = behind({ group });
      return ask(stack).egress(host);
    };
    const inside = { cidrBlocks: ["10.0.2.0/24"] };
    expect(egress({ ingress: [everything(inside)] })).toEqual(maybe4);
    expect(egress({ ingress: [tcp([80, 443], inside)] })).toEqual(nobody);
    expect(egress({ ingress: [everything(inside)], egress: [tcp(443, { cidrBlocks: [ANY] })] })).toEqual(nobody);
  });

  it("stays what it is itself", () => {
    const { stack, machine } = behind();
    expect(ask(stack).internet(machine, 1194)).toEqual(everybody4);
    expect(ask(stack).egress(machine)).toEqual(everybody4);
  });
});
