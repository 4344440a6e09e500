import { type EndpointSet, endpoints, noEndpoints } from "../model/endpoints";
import type { Endpoint, Filter, Hop, IfaceClass, MailNetwork, Path, Protocol } from "../model/network";
import { endpointId } from "../model/network";
import { type Bounds, between, exactly, intersect, mergeReasons, union } from "../net/bounds";
import { allPorts, type PortSet, portClasses, sourcePorts } from "../net/ports";
import * as ranges from "../net/ranges";
import { admitted, type Question, select } from "./filter";

/**
 * Who can complete a connection along a path: the endpoints of its zone that every hop lets pass, for some port that the
 * client chooses. Hops only narrow, so each is judged against the whole zone once and the results are intersected: a hop
 * that many paths share is computed once.
 */
export class Reach {
  readonly network: MailNetwork;
  private readonly memo = new Map<string, Bounds<EndpointSet>>();
  private readonly portMemo = new Map<Filter, { readonly [protocol in Protocol]: FilterPorts }>();

  private readonly gateMemo = {
    inbound: { tcp: new Map<IfaceClass, PortSet>(), udp: new Map<IfaceClass, PortSet>() },
    outbound: { tcp: new Map<IfaceClass, PortSet>(), udp: new Map<IfaceClass, PortSet>() },
  };

  constructor(network: MailNetwork) {
    this.network = network;
  }

  /** The endpoints at the far end of `path` that can connect to, or be opened by, its class on `port`. */
  endpoints(path: Path, protocol: Protocol, port: number): Bounds<EndpointSet> {
    let result: Bounds<EndpointSet> = exactly(noEndpoints);
    if (path.ports !== null && !ranges.includes(path.ports, port)) return result;
    if (path.protocol !== null && path.protocol !== protocol) return result;
    if (path.hops.some((hop) => this.shuts(hop, protocol, port))) return result;
    for (const clientPort of this.clientPorts(path, protocol)) {
      result = union(endpoints, result, this.fold(path, this.question(path, protocol, port, clientPort)));
      if (result.must === path.zone.endpoints.may) break;
    }
    return result;
  }

  /** Ports on which some way into or out of a class may be open: elsewhere its ways need not be made. */
  gatePorts(item: IfaceClass, direction: Path["direction"], protocol: Protocol): PortSet {
    const memo = this.gateMemo[direction][protocol];
    let open = memo.get(item);
    if (open === undefined) {
      open = this.network
        .gates(item, direction)
        .reduce<PortSet>((set, filter) => ranges.intersect(set, this.passedPorts(filter, protocol)), allPorts);
      memo.set(item, open);
    }
    return open;
  }

  closed(item: IfaceClass, direction: Path["direction"], protocol: Protocol, port: number): boolean {
    return !ranges.includes(this.gatePorts(item, direction, protocol), port);
  }

  /** Whether a hop lets nobody pass on a port, whoever asks. */
  private shuts(hop: Hop, protocol: Protocol, port: number): boolean {
    if (hop.kind !== "filter" || hop.leg !== "request") return false;
    const asked = hop.segment?.port ?? port;
    return hop.filters.every((filter) => !ranges.includes(this.passedPorts(filter, protocol), asked));
  }

  /** Ports on which a filter may let a request pass, whoever asks. */
  private passedPorts(filter: Filter, protocol: Protocol): PortSet {
    if (filter.otherwise === "allow") return allPorts;
    return this.portsOf(filter, protocol).passed;
  }

  private portsOf(filter: Filter, protocol: Protocol): FilterPorts {
    let known = this.portMemo.get(filter);
    if (known === undefined) {
      known = { tcp: filterPorts(filter, "tcp"), udp: filterPorts(filter, "udp") };
      this.portMemo.set(filter, known);
    }
    return known[protocol];
  }

  /** The service ports in `wanted`, split so that no hop of the path tells two ports of a part apart. */
  servicePorts(path: Path, protocol: Protocol, wanted: PortSet): PortSet[] {
    const sets = new Set<PortSet>();
    if (path.ports !== null) sets.add(path.ports);
    for (const hop of path.hops) {
      if (hop.kind !== "filter" || hop.segment !== undefined) continue;
      for (const filter of hop.filters) {
        const { ports, sourcePorts } = this.portsOf(filter, protocol);
        for (const set of hop.leg === "request" ? ports : sourcePorts) sets.add(set);
      }
    }
    return portClasses(wanted, sets);
  }

  question(path: Path, protocol: Protocol, port: number, clientPort: number): Question {
    return {
      fixed: this.endpoint(path),
      vary: path.direction === "inbound" ? "clients" : "servers",
      protocol,
      port,
      clientPort,
      rangeOf: (id) => {
        const range = this.network.ranges.get(id);
        if (range === undefined) throw new Error(`endpoint ${id} has no range`);
        return range;
      },
    };
  }

  /** One client port for each class that the stateless filters of the path tell apart. */
  clientPorts(path: Path, protocol: Protocol): readonly number[] {
    const sets = new Set<PortSet>();
    for (const hop of path.hops) {
      if (hop.kind === "filter" && hop.clientPorts === undefined) this.noteClientPorts(hop, protocol, sets);
    }
    return samples(sourcePorts, sets);
  }

  /** The question as a hop meets it, once for each class of ports that a device on the way may choose from. */
  questionsAt(hop: Hop & { kind: "filter" }, question: Question): readonly Question[] {
    const asked = segmentOf(hop, question);
    if (hop.clientPorts === undefined) return [asked];
    const sets = new Set<PortSet>();
    this.noteClientPorts(hop, question.protocol, sets);
    return samples(hop.clientPorts, sets).map((clientPort) => ({ ...asked, clientPort }));
  }

