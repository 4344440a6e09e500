import { addresses, type EndpointSet, endpoints, noEndpoints } from "../model/endpoints";
import { endpointId, type IfaceClass, type Seen } from "../model/network";
import type { Reason } from "../model/provenance";
import type { NextMta } from "../mta/answer";
import type { AddrSet } from "../net/addr";
import * as addr from "../net/addr";
import { type Bounds, between, exactly, mergeReasons, union } from "../net/bounds";
import { DONT_CARE } from "../net/cover";
import { includes } from "../net/ranges";
import { select } from "../reach/filter";
import type { Flow } from "../reach/flows";
import { SMTP_PORTS } from "../reach/flows";
import { exposureOf } from "./exposure";
import { hidingPools } from "./hiding";
import type { MailHost, Perimeter } from "./perimeter";

/**
 * The three parts of an open relay path: who reaches a listener, for whom its MTA relays, and whether mail gets out. Each is
 * a set; the join says yes, no, or undetermined and why.
 */

/** Whom the MTA behind one port relays for, by the address that it sees. */
export interface Relaying {
  readonly port: number;
  readonly relays: Bounds<AddrSet>;
  readonly trace: readonly Reason[];
  /** Peers whose claim of another address the listener believes (PROXY header, XCLIENT); null for none. */
  readonly claims: Bounds<AddrSet> | null;
  readonly expectsProxyHeader: boolean;
}

/** Sources that nobody approved and for which the MTA relays. */
export interface RelayHit {
  readonly relaying: Relaying;
  readonly flow: Flow;
  readonly sources: Bounds<EndpointSet>;
  /** What the MTA takes for the client's address. */
  readonly seen: Seen;
}

export type Egress =
  | {
      readonly answer: "yes" | "maybe";
      readonly flow: Flow | null;
      readonly port: number;
      readonly set: AddrSet;
      readonly text: string;
      readonly why: readonly Reason[];
      /** Hosts that take the mail one from the other before it leaves; empty if the host itself sends it out. */
      readonly chain: readonly Handover[];
    }
  | { readonly answer: "no" };

/** A host that relays for another one, and how the mail gets there. */
export interface Handover {
  readonly from: MailHost;
  readonly to: MailHost;
  readonly flow: Flow;
  readonly relaying: Relaying;
  readonly certain: boolean;
  readonly why: readonly Reason[];
}

export function relayingOf(view: MailHost): readonly Relaying[] {
  const { mta } = view;
  if (mta.kind === "known") {
    return mta.answers
      .filter((answer) => !answer.loopbackOnly)
      .map((answer) => ({
        port: answer.port,
        relays: answer.relays,
        trace: answer.trace,
        claims: answer.claims ?? null,
        expectsProxyHeader: answer.expectsProxyHeader === true,
      }));
  }
  // Elsewhere "no MTA here" is an assumption, also where user data cannot be read.
  if (!view.isMail) return [];
  const why: readonly Reason[] = mta.kind === "undetermined" ? mta.why : [unknownMta(view)];
  return SMTP_PORTS.map((port) => ({
    port,
    relays: between(addr.noAddresses, addr.allAddresses, why),
    trace: why,
    claims: null,
    expectsProxyHeader: false,
  }));
}

/** Untrusted sources that reach a relaying listener of the host. */
export function relayHits(
  perimeter: Perimeter,
  view: MailHost,
  trustedOn: (port: number) => EndpointSet,
): readonly RelayHit[] {
  return relayingOf(view).flatMap((relaying) => {
    const trusted = trustedOn(relaying.port);
    return untrustedFlows(perimeter, view, relaying.port).flatMap((flow): RelayHit[] => {
      const set = endpoints.subtract;
      const open: Bounds<EndpointSet> = {
        must: set(flow.endpoints.must, trusted),
        may: set(flow.endpoints.may, trusted),
        why: flow.endpoints.why,
      };
      const sources = seenSources(perimeter, relaying, flow, open);
      return endpoints.isEmpty(sources.may) ? [] : [{ relaying, flow, sources, seen: seenBy(relaying, flow) }];
    });
  });
}

/** The load balancer's header comes first and names the real client: nobody behind it claims anything. */
function isMatched(relaying: Relaying, flow: Flow): boolean {
  return relaying.expectsProxyHeader && flow.path.proxyHeader;
}

function seenBy(relaying: Relaying, flow: Flow): Seen {
  return isMatched(relaying, flow) ? { kind: "client" } : flow.path.seen;
}

