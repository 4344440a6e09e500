import type { Family, Filter, Hop, NetId } from "../../model/network";
import type { Reason } from "../../model/provenance";
import type { ResourceSnapshot } from "../../model/snapshot";
import { type AddrSet, intersect, isEmpty, isSubset, overlaps, union } from "../../net/addr";
import { between } from "../../net/bounds";
import { type Answer, toward } from "../longest-prefix";
import { type Hops, inboundTarget, type Parts } from "./hops";
import type { Inspector } from "./network-firewall/firewall";
import type { SubnetTables } from "./route-tables";
import type { Target } from "./routes";
import type { SubnetKey } from "./vpc";

/** A way between the Internet and an address behind the gateway, as the hops around the boundary of the subnet. */
export interface Entrance {
  /** Before the boundary of the subnet. */
  readonly front: readonly Hop[];
  /** Where the reply goes when it leaves the subnet. */
  readonly route: Hop & { kind: "route" };
  /** After it. */
  readonly back: readonly Hop[];
  /** Subnets of the device on the way. */
  readonly through: readonly SubnetKey[];
}

/** What stands between two subnets of a network. */
export interface Crossing {
  /** Distinguishes subnets that are crossed to differently. */
  readonly key: string;
  readonly request: readonly Hop[];
  readonly reply: readonly Hop[];
}

/** Targets of a route into a network whose device the model does not follow. */
const DETOURS: ReadonlySet<Target["kind"]> = new Set(["interface", "nat", "unknown"]);

const free: Crossing = { key: "", request: [], reply: [] };

/**
 * Firewalls and Gateway Load Balancers that route tables put in the path. One counts only where both directions lead through it;
 * VPC User Guide, "Gateway route tables" and "Middlebox routing": the same appliance must see the reply.
 */
export class Inspection {
  private readonly parts: Parts;
  private readonly hops: Hops;
  private readonly memo = new Map<ResourceSnapshot, Inspector | null>();

  constructor(parts: Parts, hops: Hops) {
    this.parts = parts;
    this.hops = hops;
  }

  /** Ways in from the Internet to an address of a subnet. */
  entrances(subnet: SubnetKey, network: NetId, family: Family, own: AddrSet, verb: string): Entrance[] {
    const edge = this.parts.edge(network);
    if (edge.options.length === 0) return this.plain(subnet, family, [], verb);
    const ways = endpointsIn(edge).flatMap((resource): Entrance[] => {
      const inspector = this.inspector(resource);
      if (inspector === null) return [];
      const answer = leads(edge, family, own, (target) => isEndpoint(target, resource));
      if (answer === "no") return [];
      const route = this.hops.route(subnet, family, (target) => yesNo(isEndpoint(target, resource)), verb);
      if (isEmpty(route.toward.may)) return [];
      return [
        {
          front: [
            ...(answer === "yes"
              ? []
              : [doubt(`whether inbound traffic passes ${inspector.text} is not known`, resource)]),
            device(inspector),
            ...filters(inspector, "request"),
          ],
          route,
          back: [...this.onward(inspector, family), ...filters(inspector, "reply")],
          through: inspector.subnets,
        },
      ];
    });
    const local = leads(edge, family, own, (target) => target.kind === "local");
    if (local === "yes") return this.plain(subnet, family, [], verb);
    const through = endpointsIn(edge).some(
      (resource) => leads(edge, family, own, (target) => isEndpoint(target, resource)) === "yes",
    );
    const at = edge.options[0]?.at ?? null;
    const why: Reason = {
      text: through
        ? "the reply does not return through the device that inbound traffic passes"
        : "what the route table of the Internet gateway leads to is not certain",
      ...(at === null ? {} : { at }),
    };
    const others = (target: Target): Answer => {
      if (target.kind === "endpoint" && through && leadsTo(edge, family, own, target.resource)) return "no";
      return inboundTarget(target);
    };
    const route = this.hops.route(subnet, family, others, verb);
    const rest = isEmpty(route.toward.may)
      ? []
      : [{ front: [{ kind: "doubt" as const, why }], route, back: [], through: [] }];
    return [...ways, ...rest];
  }

