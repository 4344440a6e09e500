import type { Reason } from "../../model/provenance";
import {
  type AddrSet,
  allAddresses,
  allV4,
  allV6,
  intersect,
  isEmpty,
  noAddresses,
  subtract,
  union,
} from "../../net/addr";
import * as bounds from "../../net/bounds";
import { firstAddress, size } from "../../net/cidr";
import { loopback } from "../../net/cover";
import type { RelayAnswer } from "../answer";
import { type Clients, either } from "../sets";
import { type Connector, shownName } from "./connector";
import type { AcceptedDomain, Organisation } from "./organisation";
import { parseBinding, parseRange } from "./ranges";
import { ANY_RECIPIENT, anonymousMay, isExternallySecured, SUBMIT } from "./rights";

export type Answer = "yes" | "no" | "maybe";

/** Lines of an explanation. */
const MAX_TRACE = 12;

/** Ports that Exchange may listen on where the bindings are not known. */
const USUAL_PORTS = [25, 465, 587, 2525];

/**
 * For whom the connectors relay without authentication, port by port. The connector with the most specific range that holds the
 * client's address takes the session.
 * Source: Microsoft, "Receive connectors" (local and remote addresses of a connector).
 * @param problems what was not followed: it may open any port for anybody
 */
export function relayAnswers(organisation: Organisation, problems: readonly Reason[]): RelayAnswer[] {
  const servers = usedServers(organisation);
  const all = servers.flat();
  const unknownPorts = problems.length > 0 || all.some((it) => it.bindings.open.length > 0);
  const ports = new Set([...all.flatMap(portsOf), ...(unknownPorts ? USUAL_PORTS : [])]);
  return [...ports].sort((a, b) => a - b).map((port) => answerOn(port, servers, organisation, problems));
}

/** The connectors of each server that the script is about. */
export function usedServers({ connectors }: Organisation): Connector[][] {
  const byServer = new Map<string, Connector[]>();
  for (const it of connectors.values()) {
    const key = it.server.toLowerCase();
    byServer.set(key, [...(byServer.get(key) ?? []), it]);
  }
  const groups = [...byServer.values()];
  // Nothing was done to the machine's own connectors by that name: it goes by another one.
  const named = groups.filter((group) => group.some((it) => !it.builtIn || Object.keys(it.set).length > 0));
  return named.length > 0 ? named : groups.slice(0, 1);
}

function portsOf(connector: Connector): number[] {
  return connector.bindings.has.flatMap((text) => parseBinding(text)?.port ?? []);
}

function answerOn(
  port: number,
  servers: readonly (readonly Connector[])[],
  { domains }: Organisation,
  problems: readonly Reason[],
): RelayAnswer {
  const parts = servers.map((connectors) => onServer(port, connectors, [...domains.values()]));
  const [first, ...rest] = parts.map((part) => part.relays);
  const why: Reason = { text: "the script configures several servers, and which of them this is, is not known" };
  let relays = rest.reduce<Clients>((sum, it) => oneOf(sum, it, why), first ?? bounds.exactly(noAddresses));
  if (problems.length > 0) relays = either(relays, bounds.between(noAddresses, allAddresses, problems));
  return {
    port,
    loopbackOnly: problems.length === 0 && parts.every((part) => part.loopbackOnly),
    relays,
    trace: bounds.mergeReasons(parts.flatMap((part) => part.trace)).slice(0, MAX_TRACE),
  };
}

/** One of two answers, nobody knows which. */
export function oneOf(a: Clients, b: Clients, why: Reason): Clients {
  const must = intersect(a.must, b.must);
  const may = union(a.may, b.may);
  return isEmpty(subtract(may, must))
    ? bounds.exactly(must)
    : bounds.between(must, may, bounds.mergeReasons([...a.why, ...b.why, why]));
}

interface Entry {
  readonly connector: Connector;
  readonly set: AddrSet;
  readonly breadth: bigint;
  readonly specific: boolean;
  readonly relays: Answer;
  /** It takes these sessions for certain. */
  readonly sure: boolean;
  /** Only the ranges are not known. */
  readonly rangeless: boolean;
}

