import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { checkArgs, owner, refuse } from "../args";
import { Tier } from "../parts/network";
import { createFlowLogs } from "./parts/flow-logs";
import type { InspectionArgs } from "./parts/inspection-args";
import {
  type CreatePlan,
  type ExistingPlan,
  type NetworkArgs,
  networkFields,
  type PerimeterNetworkArgs,
  planNetwork,
} from "./parts/network-args";

/** A subnet of the perimeter. */
export interface PerimeterSubnet {
  readonly id: pulumi.Output<string>;
  /** Its IPv4 block. */
  readonly cidr: string;
  /** Its availability zone; undefined where an existing subnet was given without. */
  readonly zone: pulumi.Output<string> | undefined;
}

/**
 * The network of a mail perimeter: DMZ subnets that an Internet gateway serves, and internal subnets without any route to the
 * Internet, each over two or more zones; a default security group that admits nothing; flow logs.
 *
 * With `existing` it creates nothing but flow logs, and describes the given VPC in the same outputs.
 */
export class PerimeterNetwork extends pulumi.ComponentResource {
  /** The VPC's id. */
  readonly vpcId: pulumi.Output<string>;
  /** Every IPv4 block of the VPC. */
  readonly cidrs: string[];
  /** Blocks of connected networks. */
  readonly connectedCidrs: string[];
  /** Subnets of the front ends. */
  readonly dmzSubnets: PerimeterSubnet[];
  /** Subnets of Exchange. */
  readonly internalSubnets: PerimeterSubnet[];
  /** Where AWS Network Firewall is to stand, for PerimeterFirewall; undefined without `inspection`. */
  readonly inspection: InspectionArgs | undefined;

  /** @throws pulumi.RunError in one line that names an argument, its value and what was expected. */
  constructor(name: string, args: PerimeterNetworkArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("relayproof:aws:PerimeterNetwork", name, args, opts);
    const checked = checkArgs(owner("PerimeterNetwork", name), networkFields, args);
    const plan = planNetwork(owner("PerimeterNetwork", name), checked);

    const parts = plan.kind === "create" ? this.create(name, plan, checked) : adopt(plan);
    this.vpcId = parts.vpcId;
    this.cidrs = parts.cidrs;
    this.connectedCidrs = checked.connectedCidrs;
    this.dmzSubnets = parts.dmz;
    this.internalSubnets = parts.internal;
    this.inspection = parts.inspection;
    if (checked.flowLogs.enabled) createFlowLogs(name, this.vpcId, checked.flowLogs, checked.tags, this);

    this.registerOutputs({
      vpcId: this.vpcId,
      cidrs: this.cidrs,
      connectedCidrs: this.connectedCidrs,
      dmzSubnets: this.dmzSubnets,
      internalSubnets: this.internalSubnets,
      ...(this.inspection === undefined ? {} : { inspection: this.inspection }),
    });
  }

  private create(name: string, plan: CreatePlan, args: NetworkArgs): Parts {
    const vpc = this.createVpc(name, plan.cidr, args);
    const zones = this.zones(name, args);
    const dmz = this.createSubnets(`${name}-dmz`, vpc, plan.dmz, zones, args);
    const internal = this.createSubnets(`${name}-internal`, vpc, plan.internal, zones, args);
    const gateway = this.createGateway(name, vpc, args);
    const firewall = plan.firewall && this.createSubnets(`${name}-firewall`, vpc, plan.firewall, zones, args);
    if (firewall === null) this.createRoutes(`${name}-dmz`, vpc, dmz, args, gateway);
    const inspection = firewall === null ? undefined : this.createInspection(name, vpc, gateway, firewall, dmz, args);
    this.createRoutes(`${name}-internal`, vpc, internal, args);
    return { vpcId: vpc.id, cidrs: [plan.cidr], dmz, internal, inspection };
  }

  /** A VPC whose default security group, which a forgetful VM would get, admits nothing in either direction. */
  private createVpc(name: string, cidrBlock: string, args: NetworkArgs): aws.ec2.Vpc {
    const vpc = new aws.ec2.Vpc(
      `${name}-vpc`,
      { cidrBlock, enableDnsSupport: true, enableDnsHostnames: true, tags: { ...args.tags, Name: name } },
      { parent: this },
    );
    new aws.ec2.DefaultSecurityGroup(
      `${name}-default-group`,
      { vpcId: vpc.id, ingress: [], egress: [], tags: { ...args.tags, Name: `${name}-default-unused` } },
      { parent: this },
    );
    return vpc;
  }

  /** The zones given, or the first two of the region. Local zones are opt-in, and left out. */
  private zones(name: string, args: NetworkArgs): readonly pulumi.Input<string>[] {
    if (args.zones.length > 0) return args.zones;
    const { names } = aws.getAvailabilityZonesOutput(
      { state: "available", filters: [{ name: "opt-in-status", values: ["opt-in-not-required"] }] },
      { parent: this },
    );
    const who = owner("PerimeterNetwork", name);
    return [0, 1].map((i) => names.apply((all) => all[i] ?? refuse(who, "zones", all, "a region with two zones")));
  }