/** The sources among `open` whose seen address the MTA relays for. */
export function seenSources(
  perimeter: Perimeter,
  relaying: Relaying,
  flow: Flow,
  open: Bounds<EndpointSet>,
): Bounds<EndpointSet> {
  const { relays } = relaying;
  const seen = seenBy(relaying, flow);
  const claims = isMatched(relaying, flow) ? null : relaying.claims;
  const anyAddress: Bounds<EndpointSet> = addr.isEmpty(relays.may)
    ? exactly(noEndpoints)
    : addr.isEmpty(relays.must)
      ? between(noEndpoints, open.may, mergeReasons([...open.why, ...relays.why]))
      : open;
  if (seen.kind === "claimed") return anyAddress;
  if (seen.kind === "pool") {
    const pools = hidingPools(perimeter, flow);
    if (pools.some((pool) => !addr.isEmpty(pool) && addr.isSubset(pool, relays.must))) return open;
    const possible = pools.some((pool) => addr.overlaps(pool, relays.may));
    return possible ? between(noEndpoints, open.may, mergeReasons([...open.why, ...relays.why])) : exactly(noEndpoints);
  }
  const byAddress = within(perimeter, open, relays);
  return claims === null ? byAddress : union(endpoints, byAddress, within(perimeter, anyAddress, claims));
}

/** The endpoints of `open` whose address lies in `set`. */
function within(perimeter: Perimeter, open: Bounds<EndpointSet>, set: Bounds<AddrSet>): Bounds<EndpointSet> {
  const peer: Bounds<EndpointSet> = { must: addresses(set.must), may: addresses(set.may), why: set.why };
  const range = (id: string) => perimeter.network.ranges.get(id) ?? addr.allAddresses;
  const must = select(peer, open.must, range).must;
  const may = select(peer, open.may, range);
  const decided = endpoints.isEmpty(endpoints.subtract(may.may, must));
  return between(must, may.may, decided ? [] : mergeReasons([...open.why, ...may.why]));
}

/**
 * Flows from sources that exist: the Internet, hosts of the stack through their own egress rules, and networks that the stack
 * does not create, which count as inhabited everywhere.
 */
export function untrustedFlows(perimeter: Perimeter, view: MailHost, port: number): readonly Flow[] {
  const { network, flows } = perimeter;
  const own = network.networks;
  const outside = flows.inbound(view.host, port).flatMap((flow): Flow[] => {
    if (flow.path.zone.kind === "connected") return [flow];
    if (flow.path.zone.kind === "internet") return publicFlow(flow, view);
    const home = network.classes.get(flow.path.class)?.network;
    const created = home === undefined || own.get(home)?.created === true;
    return created ? [] : [withoutInterfaces(flow, view)];
  });
  const targets = flows.classesOf(view.host);
  const reached = exposureOf(flows, view.self, view.host, port).internal.may;
  const inside = [...network.classes.values()].flatMap((source) => {
    if (!mayBeIn(source, reached)) return [];
    const itself = view.host.classes.includes(source.id) && source.interfaces.length === 1;
    return itself ? [] : targets.flatMap((target) => flows.betweenClasses(source, target, port));
  });
  return [...outside, ...inside].filter((flow) => !endpoints.isEmpty(flow.endpoints.may));
}

/** Whether a class can be among the sources that the host's own filters admit, its own egress rules aside. */
function mayBeIn(source: IfaceClass, reached: EndpointSet): boolean {
  return (
    [
      [4, source.address.v4],
      [6, source.address.v6],
    ] as const
  ).some(([family, address]) => {
    if (address === null) return false;
    const space = address.kind === "known" ? address.addr : address.range;
    return reached.ifaces.has(endpointId(source.id, family)) || addr.overlaps(space, reached.addr);
  });
}

function publicFlow(flow: Flow, view: MailHost): Flow[] {
  const cut = (set: EndpointSet): EndpointSet => ({
    addr: addr.subtract(addr.subtract(set.addr, DONT_CARE), view.self.space),
    ifaces: set.ifaces,
  });
  return [
    { ...flow, endpoints: { must: cut(flow.endpoints.must), may: cut(flow.endpoints.may), why: flow.endpoints.why } },
  ];
}

function withoutInterfaces(flow: Flow, view: MailHost): Flow {
  const cut = (set: EndpointSet): EndpointSet => addresses(addr.subtract(set.addr, view.self.addr));
  return {
    ...flow,
    endpoints: { must: cut(flow.endpoints.must), may: cut(flow.endpoints.may), why: flow.endpoints.why },
  };
}

