// Networks for the benchmark, as snapshots: what a program with that many hosts would declare.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

const ANY = "0.0.0.0/0";
const PER_NETWORK = 2500;
const PER_SUBNET = 200;

/**
 * - `shared`: services of 20 equal hosts each, which share a group and a subnet and get their address from AWS;
 * - `scattered`: every host has a fixed address and a group of its own, so that no two are alike.
 *
 * In both a front end and two Exchange servers in a network of their own, which is peered with one network for every 2 500
 * hosts; network ACLs on every subnet; ten rules for each host on average, a tenth of which refer to other groups; and a
 * network load balancer in front of every tenth service.
 */
export function generate(shape, hosts) {
  const network = new Declarations();
  const core = new Vpc(network, "core", 0);
  const mail = mailServers(network, core);
  const { size, rules } = shape === "shared" ? { size: 20, rules: 200 } : { size: 1, rules: 10 };
  let vpc = core;
  let group = mail;
  for (let i = 0; i < hosts - 3; i++) {
    if (i % PER_NETWORK === 0) {
      vpc = new Vpc(network, `services-${i / PER_NETWORK}`, 1 + i / PER_NETWORK);
      peer(network, core, vpc);
    }
    if (i % PER_SUBNET === 0) vpc.subnet(vpc.closed);
    if (i % size === 0) group = service(network, vpc, i / size, rules, i % PER_NETWORK === 0 ? [] : [group]);
    const at = i % PER_SUBNET;
    const fixed = shape === "shared" ? {} : { privateIp: `10.${vpc.index}.${vpc.subnets.length - 1}.${10 + at}` };
    const host = network.machine(`host-${i}`, vpc.last, [group], fixed);
    if (Math.floor(i / size) % 10 === 0) balance(network, vpc, Math.floor(i / size), host);
  }
  return network.resources;
}

class Declarations {
  resources = [];

  constructor() {
    const name = "bench-bench";
    const type = "pulumi:pulumi:Stack";
    const empty = { properties: {}, propertyDependencies: {} };
    this.resources.push({
      urn: `urn:pulumi:bench::bench::${type}::${name}`,
      type,
      name,
      custom: false,
      external: false,
      ...empty,
    });
  }

  /** A value `{ ref }` is an output of another resource, unknown before it exists. */
  add(type, name, properties) {
    const { Unknown } = require("../dist/policies/analysis/model/snapshot.js");
    const urn = `urn:pulumi:bench::bench::${type}::${name}`;
    const propertyDependencies = {};
    const plain = (value, refs) => {
      if (value?.ref !== undefined) {
        refs.push(value.ref);
        return new Unknown([value.ref]);
      }
      if (Array.isArray(value)) return value.map((item) => plain(item, refs));
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, refs)]));
    };
    const values = {};
    for (const [key, value] of Object.entries(properties)) {
      const refs = [];
      values[key] = plain(value, refs);
      propertyDependencies[key] = [...new Set(refs)];
    }
    this.resources.push({ urn, type, name, custom: true, external: false, properties: values, propertyDependencies });
    return { ref: urn };
  }

  machine(name, subnetId, groups, fields) {
    return this.add("aws:ec2/instance:Instance", name, { subnetId, vpcSecurityGroupIds: groups, ...fields });
  }

  rule(kind, name, securityGroupId, fields) {
    const type = `aws:vpc/securityGroup${kind}Rule:SecurityGroup${kind}Rule`;
    this.add(type, name, { ...{ securityGroupId, ipProtocol: "tcp" }, ...fields });
  }
}

class Vpc {
  subnets = [];

  constructor(network, name, index) {
    this.network = network;
    this.name = name;
    this.index = index;
    this.cidrBlock = `10.${index}.0.0/16`;
    this.id = network.add("aws:ec2/vpc:Vpc", name, { cidrBlock: this.cidrBlock });
    this.open = network.add("aws:ec2/routeTable:RouteTable", `${name}-open`, { vpcId: this.id });
    this.closed = network.add("aws:ec2/routeTable:RouteTable", `${name}-closed`, { vpcId: this.id });
    const gatewayId = network.add("aws:ec2/internetGateway:InternetGateway", name, { vpcId: this.id });
    this.route("internet", this.open, { destinationCidrBlock: ANY, gatewayId });
  }

  get last() {
    return this.subnets.at(-1);
  }

  route(name, routeTableId, fields) {
    this.network.add("aws:ec2/route:Route", `${this.name}-${name}`, { routeTableId, ...fields });
  }

