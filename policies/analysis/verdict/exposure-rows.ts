import { addresses, type EndpointSet, endpoints } from "../model/endpoints";
import { pathTo, pick } from "./describe";
import { type PortExposure, rowOf } from "./exposure";
import type { MailHost, Perimeter } from "./perimeter";
import type { ExposurePath, ExposureRow } from "./report";

/** Who can connect to each SMTP port of each host, and by which rules and routes. */
export function exposureRows(perimeter: Perimeter): ExposureRow[] {
  return perimeter.hosts
    .flatMap((view) =>
      view.smtp.flatMap((port): ExposureRow[] => {
        const row = rowOf(perimeter.network, view.self, view.host, port);
        return row === null ? [] : [{ ...row, paths: pathsOf(perimeter, view, port) }];
      }),
    )
    .sort((a, b) => (a.resource < b.resource ? -1 : a.resource > b.resource ? 1 : a.port - b.port));
}

function pathsOf(perimeter: Perimeter, view: MailHost, exposure: PortExposure): ExposurePath[] {
  const { internet, internal } = exposure;
  const sides = [
    ["internet", addresses(internet.must), addresses(internet.may)],
    ["internal", internal.must, internal.may],
  ] as const;
  return sides.flatMap(([side, must, may]) => {
    const flows = exposure.flows.filter((flow) => (flow.path.zone.kind === "internet") === (side === "internet"));
    return way(must, "must") ?? way(may, "may") ?? [];

    function way(wanted: EndpointSet, bound: "must" | "may"): ExposurePath | null {
      for (const flow of flows) {
        const who = endpoints.intersect(flow.endpoints[bound], wanted);
        if (endpoints.isEmpty(who)) continue;
        return { side, certain: bound === "must", path: pathTo(perimeter, view, flow, pick(who), who, exposure.port) };
      }
      return null;
    }
  });
}
