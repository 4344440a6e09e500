import type { ResourceSnapshot } from "../../policies/analysis/model/snapshot";
import { type Address, type Block, holds, parseBlock } from "./address";
import { readInterfaces } from "./interfaces";
import { type Link, readLinks } from "./links";
import { type Fields, found, idOf, known, objects, Stock, text, texts } from "./read";
import { listBlocks, readAclEntries, readGroupRules } from "./rules";

/** AWS resources as plain facts, linked by their ids. Every one is read straight from its properties. */

export interface Vpc {
  readonly id: string;
  readonly urn: string;
  readonly blocks: readonly Block[];
  readonly defaultGroup: string;
  readonly mainTable: string;
  readonly defaultAcl: string;
}

export interface Subnet {
  readonly id: string;
  readonly vpc: string;
  readonly blocks: readonly Block[];
}

export interface Interface {
  readonly urn: string;
  readonly host: string | null;
  readonly vpc: string;
  readonly subnet: string;
  readonly groups: readonly string[];
  readonly addresses: readonly Address[];
  readonly publicV4: boolean;
}

export interface GroupRule {
  readonly group: string;
  readonly direction: "ingress" | "egress";
  readonly protocol: string;
  readonly from: number | null;
  readonly to: number | null;
  readonly blocks: readonly Block[];
  readonly groups: readonly string[];
}

export interface AclEntry {
  readonly acl: string;
  readonly egress: boolean;
  readonly number: number;
  readonly allow: boolean;
  readonly protocol: string;
  readonly from: number | null;
  readonly to: number | null;
  readonly blocks: readonly Block[];
}

export interface Route {
  readonly table: string;
  readonly block: Block;
  readonly fromList: boolean;
  readonly target: string;
}

const TARGETS = [
  "gatewayId",
  "natGatewayId",
  "egressOnlyGatewayId",
  "networkInterfaceId",
  "transitGatewayId",
  "vpcPeeringConnectionId",
];

export class Facts {
  readonly vpcs: readonly Vpc[];
  readonly subnets: readonly Subnet[];
  readonly interfaces: readonly Interface[];
  readonly groupRules: readonly GroupRule[];
  readonly aclEntries: readonly AclEntry[];
  readonly routes: readonly Route[];
  /** Subnet id → route table id, network ACL id. */
  readonly tableOf: ReadonlyMap<string, string>;
  readonly aclOf: ReadonlyMap<string, string>;
  /** Internet gateway id → the VPC that it is attached to. */
  readonly gateways: ReadonlyMap<string, string>;
  readonly egressGateways: ReadonlySet<string>;
  /** NAT gateway id → its subnet; public ones only. */
  readonly nats: ReadonlyMap<string, string>;
  /** Peerings and transit gateways. */
  readonly links: readonly Link[];
  private readonly stock: Stock;

  constructor(snapshots: readonly ResourceSnapshot[]) {
    this.stock = new Stock(snapshots);
    this.vpcs = this.readVpcs();
    this.subnets = this.stock.named("Subnet").map((item) => ({
      id: idOf(item),
      vpc: known(item.properties.vpcId),
      blocks: [item.properties.cidrBlock, item.properties.ipv6CidrBlock].flatMap((value) => {
        const block = text(value);
        return block === null ? [] : [parseBlock(block)];
      }),
    }));
    this.interfaces = readInterfaces(this.stock, this.vpcs, this.subnets);
    this.groupRules = readGroupRules(this.stock, this.vpcs);
    this.aclEntries = readAclEntries(this.stock, this.vpcs);
    this.routes = this.readRoutes();
    this.tableOf = this.readTableOf();
    this.aclOf = this.readAclOf();
    this.gateways = new Map([
      ...this.stock.named("InternetGateway").flatMap((item) => {
        const vpc = text(item.properties.vpcId);
        return vpc === null ? [] : [[idOf(item), vpc] as const];
      }),
      ...this.stock
        .named("InternetGatewayAttachment")
        .map((item) => [known(item.properties.internetGatewayId), known(item.properties.vpcId)] as const),
    ]);
    this.links = readLinks(this.stock, this.vpcs);
    this.egressGateways = new Set(this.stock.named("EgressOnlyInternetGateway").map(idOf));
    this.nats = new Map(
      this.stock
        .named("NatGateway")
        .filter((item) => text(item.properties.connectivityType) !== "private")
        .map((item) => [idOf(item), known(item.properties.subnetId)] as const),
    );
  }

