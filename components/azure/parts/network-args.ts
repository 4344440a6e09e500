import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { type Checked, deferrable, expect, type Owner, plain, refuse } from "../../args";
import { checkConnected, checkDisjoint, checkExisting, checkInside, Tier } from "../../parts/network";
import { planSpare, planSubnets } from "../../parts/network-plan";
import { connectedCidrs, type TagsArgs, tags } from "../../parts/shared";
import { identifier, oneOf, prefixLength } from "../../schemas";
import { type FlowLogsArgs, flowLogs } from "./flow-logs-args";
import { networkCidrs, type PlaceArgs, placeFields, type SubnetArgs, vnetCidr } from "./vocabulary";

/** A subnet that exists already. */
export interface ExistingSubnetArgs extends SubnetArgs {
  /** What the subnet is used for. From a DMZ subnet the way to the Internet is direct; an internal one has none. */
  tier: Tier;
}

/** A virtual network that exists already. Its blocks are required, because every rule is computed from them. */
export interface ExistingNetworkArgs {
  /** The virtual network's id. */
  virtualNetworkId: pulumi.Input<string>;
  /** Every IPv4 block of the virtual network. */
  cidrs: string[];
  /** The subnets to use; at least one of each tier. */
  subnets: ExistingSubnetArgs[];
}

/** Arguments that decide which resources exist are plain; the others may be outputs. */
export interface PerimeterNetworkArgs extends PlaceArgs {
  /** Block of the virtual network that is created, /8 to /28. Excludes `existing`. @default "10.20.0.0/16" */
  cidr?: string | undefined;
  /** Blocks of the DMZ subnets. One is enough: it spans every availability zone. @default one, carved from the start of `cidr` */
  dmzSubnets?: string[] | undefined;
  /** Blocks of the internal subnets. @default one, carved from `cidr` after the DMZ */
  internalSubnets?: string[] | undefined;
  /** Leaves room for Azure Firewall: its own subnet, which PerimeterFirewall puts it into. @default false */
  inspection?: boolean | undefined;
  /** Block of the firewall's subnet, /26 or wider. @default a /26 carved from `cidr` after the internal subnets */
  firewallSubnet?: string | undefined;
  /** A virtual network to use instead of a new one. Its routes and security groups are left alone. */
  existing?: ExistingNetworkArgs | undefined;
  /** Blocks of the networks that are reached by peering, VPN or ExpressRoute; treated as inside. @default [] */
  connectedCidrs?: string[] | undefined;
  /** Flow logs of the virtual network. @default to a storage account of their own, kept 365 days */
  flowLogs?: FlowLogsArgs | undefined;
  /** Tags of every resource. @default {} */
  tags?: TagsArgs | undefined;
}

const subnetBlocks = z
  .array(vnetCidr, { error: "a list of IPv4 blocks" })
  .min(1, { error: "at least one block" })
  .optional();

const existing = z.strictObject(
  {
    virtualNetworkId: deferrable(identifier),
    cidrs: networkCidrs,
    subnets: z.array(
      z.strictObject(
        { id: deferrable(identifier), cidr: vnetCidr, tier: oneOf(Tier) },
        { error: "a subnet with id, cidr and tier" },
      ),
      { error: "a list of subnets with id, cidr and tier" },
    ),
  },
  { error: "a virtual network with virtualNetworkId, cidrs and subnets" },
);

export const networkFields = {
  ...placeFields,
  cidr: plain(vnetCidr.optional()),
  dmzSubnets: plain(subnetBlocks),
  internalSubnets: plain(subnetBlocks),
  inspection: plain(z.boolean({ error: "true or false" }).default(false)),
  firewallSubnet: plain(vnetCidr.optional()),
  existing: plain(existing.optional()),
  connectedCidrs: plain(connectedCidrs),
  flowLogs: plain(flowLogs),
  tags: plain(tags),
};
export type NetworkArgs = Checked<typeof networkFields>;

/** The blocks of a virtual network that is to be created. */
export interface CreatePlan {
  readonly kind: "create";
  readonly cidr: string;
  readonly dmz: readonly string[];
  readonly internal: readonly string[];
  /** Block of the firewall's subnet, or null if there is to be none. */
  readonly firewall: string | null;
}

export interface ExistingPlan {
  readonly kind: "existing";
  readonly network: z.output<typeof existing>;
}

/**
 * Decides the blocks, and checks them against each other.
 * @throws pulumi.RunError
 */
export function planNetwork(who: Owner, args: NetworkArgs): CreatePlan | ExistingPlan {
  const plan = args.existing === undefined ? planNew(who, args) : planExisting(who, args, args.existing);
  checkConnected(who, args.connectedCidrs, plan.kind === "create" ? [plan.cidr] : plan.network.cidrs);
  return plan;
}

/** Azure Firewall takes a subnet of this length or a shorter one. */
const firewallLength = 26;

function planNew(who: Owner, args: NetworkArgs): CreatePlan {
  const cidr = args.cidr ?? "10.20.0.0/16";
  const carved = planSubnets(cidr, 1);
  const dmz = args.dmzSubnets ?? carved?.dmz;
  const internal = args.internalSubnets ?? carved?.internal;
  if (dmz === undefined || internal === undefined)
    return refuse(who, "cidr", cidr, "a block that holds 2 subnets, or dmzSubnets and internalSubnets");
  checkTiers(who, { dmzSubnets: dmz, internalSubnets: internal }, cidr);
  const firewall = planFirewall(who, args, cidr, [...dmz, ...internal]);
  if (firewall !== null)
    checkTiers(who, { dmzSubnets: dmz, internalSubnets: internal, firewallSubnet: [firewall] }, cidr);
  return { kind: "create", cidr, dmz, internal, firewall };
}

function planFirewall(who: Owner, args: NetworkArgs, cidr: string, taken: readonly string[]): string | null {
  const { inspection, firewallSubnet: given } = args;
  expect(inspection || given === undefined, who, "firewallSubnet", given, "no such argument without inspection");
  if (!inspection) return null;
  const wide = "a block of /26 or wider, as Azure Firewall requires";
  if (given !== undefined) expect(prefixLength(given) <= firewallLength, who, "firewallSubnet", given, wide);
  const chosen = given ?? planSpare(cidr, taken, 1, firewallLength)?.[0];
  return chosen ?? refuse(who, "cidr", cidr, "a block with room for one more subnet of /26, or firewallSubnet");
}

function checkTiers(who: Owner, tiers: Readonly<Record<string, readonly string[]>>, cidr: string): void {
  for (const [key, blocks] of Object.entries(tiers)) checkInside(who, key, blocks, [cidr]);
  checkDisjoint(who, Object.keys(tiers).join(", "), Object.values(tiers).flat());
}

function planExisting(who: Owner, args: NetworkArgs, network: ExistingPlan["network"]): ExistingPlan {
  for (const key of ["cidr", "dmzSubnets", "internalSubnets", "firewallSubnet"] as const)
    expect(args[key] === undefined, who, key, args[key], "no such argument beside existing");
  const expected = "false beside existing: the routes of an existing virtual network are left alone";
  expect(!args.inspection, who, "inspection", args.inspection, expected);
  checkExisting(who, network.cidrs, network.subnets);
  return { kind: "existing", network };
}
