import { type EndpointSet, endpoints } from "../model/endpoints";
import type { Attempt } from "./decisions";

/**
 * Splits a set of endpoints so that no hop of the attempts tells two endpoints of a part apart: what is true of one is true of the part.
 * The parts are disjoint, and together the whole set.
 */
export function cellsOf(set: EndpointSet, attempts: readonly Attempt[]): readonly EndpointSet[] {
  const seen = new Set<EndpointSet>();
  const boundaries = attempts
    .flatMap(({ stages }) => stages.flatMap(({ admits }) => [admits.must, admits.may]))
    .filter((boundary) => !seen.has(boundary) && seen.add(boundary));
  let cells: readonly EndpointSet[] = [set];
  for (const boundary of boundaries) {
    cells = cells.flatMap((cell) => [endpoints.intersect(cell, boundary), endpoints.subtract(cell, boundary)]);
    cells = cells.filter((cell) => !endpoints.isEmpty(cell));
  }
  return cells;
}
