import type { Carrier } from "./answer";

/** More texts than this are not tried in every order. */
const MAX_TEXTS = 4;

export interface Orders {
  readonly orders: readonly (readonly Carrier[])[];
  /** False if there are more orders than these. */
  readonly all: boolean;
}

/**
 * The orders in which texts may configure a machine: user data at its first boot, and what is sent to it at any time. The steps of a
 * document keep theirs.
 */
export function ordersOf(carriers: readonly Carrier[]): Orders {
  const texts = new Map<string, readonly Carrier[]>();
  for (const carrier of carriers) {
    const key = `${carrier.kind} ${carrier.at.urn}`;
    texts.set(key, [...(texts.get(key) ?? []), carrier]);
  }
  const pieces = [...texts.values()];
  const all = pieces.length <= MAX_TEXTS;
  const orders = all ? permutations(pieces) : [pieces, [...pieces].reverse()];
  return { orders: orders.map((order) => order.flat()), all };
}

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length <= 1) return [items];
  return items.flatMap((item, i) =>
    permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]),
  );
}
