import { expect, test } from "vitest";
import { SMTP_PORTS } from "../../policies/analysis/reach/flows";
import { exposureOf, rowOf, selfOf } from "../../policies/analysis/verdict/exposure";
import { ask } from "../lower/ask";
import { ANY, type Input, type Resource, Stack, tcp } from "../lower/stack";

/** A large network: many groups that refer to each other, many rules, a network ACL for each of a few subnets. */
function large(instances: number, groups: number, rules: number): Stack {
  const stack = new Stack();
  const vpc = stack.add("vpc", { cidrBlock: "10.0.0.0/8" });
  const igw = stack.add("igw", { vpcId: vpc });
  const table = stack.add("table", { vpcId: vpc, routes: [{ cidrBlock: ANY, gatewayId: igw }] });
  const subnets = Array.from({ length: 20 }, (_, i) => {
    const subnet = stack.add("subnet", { vpcId: vpc, cidrBlock: `10.${i}.0.0/16`, mapPublicIpOnLaunch: i % 2 === 0 });
    stack.add("association", { subnetId: subnet, routeTableId: table });
    const entries: Input[] = Array.from({ length: 20 }, (_, n) => ({
      ruleNo: n + 1,
      action: n % 3 === 0 ? "deny" : "allow",
      protocol: "tcp",
      fromPort: n * 100,
      toPort: n * 100 + 5000,
      cidrBlock: `${n * 12}.0.0.0/6`,
    }));
    stack.add("acl", { vpcId: vpc, subnetIds: [subnet], ingress: entries, egress: entries });
    return subnet;
  });
  const made: Resource[] = [];
  for (let i = 0; i < groups; i++) made.push(stack.add("group", { vpcId: vpc, name: `g${i}` }));
  for (let i = 0; i < rules; i++) {
    const securityGroupId = made[i % groups];
    const port = i % 7 === 0 ? 25 : (i * 13) % 60000;
    const peer =
      i % 5 === 0
        ? { referencedSecurityGroupId: made[(i * 31) % groups] }
        : { cidrIpv4: `${(i * 7) % 223}.${i % 251}.${(i >> 3) % 256}.0/24` };
    const kind = i % 2 === 0 ? "ingressRule" : "egressRule";
    stack.add(kind, { securityGroupId, ipProtocol: "tcp", fromPort: port, toPort: port + (i % 40), ...peer });
  }
  for (let i = 0; i < instances; i++) {
    const carried = [made[i % groups], made[(i * 7 + 1) % groups]].flatMap((group) => group ?? []);
    stack.add("instance", { subnetId: subnets[i % subnets.length], vpcSecurityGroupIds: carried });
  }
  stack.add("group", { vpcId: vpc, ingress: [tcp(25, { cidrBlocks: [ANY] })] });
  return stack;
}

test("2 000 instances, 200 groups and 10 000 rules are judged", () => {
  const { snapshots } = large(2000, 200, 10_000);
  const start = performance.now();
  const asked = ask(snapshots);
  const lowered = performance.now();
  const rows = asked.network.hosts.flatMap((host) => {
    const self = selfOf(asked.network, host);
    return SMTP_PORTS.flatMap(
      (port) => rowOf(asked.network, self, host, exposureOf(asked.flows, self, host, port)) ?? [],
    );
  });
  const end = performance.now();
  if (process.env.RELAYPROOF_TIMES !== undefined)
    console.info(
      `lowered in ${Math.round(lowered - start)} ms, judged in ${Math.round(end - lowered)} ms, ${rows.length} rows`,
    );
  expect(rows.length).toBeGreaterThan(400);
});