  /** Ways out to the Internet through a device, for an interface that has a public address of its own. */
  exits(subnet: SubnetKey, network: NetId, family: Family, own: AddrSet, verb: string): Entrance[] {
    return this.symmetric(subnet, network, family, own).map((inspector) => ({
      front: [],
      route: this.hops.route(subnet, family, (target) => yesNo(isEndpoint(target, inspector.resource)), verb),
      back: [
        device(inspector),
        ...filters(inspector, "request"),
        ...this.onward(inspector, family),
        ...filters(inspector, "reply"),
      ],
      through: inspector.subnets,
    }));
  }

  /** Whether a route of the subnet leads through a device that replies come back through. */
  covers(subnet: SubnetKey, network: NetId, family: Family, own: AddrSet, target: Target): boolean {
    return (
      target.kind === "endpoint" &&
      this.symmetric(subnet, network, family, own).some((inspector) => inspector.resource === target.resource)
    );
  }

  /** What packets between two subnets of a network meet where routes are more specific than the local one. */
  crossing(from: SubnetKey, source: AddrSet | null, to: SubnetKey, target: AddrSet | null, family: Family): Crossing {
    const [there, back] = [this.parts.tables(from), this.parts.tables(to)];
    const devices = [...new Set([...endpointsIn(there), ...endpointsIn(back)])];
    if (source === null || target === null) return free;
    const detours = [...this.detours(from, there, family, target), ...this.detours(to, back, family, source)];
    if (devices.length === 0 && detours.length === 0) return free;
    const crossings = devices.flatMap((resource): Crossing[] => {
      const inspector = this.inspector(resource);
      if (inspector === null) return [];
      const wanted = (route: Target) => isEndpoint(route, resource);
      const [out, home] = [leads(there, family, target, wanted), leads(back, family, source, wanted)];
      if (out === "no" && home === "no") return [];
      if (out === "yes" && home === "yes")
        return [
          {
            key: `through ${resource.urn}`,
            request: [device(inspector), ...filters(inspector, "request")],
            reply: filters(inspector, "reply"),
          },
        ];
      const why = doubt(`${inspector.text} is in the path of one direction only, or of a part of the subnet`, resource);
      return [{ key: `partly ${resource.urn}`, request: [why], reply: [] }];
    });
    return {
      key: [...crossings.map((item) => item.key), ...detours.map((item) => item.key)].join(" "),
      request: [...crossings.flatMap((item) => item.request), ...detours.map((item) => item.hop)],
      reply: crossings.flatMap((item) => item.reply),
    };
  }

  /** Routes into the network that are more specific than the local one and lead to a machine, a NAT gateway or out of the stack. */
  private detours(
    subnet: SubnetKey,
    tables: SubnetTables,
    family: Family,
    wanted: AddrSet,
  ): { key: string; hop: Hop }[] {
    const { space } = this.parts.vpcs.network(this.parts.vpcs.subnet(subnet).network);
    const found = tables.options
      .flatMap((table) => table.routes)
      .filter(
        ({ destination, target }) =>
          DETOURS.has(target.kind) &&
          destination !== null &&
          overlaps(destination, wanted) &&
          isSubset(destination, space.must),
      );
    if (found.length === 0 || leads(tables, family, wanted, ({ kind }) => DETOURS.has(kind)) === "no") return [];
    return found.map(({ at, text }) => ({
      key: `by ${at.urn} ${at.path ?? ""}`,
      hop: {
        kind: "doubt",
        why: { text: `what a more specific route than the local one leads through is not followed (${text})`, at },
      },
    }));
  }