  vpc(id: string): Vpc {
    return found(
      this.vpcs.find((item) => item.id === id),
      id,
    );
  }

  subnet(id: string): Subnet {
    return found(
      this.subnets.find((item) => item.id === id),
      id,
    );
  }

  interface(urn: string): Interface {
    return found(
      this.interfaces.find((item) => item.urn === urn),
      urn,
    );
  }

  /** The subnet of a VPC that an address lies in, occupied or not. */
  subnetAt(vpc: string, address: Address): Subnet | null {
    return this.subnets.find((item) => item.vpc === vpc && item.blocks.some((block) => holds(block, address))) ?? null;
  }

  private readVpcs(): Vpc[] {
    return this.stock.named("Vpc").map((item) => {
      const id = idOf(item);
      const extra = [
        ...this.stock.named("VpcIpv4CidrBlockAssociation"),
        ...this.stock.named("VpcIpv6CidrBlockAssociation"),
      ].filter((association) => text(association.properties.vpcId) === id);
      const blocks = [item, ...extra].flatMap(({ properties }) =>
        [properties.cidrBlock, properties.ipv6CidrBlock].flatMap((value) => text(value) ?? []),
      );
      return {
        id,
        urn: item.urn,
        blocks: blocks.map(parseBlock),
        defaultGroup: known(item.properties.defaultSecurityGroupId),
        mainTable: known(item.properties.mainRouteTableId),
        defaultAcl: known(item.properties.defaultNetworkAclId),
      };
    });
  }

  private readRoutes(): Route[] {
    const routes: Route[] = [];
    const add = (table: string, p: Fields) => {
      const target = TARGETS.flatMap((key) => text(p[key]) ?? []).at(0);
      const cidrs = ["cidrBlock", "ipv6CidrBlock", "destinationCidrBlock", "destinationIpv6CidrBlock"];
      for (const cidr of cidrs.flatMap((key) => text(p[key]) ?? []))
        routes.push({ table, block: parseBlock(cidr), fromList: false, target: known(target) });
      const list = text(p.destinationPrefixListId);
      if (list !== null)
        for (const block of listBlocks(this.stock, list))
          routes.push({ table, block, fromList: true, target: known(target) });
    };
    const tables = [...this.stock.named("RouteTable"), ...this.stock.named("DefaultRouteTable")];
    // The tables of transit gateways have no routes inside.
    for (const table of tables) for (const item of objects(table.properties.routes)) add(idOf(table), item);
    for (const item of this.stock.named("Route")) {
      const table = text(item.properties.routeTableId);
      if (table !== null) add(table, item.properties);
    }
    return routes;
  }

  private readTableOf(): Map<string, string> {
    const mains = new Map(this.vpcs.map((vpc) => [vpc.id, vpc.mainTable]));
    for (const item of this.stock.named("MainRouteTableAssociation"))
      mains.set(known(item.properties.vpcId), known(item.properties.routeTableId));
    const result = new Map(this.subnets.map((subnet) => [subnet.id, known(mains.get(subnet.vpc))]));
    for (const item of this.stock.named("RouteTableAssociation")) {
      const subnet = text(item.properties.subnetId);
      if (subnet !== null) result.set(subnet, known(item.properties.routeTableId));
    }
    return result;
  }

  private readAclOf(): Map<string, string> {
    const result = new Map(this.subnets.map((subnet) => [subnet.id, this.vpc(subnet.vpc).defaultAcl]));
    for (const acl of [...this.stock.named("NetworkAcl"), ...this.stock.named("DefaultNetworkAcl")])
      for (const subnet of texts(acl.properties.subnetIds)) result.set(subnet, idOf(acl));
    for (const item of this.stock.named("NetworkAclAssociation"))
      result.set(known(item.properties.subnetId), known(item.properties.networkAclId));
    return result;
  }
}
