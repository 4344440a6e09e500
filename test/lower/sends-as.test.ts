import { expect, test } from "vitest";
import { hostRow } from "../../policies/analysis/verdict/hosts";
import { buildPerimeter } from "../../policies/analysis/verdict/perimeter";
import { parsePolicyConfig } from "../../policies/config";
import { policies } from "../../policies/rules";
import { edge as azureEdge } from "./azure/stack";
import { ANY, edge, type Stack } from "./stack";

function sender(stack: Stack, urn: string) {
  const perimeter = buildPerimeter(stack.snapshots, parsePolicyConfig({}, policies).settings);
  const view = perimeter.hosts.find((host) => host.urn === urn);
  if (view === undefined) throw new Error(`no host ${urn}`);
  const { egress, sendsAs } = hostRow(perimeter, view);
  return { egress, sendsAs };
}

test("a host with a public address of its own sends as it", () => {
  const { stack, host } = edge();
  const made = stack.add("eip", { instance: host }, { name: "address" });
  expect(sender(stack, host.urn)).toEqual({ egress: "open", sendsAs: [`Elastic IP ${made.name}`] });
});

test("a host behind a NAT gateway sends as the gateway's address, and one without a way out as nothing", () => {
  const { stack, vpc, subnet } = edge();
  const eip = stack.add("eip", {}, { name: "nat-address" });
  const nat = stack.add("nat", { subnetId: subnet, allocationId: eip }, { name: "nat" });
  const inside = stack.add("subnet", { vpcId: vpc, cidrBlock: "10.0.2.0/24" });
  const table = stack.add("table", { vpcId: vpc, routes: [{ cidrBlock: ANY, natGatewayId: nat }] });
  stack.add("association", { subnetId: inside, routeTableId: table });
  const host = stack.add("instance", { subnetId: inside }, { name: "inside" });
  expect(sender(stack, host.urn)).toEqual({ egress: "open", sendsAs: ["Elastic IP nat-address"] });
  const alone = stack.add("subnet", { vpcId: vpc, cidrBlock: "10.0.3.0/24" });
  const shut = stack.add("instance", { subnetId: alone }, { name: "alone" });
  expect(sender(stack, shut.urn)).toEqual({ egress: "closed", sendsAs: [] });
});

test("on Azure the public IP of the interface, else what lets the subnet out", () => {
  const own = azureEdge();
  expect(sender(own.stack, own.host.urn)).toEqual({ egress: "open", sendsAs: ["public IP pip"] });
  const none = azureEdge({ publicIp: null });
  expect(sender(none.stack, none.host.urn)).toEqual({ egress: "open", sendsAs: ["Azure's default outbound access"] });
  const shut = azureEdge({ publicIp: null, subnet: { defaultOutboundAccess: false } });
  expect(sender(shut.stack, shut.host.urn)).toEqual({ egress: "closed", sendsAs: [] });
});
