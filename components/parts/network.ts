import { expect, type Owner, refuse } from "../args";
import { isInside, prefixLength } from "../schemas";
import { firstOverlap } from "./network-plan";

/** What a subnet of the perimeter is for. */
export const Tier = {
  /** Front ends that the Internet reaches. */
  Dmz: "dmz",
  /** Exchange and everything else that the Internet never reaches. */
  Internal: "internal",
} as const;
export type Tier = (typeof Tier)[keyof typeof Tier];

/** @throws pulumi.RunError if a connected network overlaps the network, or is too wide to be one. */
export function checkConnected(who: Owner, connected: readonly string[], own: readonly string[]): void {
  for (const [i, block] of connected.entries()) {
    const message = `a block outside the network ${own.join(", ")}`;
    expect(firstOverlap([block, ...own])?.[0] !== block, who, `connectedCidrs[${i}]`, block, message);
    expect(prefixLength(block) >= 8, who, `connectedCidrs[${i}]`, block, "a block no wider than /8");
  }
}

/** @throws pulumi.RunError if the blocks of the network or of its subnets do not fit together, or a tier has no subnet. */
export function checkExisting(
  who: Owner,
  cidrs: readonly string[],
  subnets: readonly { readonly cidr: string; readonly tier: Tier }[],
): void {
  const tiers = subnets.map((subnet) => subnet.tier);
  for (const tier of Object.values(Tier))
    expect(tiers.includes(tier), who, "existing.subnets", tiers, `a subnet of tier ${tier}`);
  const blocks = subnets.map((subnet) => subnet.cidr);
  checkDisjoint(who, "existing.cidrs", cidrs);
  checkInside(who, "existing.subnets", blocks, cidrs);
  checkDisjoint(who, "existing.subnets", blocks);
}

/** @throws pulumi.RunError if a block is not inside of one of the others. */
export function checkInside(who: Owner, path: string, blocks: readonly string[], outer: readonly string[]): void {
  blocks.forEach((block, i) => {
    const inside = outer.some((whole) => isInside(block, [whole]));
    expect(inside, who, `${path}[${i}]`, block, `a block inside the network ${outer.join(", ")}`);
  });
}

/** @throws pulumi.RunError if two blocks share an address. */
export function checkDisjoint(who: Owner, path: string, blocks: readonly string[]): void {
  const overlap = firstOverlap(blocks);
  if (overlap !== null) refuse(who, path, overlap, "blocks that do not overlap");
}