  private plain(subnet: SubnetKey, family: Family, front: readonly Hop[], verb: string): Entrance[] {
    // A way without a route back is closed, and says so.
    return [{ front, route: this.hops.route(subnet, family, inboundTarget, verb), back: [], through: [] }];
  }

  /** Devices that the subnet's routes lead to and that the gateway's table leads back to. */
  private symmetric(subnet: SubnetKey, network: NetId, family: Family, own: AddrSet): Inspector[] {
    const edge = this.parts.edge(network);
    if (edge.options.length === 0) return [];
    return endpointsIn(this.parts.tables(subnet)).flatMap((resource) => {
      const inspector = this.inspector(resource);
      if (inspector === null || leads(edge, family, own, (target) => isEndpoint(target, resource)) !== "yes") return [];
      return [inspector];
    });
  }

  /** From the device to the Internet, by the routes of its own subnets. */
  private onward(inspector: Inspector, family: Family): Hop[] {
    const verb = `${inspector.text} sends by`;
    const routes = inspector.subnets.map((subnet) => this.hops.route(subnet, family, inboundTarget, verb));
    const [first, ...rest] = routes;
    if (first === undefined)
      return [doubt(`the subnets of ${inspector.text} are not in the stack`, inspector.resource)];
    const sets = [first, ...rest].map((route) => route.toward);
    const must = sets.map((set) => set.must).reduce(intersect);
    // Which of several endpoints a route means is not always known: what one of them may lead to is possible.
    const wider = rest.reduce(
      (set, { toward: next }) => between(must, union(set.may, next.may), [...set.why, ...next.why]),
      first.toward,
    );
    const why =
      wider.why.length > 0 || rest.length === 0
        ? wider.why
        : [{ text: `the subnets of ${inspector.text} lead on differently` }];
    const same = isSubset(wider.may, must);
    return [{ ...first, toward: between(must, wider.may, same ? [] : why) }];
  }

  private inspector(resource: ResourceSnapshot): Inspector | null {
    let found = this.memo.get(resource);
    if (found === undefined) {
      found = this.parts.inspector(resource);
      this.memo.set(resource, found);
    }
    return found;
  }
}

function endpointsIn(tables: SubnetTables): ResourceSnapshot[] {
  const found = tables.options.flatMap((table) =>
    table.routes.flatMap(({ target }) => (target.kind === "endpoint" ? [target.resource] : [])),
  );
  return [...new Set(found)];
}

/** Whether tables send all, none or some of a set of addresses to a target. */
function leads(tables: SubnetTables, family: Family, own: AddrSet, wanted: (target: Target) => boolean): Answer {
  const answers = tables.options.map((table): Answer => {
    const set = toward(table, family, (target) => (target.kind === "unknown" ? "maybe" : yesNo(wanted(target))));
    return !isEmpty(own) && isSubset(own, set.must) ? "yes" : overlaps(own, set.may) ? "maybe" : "no";
  });
  const [first = "no"] = answers;
  return answers.every((answer) => answer === first) ? first : "maybe";
}

function leadsTo(tables: SubnetTables, family: Family, own: AddrSet, resource: ResourceSnapshot): boolean {
  return leads(tables, family, own, (target) => isEndpoint(target, resource)) === "yes";
}

function isEndpoint(target: Target, resource: ResourceSnapshot): boolean {
  return target.kind === "endpoint" && target.resource === resource;
}

function yesNo(answer: boolean): Answer {
  return answer ? "yes" : "no";
}

function device(inspector: Inspector): Hop {
  return { kind: "device", step: "firewall", at: { urn: inspector.resource.urn }, text: inspector.text };
}

function filters(inspector: Inspector, leg: "request" | "reply"): Hop[] {
  return inspector.filters[leg].map((filter: Filter) => ({
    kind: "filter",
    filters: [filter],
    leg,
    step: "firewall",
    why: [],
  }));
}

function doubt(text: string, resource: ResourceSnapshot): Hop {
  return { kind: "doubt", why: { text, at: { urn: resource.urn } } };
}
