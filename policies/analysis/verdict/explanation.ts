import { addresses, type EndpointSet, endpoints, noEndpoints } from "../model/endpoints";
import { endpointId, type IfaceClass, type Path, type Protocol } from "../model/network";
import type { Urn } from "../model/snapshot";
import * as addr from "../net/addr";
import { exactly } from "../net/bounds";
import { firstAddress, toCidrs } from "../net/cidr";
import { cover, DONT_CARE, publicPart } from "../net/cover";
import { type ExplainedPart, type ExplainedPath, explainConnection } from "../reach/connection";
import { type Answer, reasonsOf } from "../reach/decisions";
import { hostAddress, pick } from "./describe";
import { type ExplainedMta, mtaFor } from "./explained-mta";
import {
  type ChangeStep,
  changeSteps,
  type ExplainedStep,
  firstWay,
  noWay,
  stepsOf,
  whoText,
} from "./explanation-words";
import { names } from "./exposure";
import { spell } from "./hosts";
import type { MailHost, Perimeter } from "./perimeter";
import type { Evidence, Witness } from "./report";

/** Why a source can or cannot reach a port of a host: what `relayproof explain` says. */

export type Source =
  | { readonly kind: "internet" }
  | { readonly kind: "addresses"; readonly set: addr.AddrSet; readonly text: string }
  /** Interfaces of the stack, through their own filters. */
  | { readonly kind: "interfaces"; readonly classes: readonly IfaceClass[]; readonly urn: Urn; readonly name: string };

export type ConnectionAnswer = "open" | "undetermined" | "closed";

/** A way from the source to the port, open or not. */
export interface ExplainedWay {
  readonly answer: ConnectionAnswer;
  /** The hops in the order in which a packet meets them, each with what it decides by itself. */
  readonly steps: readonly ExplainedStep[];
  /** The number of the first step that stops it, counted from 0; null if none does. */
  readonly stoppedAt: number | null;
  /** What the MTA would do for the address that it sees; null on a way that is closed. */
  readonly mta: ExplainedMta | null;
}

/** Sources for which everything on every way is decided alike. */
export interface ExplainedSources {
  readonly answer: ConnectionAnswer;
  /** CIDR prefixes, and URNs of interfaces whose address is not known yet. */
  readonly sources: readonly string[];
  /** One packet that stands for all. */
  readonly packet: Witness;
  /** Why it is not known, where it is not. */
  readonly reasons: readonly Evidence[];
  readonly ways: readonly ExplainedWay[];
  /** Alternatives that open it for certain, the smallest first; each is a list of changes that are all needed. */
  readonly toOpen: readonly (readonly ChangeStep[])[];
  /** Alternatives that close it for certain, the smallest first. */
  readonly toClose: readonly (readonly ChangeStep[])[];
}

export interface Explanation {
  readonly schemaVersion: 1;
  readonly stack: string;
  readonly source: { readonly text: string; readonly resource: Urn | null };
  readonly target: { readonly resource: Urn; readonly protocol: Protocol; readonly port: number };
  /** Null where some sources can connect and others cannot. */
  readonly answer: ConnectionAnswer | null;
  /** Disjoint, and the whole source together: what is open first. */
  readonly parts: readonly ExplainedSources[];
  /** Documented defaults that were applied where the program says nothing. */
  readonly assumptions: readonly string[];
}

const PROTOCOL: Protocol = "tcp";

export function explainReach(
  perimeter: Perimeter,
  stack: string,
  source: Source,
  view: MailHost,
  port: number,
): Explanation {
  const question = questionOf(perimeter, source, view);
  const parts = mergeAlike(
    question.sets.flatMap((set) =>
      explainConnection(perimeter.reach, question.paths, set, PROTOCOL, port, (path) => spaceOf(path, view)),
    ),
  )
    .map((part) => partOf(perimeter, source, view, port, part))
    .sort((a, b) => ORDER.indexOf(a.answer) - ORDER.indexOf(b.answer));
  const [first] = parts;
  const alike = parts.every(({ answer }) => answer === first?.answer);
  return {
    schemaVersion: 1,
    stack,
    source:
      source.kind === "interfaces"
        ? { text: source.name, resource: source.urn }
        : { text: source.kind === "internet" ? "internet" : source.text, resource: null },
    target: { resource: view.urn, protocol: PROTOCOL, port },
    answer: alike ? (first?.answer ?? "closed") : null,
    parts,
    assumptions: perimeter.assumptions,
  };
}

const ORDER: readonly ConnectionAnswer[] = ["open", "undetermined", "closed"];
const ANSWERS: { readonly [answer in Answer]: ConnectionAnswer } = {
  passes: "open",
  undetermined: "undetermined",
  stops: "closed",
};

/** The ways that are asked about, and the endpoints that ask. */
function questionOf(
  { network, flows }: Perimeter,
  source: Source,
  view: MailHost,
): { readonly paths: readonly Path[]; readonly sets: readonly EndpointSet[] } {
  const targets = flows.classesOf(view.host);
  const near = addr.union(DONT_CARE, view.self.space);
  const inbound = targets.flatMap((target) => network.inbound(target));
  if (source.kind === "internet") {
    const set = addr.subtract(addr.allAddresses, near);
    return { paths: inbound.filter(({ zone }) => zone.kind === "internet"), sets: [addresses(set)] };
  }
  if (source.kind === "addresses") {
    const set = addr.subtract(source.set, view.self.addr);
    return { paths: inbound, sets: [addr.subtract(set, near), addr.intersect(set, near)].map(addresses) };
  }
  const direct = source.classes.flatMap((from) => targets.flatMap((target) => network.between(from, target)));
  // The ways that a device leads on are the same for whoever is in its network.
  const led = inbound.filter(({ zone, hops }) => zone.kind !== "internet" && hops.some((hop) => hop.kind === "proxy"));
  return { paths: [...direct, ...led], sets: [source.classes.map(endpointsIn).reduce(endpoints.union, noEndpoints)] };
}

