// Networks for the benchmark, as snapshots: what a program with that many hosts would declare.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/**
 * - `shared`: services of 20 equal hosts each, which share a group and a subnet and get their address from AWS;
 * - `scattered`: every host has a fixed address and a group of its own, so that no two are alike.
 *
 * In both a front end, two Exchange servers, and one rule from every service to the next.
 */
export function generate(shape, hosts) {
  const { Unknown } = require("../dist/policies/analysis/model/snapshot.js");
  const resources = [];
  const add = (type, name, properties) => {
    const urn = `urn:pulumi:bench::bench::${type}::${name}`;
    const propertyDependencies = {};
    const values = {};
    for (const [key, value] of Object.entries(properties)) {
      const items = Array.isArray(value) ? value : [value];
      const refs = items.filter((item) => item?.ref !== undefined).map((item) => item.ref);
      const plain = (item) => (item?.ref === undefined ? item : new Unknown([item.ref]));
      values[key] = Array.isArray(value) ? value.map(plain) : plain(value);
      propertyDependencies[key] = refs;
    }
    resources.push({ urn, type, name, custom: true, external: false, properties: values, propertyDependencies });
    return { ref: urn };
  };
  resources.push({
    ...{ urn: "urn:pulumi:bench::bench::pulumi:pulumi:Stack::bench-bench", type: "pulumi:pulumi:Stack" },
    ...{ name: "bench-bench", custom: false, external: false, properties: {}, propertyDependencies: {} },
  });

  const vpc = add("aws:ec2/vpc:Vpc", "vpc", { cidrBlock: "10.0.0.0/16" });
  const gateway = add("aws:ec2/internetGateway:InternetGateway", "gateway", { vpcId: vpc });
  const open = add("aws:ec2/routeTable:RouteTable", "open", { vpcId: vpc });
  add("aws:ec2/route:Route", "internet", {
    routeTableId: open,
    destinationCidrBlock: "0.0.0.0/0",
    gatewayId: gateway,
  });
  const closed = add("aws:ec2/routeTable:RouteTable", "closed", { vpcId: vpc });
  const subnetOf = (i, table) => {
    const cidrBlock = `10.0.${i}.0/24`;
    const subnet = add("aws:ec2/subnet:Subnet", `subnet-${i}`, { vpcId: vpc, cidrBlock });
    add("aws:ec2/routeTableAssociation:RouteTableAssociation", `routes-${i}`, {
      subnetId: subnet,
      routeTableId: table,
    });
    return subnet;
  };
  const groupOf = (name) => add("aws:ec2/securityGroup:SecurityGroup", name, { vpcId: vpc });
  const rule = (kind, name, securityGroupId, fields) =>
    add(`aws:vpc/securityGroup${kind}Rule:SecurityGroup${kind}Rule`, name, {
      ...{ securityGroupId, ipProtocol: "tcp" },
      ...fields,
    });
  const port = (number) => ({ fromPort: number, toPort: number });
  const machine = (name, subnetId, groups, fields) =>
    add("aws:ec2/instance:Instance", name, { subnetId, vpcSecurityGroupIds: groups, ...fields });

  const dmz = subnetOf(0, open);
  const front = groupOf("front");
  rule("Ingress", "front-in", front, { cidrIpv4: "0.0.0.0/0", ...port(25) });
  rule("Egress", "front-out", front, { cidrIpv4: "0.0.0.0/0", ...port(25) });
  const tags = { "relayproof:role": "front-end" };
  machine("front-end", dmz, [front], { privateIp: "10.0.0.10", associatePublicIpAddress: true, tags });
  const inside = subnetOf(1, closed);
  const exchange = groupOf("exchange");
  rule("Ingress", "exchange-in", exchange, { cidrIpv4: "10.0.0.10/32", ...port(25) });
  for (const i of [1, 2]) {
    const own = { privateIp: `10.0.1.${10 + i}`, tags: { "relayproof:role": "internal-mail" } };
    machine(`exchange-${i}`, inside, [exchange], own);
  }

  const perService = shape === "shared" ? 20 : 1;
  const perSubnet = 200;
  let subnet = inside;
  let group = exchange;
  for (let i = 0; i < hosts - 3; i++) {
    if (i % perSubnet === 0) subnet = subnetOf(2 + i / perSubnet, closed);
    if (i % perService === 0) {
      const before = group;
      const name = `service-${i / perService}`;
      group = groupOf(name);
      rule("Ingress", `${name}-https`, group, { cidrIpv4: "10.0.0.0/16", ...port(443) });
      rule("Ingress", `${name}-peer`, group, { referencedSecurityGroupId: before, ...port(8080) });
      rule("Egress", `${name}-out`, group, { cidrIpv4: "10.0.0.0/16", ipProtocol: "-1" });
    }
    const at = 2 + Math.floor(i / perSubnet);
    const fixed = shape === "shared" ? {} : { privateIp: `10.0.${at}.${10 + (i % perSubnet)}` };
    machine(`host-${i}`, subnet, [group], fixed);
  }
  return resources;
}
