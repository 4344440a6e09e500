/** Addresses and CIDR blocks, written down a second time so that the oracle shares no code with what it checks. */

export interface Address {
  readonly family: 4 | 6;
  readonly value: bigint;
}

export interface Block {
  readonly family: 4 | 6;
  readonly base: bigint;
  readonly length: number;
}

export function parseAddress(text: string): Address {
  if (!text.includes(":")) {
    const value = text.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);
    return { family: 4, value };
  }
  const [head = "", tail] = text.split("::");
  const groups = (part: string | undefined) => (part === undefined || part === "" ? [] : part.split(":"));
  const [left, right] = [groups(head), groups(tail)];
  const middle = tail === undefined ? [] : new Array<string>(8 - left.length - right.length).fill("0");
  const value = [...left, ...middle, ...right].reduce(
    (sum, group) => sum * 65536n + BigInt(Number.parseInt(group, 16)),
    0n,
  );
  return { family: 6, value };
}

/** Host bits are masked away, as the cloud does. */
export function parseBlock(text: string): Block {
  const [address = "", length] = text.split("/");
  const { family, value } = parseAddress(address);
  const bits = length === undefined ? width(family) : Number(length);
  const size = 2n ** BigInt(width(family) - bits);
  return { family, base: (value / size) * size, length: bits };
}

export function width(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

export function holds(block: Block, address: Address): boolean {
  if (block.family !== address.family) return false;
  const size = 2n ** BigInt(width(block.family) - block.length);
  return address.value >= block.base && address.value < block.base + size;
}

/** Whether a block lies wholly inside another. */
export function isInside(block: Block, other: Block): boolean {
  return block.length >= other.length && holds(other, { family: block.family, value: block.base });
}

/** The first and the last address of a block and their neighbours outside. */
export function boundaries(block: Block): Address[] {
  const size = 2n ** BigInt(width(block.family) - block.length);
  const last = 2n ** BigInt(width(block.family)) - 1n;
  return [block.base - 1n, block.base, block.base + size - 1n, block.base + size]
    .filter((value) => value >= 0n && value <= last)
    .map((value) => ({ family: block.family, value }));
}

export function show(address: Address): string {
  if (address.family === 4) return [24n, 16n, 8n, 0n].map((shift) => (address.value >> shift) & 255n).join(".");
  return [7n, 6n, 5n, 4n, 3n, 2n, 1n, 0n].map((i) => ((address.value >> (16n * i)) & 65535n).toString(16)).join(":");
}
