import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { type Checked, checkUnique, deferrable, each, expect, type Owner, plain, refuse } from "../../args";
import { checkConnected, checkDisjoint, checkExisting, checkInside, Tier } from "../../parts/network";
import { planSpare, planSubnets } from "../../parts/network-plan";
import { connectedCidrs, type SubnetArgs, type TagsArgs, tags } from "../../parts/shared";
import { identifier, oneOf, vpcCidr } from "../../schemas";
import { type FlowLogsArgs, flowLogs } from "./flow-logs";
import { networkCidrs } from "./vocabulary";

/** A subnet that exists already. */
export interface ExistingSubnetArgs extends SubnetArgs {
  /** What the subnet is used for. A DMZ subnet has a route to an Internet gateway, an internal one has none. */
  tier: Tier;
}

/** A VPC that exists already. Its blocks are required, because every rule is computed from them. */
export interface ExistingNetworkArgs {
  /** The VPC's id. */
  vpcId: pulumi.Input<string>;
  /** Every IPv4 block of the VPC. */
  cidrs: string[];
  /** The subnets to use; at least one of each tier. */
  subnets: ExistingSubnetArgs[];
}

/** Arguments that decide which resources exist are plain; the others may be outputs. */
export interface PerimeterNetworkArgs {
  /** Block of the VPC that is created, /16 to /28. Excludes `existing`. @default "10.20.0.0/16" */
  cidr?: string | undefined;
  /**
   * Availability zones, two to four; each gets one DMZ and one internal subnet.
   * @default the first two that the region offers; name them in a stack that lives, since another zone replaces its subnets
   */
  zones?: pulumi.Input<string>[] | undefined;
  /** Blocks of the DMZ subnets, one a zone. @default carved from the start of `cidr` */
  dmzSubnets?: string[] | undefined;
  /** Blocks of the internal subnets, one a zone. @default carved from `cidr` after the DMZ */
  internalSubnets?: string[] | undefined;
  /**
   * Leaves the way between the Internet gateway and the DMZ to AWS Network Firewall: a subnet a zone for its endpoints, and route
   * tables into which PerimeterFirewall puts the routes. Until it does, the DMZ has no way out. @default false
   */
  inspection?: boolean | undefined;
  /** Blocks of the subnets for the firewall's endpoints, one a zone. @default /28s carved from `cidr` after the internal subnets */
  firewallSubnets?: string[] | undefined;
  /** A VPC to use instead of a new one. Its routes, default group and ACLs are left alone. */
  existing?: ExistingNetworkArgs | undefined;
  /** Blocks of the networks that are reached by peering, VPN or transit gateway; treated as inside. @default [] */
  connectedCidrs?: string[] | undefined;
  /** Flow logs of the VPC. @default to CloudWatch, kept 365 days */
  flowLogs?: FlowLogsArgs | undefined;
  /** Tags of every resource. @default {} */
  tags?: TagsArgs | undefined;
}

const subnetBlocks = z.array(vpcCidr, { error: "a list of IPv4 blocks" }).optional();

const existingSubnet = z.strictObject(
  { id: deferrable(identifier), cidr: vpcCidr, zone: deferrable(identifier.optional()), tier: oneOf(Tier) },
  { error: "a subnet with id, cidr and tier" },
);

const existing = z.strictObject(
  {
    vpcId: deferrable(identifier),
    cidrs: networkCidrs,
    subnets: z.array(existingSubnet, { error: "a list of subnets with id, cidr and tier" }),
  },
  { error: "a VPC with vpcId, cidrs and subnets" },
);

export const networkFields = {
  cidr: plain(vpcCidr.optional()),
  zones: each(identifier),
  dmzSubnets: plain(subnetBlocks),
  internalSubnets: plain(subnetBlocks),
  inspection: plain(z.boolean({ error: "true or false" }).default(false)),
  firewallSubnets: plain(subnetBlocks),
  existing: plain(existing.optional()),
  connectedCidrs: plain(connectedCidrs),
  flowLogs: plain(flowLogs),
  tags: plain(tags),
};
export type NetworkArgs = Checked<typeof networkFields>;

