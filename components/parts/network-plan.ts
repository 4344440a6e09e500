import { allV4, subtract } from "../../policies/analysis/net/addr";
import { toCidrs } from "../../policies/analysis/net/cidr";
import { addressAt, blocks, isInside, isOverlapping, prefixLength, union } from "../schemas";

/**
 * Address arithmetic of the perimeter: pure functions over IPv4 blocks in text form.
 */

export interface SubnetPlan {
  readonly dmz: string[];
  readonly internal: string[];
  /** All blocks of both runs, those for further zones included. */
  readonly runs: string[];
}

/**
 * Default subnets of a network: one DMZ and one internal subnet a zone, each tier in one aligned run, so that a rule can
 * name a tier by one block. A `/16` yields `/24`s.
 *
 * @returns null if the network is too small.
 */
export function planSubnets(network: string, zones: number): SubnetPlan | null {
  const length = Math.min(prefixLength(network) + 8, 28);
  const run = 2 ** Math.ceil(Math.log2(zones));
  if (2 * run > 2 ** (length - prefixLength(network))) return null;
  const at = (i: number) => `${addressAt(network, i * 2 ** (32 - length))}/${length}`;
  const places = Array.from({ length: zones }, (_, i) => i);
  return {
    dmz: places.map((i) => at(i)),
    internal: places.map((i) => at(run + i)),
    runs: Array.from({ length: 2 * run }, (_, i) => at(i)),
  };
}

/**
 * Further subnets of a network: the first blocks of one length that touch nothing else.
 *
 * @param taken blocks to stay clear of
 * @returns null if there is no room left.
 */
export function planSpare(network: string, taken: readonly string[], count: number, length: number): string[] | null {
  const free = toCidrs(subtract(union([network]), union(taken)));
  const found = free.flatMap((block) => {
    const room = prefixLength(block) > length ? 0 : Math.min(2 ** (length - prefixLength(block)), count);
    return Array.from({ length: room }, (_, i) => `${addressAt(block, i * 2 ** (32 - length))}/${length}`);
  });
  return found.length < count ? null : found.slice(0, count);
}

/** RFC 1918, and the shared space of RFC 6598 that cloud networks use as well. */
const privateSpace = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];

/**
 * The Internet as a front end may open it: everything but private space, whether a network is there today or not, and but its own
 * and connected networks where they are in public space. The fewest prefixes: 38 of them, unless a network is in public space.
 */
export function publicDestinations(networks: readonly string[]): string[] {
  return toCidrs(subtract(allV4, union([...privateSpace, ...networks])));
}

/** AWS and Azure both keep the first four addresses and the last one of every subnet. */
export function isUsable(address: string, subnet: string): boolean {
  const last = 2 ** (32 - prefixLength(subnet)) - 1;
  const taken = [0, 1, 2, 3, last].map((offset) => addressAt(subnet, offset));
  return isInside(address, [subnet]) && !taken.includes(address);
}

/** The first pair of blocks that share an address, or null. */
export function firstOverlap(cidrs: readonly string[]): readonly [string, string] | null {
  for (const [i, a] of cidrs.entries()) {
    const b = cidrs.slice(i + 1).find((other) => isOverlapping(a, other));
    if (b !== undefined) return [a, b];
  }
  return null;
}

/** The blocks of several networks as few prefixes as possible. */
export function aggregate(cidrs: readonly string[]): string[] {
  return blocks(...cidrs);
}