  subnet(routeTableId) {
    const { network, id: vpcId } = this;
    const name = `${this.name}-${this.subnets.length}`;
    const cidrBlock = `10.${this.index}.${this.subnets.length}.0/24`;
    const subnetId = network.add("aws:ec2/subnet:Subnet", name, { vpcId, cidrBlock });
    network.add("aws:ec2/routeTableAssociation:RouteTableAssociation", name, { subnetId, routeTableId });
    const deny = Array.from({ length: 10 }, (_, i) => ({
      ...{ ruleNo: 10 + i, action: "deny", protocol: "tcp", fromPort: 3000 + i, toPort: 3000 + i },
      cidrBlock: ANY,
    }));
    const allow = { ruleNo: 100, action: "allow", protocol: "-1", fromPort: 0, toPort: 0, cidrBlock: ANY };
    const entries = [...deny, allow];
    network.add("aws:ec2/networkAcl:NetworkAcl", name, {
      vpcId,
      subnetIds: [subnetId],
      ingress: entries,
      egress: entries,
    });
    this.subnets.push(subnetId);
    return subnetId;
  }
}

function mailServers(network, vpc) {
  const groupOf = (name) => network.add("aws:ec2/securityGroup:SecurityGroup", name, { vpcId: vpc.id });
  const smtp = { fromPort: 25, toPort: 25 };
  const dmz = vpc.subnet(vpc.open);
  const front = groupOf("front");
  network.rule("Ingress", "front-in", front, { cidrIpv4: ANY, ...smtp });
  network.rule("Egress", "front-out", front, { cidrIpv4: ANY, ...smtp });
  const tags = { "relayproof:role": "front-end" };
  network.machine("front-end", dmz, [front], { privateIp: "10.0.0.10", associatePublicIpAddress: true, tags });
  const inside = vpc.subnet(vpc.closed);
  const exchange = groupOf("exchange");
  network.rule("Ingress", "exchange-in", exchange, { cidrIpv4: "10.0.0.10/32", ...smtp });
  for (const i of [1, 2]) {
    const own = { privateIp: `10.0.1.${10 + i}`, tags: { "relayproof:role": "internal-mail" } };
    network.machine(`exchange-${i}`, inside, [exchange], own);
  }
  return exchange;
}

function peer(network, core, vpc) {
  const vpcPeeringConnectionId = network.add("aws:ec2/vpcPeeringConnection:VpcPeeringConnection", vpc.name, {
    ...{ vpcId: core.id, peerVpcId: vpc.id, autoAccept: true },
  });
  for (const [from, to] of [
    [core, vpc],
    [vpc, core],
  ]) {
    for (const [kind, table] of [
      ["open", from.open],
      ["closed", from.closed],
    ]) {
      const fields = { destinationCidrBlock: to.cidrBlock, vpcPeeringConnectionId };
      from.route(`${kind}-to-${to.name}`, table, fields);
    }
  }
}

/** A group with inline rules, as stacks with many rules have them. */
function service(network, vpc, i, rules, peers) {
  const egress = [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: [vpc.cidrBlock] }];
  const ingress = Array.from({ length: rules - 1 }, (_, n) => {
    const port = 8000 + ((i * 7 + n) % 1000);
    const from =
      n % 10 === 0 && peers.length > 0
        ? { securityGroups: peers }
        : { cidrBlocks: [`10.${(i + n) % 40}.${n % 250}.0/24`] };
    return { protocol: "tcp", fromPort: port, toPort: port, ...from };
  });
  return network.add("aws:ec2/securityGroup:SecurityGroup", `service-${i}`, { vpcId: vpc.id, ingress, egress });
}

const balancers = new WeakMap();

/** Registers a host with the load balancer of its service. */
function balance(network, vpc, i, targetId) {
  const known = balancers.get(network) ?? new Map();
  balancers.set(network, known);
  let targetGroupArn = known.get(i);
  if (targetGroupArn === undefined) {
    const name = `service-${i}`;
    const loadBalancerArn = network.add("aws:lb/loadBalancer:LoadBalancer", name, {
      ...{ loadBalancerType: "network", internal: true, subnets: [vpc.last] },
    });
    targetGroupArn = network.add("aws:lb/targetGroup:TargetGroup", name, {
      ...{ vpcId: vpc.id, port: 8443, protocol: "TCP", targetType: "instance" },
    });
    const defaultActions = [{ type: "forward", targetGroupArn }];
    network.add("aws:lb/listener:Listener", name, { loadBalancerArn, port: 443, protocol: "TCP", defaultActions });
    known.set(i, targetGroupArn);
  }
  const name = `service-${i}-${known.size}-${network.resources.length}`;
  network.add("aws:lb/targetGroupAttachment:TargetGroupAttachment", name, { targetGroupArn, targetId, port: 8443 });
}
