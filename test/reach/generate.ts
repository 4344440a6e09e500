import type { ResourceSnapshot } from "../../policies/analysis/model/snapshot";
import { parseBlock } from "../oracle/address";
import type { Vpc } from "./builder";
import type { Dice } from "./dice";
import {
  cidr4,
  cidr6,
  classicGroupRule,
  type Fields,
  inlineAclRule,
  inlineGroupRule,
  isInVpc,
  listed,
  type Named,
  newGroupRule,
  numbers,
  standaloneAclRule,
} from "./fields";
import { LinkBuilder } from "./generate-links";

/** A random AWS network as a state would show it: every id and every value known. */
export function generateNetwork(dice: Dice): readonly ResourceSnapshot[] {
  return new Generator(dice).run();
}

class Generator extends LinkBuilder {
  private readonly lists: string[] = [];
  private readonly destinations = new Map<string, Set<string>>();

  run(): readonly ResourceSnapshot[] {
    const { dice } = this;
    this.lists.push(...dice.times(0, 2, () => this.prefixList()));
    const vpcs = Array.from({ length: dice.chance(45) ? 2 : 1 }, (_, i) => this.vpc(i));
    const [a, b] = vpcs;
    if (a !== undefined && b !== undefined) this.link(a, b, this.lists);
    for (const vpc of vpcs) this.furnish(vpc);
    return this.resources;
  }

  private vpc(index: number): Vpc {
    const { dice } = this;
    const dual = dice.chance(50);
    const [table, group, acl] = [`rtb-main-${index}`, `sg-default-${index}`, `acl-default-${index}`];
    const id = this.add("ec2", "Vpc", {
      cidrBlock: `10.${index}.0.0/16`,
      ...(dual && { ipv6CidrBlock: `2001:db8:${index + 1}::/56` }),
      mainRouteTableId: table,
      defaultRouteTableId: table,
      defaultSecurityGroupId: group,
      defaultNetworkAclId: acl,
    });
    const attached = dice.chance(85);
    const gateway = this.add("ec2", "InternetGateway", attached && dice.chance(60) ? { vpcId: id } : {});
    if (attached && !this.has(gateway, "vpcId"))
      this.add("ec2", "InternetGatewayAttachment", { vpcId: id, internetGatewayId: gateway });
    const groups = [...dice.times(1, 3, (i) => `sg-${index}-${i}`), group];
    const empty = { subnets: [], targets: [], targets6: [], links: [], foreignGroups: [] };
    const vpc: Vpc = { id, index, dual, groups, gateway, ...empty };
    for (let i = 1; i <= dice.int(1, 3); i++) this.subnet(vpc, i);
    return vpc;
  }

  private furnish(vpc: Vpc): void {
    const { dice } = this;
    this.targets(vpc);
    this.routeTables(vpc, `rtb-main-${vpc.index}`);
    this.groups(vpc, `sg-default-${vpc.index}`);
    this.acls(vpc, `acl-default-${vpc.index}`);
    for (let i = 0; i < dice.int(1, 3); i++) this.host(vpc, i);
    if (dice.chance(25)) this.interface(vpc, 9);
  }

  private subnet(vpc: Vpc, index: number): void {
    const { dice } = this;
    const id = this.add("ec2", "Subnet", {
      vpcId: vpc.id,
      cidrBlock: `10.${vpc.index}.${index}.0/24`,
      ...(vpc.dual && { ipv6CidrBlock: `2001:db8:${vpc.index + 1}:${index}::/64` }),
      ...(dice.chance(60) && { mapPublicIpOnLaunch: dice.chance(70) }),
    });
    vpc.subnets.push({ id, index });
  }

  private targets(vpc: Vpc): void {
    const { dice } = this;
    vpc.targets.push({ gatewayId: vpc.gateway }, { gatewayId: vpc.gateway });
    vpc.targets6.push({ gatewayId: vpc.gateway }, { gatewayId: vpc.gateway });
    if (dice.chance(40)) {
      const nat = this.add("ec2", "NatGateway", {
        subnetId: dice.pick(vpc.subnets).id,
        ...(dice.chance(30) && { connectivityType: dice.pick(["public", "private"]) }),
      });
      vpc.targets.push(dice.chance(80) ? { natGatewayId: nat } : { gatewayId: nat });
    }
    if (dice.chance(40)) {
      const egress = this.add("ec2", "EgressOnlyInternetGateway", { vpcId: vpc.id });
      vpc.targets6.push({ egressOnlyGatewayId: egress });
    }
    if (dice.chance(25)) {
      const transit = this.addType("aws:ec2transitgateway/transitGateway:TransitGateway", {});
      vpc.targets.push({ transitGatewayId: transit });
      vpc.targets6.push({ transitGatewayId: transit });
    }
  }

  private routeTables(vpc: Vpc, main: string): void {
    const { dice } = this;
    const tables: string[] = [];
    if (dice.chance(30)) {
      this.add("ec2", "DefaultRouteTable", { defaultRouteTableId: main, ...this.routes(vpc, main) }, main);
    }
    for (const table of dice.times(1, 2, (i) => `rtb-${vpc.index}-${i}`)) {
      tables.push(this.add("ec2", "RouteTable", { vpcId: vpc.id, ...this.routes(vpc, table) }, table));
    }
    for (const table of [...tables, main]) {
      for (const route of this.distinct(
        table,
        vpc.index,
        dice.times(0, 2, () => this.route(vpc, "destination")),
      )) {
        this.add("ec2", "Route", { routeTableId: table, ...route });
      }
    }
    if (dice.chance(25))
      this.add("ec2", "MainRouteTableAssociation", { vpcId: vpc.id, routeTableId: dice.pick(tables) });
    for (const subnet of dice.some(vpc.subnets, 75))
      this.add("ec2", "RouteTableAssociation", { subnetId: subnet.id, routeTableId: dice.pick([...tables, main]) });
  }