  private createSubnets(
    name: string,
    vpc: aws.ec2.Vpc,
    cidrs: readonly string[],
    zones: readonly pulumi.Input<string>[],
    args: NetworkArgs,
  ): PerimeterSubnet[] {
    return cidrs.map((cidr, i) => {
      const tags = { ...args.tags, Name: `${name}-${i + 1}` };
      const place = {
        vpcId: vpc.id,
        cidrBlock: cidr,
        ...(zones[i] === undefined ? {} : { availabilityZone: zones[i] }),
      };
      const subnet = new aws.ec2.Subnet(
        `${name}-${i + 1}`,
        { ...place, mapPublicIpOnLaunch: false, tags },
        { parent: this },
      );
      return { id: subnet.id, cidr, zone: subnet.availabilityZone };
    });
  }

  /** A route table of its own for every tier, so that nothing depends on the VPC's main table. */
  private createRoutes(
    name: string,
    vpc: aws.ec2.Vpc,
    subnets: readonly PerimeterSubnet[],
    args: NetworkArgs,
    gateway?: aws.ec2.InternetGateway,
  ): void {
    const table = this.createTable(`${name}-routes`, name, vpc, args);
    subnets.forEach((subnet, i) => {
      this.associate(`${name}-${i + 1}-routes`, table, { subnetId: subnet.id });
    });
    if (gateway === undefined) return;
    new aws.ec2.Route(
      `${name}-internet`,
      { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", gatewayId: gateway.id },
      { parent: this },
    );
  }

  /**
   * Tables for the routes through a firewall: one on the Internet gateway for what comes in, and one a DMZ subnet for what goes out,
   * so that each subnet uses the endpoint of its own zone in both directions. VPC User Guide, "Gateway route tables".
   */
  private createInspection(
    name: string,
    vpc: aws.ec2.Vpc,
    gateway: aws.ec2.InternetGateway,
    firewall: readonly PerimeterSubnet[],
    dmz: readonly PerimeterSubnet[],
    args: NetworkArgs,
  ): InspectionArgs {
    this.createRoutes(`${name}-firewall`, vpc, firewall, args, gateway);
    const edge = this.createTable(`${name}-gateway-routes`, `${name}-gateway`, vpc, args);
    this.associate(`${name}-gateway-routes`, edge, { gatewayId: gateway.id });
    const zones = firewall.flatMap(({ id }, i) => {
      const subnet = dmz[i];
      if (subnet === undefined) return [];
      const table = this.createTable(`${name}-dmz-${i + 1}-inspected`, `${name}-dmz-${i + 1}`, vpc, args);
      this.associate(`${name}-dmz-${i + 1}-routes`, table, { subnetId: subnet.id });
      return [{ firewallSubnetId: id, dmz: [{ cidr: subnet.cidr, routeTableId: table.id }] }];
    });
    return { gatewayRouteTableId: edge.id, zones };
  }

  private createTable(child: string, label: string, vpc: aws.ec2.Vpc, args: NetworkArgs): aws.ec2.RouteTable {
    return new aws.ec2.RouteTable(child, { vpcId: vpc.id, tags: { ...args.tags, Name: label } }, { parent: this });
  }

  private associate(child: string, table: aws.ec2.RouteTable, place: Place): void {
    new aws.ec2.RouteTableAssociation(child, { routeTableId: table.id, ...place }, { parent: this });
  }

  private createGateway(name: string, vpc: aws.ec2.Vpc, args: NetworkArgs): aws.ec2.InternetGateway {
    return new aws.ec2.InternetGateway(
      `${name}-internet-gateway`,
      { vpcId: vpc.id, tags: { ...args.tags, Name: name } },
      { parent: this },
    );
  }
}

/** What a route table is associated with. */
type Place = Pick<aws.ec2.RouteTableAssociationArgs, "subnetId"> | Pick<aws.ec2.RouteTableAssociationArgs, "gatewayId">;

interface Parts {
  readonly vpcId: pulumi.Output<string>;
  readonly cidrs: string[];
  readonly dmz: PerimeterSubnet[];
  readonly internal: PerimeterSubnet[];
  readonly inspection: InspectionArgs | undefined;
}

/** Describes a VPC that exists already. */
function adopt({ network }: ExistingPlan): Parts {
  const ofTier = (tier: Tier) =>
    network.subnets
      .filter((it) => it.tier === tier)
      .map(({ id, cidr, zone }) => ({
        id: pulumi.output(id),
        cidr,
        zone: zone === undefined ? undefined : pulumi.output(zone as pulumi.Input<string>),
      }));
  return {
    vpcId: pulumi.output(network.vpcId),
    cidrs: network.cidrs,
    dmz: ofTier(Tier.Dmz),
    internal: ofTier(Tier.Internal),
    inspection: undefined,
  };
}
