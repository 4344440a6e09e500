import { type EndpointSet, endpoints, noEndpoints } from "../model/endpoints";
import type { Path, Protocol } from "../model/network";
import { cellsOf } from "./cells";
import { type Change, closings, openings } from "./changes";
import { type Answer, attemptsOf, bestOf, type Decision, decide, together } from "./decisions";
import type { Reach } from "./reach";

/** One path with what every hop of it decides. */
export interface ExplainedPath {
  readonly path: Path;
  readonly answer: Answer;
  readonly decisions: readonly Decision[];
}

/** Endpoints that no hop tells apart, and everything that decides whether they connect. */
export interface ExplainedPart {
  readonly who: EndpointSet;
  readonly answer: Answer;
  /** Every way from where the endpoints are, the open ones first, then those that are nearest to it. */
  readonly paths: readonly ExplainedPath[];
  /** Alternatives, each of which makes it certain that they connect; empty where they certainly do, or no way leads there at all. */
  readonly open: readonly (readonly Change[])[];
  /** Alternatives, each of which makes it certain that they do not connect; empty where they do not, or no single decision is to change. */
  readonly close: readonly (readonly Change[])[];
}

/**
 * Explains who of a set connects along some paths, and why.
 *
 * @param spaceOf what of a path's zone counts: an Internet source has no private address
 * @returns disjoint parts that hold the whole set together
 */
export function explainConnection(
  reach: Reach,
  paths: readonly Path[],
  set: EndpointSet,
  protocol: Protocol,
  port: number,
  spaceOf: (path: Path) => EndpointSet = (path) => path.zone.endpoints.may,
): readonly ExplainedPart[] {
  const ways = paths
    .map((path) => ({ path, space: endpoints.intersect(spaceOf(path), set) }))
    .filter(({ space }) => !endpoints.isEmpty(space))
    .map(({ path, space }) => ({ space, attempts: attemptsOf(reach, path, protocol, port), path }));
  // Each way splits only what lies in its own space: elsewhere it decides nothing.
  const cells = ways.reduce(
    (parts, { space, attempts }) =>
      parts.flatMap((part) => {
        const inside = endpoints.intersect(part, space);
        const outside = endpoints.subtract(part, space);
        return [...(endpoints.isEmpty(inside) ? [] : cellsOf(inside, attempts)), outside].filter(isThere);
      }),
    [set].filter(isThere),
  );
  return cells.map((who) => {
    const met = ways
      .filter(({ space }) => isThere(endpoints.intersect(space, who)))
      .map(({ path, attempts }) => ({ path, lists: attempts.map((attempt) => decide(reach, attempt, who)) }));
    const explained = met
      .map(({ path, lists }): ExplainedPath => {
        const decisions = bestOf(lists);
        return { path, decisions, answer: together(decisions) };
      })
      .sort((a, b) => distance(a) - distance(b));
    const answer = explained[0]?.answer ?? "stops";
    const closed = explained.filter((one) => one.answer !== "stops").map(({ decisions }) => decisions);
    return {
      who,
      answer,
      paths: explained,
      open:
        answer === "passes"
          ? []
          : openings(
              reach,
              met.flatMap(({ lists }) => lists),
            ),
      close: answer === "stops" ? [] : closings(reach, closed),
    };
  });
}

function isThere(set: EndpointSet): boolean {
  return !endpoints.isEmpty(set);
}

function distance({ decisions }: ExplainedPath): number {
  return decisions.reduce((sum, { answer }) => sum + { passes: 0, undetermined: 1, stops: 1000 }[answer], 0);
}

/** The union of the parts with an answer. */
export function partsWith(parts: readonly ExplainedPart[], answer: Answer): EndpointSet {
  return parts
    .filter((part) => part.answer === answer)
    .reduce((set, { who }) => endpoints.union(set, who), noEndpoints);
}