  private routes(vpc: Vpc, table: string): Fields {
    return {
      routes: this.distinct(
        table,
        vpc.index,
        this.dice.times(0, 4, () => this.route(vpc, "inline")),
      ),
    };
  }

  /** The API refuses a destination that the table has already. */
  protected distinct(table: string, index: number, routes: readonly Fields[]): Fields[] {
    const taken = this.destinations.get(table) ?? new Set();
    this.destinations.set(table, taken);
    return routes.filter((route) => {
      const [destination] = Object.entries(route).flatMap(([key, value]) =>
        key.toLowerCase().endsWith("cidrblock") ? [parseBlock(String(value))] : [],
      );
      if (destination !== undefined && isInVpc(destination, index)) return false;
      const key =
        destination === undefined ? "list" : `${destination.family}:${destination.base}/${destination.length}`;
      return !taken.has(key) && taken.add(key);
    });
  }

  private route(vpc: Vpc, spelling: "inline" | "destination"): Fields {
    const { dice } = this;
    const key = (name: string) =>
      spelling === "inline" ? name : `destination${name[0]?.toUpperCase()}${name.slice(1)}`;
    if (vpc.links.length > 0 && dice.chance(45)) {
      const { target, blocks } = dice.pick(vpc.links);
      const block = dice.chance(80) ? dice.pick(blocks) : cidr4(dice);
      return { [key(block.includes(":") ? "ipv6CidrBlock" : "cidrBlock")]: block, ...target };
    }
    if (this.lists.length > 0 && dice.chance(15))
      return { destinationPrefixListId: dice.pick(this.lists), ...dice.pick(vpc.targets) };
    if (vpc.dual && dice.chance(40)) return { [key("ipv6CidrBlock")]: cidr6(dice), ...dice.pick(vpc.targets6) };
    return { [key("cidrBlock")]: cidr4(dice), ...dice.pick(vpc.targets) };
  }

  private prefixList(): string {
    const { dice } = this;
    const v6 = dice.chance(30);
    const entry = () => ({ cidr: listed(dice, v6) });
    const id = this.add("ec2", "ManagedPrefixList", {
      addressFamily: v6 ? "IPv6" : "IPv4",
      maxEntries: 10,
      entries: dice.times(0, 2, entry),
    });
    for (const item of dice.times(0, 1, entry))
      this.add("ec2", "ManagedPrefixListEntry", { prefixListId: id, ...item });
    return id;
  }

  private groups(vpc: Vpc, main: string): void {
    const { dice } = this;
    const names = vpc.groups.filter((name) => name !== main);
    const named: Named = { groups: [...vpc.groups, ...vpc.foreignGroups], lists: this.lists };
    const rules = () => dice.times(0, 3, () => inlineGroupRule(dice, named));
    for (const id of names) this.add("ec2", "SecurityGroup", { vpcId: vpc.id, ingress: rules(), egress: rules() }, id);
    if (dice.chance(30)) {
      this.add("ec2", "DefaultSecurityGroup", { vpcId: vpc.id, ingress: rules(), egress: rules() }, main);
    }
    for (let i = 0; i < dice.int(0, 3); i++) {
      const securityGroupId = dice.pick(vpc.groups);
      switch (dice.int(0, 2)) {
        case 0:
          this.add("ec2", "SecurityGroupRule", { securityGroupId, ...classicGroupRule(dice, named) });
          break;
        case 1:
          this.add("vpc", "SecurityGroupIngressRule", { securityGroupId, ...newGroupRule(dice, named) });
          break;
        default:
          this.add("vpc", "SecurityGroupEgressRule", { securityGroupId, ...newGroupRule(dice, named) });
      }
    }
  }

  private acls(vpc: Vpc, main: string): void {
    const { dice } = this;
    const inline = () => ({
      ingress: numbers(dice, 0, 4, false).map((number) => inlineAclRule(dice, number)),
      egress: numbers(dice, 0, 4, false).map((number) => inlineAclRule(dice, number)),
    });
    const open = { ruleNo: 32000, action: "allow", protocol: "-1", cidrBlock: "0.0.0.0/0" };
    const acls: string[] = [];
    if (dice.chance(25)) {
      const free = dice.chance(30) ? { ingress: [open], egress: [open] } : inline();
      this.add("ec2", "DefaultNetworkAcl", { defaultNetworkAclId: main, ...free }, main);
    }
    const unclaimed = [...vpc.subnets];
    if (dice.chance(60)) {
      const claimed = dice.chance(50) ? [unclaimed.shift()].flatMap((subnet) => subnet?.id ?? []) : [];
      const acl = this.add("ec2", "NetworkAcl", { vpcId: vpc.id, ...inline(), subnetIds: claimed });
      acls.push(acl);
      for (const subnet of dice.some(unclaimed, 60))
        this.add("ec2", "NetworkAclAssociation", { subnetId: subnet.id, networkAclId: acl });
    }
    for (const acl of [...acls, main])
      for (const egress of [false, true])
        for (const number of numbers(dice, 0, 2, true))
          this.add("ec2", "NetworkAclRule", {
            networkAclId: acl,
            ...(egress ? { egress } : dice.chance(50) && { egress }),
            ...standaloneAclRule(dice, number),
          });
  }
}
