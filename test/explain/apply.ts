import type { EndpointSet } from "../../policies/analysis/model/endpoints";
import type { Filter, Hop, Path, Rule } from "../../policies/analysis/model/network";
import type { ResourceSnapshot, Value } from "../../policies/analysis/model/snapshot";
import { union } from "../../policies/analysis/net/addr";
import { between, exactly } from "../../policies/analysis/net/bounds";
import { allPorts } from "../../policies/analysis/net/ports";
import type { Change } from "../../policies/analysis/reach/changes";
import { keyOf } from "../../policies/analysis/reach/decisions";

/** Carries out what an explanation proposes, so that a test can see whether it does what it is for. */

/** The paths as they are once every decision of `changes` lets `who` pass. */
export function opened(paths: readonly Path[], changes: readonly Change[], who: EndpointSet): Path[] {
  const keys = new Set(changes.map(({ decision }) => decision.key));
  return paths.map((path) => {
    const all = changes.some(({ how }) => how === "publish");
    return { ...path, ...(all ? { ports: null } : {}), hops: path.hops.flatMap((hop) => pass(hop, path)) };
  });

  function pass(hop: Hop, path: Path): Hop[] {
    if (hop.kind === "proxy")
      return [{ ...hop, path: opened([hop.path], changes, hop.path.zone.endpoints.may)[0] as Path }];
    if (!keys.has(keyOf(hop, path))) return [hop];
    if (hop.kind === "doubt") return [];
    if (hop.kind === "route")
      return [
        { ...hop, toward: between(union(hop.toward.must, who.addr), union(hop.toward.may, who.addr), hop.toward.why) },
      ];
    return hop.kind === "filter"
      ? [{ ...hop, filters: hop.filters.map((filter) => first(filter, "allow", hop, who)) }]
      : [hop];
  }
}

/** The paths that are left, as they are, once every decision of `changes` refuses `who`. */
export function closed(paths: readonly Path[], changes: readonly Change[], who: EndpointSet): Path[] {
  const keys = new Set(changes.map(({ decision }) => decision.key));
  return paths.flatMap((path) => {
    const undone = path.hops.some(
      (hop) => (hop.kind === "device" || hop.kind === "route") && keys.has(keyOf(hop, path)),
    );
    return undone ? [] : [{ ...path, hops: path.hops.map((hop) => refuse(hop, path)) }];
  });

  function refuse(hop: Hop, path: Path): Hop {
    if (hop.kind === "proxy") {
      const [inner] = closed([hop.path], changes, hop.path.zone.endpoints.may);
      return inner === undefined ? { ...hop, path: { ...hop.path, ports: [] } } : { ...hop, path: inner };
    }
    if (hop.kind !== "filter" || !keys.has(keyOf(hop, path))) return hop;
    return { ...hop, filters: hop.filters.map((filter) => first(filter, "deny", hop, who)) };
  }
}

/** The filter with a rule in front of the others. */
function first(filter: Filter, action: Rule["action"], { leg }: Hop & { kind: "filter" }, who: EndpointSet): Filter {
  const rule: Rule = {
    action,
    protocol: "any",
    source: leg === "request" ? exactly(who) : null,
    destination: leg === "reply" ? exactly(who) : null,
    ports: allPorts,
    sourcePorts: allPorts,
    at: { urn: "urn:changed" },
    text: "was changed",
  };
  return { ...filter, id: `${filter.id} ${action}`, rules: [rule, ...filter.rules] };
}

/** A stack without the rules that the changes name; null where one of them is not a rule of the stack's own. */
export function withoutRules(
  snapshots: readonly ResourceSnapshot[],
  changes: readonly Change[],
): readonly ResourceSnapshot[] | null {
  let left = snapshots;
  if (changes.some(({ how }) => how !== "narrow")) return null;
  // From the back, so that what is left keeps its place.
  const places = changes.flatMap(({ rules }) => rules.map(({ at }) => at));
  const distinct = [...new Map(places.map((at) => [`${at.urn} ${at.path}`, at])).values()];
  for (const { urn, path } of distinct.sort((a, b) => indexOf(b.path) - indexOf(a.path))) {
    const resource = left.find((item) => item.urn === urn);
    if (resource === undefined) return null;
    if (path === undefined || !/^\w+\[\d+\]/.test(path)) {
      left = left.filter((item) => item !== resource);
      continue;
    }
    const [, list = "", index = ""] = /^(\w+)\[(\d+)\]/.exec(path) ?? [];
    const items = resource.properties[list];
    if (!Array.isArray(items)) return null;
    const rest = (items as readonly Value[]).filter((_, i) => i !== Number(index));
    left = left.map((item) =>
      item === resource ? { ...item, properties: { ...item.properties, [list]: rest } } : item,
    );
  }
  return left;
}

function indexOf(path: string | undefined): number {
  return Number(/\[(\d+)\]/.exec(path ?? "")?.[1] ?? -1);
}
