import type { Family, RouteLine } from "../model/network";
import type { Provenance, Reason } from "../model/provenance";
import { type AddrSet, allV4, allV6, isEmpty, noAddresses, subtract, union, unionAll } from "../net/addr";
import { type Bounds, between, mergeReasons } from "../net/bounds";
import { only } from "./values";

export type Answer = "yes" | "no" | "maybe";

/** One line of a route table; what it leads to is the cloud's own notion. */
export interface Route<Target> {
  /** Null where the destination is not known. */
  readonly destination: AddrSet | null;
  readonly family: Family | null;
  /** Among routes of equal length the lowest rank wins. */
  readonly rank: number;
  readonly target: Target;
  readonly at: Provenance;
  readonly text: string;
  readonly doubt: Reason | null;
}

export interface Routes<Target> {
  readonly routes: readonly Route<Target>[];
  /** Set for a table that the stack does not show: why. */
  readonly unread: Reason | null;
}

/** The addresses whose longest matching route leads to a wanted target. */
export function toward<Target>(
  table: Routes<Target>,
  family: Family,
  wanted: (target: Target) => Answer,
): Bounds<AddrSet> {
  const universe = family === 4 ? allV4 : allV6;
  if (table.unread !== null) return between(noAddresses, universe, [table.unread]);
  const { entries, floating } = ordered(table, family);
  let certainlyClaimed = noAddresses;
  let possiblyClaimed = noAddresses;
  const must: AddrSet[] = [];
  const may: AddrSet[] = [];
  const why: Reason[] = [];
  for (const { set, route } of entries) {
    const answer = wanted(route.target);
    if (answer !== "no") may.push(subtract(set, certainlyClaimed));
    if (answer === "yes" && route.doubt === null) must.push(subtract(set, possiblyClaimed));
    if (answer === "maybe") why.push({ text: `what lies behind ${route.text} is not known`, at: route.at });
    if (route.doubt !== null) why.push(route.doubt);
    if (route.doubt === null) certainlyClaimed = union(certainlyClaimed, set);
    possiblyClaimed = union(possiblyClaimed, set);
  }
  let least = unionAll(must);
  for (const route of floating) {
    const answer = wanted(route.target);
    if (answer !== "no") may.push(universe);
    if (answer !== "yes") least = noAddresses;
    why.push({ text: `the destination of a route is not known yet (${route.text})`, at: route.at });
  }
  const most = unionAll(may);
  return between(least, most, why.length === 0 || isEmpty(subtract(most, least)) ? [] : mergeReasons(why));
}

/** The known routes of a table, the longest first. */
export function routeLines<Target>(table: Routes<Target>, family: Family): readonly RouteLine[] {
  return ordered(table, family).lines;
}

/** A table's routes of one family in the order in which they win. */
interface Ordered<Target> {
  readonly entries: readonly { readonly set: AddrSet; readonly length: number; readonly route: Route<Target> }[];
  readonly lines: readonly RouteLine[];
  /** Routes whose destination is not known. */
  readonly floating: readonly Route<Target>[];
}

const orders = {
  4: new WeakMap<Routes<unknown>, Ordered<unknown>>(),
  6: new WeakMap<Routes<unknown>, Ordered<unknown>>(),
} as const;

function ordered<Target>(table: Routes<Target>, family: Family): Ordered<Target> {
  let order = orders[family].get(table) as Ordered<Target> | undefined;
  if (order === undefined) {
    const entries = table.routes
      .flatMap((route) =>
        route.destination === null ? [] : blocks(only(route.destination, family)).map((block) => ({ ...block, route })),
      )
      .sort((a, b) => b.length - a.length || a.route.rank - b.route.rank);
    order = {
      entries,
      lines: entries.map(({ set, route }) => ({ destination: set, text: route.text, at: route.at })),
      floating: table.routes.filter(
        (route) => route.destination === null && (route.family === null || route.family === family),
      ),
    };
    orders[family].set(table, order);
  }
  return order;
}

function blocks(set: AddrSet): { set: AddrSet; length: number }[] {
  return [
    ...set.v4.map(([low, high]) => ({
      set: { v4: [[low, high] as const], v6: [] },
      length: 32 - Math.log2(high - low + 1),
    })),
    ...set.v6.map(([low, high]) => ({
      set: { v4: [], v6: [[low, high] as const] },
      length: 128 - ((high - low + 1n).toString(2).length - 1),
    })),
  ];
}