/** The blocks of a VPC that is to be created. */
export interface CreatePlan {
  readonly kind: "create";
  readonly cidr: string;
  readonly dmz: readonly string[];
  readonly internal: readonly string[];
  /** Subnets for the endpoints of a firewall, or null if none is to stand before the DMZ. */
  readonly firewall: readonly string[] | null;
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
  const own = plan.kind === "create" ? [plan.cidr] : plan.network.cidrs;
  checkConnected(who, args.connectedCidrs, own);
  return plan;
}

function planNew(who: Owner, args: NetworkArgs): CreatePlan {
  const cidr = args.cidr ?? "10.20.0.0/16";
  const zones = args.zones.length === 0 ? 2 : args.zones.length;
  expect(zones >= 2 && zones <= 4, who, "zones", args.zones, "two to four zones");
  checkUnique(who, "zones", args.zones);
  const given = args.dmzSubnets !== undefined && args.internalSubnets !== undefined;
  const carved = given ? null : planSubnets(cidr, zones);
  const dmz = args.dmzSubnets ?? carved?.dmz;
  const internal = args.internalSubnets ?? carved?.internal;
  if (dmz === undefined || internal === undefined) {
    return refuse(
      who,
      "cidr",
      cidr,
      `a block that holds ${2 * zones} subnets of /28 or more, or dmzSubnets and internalSubnets`,
    );
  }
  const tiers = { dmzSubnets: dmz, internalSubnets: internal };
  checkTiers(who, tiers, cidr, zones);
  const taken = [...dmz, ...internal, ...(carved?.runs ?? [])];
  const firewall = planFirewall(who, args, cidr, taken, zones);
  if (firewall !== null) checkTiers(who, { ...tiers, firewallSubnets: firewall }, cidr, zones);
  return { kind: "create", cidr, dmz, internal, firewall };
}

/** AWS asks for a subnet of its own for the endpoint of a firewall, and needs no more than a `/28`. */
const firewallLength = 28;

function planFirewall(
  who: Owner,
  args: NetworkArgs,
  cidr: string,
  taken: readonly string[],
  zones: number,
): readonly string[] | null {
  const { inspection, firewallSubnets } = args;
  if (!inspection) {
    expect(
      firewallSubnets === undefined,
      who,
      "firewallSubnets",
      firewallSubnets,
      "no such argument without inspection",
    );
    return null;
  }
  const chosen = firewallSubnets ?? planSpare(cidr, taken, zones, firewallLength);
  return chosen ?? refuse(who, "cidr", cidr, `a block with room for ${zones} more subnets of /28, or firewallSubnets`);
}

function checkTiers(who: Owner, tiers: Readonly<Record<string, readonly string[]>>, cidr: string, zones: number): void {
  for (const [key, blocks] of Object.entries(tiers)) {
    expect(blocks.length === zones, who, key, blocks, `one block for each of ${zones} zones`);
    checkInside(who, key, blocks, [cidr]);
  }
  checkDisjoint(who, Object.keys(tiers).join(", "), Object.values(tiers).flat());
}

function planExisting(who: Owner, args: NetworkArgs, network: ExistingPlan["network"]): ExistingPlan {
  for (const key of ["cidr", "dmzSubnets", "internalSubnets", "firewallSubnets"] as const) {
    expect(args[key] === undefined, who, key, args[key], "no such argument beside existing");
  }
  expect(args.zones.length === 0, who, "zones", args.zones, "no such argument beside existing");
  const expected = "false beside existing: the routes of an existing VPC are left alone";
  expect(!args.inspection, who, "inspection", args.inspection, expected);
  checkExisting(who, network.cidrs, network.subnets);
  return { kind: "existing", network };
}
