import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { deferrable, input } from "../../args";
import { approvedSendersOf } from "../../parts/senders";
import { flowsOf, networkCidrsOf } from "../../parts/shared";
import { cidr, identifier, prefixLength, reason } from "../../schemas";

/** The arguments that mean the same on every cloud, in the blocks, names and descriptions that Azure accepts. */

/** Where resources are made. */
export interface PlaceArgs {
  /** Resource group of everything that is made. */
  resourceGroupName: pulumi.Input<string>;
  /** Azure region, such as `westeurope`. @default the provider's, or that of the resource group */
  location?: pulumi.Input<string | undefined>;
}

const groupName = "a resource group's name: 1 to 90 letters, digits and ._()-, without a full stop at the end";

export const resourceGroupName = z
  .string({ error: groupName })
  .refine((value) => /^[\p{L}\p{N}._()-]{0,89}[\p{L}\p{N}_()-]$/u.test(value), { error: groupName });

export const placeFields = {
  resourceGroupName: input(resourceGroupName),
  location: input(identifier.optional()),
};

/** The place as resources take it. */
export function placeOf({ resourceGroupName, location }: PlaceArgs) {
  return location === undefined ? { resourceGroupName } : { resourceGroupName, location };
}

/** A subnet and what is known about it. It spans every availability zone. */
export interface SubnetArgs {
  /** The subnet's id. */
  id: pulumi.Input<string>;
  /** Its IPv4 block, such as `10.20.0.0/24`. */
  cidr: string;
}

/** Prefixes that Azure accepts of a virtual network or a subnet. */
export const vnetCidr = cidr.refine((value) => prefixLength(value) >= 8 && prefixLength(value) <= 29, {
  error: "an IPv4 block between /8 and /29, as Azure requires",
});

export const subnet = z.strictObject(
  { id: deferrable(identifier), cidr: vnetCidr },
  { error: "a subnet with id and cidr" },
);
export const networkCidrs = networkCidrsOf(vnetCidr);

/** Azure takes 140 characters of a description. */
const description = reason.refine((value) => value.length <= 140, {
  error: "at most 140 characters, as Azure requires of descriptions",
});
export const flows = flowsOf(description);
export const approvedSenders = approvedSendersOf(description);