/** Whether mail that the host accepts gets out to arbitrary recipients: by itself, or through hosts that relay for one another. */
export function egressOf(perimeter: Perimeter, view: MailHost): Egress {
  const own = ownEgress(perimeter, view);
  if (own.answer === "yes") return own;
  const sure = handedOn(perimeter, view, true);
  if (sure.answer === "yes" || own.answer === "maybe") return sure.answer === "yes" ? sure : own;
  return handedOn(perimeter, view, false);
}

/** The shortest chain of hosts to one that gets the mail out; a host that was there before is not asked again. */
function handedOn(perimeter: Perimeter, view: MailHost, certain: boolean): Egress {
  const seen = new Set([view.urn]);
  const queue: { last: MailHost; chain: readonly Handover[] }[] = [{ last: view, chain: [] }];
  for (const { last, chain } of queue) {
    for (const next of perimeter.hosts) {
      if (seen.has(next.urn) || !next.isMail) continue;
      const handover = handoverOf(perimeter, last, next);
      if (handover === null || (certain && !handover.certain)) continue;
      seen.add(next.urn);
      const longer = [...chain, handover];
      const onward = ownEgress(perimeter, next);
      if (onward.answer === "yes" && certain) return { ...onward, chain: longer };
      if (onward.answer !== "no" && !certain) {
        const why = mergeReasons([...longer.flatMap((step) => step.why), ...onward.why]);
        return { ...onward, answer: "maybe", why, chain: longer };
      }
      queue.push({ last: next, chain: longer });
    }
  }
  return { answer: "no" };
}

/** What was found out about pairs of hosts already: every host that relays asks the same questions. */
interface Memo {
  readonly own: Map<string, Egress>;
  readonly handovers: Map<string, Handover | null>;
}

const memos = new WeakMap<Perimeter, Memo>();

function memoOf(perimeter: Perimeter): Memo {
  const memo = memos.get(perimeter) ?? { own: new Map(), handovers: new Map() };
  memos.set(perimeter, memo);
  return memo;
}

function remembered<V>(memo: Map<string, V>, key: string, compute: () => V): V {
  const known = memo.get(key);
  if (known !== undefined) return known;
  const value = compute();
  memo.set(key, value);
  return value;
}

/** Without another host of the stack: directly, or by a next hop outside. */
function ownEgress(perimeter: Perimeter, view: MailHost): Egress {
  return remembered(memoOf(perimeter).own, view.urn, () => findEgress(perimeter, view));
}

function findEgress(perimeter: Perimeter, view: MailHost): Egress {
  const found: Egress[] = [
    ...direct(perimeter, view),
    ...byNextHops(perimeter, view),
    ...byUnknownHops(perimeter, view),
  ];
  const sure = found.find((egress) => egress.answer === "yes");
  return sure ?? found.find((egress) => egress.answer === "maybe") ?? { answer: "no" };
}

function direct(perimeter: Perimeter, view: MailHost): Egress[] {
  return publicEgress(perimeter, view, 25, addr.allAddresses, "any mail server on 25");
}

function byNextHops(perimeter: Perimeter, view: MailHost): Egress[] {
  if (view.mta.kind !== "known") return [];
  return view.mta.nextHops.flatMap((hop) => {
    if (hop.destination.kind === "mx") return [];
    const set = hop.destination.kind === "address" ? hop.destination.addr : addr.allAddresses;
    const text = hop.destination.kind === "name" ? hop.destination.name : "its next hop";
    return hop.ports.flatMap(([port]) => [
      ...publicEgress(perimeter, view, port, set, `${text} on ${port}`),
      ...privateEgress(perimeter, view, port, hop.destination, `${text} on ${port}`),
    ]);
  });
}

/** A next hop in private space: in a network that the stack does not create, or the cloud's own mail service. */
function privateEgress(
  perimeter: Perimeter,
  view: MailHost,
  port: number,
  next: NextMta["destination"],
  text: string,
): Egress[] {
  return perimeter.flows.outbound(view.host, port).flatMap((flow): Egress[] => {
    const { kind, names, text: zone } = flow.path.zone;
    const found = (answer: "yes" | "maybe", set: AddrSet, why: readonly Reason[]): Egress => ({
      ...{ answer, flow, port, set, why, chain: [] },
      text: kind === "service" ? `${text}, by ${zone}` : text,
    });
    if (next.kind === "name" && kind === "service") {
      const named = names?.exact.includes(next.name) === true;
      const sure = named && !endpoints.isEmpty(flow.endpoints.must);
      const why = named ? [] : [{ text: `whether ${next.name} is the ${zone} is not known` }];
      return [found(sure ? "yes" : "maybe", addr.noAddresses, mergeReasons([...why, ...flow.endpoints.why]))];
    }
    if (next.kind !== "address" || kind === "internet" || kind === "service") return [];
    const must = addr.subtract(addr.intersect(flow.endpoints.must.addr, next.addr), view.self.addr);
    const may = addr.subtract(addr.intersect(flow.endpoints.may.addr, next.addr), view.self.addr);
    if (addr.isEmpty(may)) return [];
    const sure = !addr.isEmpty(must);
    return [found(sure ? "yes" : "maybe", sure ? must : may, flow.endpoints.why)];
  });
}

