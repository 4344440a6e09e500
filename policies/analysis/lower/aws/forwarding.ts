import { endpointId, type Family, type Filter, type Hop, type Path } from "../../model/network";
import { allPorts, ports } from "../../net/ports";
import * as ranges from "../../net/ranges";
import { type AwsClass, rangeOf } from "./classes";
import type { Hops, Parts } from "./hops";

/**
 * Machines that may pass on what is not theirs, because their source/destination check is off: NAT instances, VPN servers, appliances.
 * What the guest does is not known, so whoever can open any TCP port of one may reach what it can reach, seen as himself or as the
 * machine. EC2 User Guide, "Source/destination checking"; VPC User Guide, "NAT instances".
 */
export class Forwarding {
  private readonly hops: Hops;
  readonly machines: readonly AwsClass[];

  constructor(parts: Parts, hops: Hops) {
    this.hops = hops;
    this.machines = parts.classes.filter((item) => item.sample.forwards !== "no");
  }

  /**
   * Ways to a class by a machine.
   *
   * @param front a way to the machine
   * @param onward ways from the machine to the class, as connections of its own
   */
  through(front: Path, machine: AwsClass, target: AwsClass, onward: readonly Path[]): Path[] {
    const { family, zone } = front;
    const before = [this.doubt(machine), ...front.hops.map((hop) => anyPort(hop, machine, family))];
    const masked = onward.map((path) =>
      this.hops.path(target, family, zone, [...before, { kind: "proxy", path }], {
        seen: { kind: "pool", pools: [rangeOf(machine, family)] },
      }),
    );
    if (onward.length === 0) return [];
    const admission = this.hops.groups(target, "ingress", "request");
    const kept = this.hops.path(target, family, zone, [
      ...before,
      this.hops.groups(machine, "egress", "request"),
      ...(machine.subnet === target.subnet
        ? []
        : [this.hops.acl(machine.subnet, "out", "request"), this.hops.acl(target.subnet, "in", "request")]),
      zone.kind === "internet" || zone.id.startsWith("class:") ? admission : { ...admission, byIdentity: true },
    ]);
    return [...masked, kept];
  }

  /** What a packet meets at a machine that passes it on to the Internet; the way out of the machine follows. */
  onward(machine: AwsClass): Hop[] {
    return [
      this.doubt(machine),
      this.hops.groups(machine, "ingress", "request"),
      this.hops.groups(machine, "egress", "request"),
    ];
  }

  private doubt({ sample }: AwsClass): Hop {
    const { name, urn } = sample.resource;
    return {
      kind: "doubt",
      why: { text: `whether ${name} passes on what it receives is decided inside of it`, at: { urn } },
    };
  }
}

/** The hop as it judges connections to the machine itself, on whatever port. */
function anyPort(hop: Hop, machine: AwsClass, family: Family): Hop {
  const address = family === 4 ? machine.address.v4 : machine.address.v6;
  if (hop.kind !== "filter" || hop.segment !== undefined || address === null) return hop;
  const end = { id: endpointId(machine.id, family), address };
  return { ...hop, filters: hop.filters.map(openedOn), segment: { end, port: SOME_PORT } };
}

const SOME_PORT = 1;

const opened = new WeakMap<Filter, Filter>();

/** Allows what the filter allows on some TCP port, and denies what it denies on all of them. */
function openedOn(filter: Filter): Filter {
  const known = opened.get(filter);
  if (known !== undefined) return known;
  const whole = ports(1, 65535);
  const rules = filter.rules.flatMap((rule) => {
    if (rule.action === "deny" && !(ranges.isSubset(whole, rule.ports) && ranges.isSubset(whole, rule.sourcePorts)))
      return [];
    const { action, protocol, source, destination, at, text, atom } = rule;
    const same = { action, protocol, source, destination, at, text, ...(atom === undefined ? {} : { atom }) };
    return [{ ...same, ports: allPorts, sourcePorts: allPorts }];
  });
  const made = { ...filter, id: `${filter.id}:any-port`, rules };
  opened.set(filter, made);
  return made;
}