  private noteClientPorts(hop: Hop & { kind: "filter" }, protocol: Protocol, sets: Set<PortSet>): void {
    for (const filter of hop.filters) {
      const { ports, sourcePorts } = this.portsOf(filter, protocol);
      for (const set of hop.leg === "request" ? sourcePorts : ports) sets.add(set);
    }
  }

  private endpoint(path: Path): Endpoint {
    const target = this.network.classes.get(path.class) as IfaceClass;
    const address = path.family === 4 ? target.address.v4 : target.address.v6;
    if (address === null) throw new Error(`class ${path.class} has no IPv${path.family} address`);
    return { id: endpointId(target.id, path.family), address };
  }

  private fold(path: Path, question: Question): Bounds<EndpointSet> {
    let result = path.zone.endpoints;
    for (const hop of path.hops) {
      if (endpoints.isEmpty(result.may)) return exactly(noEndpoints);
      result = this.step(hop, path, question, result);
    }
    return result;
  }

  /** What one hop lets pass of everything in the zone of its path, whatever the other hops do. */
  admits(hop: Hop, path: Path, question: Question): Bounds<EndpointSet> {
    return this.step(hop, path, question, path.zone.endpoints);
  }

  private step(hop: Hop, path: Path, question: Question, result: Bounds<EndpointSet>): Bounds<EndpointSet> {
    switch (hop.kind) {
      case "device":
        return result;
      case "proxy": {
        const inner = this.endpoints(hop.path, question.protocol, question.port);
        if (endpoints.isEmpty(inner.may)) return exactly(noEndpoints);
        const whole = endpoints.isEmpty(endpoints.subtract(hop.path.zone.endpoints.may, inner.must));
        return whole ? result : between(noEndpoints, result.may, mergeReasons([...result.why, ...inner.why]));
      }
      case "doubt":
        return between(noEndpoints, result.may, mergeReasons([...result.why, hop.why]));
      case "route": {
        const toward = between(
          { addr: hop.toward.must, ifaces: noEndpoints.ifaces },
          { addr: hop.toward.may, ifaces: noEndpoints.ifaces },
          hop.toward.why,
        );
        const routed = select(toward, result.may, question.rangeOf);
        return intersect(endpoints, result, routed);
      }
      case "filter": {
        const questions = this.questionsAt(hop, question);
        const options = hop.filters.map((filter) =>
          questions
            .map((asked) => this.judge(filter, hop, path, asked))
            .reduce((set, option) => union(endpoints, set, option)),
        );
        const [first, ...rest] = options;
        if (first === undefined) throw new Error("a filter hop has no filter");
        if (rest.length === 0) return intersect(endpoints, result, first);
        const must = rest.reduce((set, option) => endpoints.intersect(set, option.must), first.must);
        const may = rest.reduce((set, option) => endpoints.union(set, option.may), first.may);
        const why = mergeReasons([...hop.why, ...options.flatMap((option) => option.why)]);
        return intersect(endpoints, result, between(must, may, why));
      }
    }
  }

  private judge(filter: Filter, hop: Hop & { kind: "filter" }, path: Path, asked: Question): Bounds<EndpointSet> {
    const evaluate = () => admitted(filter, hop.leg, asked, path.zone.endpoints);
    // An answer that depends on the fixed end is hardly ever asked for twice.
    if (mentionsFixed(filter, hop, asked)) return evaluate();
    const key = `${filter.id}\0${hop.leg}${hop.byIdentity === true}\0${path.zone.id}\0${asked.vary}${asked.protocol}${asked.port}:${asked.clientPort}`;
    let result = this.memo.get(key);
    if (result === undefined) {
      result = evaluate();
      this.memo.set(key, result);
    }
    return result;
  }
}

/** The question as this hop meets it: a device in the middle of the path has an address and port of its own. */
function segmentOf(hop: Hop & { kind: "filter" }, question: Question): Question {
  const { segment, byIdentity } = hop;
  if (segment === undefined && byIdentity !== true) return question;
  return {
    ...question,
    ...(byIdentity === true ? { byIdentity } : {}),
    ...(segment === undefined ? {} : { fixed: segment.end, port: segment.port }),
  };
}

/** The highest port of each class of `space` that no set in `sets` tells apart. */
function samples(space: PortSet, sets: Set<PortSet>): readonly number[] {
  sets.delete(allPorts);
  if (sets.size === 0) return [(space[space.length - 1] as readonly [number, number])[1]];
  return portClasses(space, sets).map((ports) => (ports[ports.length - 1] as readonly [number, number])[1]);
}

/** The ports that the rules of a filter for one protocol tell apart, and those that some of them may let pass. */
interface FilterPorts {
  readonly passed: PortSet;
  readonly ports: ReadonlySet<PortSet>;
  readonly sourcePorts: ReadonlySet<PortSet>;
}

function filterPorts(filter: Filter, protocol: Protocol): FilterPorts {
  const passed = new Set<PortSet>();
  const ports = new Set<PortSet>();
  const sourcePorts = new Set<PortSet>();
  for (const rule of filter.rules) {
    if (rule.protocol !== "any" && rule.protocol !== protocol) continue;
    if (rule.action === "allow") passed.add(rule.ports);
    ports.add(rule.ports);
    sourcePorts.add(rule.sourcePorts);
  }
  return { passed: ranges.normalize([...passed].flat()), ports, sourcePorts };
}

/** Whether a rule looks at the end of the connection that the question fixes, so that the answer depends on it. */
function mentionsFixed(filter: Filter, hop: Hop & { kind: "filter" }, question: Question): boolean {
  const fixedIsSource = (question.vary === "servers") === (hop.leg === "request");
  return filter.rules.some((rule) => (fixedIsSource ? rule.source : rule.destination) !== null);
}