/** An MTA whose routing is not in the stack may hand mail to a smart host on any port that the host can open. */
function byUnknownHops(perimeter: Perimeter, view: MailHost): Egress[] {
  const why =
    view.mta.kind === "known"
      ? (view.mta.unknownHops ?? [])
      : view.mta.kind === "undetermined"
        ? view.mta.why
        : [unknownMta(view)];
  if (why.length === 0) return [];
  return perimeter.flows
    .outboundAny(view.host, "tcp")
    .filter((flow) => flow.path.zone.kind === "internet")
    .flatMap((flow): Egress[] => {
      const may = addr.subtract(addr.subtract(flow.endpoints.may.addr, DONT_CARE), view.self.space);
      if (addr.isEmpty(may)) return [];
      const [[port]] = flow.ports as readonly [readonly [number, number]];
      return [
        {
          answer: "maybe",
          flow,
          port,
          set: may,
          text: "a smart host that is not in the stack",
          why: mergeReasons([...why, ...flow.endpoints.why]),
          chain: [],
        },
      ];
    });
}

function unknownMta(view: MailHost): Reason {
  return { text: "no configuration of its MTA is in the stack", at: { urn: view.urn } };
}

function publicEgress(perimeter: Perimeter, view: MailHost, port: number, wanted: AddrSet, text: string): Egress[] {
  return perimeter.flows
    .outbound(view.host, port)
    .filter((flow) => flow.path.zone.kind === "internet")
    .flatMap((flow): Egress[] => {
      const cut = (set: EndpointSet) =>
        addr.subtract(addr.subtract(addr.intersect(set.addr, wanted), DONT_CARE), view.self.space);
      const must = cut(flow.endpoints.must);
      const may = cut(flow.endpoints.may);
      if (addr.isEmpty(may)) return [];
      const sure = !addr.isEmpty(must);
      return [
        {
          answer: sure ? "yes" : "maybe",
          flow,
          port,
          set: sure ? must : may,
          text,
          why: flow.endpoints.why,
          chain: [],
        },
      ];
    });
}

/** Whether one host opens SMTP to another one that relays for the address that it sees. */
function handoverOf(perimeter: Perimeter, from: MailHost, to: MailHost): Handover | null {
  const key = `${from.urn}\0${to.urn}`;
  return remembered(memoOf(perimeter).handovers, key, () => findHandover(perimeter, from, to));
}

function findHandover(perimeter: Perimeter, from: MailHost, to: MailHost): Handover | null {
  let best: Handover | null = null;
  for (const relaying of relayingOf(to)) {
    for (const target of perimeter.flows.classesOf(to.host)) {
      for (const flow of perimeter.flows.between(from.host, target, relaying.port)) {
        const sources = seenSources(perimeter, relaying, flow, flow.endpoints);
        if (endpoints.isEmpty(sources.may)) continue;
        const named = namesHost(from, to, relaying.port);
        const certain = named === null && !endpoints.isEmpty(sources.must);
        const why = mergeReasons([...sources.why, ...(named === null ? [] : [named])]);
        const handover: Handover = { from, to, flow, relaying, certain, why };
        if (certain) return handover;
        best ??= handover;
      }
    }
  }
  return best;
}

/** Null if the configuration of a host hands mail to another one by its address; else why that is not certain. */
function namesHost(from: MailHost, to: MailHost, port: number): Reason | null {
  if (from.mta.kind !== "known")
    return { text: `where ${from.name} hands mail on is not known`, at: { urn: from.urn } };
  const hops = from.mta.nextHops.filter((hop) => includes(hop.ports, port));
  const byAddress = hops.some(
    ({ destination }) => destination.kind === "address" && addr.overlaps(destination.addr, to.self.addr),
  );
  if (byAddress) return null;
  const name = hops.find(({ destination }) => destination.kind === "name");
  return name?.destination.kind === "name"
    ? { text: `whether the next hop ${name.destination.name} is ${to.name} is not known`, at: name.at }
    : { text: `the configuration of ${from.name} does not name ${to.name} as a next hop`, at: { urn: from.urn } };
}
