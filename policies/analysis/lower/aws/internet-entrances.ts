import type { Family, Hop, Path, Zone } from "../../model/network";
import { edgeZone, throughEdge } from "./accelerator-edge";
import type { Acceleration } from "./accelerators";
import { type AwsClass, rangeOf } from "./classes";
import type { Hops, Parts } from "./hops";
import type { Inspection } from "./inspection";
import { internetZones } from "./zones";

/** The ways in from the Internet to an interface of its own: at its public address, or as the endpoint of an accelerator. */
export class InternetEntrances {
  private readonly parts: Parts;
  private readonly hops: Hops;
  private readonly inspection: Inspection;

  constructor(parts: Parts, hops: Hops, inspection: Inspection) {
    this.parts = parts;
    this.hops = hops;
    this.inspection = inspection;
  }

  inbound(item: AwsClass, family: Family): Path[] {
    return [
      ...this.direct(item, family, internetZones[family]),
      ...this.parts.accelerations.flatMap((way) => (way.family === family ? this.accelerated(item, way) : [])),
    ];
  }

  /** At the interface's public address, by the Internet gateway. */
  private direct(item: AwsClass, family: Family, zone: Zone): Path[] {
    const { publicV4 } = item.sample;
    if (family === 4 && publicV4.kind === "none") return [];
    const mapping: Hop[] = [];
    if (family === 4 && publicV4.kind === "address") {
      const text = `${publicV4.text} maps to the private address`;
      mapping.push({ kind: "device", step: "translation", at: publicV4.at, text });
      if (publicV4.doubt !== null) mapping.push({ kind: "doubt", why: publicV4.doubt });
    }
    const own = rangeOf(item, family);
    const entrances = this.inspection.entrances(item.subnet, item.network, family, own, "the reply leaves by");
    return entrances.map(({ front, route, back, through }) =>
      this.hops.path(item, family, zone, [
        ...mapping,
        ...this.parts.publicAccess.hops([item.subnet, ...through], "in"),
        ...front,
        this.hops.acl(item.subnet, "in", "request"),
        this.hops.groups(item, "ingress", "request"),
        this.hops.acl(item.subnet, "out", "reply"),
        route,
        ...back,
      ]),
    );
  }

  /** An accelerator needs neither a public address nor a route, and asks no firewall, where it keeps the client's address. */
  private accelerated(item: AwsClass, way: Acceleration): Path[] {
    if (!leadsTo(way, item)) return [];
    const { ports, protocol, family } = way;
    if (way.endpoint.kind === "address") {
      return this.direct(item, family, edgeZone).map((path) => throughEdge(way, { ...path, ports, protocol }));
    }
    const zone = { ...internetZones[family], id: `${internetZones[family].id}@${way.resource.urn}` };
    const hops = [
      ...this.hops.accelerated(way, item.network),
      ...this.parts.publicAccess.hops([item.subnet], "in"),
      this.hops.bypassed(item.subnet, "in", "request"),
      this.hops.groups(item, "ingress", "request"),
      this.hops.bypassed(item.subnet, "out", "reply"),
    ];
    return [this.hops.path(item, family, zone, hops, { ports, protocol })];
  }
}

function leadsTo({ endpoint }: Acceleration, item: AwsClass): boolean {
  switch (endpoint.kind) {
    case "machine":
      return item.sample.primary && [...item.hosts].some((urn) => endpoint.urns.has(urn));
    case "address":
      return [...item.interfaces, ...item.hosts].some((urn) => endpoint.urns.has(urn));
    case "subnet":
      return item.subnet === endpoint.key;
    case "balancer":
      return false;
    case "unknown":
      return true;
  }
}
