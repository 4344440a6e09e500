import fc from "fast-check";
import { expect, test } from "vitest";
import { lowerAws } from "../../policies/analysis/lower/aws";
import { Resources } from "../../policies/analysis/lower/resources";
import { endpoints } from "../../policies/analysis/model/endpoints";
import type { ResourceSnapshot } from "../../policies/analysis/model/snapshot";
import { Reach } from "../../policies/analysis/reach/reach";
import { ANY, Stack, tcp } from "../lower/stack";
import { Dice } from "./dice";
import { generateNetwork } from "./generate";

const runs = Number(process.env.RELAYPROOF_RUNS ?? 60);

/** Classes that are said to be closed without looking at any way, with a way that lets somebody in. */
function wronglyClosed(snapshots: readonly ResourceSnapshot[]): string[] {
  const network = lowerAws(new Resources(snapshots));
  const reach = new Reach(network);
  return [...network.classes.values()].flatMap((item) =>
    (["inbound", "outbound"] as const).flatMap((direction) =>
      (["tcp", "udp"] as const).flatMap((protocol) =>
        [25, 443, 2525]
          .filter((port) => reach.closed(item, direction, protocol, port))
          .filter((port) =>
            network[direction](item).some((path) => !endpoints.isEmpty(reach.endpoints(path, protocol, port).may)),
          )
          .map((port) => `${direction} ${protocol} ${port} of ${item.interfaces.join(", ")}`),
      ),
    ),
  );
}

test("what the gates of a class close, every way closes", () => {
  fc.assert(
    fc.property(fc.noShrink(fc.nat()), (seed) => {
      expect(wronglyClosed(generateNetwork(new Dice(seed)))).toEqual([]);
    }),
    { numRuns: runs },
  );
});

test("a load balancer that admits a port does not open a host whose groups do not", () => {
  const stack = new Stack();
  const vpc = stack.add("vpc", { cidrBlock: "10.0.0.0/16" });
  const igw = stack.add("igw", { vpcId: vpc });
  const table = stack.add("table", { vpcId: vpc, routes: [{ cidrBlock: ANY, gatewayId: igw }] });
  const subnet = stack.add("subnet", { vpcId: vpc, cidrBlock: "10.0.1.0/24" });
  stack.add("association", { subnetId: subnet, routeTableId: table });
  const open = stack.add("group", { vpcId: vpc, ingress: [tcp(25, { cidrBlocks: [ANY] })] });
  const narrow = stack.add("group", { vpcId: vpc, ingress: [tcp(443, { cidrBlocks: [ANY] })] });
  const host = stack.add("instance", { subnetId: subnet, vpcSecurityGroupIds: [narrow] });
  const balancer = stack.addType("aws:lb/loadBalancer:LoadBalancer", {
    loadBalancerType: "network",
    subnets: [subnet],
    securityGroups: [open],
  });
  const targets = stack.addType("aws:lb/targetGroup:TargetGroup", {
    ...{ port: 25, protocol: "TCP", vpcId: vpc, targetType: "instance" },
  });
  stack.addType("aws:lb/listener:Listener", {
    ...{ loadBalancerArn: balancer, port: 25, protocol: "TCP" },
    defaultActions: [{ type: "forward", targetGroupArn: targets }],
  });
  stack.addType("aws:lb/targetGroupAttachment:TargetGroupAttachment", {
    ...{ targetGroupArn: targets, targetId: host, port: 25 },
  });
  expect(wronglyClosed(stack.snapshots)).toEqual([]);
});
