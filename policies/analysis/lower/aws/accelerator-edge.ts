import type { EndpointId, EndpointSet } from "../../model/endpoints";
import type { Path, Zone } from "../../model/network";
import { type AddrSet, allV4, noAddresses, subtract } from "../../net/addr";
import { exactly } from "../../net/bounds";
import { DONT_CARE } from "../../net/cover";
import type { Acceleration } from "./accelerators";
import { internetZones } from "./zones";

/** An edge location of Global Accelerator: some public address that AWS owns. */
const EDGE: EndpointId = "accelerator-edge/4";

const PUBLIC_V4: AddrSet = subtract(allV4, DONT_CARE);

/** The range of the endpoint that stands for edge locations. */
export const edgeRange: readonly [EndpointId, AddrSet] = [EDGE, PUBLIC_V4];

const edgeEndpoints: EndpointSet = { addr: noAddresses, ifaces: new Set([EDGE]) };

export const edgeZone: Zone = {
  id: EDGE,
  kind: "internet",
  resource: null,
  text: "an edge location of Global Accelerator",
  endpoints: exactly(edgeEndpoints),
};

/** A path from an edge location as one from the Internet: whoever connects to the accelerator is passed on. */
export function throughEdge(way: Acceleration, inner: Path): Path {
  return {
    ...inner,
    zone: { ...internetZones[4], id: `${internetZones[4].id}@${way.resource.urn}` },
    hops: [
      { kind: "device", step: "gateway", at: way.at, text: way.text },
      { kind: "proxy", path: inner },
    ],
    seen: inner.seen.kind === "client" ? { kind: "pool", pools: [PUBLIC_V4] } : inner.seen,
  };
}