function onServer(port: number, connectors: readonly Connector[], domains: readonly AcceptedDomain[]) {
  const listening = connectors.filter((it) => !("value" in it.enabled && !it.enabled.value) && mayListen(it, port));
  const outside = listening.filter((it) => !loopbackOnly(it, port));
  const winners = new Set<Connector>();
  let relays: Clients = bounds.exactly(noAddresses);
  for (const family of [allV4, allV6]) {
    const scopes = localAddresses(outside, port, family);
    const [first, ...rest] = scopes.map((local) => select(outside, port, family, local, domains, winners));
    const why: Reason = { text: "the connectors differ by the server's own address" };
    const part = rest.reduce<Clients>((sum, it) => oneOf(sum, it, why), first ?? bounds.exactly(noAddresses));
    relays = either(relays, part);
  }
  const trace = [...winners].flatMap((it) => linesOf(it, domains));
  return { relays, loopbackOnly: listening.length > 0 && outside.length === 0, trace };
}

function mayListen(connector: Connector, port: number): boolean {
  return (
    connector.bindings.open.length > 0 ||
    connector.bindings.has.some((text) => {
      const binding = parseBinding(text);
      return binding === null || binding.port === port;
    })
  );
}

function loopbackOnly(connector: Connector, port: number): boolean {
  if (connector.bindings.open.length > 0) return false;
  return connector.bindings.has.every((text) => {
    const binding = parseBinding(text);
    return binding !== null && (binding.port !== port || isEmpty(subtract(binding.address, loopback)));
  });
}

/** Addresses of the server that connectors are bound to; null for any where none is named. */
function localAddresses(connectors: readonly Connector[], port: number, family: AddrSet): (string | null)[] {
  const named = connectors.flatMap((it) =>
    it.bindings.has.flatMap((text) => {
      const binding = parseBinding(text);
      const own =
        binding !== null && binding.port === port && !binding.any && !isEmpty(intersect(binding.address, family));
      return own && isEmpty(intersect(binding.address, loopback)) ? [firstAddress(binding.address)] : [];
    }),
  );
  return named.length === 0 ? [null] : [...new Set(named)];
}

function select(
  connectors: readonly Connector[],
  port: number,
  family: AddrSet,
  local: string | null,
  domains: readonly AcceptedDomain[],
  winners: Set<Connector>,
): Clients {
  const entries = connectors.flatMap((it) => entriesOf(it, port, family, local, domains)).sort(bySpecificity);
  let must = noAddresses;
  let may = noAddresses;
  let openMust = family;
  let openMay = family;
  const why: Reason[] = [];
  for (const { connector, set, relays, sure, rangeless } of entries) {
    const here = intersect(set, openMay);
    if (relays !== "no" && !isEmpty(here)) {
      may = union(may, here);
      winners.add(connector);
      if (relays === "maybe" || !sure) why.push(...doubts(connector, domains));
    }
    if (sure) openMay = subtract(openMay, set);
    const certain = intersect(set, openMust);
    if (sure && relays === "yes") must = union(must, certain);
    // A connector that may take the session and does not certainly relay leaves it open; one whose ranges alone are unknown
    // does not undo what another is known to do.
    if (sure || (relays !== "yes" && !rangeless)) {
      openMust = subtract(openMust, set);
      if (!sure) why.push(...doubts(connector, domains));
    }
  }
  return isEmpty(subtract(may, must)) ? bounds.exactly(must) : bounds.between(must, may, bounds.mergeReasons(why));
}

function entriesOf(
  connector: Connector,
  port: number,
  family: AddrSet,
  local: string | null,
  domains: readonly AcceptedDomain[],
): Entry[] {
  const bindings = connector.bindings.has.map(parseBinding);
  const matching = bindings.filter(
    (it) =>
      it !== null &&
      it.port === port &&
      (it.any || firstAddress(it.address) === local) &&
      !isEmpty(intersect(it.address, family)),
  );
  const unknownBinding = connector.bindings.open.length > 0 || bindings.includes(null);
  if (matching.length === 0 && !unknownBinding) return [];
  const specific = matching.some((it) => it !== null && !it.any);
  const sure = connector.certain && "value" in connector.enabled && matching.length > 0;
  const relays = relaysFor(connector, domains);
  const common = { connector, specific, relays };
  const sets = connector.ranges.has.map((text) => parseRange(text));
  const known = sets.flatMap((set): Entry[] => {
    const part = set === null ? noAddresses : intersect(set, family);
    return isEmpty(part) ? [] : [{ ...common, set: part, breadth: size(part), sure, rangeless: false }];
  });
  const open = connector.ranges.open.length > 0 || sets.includes(null);
  return open ? [...known, { ...common, set: family, breadth: 0n, sure: false, rangeless: true }] : known;
}

