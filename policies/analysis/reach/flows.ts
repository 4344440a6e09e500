import { type EndpointSet, endpoints } from "../model/endpoints";
import type { Host, IfaceClass, MailNetwork, Path, Protocol } from "../model/network";
import type { Bounds } from "../net/bounds";
import { allPorts, type PortSet } from "../net/ports";
import * as ranges from "../net/ranges";
import type { Reach } from "./reach";

/** What can pass along one path on ports that nothing on it tells apart. */
export interface Flow {
  readonly path: Path;
  readonly protocol: Protocol;
  readonly ports: PortSet;
  readonly endpoints: Bounds<EndpointSet>;
}

export const SMTP_PORTS: readonly number[] = [25, 465, 587, 2525];

/** Asks `reach` about whole hosts, and remembers the answers. */
export class Flows {
  private readonly reach: Reach;
  private readonly network: MailNetwork;
  private readonly memo = new Map<string, readonly Flow[]>();

  constructor(reach: Reach) {
    this.reach = reach;
    this.network = reach.network;
  }

  classesOf(host: Host): readonly IfaceClass[] {
    return host.classes.map((id) => this.network.classes.get(id) as IfaceClass);
  }

  /** Who can connect to one TCP port of a host, path by path. */
  inbound(host: Host, port: number): readonly Flow[] {
    return this.classesOf(host).flatMap((item) =>
      this.of(item, "inbound", () => this.network.inbound(item), "tcp", port),
    );
  }

  /** Who can connect to a host on any port, for ports in `wanted`. */
  inboundAny(host: Host, protocol: Protocol, wanted: PortSet = allPorts): readonly Flow[] {
    return this.classesOf(host).flatMap((item) => {
      const open = ranges.intersect(wanted, this.reach.gatePorts(item, "inbound", protocol));
      return this.split(() => this.network.inbound(item), protocol, open);
    });
  }

  /** What a host can open on one TCP port outside the stack. */
  outbound(host: Host, port: number): readonly Flow[] {
    return this.classesOf(host).flatMap((item) =>
      this.of(item, "outbound", () => this.network.outbound(item), "tcp", port),
    );
  }

  outboundAny(host: Host, protocol: Protocol, wanted: PortSet = allPorts): readonly Flow[] {
    return this.classesOf(host).flatMap((item) => {
      const open = ranges.intersect(wanted, this.reach.gatePorts(item, "outbound", protocol));
      return this.split(() => this.network.outbound(item), protocol, open);
    });
  }

  /** How one host opens one TCP port of another interface class of the stack. */
  between(source: Host, target: IfaceClass, port: number): readonly Flow[] {
    return this.classesOf(source).flatMap((from) => this.betweenClasses(from, target, port));
  }

  betweenClasses(source: IfaceClass, target: IfaceClass, port: number): readonly Flow[] {
    if (this.reach.closed(target, "inbound", "tcp", port) || this.reach.closed(source, "outbound", "tcp", port))
      return [];
    return this.judge(this.network.between(source, target), "tcp", port);
  }

  betweenAny(source: Host, target: IfaceClass, protocol: Protocol, wanted: PortSet = allPorts): readonly Flow[] {
    const open = ranges.intersect(wanted, this.reach.gatePorts(target, "inbound", protocol));
    return this.classesOf(source).flatMap((from) => {
      const both = ranges.intersect(open, this.reach.gatePorts(from, "outbound", protocol));
      return this.split(() => this.network.between(from, target), protocol, both);
    });
  }

  private of(
    item: IfaceClass,
    direction: Path["direction"],
    paths: () => readonly Path[],
    protocol: Protocol,
    port: number,
  ): readonly Flow[] {
    if (this.reach.closed(item, direction, protocol, port)) return [];
    const key = `${item.id}\0${direction}\0${protocol}\0${port}`;
    let flows = this.memo.get(key);
    if (flows === undefined) {
      flows = this.judge(paths(), protocol, port);
      this.memo.set(key, flows);
    }
    return flows;
  }

  private judge(paths: readonly Path[], protocol: Protocol, port: number): readonly Flow[] {
    return paths.flatMap((path) => this.flow(path, protocol, [[port, port]], port));
  }

  private split(paths: () => readonly Path[], protocol: Protocol, wanted: PortSet): readonly Flow[] {
    if (wanted.length === 0) return [];
    return paths().flatMap((path) =>
      this.reach.servicePorts(path, protocol, wanted).flatMap((part) => this.flow(path, protocol, part, lowest(part))),
    );
  }

  private flow(path: Path, protocol: Protocol, ports: PortSet, sample: number): readonly Flow[] {
    const set = this.reach.endpoints(path, protocol, sample);
    return endpoints.isEmpty(set.may) ? [] : [{ path, protocol, ports, endpoints: set }];
  }
}

function lowest(set: PortSet): number {
  return (set[0] as readonly [number, number])[0];
}
