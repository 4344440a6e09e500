import { type ResourceSnapshot, Unknown, type Urn, type Value } from "../../policies/analysis/model/snapshot";

/** A property as tests write it: a resource in the place of an id stands for its output `id`, unknown at a first preview. */
export type Input =
  | null
  | boolean
  | number
  | string
  | Unknown
  | Resource
  | readonly Input[]
  | { readonly [key: string]: Input };
export type Inputs = { readonly [key: string]: Input | undefined };

export interface Options {
  readonly name?: string;
  readonly parent?: Resource;
  /** Read with `.get()`: it exists already. */
  readonly external?: boolean;
  /** The provider's id, as a state knows it. */
  readonly id?: string;
  readonly custom?: boolean;
}

export class Resource {
  readonly urn: Urn;
  readonly type: string;
  readonly name: string;
  readonly snapshot: ResourceSnapshot;

  constructor(type: string, name: string, inputs: Inputs, options: Options) {
    this.type = type;
    this.name = name;
    this.urn = `urn:pulumi:test::stack::${type}::${name}`;
    const properties = Object.entries(inputs).flatMap(([key, input]) =>
      input === undefined ? [] : [[key, toValue(input)] as const],
    );
    this.snapshot = {
      urn: this.urn,
      type,
      name,
      custom: options.custom ?? true,
      external: options.external ?? false,
      properties: Object.fromEntries(properties),
      propertyDependencies: Object.fromEntries(properties.map(([key, value]) => [key, dependencies(value)])),
      ...(options.parent !== undefined && { parent: options.parent.urn }),
      ...(options.id !== undefined && { id: options.id }),
    };
  }

  /** The resource's id, or any other output: they look alike while they are unknown. */
  get id(): Unknown {
    return new Unknown([this.urn]);
  }
}

function toValue(input: Input): Value {
  if (input instanceof Resource) return input.id;
  if (input === null || input instanceof Unknown || typeof input !== "object") return input;
  if (Array.isArray(input)) return (input as readonly Input[]).map(toValue);
  return Object.fromEntries(Object.entries(input).map(([key, item]) => [key, toValue(item)]));
}

function dependencies(value: Value): readonly Urn[] {
  if (value instanceof Unknown) return value.dependsOn;
  if (value === null || typeof value !== "object") return [];
  return [...new Set(Object.values(value).flatMap(dependencies))];
}

const EC2 = {
  vpc: "aws:ec2/vpc:Vpc",
  subnet: "aws:ec2/subnet:Subnet",
  igw: "aws:ec2/internetGateway:InternetGateway",
  eigw: "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway",
  nat: "aws:ec2/natGateway:NatGateway",
  table: "aws:ec2/routeTable:RouteTable",
  route: "aws:ec2/route:Route",
  association: "aws:ec2/routeTableAssociation:RouteTableAssociation",
  mainAssociation: "aws:ec2/mainRouteTableAssociation:MainRouteTableAssociation",
  defaultTable: "aws:ec2/defaultRouteTable:DefaultRouteTable",
  group: "aws:ec2/securityGroup:SecurityGroup",
  groupRule: "aws:ec2/securityGroupRule:SecurityGroupRule",
  ingressRule: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  egressRule: "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
  defaultGroup: "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
  acl: "aws:ec2/networkAcl:NetworkAcl",
  aclRule: "aws:ec2/networkAclRule:NetworkAclRule",
  aclAssociation: "aws:ec2/networkAclAssociation:NetworkAclAssociation",
  defaultAcl: "aws:ec2/defaultNetworkAcl:DefaultNetworkAcl",
  instance: "aws:ec2/instance:Instance",
  eni: "aws:ec2/networkInterface:NetworkInterface",
  attachment: "aws:ec2/networkInterfaceAttachment:NetworkInterfaceAttachment",
  groupAttachment: "aws:ec2/networkInterfaceSecurityGroupAttachment:NetworkInterfaceSecurityGroupAttachment",
  eip: "aws:ec2/eip:Eip",
  eipAssociation: "aws:ec2/eipAssociation:EipAssociation",
  igwAttachment: "aws:ec2/internetGatewayAttachment:InternetGatewayAttachment",
  prefixList: "aws:ec2/managedPrefixList:ManagedPrefixList",
  prefixListEntry: "aws:ec2/managedPrefixListEntry:ManagedPrefixListEntry",
  defaultVpc: "aws:ec2/defaultVpc:DefaultVpc",
  defaultSubnet: "aws:ec2/defaultSubnet:DefaultSubnet",
  transitGateway: "aws:ec2transitgateway/transitGateway:TransitGateway",
} as const;