/** The narrowest first; among equals the one bound to the address itself, and then the one that relays: nothing is closed by a tie. */
function bySpecificity(a: Entry, b: Entry): number {
  if (a.breadth !== b.breadth) return a.breadth < b.breadth ? -1 : 1;
  if (a.specific !== b.specific) return a.specific ? -1 : 1;
  const rank = { yes: 0, maybe: 1, no: 2 };
  return rank[a.relays] - rank[b.relays];
}

/** Whether a connector takes mail for anybody from a client that it does not know. */
export function relaysFor(connector: Connector, domains: readonly AcceptedDomain[]): Answer {
  const recipients = [anonymousMay(connector, ANY_RECIPIENT), ...domains.map(acceptsEverything)];
  return most(isExternallySecured(connector), least(anonymousMay(connector, SUBMIT), recipients.reduce(most, "no")));
}

/** Whether an accepted domain stands for every domain, or for a whole top-level one, and its mail is relayed on. */
export function acceptsEverything(domain: AcceptedDomain): Answer {
  const wide = domain.domain === null ? "maybe" : /^\*(?:\.[^.]*)?$/.test(domain.domain.trim()) ? "yes" : "no";
  if (wide === "no") return "no";
  const relayed = "value" in domain.type ? (/relay$/i.test(domain.type.value) ? "yes" : "maybe") : "maybe";
  return domain.certain ? least(wide, relayed) : least("maybe", least(wide, relayed));
}

function most(a: Answer, b: Answer): Answer {
  return a === "yes" || b === "yes" ? "yes" : a === "maybe" || b === "maybe" ? "maybe" : "no";
}

function least(a: Answer, b: Answer): Answer {
  return a === "no" || b === "no" ? "no" : a === "maybe" || b === "maybe" ? "maybe" : "yes";
}

function doubts(connector: Connector, domains: readonly AcceptedDomain[]): Reason[] {
  const { bindings, ranges, auth, groups, rights, denied, enabled } = connector;
  const open = [bindings, ranges, auth, groups, rights, denied].flatMap((it) => it.open);
  const exists = connector.certain
    ? []
    : [{ text: `whether the connector ${shownName(connector.name)} exists is not known`, at: connector.at }];
  const unread = ranges.has
    .filter((text) => parseRange(text) === null)
    .map((text) => ({ text: `${JSON.stringify(text)} is no range of addresses`, at: connector.at }));
  const wide = domains.filter((it) => acceptsEverything(it) === "maybe").map((it) => it.line);
  const half =
    isExternallySecured(connector) === "maybe" && open.length === 0
      ? [
          {
            text: `the connector ${shownName(connector.name)} is externally secured without the group ExchangeServers`,
            at: connector.at,
          },
        ]
      : [];
  return [...exists, ...open, ...("open" in enabled ? enabled.open : []), ...unread, ...wide, ...half];
}

/** The commands that made a connector relay. */
function linesOf(connector: Connector, domains: readonly AcceptedDomain[]): readonly Reason[] {
  const lines = ["ranges", "bindings", "auth", "groups", "rights"].flatMap((key) => connector.set[key] ?? []);
  const start =
    lines.length === 0
      ? [{ text: `the connector ${shownName(connector.name)} of Exchange's setup`, at: connector.at }]
      : [];
  const byDomain = anonymousMay(connector, ANY_RECIPIENT) === "no" && isExternallySecured(connector) === "no";
  const wide = byDomain ? domains.filter((it) => acceptsEverything(it) !== "no") : [];
  return bounds.mergeReasons([...start, ...lines, ...wide.map((it) => it.line)]);
}
