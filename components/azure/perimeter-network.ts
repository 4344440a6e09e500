import type * as network from "@pulumi/azure-native/network";
import * as pulumi from "@pulumi/pulumi";
import { checkArgs, owner } from "../args";
import { Tier } from "../parts/network";
import type { InspectionArgs } from "./parts/firewall-args";
import { createFlowLogs } from "./parts/flow-logs";
import {
  type CreatePlan,
  type ExistingPlan,
  type NetworkArgs,
  networkFields,
  type PerimeterNetworkArgs,
  planNetwork,
} from "./parts/network-args";
import { placeOf } from "./parts/vocabulary";
import { sdk } from "./sdk";

/** A subnet of the perimeter. */
export interface PerimeterSubnet {
  readonly id: pulumi.Output<string>;
  /** Its IPv4 block. */
  readonly cidr: string;
}

/**
 * The network of a mail perimeter: DMZ subnets with the direct way to the Internet, and internal subnets without any; no outbound
 * access by default for a forgetful VM; flow logs.
 *
 * With `existing` it creates nothing but flow logs, and describes the given virtual network in the same outputs.
 */
export class PerimeterNetwork extends pulumi.ComponentResource {
  /** The virtual network's id. */
  readonly virtualNetworkId: pulumi.Output<string>;
  /** Every IPv4 block of the virtual network. */
  readonly cidrs: string[];
  /** Blocks of connected networks. */
  readonly connectedCidrs: string[];
  /** Subnets of the front ends. */
  readonly dmzSubnets: PerimeterSubnet[];
  /** Subnets of Exchange. */
  readonly internalSubnets: PerimeterSubnet[];
  /** Where Azure Firewall is to stand, for PerimeterFirewall; undefined without `inspection`. */
  readonly inspection: InspectionArgs | undefined;

  /** @throws pulumi.RunError in one line that names an argument, its value and what was expected. */
  constructor(name: string, args: PerimeterNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("relayproof:azure:PerimeterNetwork", name, args, opts);
    const who = owner("PerimeterNetwork", name);
    const checked = checkArgs(who, networkFields, args);
    const plan = planNetwork(who, checked);

    const parts = plan.kind === "create" ? this.create(name, plan, checked) : this.adopt(name, plan, checked);
    this.virtualNetworkId = parts.vnet.id;
    this.cidrs = parts.cidrs;
    this.connectedCidrs = checked.connectedCidrs;
    this.dmzSubnets = parts.dmz;
    this.internalSubnets = parts.internal;
    this.inspection = parts.inspection;
    if (checked.flowLogs.enabled) createFlowLogs(name, parts.vnet, checked, checked.flowLogs, checked.tags, this);

    this.registerOutputs({
      virtualNetworkId: this.virtualNetworkId,
      cidrs: this.cidrs,
      connectedCidrs: this.connectedCidrs,
      dmzSubnets: this.dmzSubnets,
      internalSubnets: this.internalSubnets,
      ...(this.inspection === undefined ? {} : { inspection: this.inspection }),
    });
  }

  private create(name: string, plan: CreatePlan, args: NetworkArgs): Parts {
    const vnet = this.createVnet(name, plan.cidr, args);
    const out = this.createTable(`${name}-dmz`, "Internet", args);
    const nowhere = this.createTable(`${name}-internal`, "None", args);
    const dmz = this.createSubnets(`${name}-dmz`, vnet, plan.dmz, out, args);
    const internal = this.createSubnets(`${name}-internal`, vnet, plan.internal, nowhere, args);
    const inspection = plan.firewall === null ? undefined : this.createPlace(name, vnet, plan.firewall, nowhere, args);
    return { vnet, cidrs: [plan.cidr], dmz, internal, inspection };
  }

  private createVnet(name: string, cidr: string, args: NetworkArgs): network.VirtualNetwork {
    return new sdk.network.VirtualNetwork(
      `${name}-vnet`,
      { ...placeOf(args), addressSpace: { addressPrefixes: [cidr] }, tags: { ...args.tags, Name: name } },
      { parent: this },
    );
  }

  /** A tier's own default route, so that none that a gateway learns takes its place. */
  private createTable(name: string, nextHopType: "Internet" | "None", args: NetworkArgs): network.RouteTable {
    const table = new sdk.network.RouteTable(
      `${name}-routes`,
      { ...placeOf(args), tags: { ...args.tags, Name: name } },
      { parent: this },
    );
    new sdk.network.Route(
      `${name}-default`,
      {
        resourceGroupName: args.resourceGroupName,
        routeTableName: table.name,
        addressPrefix: "0.0.0.0/0",
        nextHopType,
      },
      { parent: this },
    );
    return table;
  }

  /** One after the other, because Azure changes one subnet of a network at a time. */
  private createSubnets(
    name: string,
    vnet: network.VirtualNetwork,
    cidrs: readonly string[],
    table: network.RouteTable,
    args: NetworkArgs,
  ): PerimeterSubnet[] {
    return cidrs.map((cidr, i) => {
      const routeTable = { id: table.id };
      return this.createSubnet(`${name}-${i + 1}`, vnet, { addressPrefix: cidr, routeTable }, args);
    });
  }

  private last: network.Subnet | undefined;

  private createSubnet(
    child: string,
    vnet: network.VirtualNetwork,
    inputs: Pick<network.SubnetArgs, "subnetName" | "routeTable"> & { readonly addressPrefix: string },
    args: NetworkArgs,
  ): PerimeterSubnet {
    const { resourceGroupName } = args;
    this.last = new sdk.network.Subnet(
      child,
      { resourceGroupName, virtualNetworkName: vnet.name, defaultOutboundAccess: false, ...inputs },
      { parent: this, dependsOn: this.last === undefined ? [] : [this.last] },
    );
    return { id: this.last.id, cidr: inputs.addressPrefix };
  }

  private createPlace(
    name: string,
    vnet: network.VirtualNetwork,
    cidr: string,
    internal: network.RouteTable,
    args: NetworkArgs,
  ): InspectionArgs {
    const own = { subnetName: "AzureFirewallSubnet", addressPrefix: cidr };
    const subnet = this.createSubnet(`${name}-firewall`, vnet, own, args);
    return { firewallSubnet: subnet, internalRouteTable: internal.name };
  }

  /** Describes a virtual network that exists already. */
  private adopt(name: string, { network: given }: ExistingPlan, args: NetworkArgs): Parts {
    const id = pulumi.output(given.virtualNetworkId);
    const ofTier = (tier: Tier) =>
      given.subnets.filter((it) => it.tier === tier).map((it) => ({ id: pulumi.output(it.id), cidr: it.cidr }));
    const location = args.location ?? sdk.network.VirtualNetwork.get(`${name}-vnet`, id, { parent: this }).location;
    return {
      vnet: { id, location },
      cidrs: given.cidrs,
      dmz: ofTier(Tier.Dmz),
      internal: ofTier(Tier.Internal),
      inspection: undefined,
    };
  }
}

interface Parts {
  readonly vnet: { readonly id: pulumi.Output<string>; readonly location: pulumi.Input<string | undefined> };
  readonly cidrs: string[];
  readonly dmz: PerimeterSubnet[];
  readonly internal: PerimeterSubnet[];
  readonly inspection: InspectionArgs | undefined;
}