export type Kind = keyof typeof EC2;

export const ANY = "0.0.0.0/0";
export const ANY6 = "::/0";

/** A stack under construction, in the words of AWS. */
export class Stack {
  private readonly resources: Resource[] = [];
  private readonly counts = new Map<string, number>();

  add(kind: Kind, inputs: Inputs = {}, options: Options = {}): Resource {
    return this.addType(EC2[kind], inputs, { ...options, name: options.name ?? this.nameOf(kind) });
  }

  addType(type: string, inputs: Inputs = {}, options: Options = {}): Resource {
    const made = new Resource(type, options.name ?? this.nameOf(type), inputs, options);
    this.resources.push(made);
    return made;
  }

  get snapshots(): readonly ResourceSnapshot[] {
    return this.resources.map((resource) => resource.snapshot);
  }

  private nameOf(kind: string): string {
    const count = (this.counts.get(kind) ?? 0) + 1;
    this.counts.set(kind, count);
    return `${kind}-${count}`;
  }
}

/** A TCP rule of a security group. */
export function tcp(port: number | readonly [number, number], peers: Inputs): { [key: string]: Input } {
  const [fromPort, toPort] = typeof port === "number" ? [port, port] : port;
  return { protocol: "tcp", fromPort, toPort, ...defined(peers) };
}

export function everything(peers: Inputs): { [key: string]: Input } {
  return { protocol: "-1", fromPort: 0, toPort: 0, ...defined(peers) };
}

function defined(inputs: Inputs): { [key: string]: Input } {
  const entries = Object.entries(inputs).flatMap(([key, input]) =>
    input === undefined ? [] : [[key, input] as const],
  );
  return Object.fromEntries(entries);
}

export interface Edge {
  readonly stack: Stack;
  readonly vpc: Resource;
  readonly igw: Resource;
  readonly subnet: Resource;
  readonly table: Resource;
  readonly group: Resource;
  readonly host: Resource;
}

/**
 * The network of most cases: E has a public address, an Internet gateway as default route, the default network ACL, and a group
 * that admits SMTP from everywhere. Each part can be replaced or extended.
 */
export function edge(
  change: {
    readonly vpc?: Inputs;
    readonly subnet?: Inputs;
    readonly routes?: (igw: Resource, stack: Stack) => readonly Input[];
    readonly associate?: boolean;
    readonly group?: Inputs;
    readonly host?: Inputs;
  } = {},
): Edge {
  const stack = new Stack();
  const vpc = stack.add("vpc", { cidrBlock: "10.0.0.0/16", ...change.vpc }, { name: "vpc" });
  const igw = stack.add("igw", { vpcId: vpc }, { name: "igw" });
  const subnet = stack.add(
    "subnet",
    { vpcId: vpc, cidrBlock: "10.0.1.0/24", mapPublicIpOnLaunch: true, ...change.subnet },
    { name: "subnet" },
  );
  const routes = change.routes?.(igw, stack) ?? [{ cidrBlock: ANY, gatewayId: igw }];
  const table = stack.add("table", { vpcId: vpc, routes }, { name: "table" });
  if (change.associate !== false) stack.add("association", { subnetId: subnet, routeTableId: table });
  const group = stack.add(
    "group",
    {
      vpcId: vpc,
      ingress: [tcp(25, { cidrBlocks: [ANY] })],
      egress: [everything({ cidrBlocks: [ANY] })],
      ...change.group,
    },
    { name: "group" },
  );
  const host = stack.add("instance", { subnetId: subnet, vpcSecurityGroupIds: [group], ...change.host }, { name: "E" });
  return { stack, vpc, igw, subnet, table, group, host };
}