function endpointsIn(item: IfaceClass): EndpointSet {
  return ([4, 6] as const)
    .map((family): EndpointSet => {
      const address = family === 4 ? item.address.v4 : item.address.v6;
      if (address === null) return noEndpoints;
      if (address.kind === "known") return addresses(address.addr);
      return { addr: addr.noAddresses, ifaces: new Set([endpointId(item.id, family)]) };
    })
    .reduce(endpoints.union);
}

/** What of a zone counts as a source: no private address comes from the Internet. */
function spaceOf({ zone }: Path, view: MailHost): EndpointSet {
  if (zone.kind !== "internet") return zone.endpoints.may;
  return endpoints.subtract(zone.endpoints.may, addresses(addr.union(DONT_CARE, view.self.space)));
}

/** Parts of which everything that is said is the same are one. */
function mergeAlike(parts: readonly ExplainedPart[]): ExplainedPart[] {
  const merged = new Map<string, ExplainedPart>();
  for (const part of parts) {
    const key = part.paths.length === 0 ? nature(part.who) : JSON.stringify(part.paths.map(saidOf));
    const other = merged.get(key);
    merged.set(key, other === undefined ? part : { ...other, who: endpoints.union(other.who, part.who) });
  }
  return [...merged.values()];
}

function saidOf({ path, decisions }: ExplainedPath) {
  const seen = path.seen.kind === "pool" ? path.seen.pools.map(toCidrs) : path.seen.kind;
  return [seen, decisions.map(({ key, answer, detail }) => [key, answer, detail])];
}

/** What decides how it is said that no way leads there. */
function nature({ addr: set }: EndpointSet): string {
  return `${addr.isEmpty(publicPart(set))} ${set.v4.length > 0} ${set.v6.length > 0}`;
}

function partOf(
  perimeter: Perimeter,
  source: Source,
  view: MailHost,
  port: number,
  part: ExplainedPart,
): ExplainedSources {
  const sources = sourcesOf(perimeter, source, view, part.who);
  const text = source.kind === "interfaces" ? source.name : whoText(perimeter, sources);
  const one = pick(part.who);
  const ways = part.paths.map((path) => wayOf(perimeter, view, port, part, path, text));
  const packetPath = part.paths[0]?.path;
  const destination = hostAddress(view, packetPath?.family ?? (one.addr.v6.length > 0 ? 6 : 4));
  const [first] = ways;
  const client = firstAddress(one.addr) ?? text;
  return {
    answer: ANSWERS[part.answer],
    sources,
    packet: { source: client, seenSource: first?.mta?.seen ?? client, destination, port },
    reasons:
      part.answer === "undetermined" ? reasonsOf(part.paths.flatMap(({ decisions }) => decisions)).map(spell) : [],
    ways: ways.length > 0 ? ways : [closedWay(noWay(perimeter, source.kind, view, part.who, text))],
    toOpen:
      ways.length > 0
        ? alternatives(view, part.open, text)
        : [[firstWay(perimeter, source.kind, view, port, part.who)]],
    toClose: alternatives(view, part.close, text),
  };
}

/** Changes of two filters of one name may read alike. */
function alternatives(view: MailHost, sets: ExplainedPart["open"], text: string): (readonly ChangeStep[])[] {
  const spelt = sets.map((changes) => changeSteps(view, changes, text));
  return [...new Map(spelt.map((changes) => [JSON.stringify(changes), changes])).values()];
}

function closedWay(steps: readonly ExplainedStep[]): ExplainedWay {
  return { answer: "closed", steps, stoppedAt: steps.findIndex(({ decision }) => decision === "stops"), mta: null };
}

function wayOf(
  perimeter: Perimeter,
  view: MailHost,
  port: number,
  part: ExplainedPart,
  explained: ExplainedPath,
  text: string,
): ExplainedWay {
  const { path, answer } = explained;
  const steps = stepsOf(view, port, explained, text);
  const stoppedAt = steps.findIndex(({ decision }) => decision === "stops");
  const who = endpoints.intersect(part.who, path.zone.endpoints.may);
  const flow = { path, protocol: PROTOCOL, ports: [[port, port]] as const, endpoints: exactly(who) };
  return {
    answer: ANSWERS[answer],
    steps,
    stoppedAt: stoppedAt < 0 ? null : stoppedAt,
    mta: answer === "stops" ? null : mtaFor(perimeter, view, port, flow),
  };
}

function sourcesOf({ network }: Perimeter, source: Source, view: MailHost, who: EndpointSet): string[] {
  const prefixes =
    source.kind === "internet" ? cover(who.addr, addr.union(DONT_CARE, view.self.space)) : toCidrs(who.addr);
  return [...prefixes, ...names(network, view.self, { ...who, addr: addr.noAddresses })];
}
