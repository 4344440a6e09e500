import { type EndpointSet, endpoints, noEndpoints } from "../model/endpoints";
import type { Reason } from "../model/provenance";
import { mergeReasons } from "../net/bounds";
import type { Flow } from "../reach/flows";

/** What is wrong on one port of a host: sources that certainly, or possibly, connect although they should not. */
export interface PortProblem {
  readonly port: number;
  readonly must: EndpointSet;
  readonly may: EndpointSet;
  readonly why: readonly Reason[];
  readonly flows: readonly Flow[];
}

/** The same problem on several ports of a host, told once. */
export interface HostProblem {
  readonly certain: boolean;
  readonly ports: readonly number[];
  readonly sources: EndpointSet;
  readonly why: readonly Reason[];
  /** A flow and a port that show it. */
  readonly flow: Flow;
  readonly port: number;
}

/** Gathers the ports with a certain problem, and those where it cannot be decided. */
export function gather(problems: readonly PortProblem[]): HostProblem[] {
  const certain = problems.filter((problem) => !endpoints.isEmpty(problem.must));
  const open = problems.filter((problem) => endpoints.isEmpty(problem.must) && !endpoints.isEmpty(problem.may));
  return [merge(certain, true), merge(open, false)].filter((problem) => problem !== null);
}

function merge(problems: readonly PortProblem[], certain: boolean): HostProblem | null {
  for (const problem of problems) {
    const set = certain ? problem.must : problem.may;
    const flow = problem.flows.find((item) => {
      const passing = certain ? item.endpoints.must : item.endpoints.may;
      return !endpoints.isEmpty(endpoints.intersect(passing, set));
    });
    if (flow === undefined) continue;
    return {
      certain,
      ports: problems.map((item) => item.port),
      sources: problems.map((item) => (certain ? item.must : item.may)).reduce(endpoints.union, noEndpoints),
      why: mergeReasons(problems.flatMap((item) => item.why)),
      flow,
      port: problem.port,
    };
  }
  return null;
}

export function portList(ports: readonly number[]): string {
  return `port${ports.length === 1 ? "" : "s"} ${ports.join(", ")}`;
}
