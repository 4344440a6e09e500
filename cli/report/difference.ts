import { type EndpointSet, endpoints } from "../../policies/analysis/model/endpoints";
import type { Urn } from "../../policies/analysis/model/snapshot";
import { type AddrSet, isEmpty, unionAll } from "../../policies/analysis/net/addr";
import { parseCidr } from "../../policies/analysis/net/cidr";
import { cover, DONT_CARE } from "../../policies/analysis/net/cover";
import type {
  ApprovedSenders,
  Evidence,
  ExposureSets,
  Finding,
  HostRow,
  PolicyState,
  Report,
  UndeterminedSources,
} from "../../policies/analysis/verdict/report";
import {
  type EnforcementChange,
  enforcementChanges,
  type RoleChange,
  roleChanges,
  type SenderChange,
  senderChanges,
} from "./difference-settings";
import { fingerprint } from "./fingerprint";

/** What of a report is compared. What is optional is absent in reports of older versions. */
export interface Comparable extends Pick<Report, "stack" | "findings"> {
  readonly exposure: readonly ExposureSets[];
  readonly hosts?: readonly (Pick<HostRow, "resource" | "role" | "addresses"> & { readonly mta?: Relaying })[];
  readonly approvedSenders?: readonly ApprovedSenders[];
  readonly policies?: readonly Pick<PolicyState, "name" | "enforcement">[];
}

/** For whom an MTA relays. */
export interface Relaying {
  readonly listeners: readonly Pick<HostRow["mta"]["listeners"][number], "port" | "relays" | "undetermined">[];
}

/** Whether a source connects, from the least to the most. */
export const answers = ["closed", "undetermined", "open"] as const;
export type Answer = (typeof answers)[number];

type Side = UndeterminedSources["side"];

/** Sources for which the answer of one port of one host is another one now. */
export interface ExposureChange {
  readonly resource: Urn;
  readonly port: number;
  readonly side: Side;
  readonly before: Answer;
  readonly after: Answer;
  /** CIDR prefixes, and URNs of interfaces whose address is not known yet: exactly those that changed in this way. */
  readonly sources: readonly string[];
  /** Why it is not known now, where `after` is `undetermined`. */
  readonly reasons: readonly Evidence[];
}

export interface FindingChange {
  readonly before: Finding;
  readonly after: Finding;
}

/** What `relayproof diff --format json` prints. */
export interface Difference {
  readonly schemaVersion: 1;
  readonly old: { readonly stack: string };
  readonly new: { readonly stack: string };
  /** True if a source connects, or may connect, that did not before, or a mandatory finding is new or has become worse. */
  readonly opens: boolean;
  readonly exposure: readonly ExposureChange[];
  readonly findings: {
    readonly new: readonly Finding[];
    readonly gone: readonly Finding[];
    readonly changed: readonly FindingChange[];
  };
  readonly roles: readonly RoleChange[];
  readonly approvedSenders: readonly SenderChange[];
  readonly policies: readonly EnforcementChange[];
  /** What could not be compared, since a report of an older version does not have it. */
  readonly notCompared: readonly Setting[];
}

/** What a stack is judged by, as far as it is compared. */
export const settings = ["roles", "approvedSenders", "policies"] as const;
export type Setting = (typeof settings)[number];

/**
 * What a change opens, closes and otherwise alters. Hosts are the same if their URNs are, the name of the stack aside; findings
 * are if their fingerprints are.
 */
export function difference(before: Comparable, after: Comparable): Difference {
  const old = inStack(before, after.stack);
  const exposure = exposureChanges(old, after);
  const findings = findingChanges(before.findings, old.findings, after.findings);
  const known = { old: addressesOf(old), after: addressesOf(after) };
  const setOf = {
    old: (sources: readonly string[]) => toSet(sources, (urn) => elsewhere(urn, known.old, known.after)),
    after: (sources: readonly string[]) => toSet(sources, (urn) => elsewhere(urn, known.after, known.old)),
  };
  const changed = {
    roles: ifBoth(old.hosts, after.hosts, roleChanges),
    approvedSenders: ifBoth(old.approvedSenders, after.approvedSenders, (was, is) => senderChanges(was, is, setOf)),
    policies: ifBoth(old.policies, after.policies, enforcementChanges),
  };
  return {
    schemaVersion: 1,
    old: { stack: before.stack },
    new: { stack: after.stack },
    opens: exposure.some(opens) || findings.new.some((finding) => weight(finding) > 0) || findings.changed.some(worse),
    exposure,
    findings,
    roles: changed.roles ?? [],
    approvedSenders: changed.approvedSenders ?? [],
    policies: changed.policies ?? [],
    notCompared: settings.filter((setting) => changed[setting] === null),
  };
}

function ifBoth<T, U>(before: T | undefined, after: T | undefined, compare: (before: T, after: T) => U): U | null {
  return before === undefined || after === undefined ? null : compare(before, after);
}

/** Whether more can connect than before. */
export function opens({ before, after }: ExposureChange): boolean {
  return answers.indexOf(after) > answers.indexOf(before);
}

/** Whether a finding does more to the verdict than before. */
export function worse({ before, after }: FindingChange): boolean {
  return weight(after) > weight(before);
}

/** What a finding does to the verdict: nothing, undetermined, fail. */
function weight({ enforcement, outcome }: Finding): number {
  if (enforcement === "advisory" || outcome === "waived") return 0;
  return outcome === "violation" ? 2 : 1;
}

/** The report with the URNs that it would have if its stack had another name. */
export function inStack(report: Comparable, stack: string): Comparable {
  if (report.stack === stack) return report;
  const [from, to] = [`urn:pulumi:${report.stack}::`, `urn:pulumi:${stack}::`];
  return rename(report) as Comparable;

  function rename(value: unknown): unknown {
    if (typeof value === "string") return value.replaceAll(from, to);
    if (Array.isArray(value)) return value.map(rename);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rename(item)]));
  }
}

export function exposureChanges(old: Comparable, after: Comparable): ExposureChange[] {
  const known = { old: addressesOf(old), after: addressesOf(after) };
  const rows = new Map<
    string,
    { readonly resource: Urn; readonly port: number; old?: ExposureSets; after?: ExposureSets }
  >();
  for (const [key, { exposure }] of [
    ["old", old],
    ["after", after],
  ] as const)
    for (const row of exposure) {
      const { resource, port } = row;
      const id = JSON.stringify([resource, port]);
      rows.set(id, { resource, port, ...rows.get(id), [key]: row });
    }
  return [...rows.values()]
    .sort((a, b) => compareText(a.resource, b.resource) || a.port - b.port)
    .flatMap(({ resource, port, ...row }) => {
      const self = unionAll([known.old, known.after].flatMap((hosts) => hosts.get(resource) ?? []));
      const dontCare = { internet: DONT_CARE, internal: self };
      return (["internet", "internal"] as const).flatMap((side) => {
        const was = boundsOf(row.old, side, (urn) => elsewhere(urn, known.old, known.after));
        const is = boundsOf(row.after, side, (urn) => elsewhere(urn, known.after, known.old));
        const all = endpoints.union(was.may, is.may);
        return transitions.flatMap(([before, now]): ExposureChange[] => {
          const set = endpoints.intersect(having(before, was, all), having(now, is, all));
          const sources = [...cover(set.addr, dontCare[side]), ...[...set.ifaces].sort()];
          if (sources.length === 0) return [];
          const reasons = now === "undetermined" ? reasonsOf(row.after, side) : [];
          return [{ resource, port, side, before, after: now, sources, reasons }];
        });
      });
    });
}

/** What opens before what closes, what is certain before what is not. */
const transitions: readonly (readonly [before: Answer, after: Answer])[] = [
  ["closed", "open"],
  ["undetermined", "open"],
  ["closed", "undetermined"],
  ["open", "undetermined"],
  ["open", "closed"],
  ["undetermined", "closed"],
];

type Known = ReadonlyMap<Urn, AddrSet>;

/** Addresses of hosts, of those that have a known one. */
function addressesOf({ hosts = [] }: Comparable): Known {
  return new Map(
    hosts.flatMap(({ resource, addresses }) => {
      const set = unionAll(addresses.flatMap((text) => parseCidr(text) ?? []));
      return isEmpty(set) ? [] : [[resource, set] as const];
    }),
  );
}

/** What stands for an interface without a known address, where the other report knows it: it is one and the same source. */
function elsewhere(urn: Urn, here: Known, there: Known): AddrSet | undefined {
  return here.has(urn) ? undefined : there.get(urn);
}

interface Connecting {
  readonly must: EndpointSet;
  readonly may: EndpointSet;
}

function boundsOf(row: ExposureSets | undefined, side: Side, addressOf: (urn: Urn) => AddrSet | undefined): Connecting {
  const unsure = row?.undetermined.filter((entry) => entry.side === side).flatMap((entry) => entry.sources) ?? [];
  const must = toSet(row?.[side] ?? [], addressOf);
  return { must, may: endpoints.union(must, toSet(unsure, addressOf)) };
}

function toSet(sources: readonly string[], addressOf: (urn: Urn) => AddrSet | undefined): EndpointSet {
  const addr: AddrSet[] = [];
  const ifaces = new Set<string>();
  for (const source of sources) {
    const set = parseCidr(source) ?? addressOf(source);
    if (set === undefined) ifaces.add(source);
    else addr.push(set);
  }
  return { addr: unionAll(addr), ifaces };
}

/** Those of `all` for which the answer is `answer`. */
function having(answer: Answer, { must, may }: Connecting, all: EndpointSet): EndpointSet {
  if (answer === "open") return must;
  return answer === "closed" ? endpoints.subtract(all, may) : endpoints.subtract(may, must);
}

function reasonsOf(row: ExposureSets | undefined, side: Side): Evidence[] {
  const entries = row?.undetermined.filter((entry) => entry.side === side) ?? [];
  return entries.map(({ reason, at }) => ({ text: reason, at }));
}

/** @param old the old findings, and `renamed` the same ones as they would be called in the new stack. */
function findingChanges(
  old: readonly Finding[],
  renamed: readonly Finding[],
  after: readonly Finding[],
): Difference["findings"] {
  const original = new Map(renamed.map((finding, i) => [finding, old[i] as Finding]));
  const { twins, gone } = findingPairs(renamed, after);
  return {
    new: after.filter((finding) => !twins.has(finding)),
    gone: gone.flatMap((finding) => original.get(finding) ?? []),
    changed: after.flatMap((finding) => {
      const twin = twins.get(finding);
      if (twin === undefined || saysTheSame(twin, finding)) return [];
      return [{ before: original.get(twin) ?? twin, after: finding }];
    }),
  };
}

/** Which finding was there before as which, and those that are gone. */
export function findingPairs(
  before: readonly Finding[],
  after: readonly Finding[],
): { readonly twins: ReadonlyMap<Finding, Finding>; readonly gone: readonly Finding[] } {
  const open = new Map<string, Finding[]>();
  for (const finding of before) {
    const print = fingerprint(finding);
    open.set(print, [...(open.get(print) ?? []), finding]);
  }
  const twins = new Map<Finding, Finding>();
  // Of several findings with one fingerprint those that say the same are paired first, so that one more or less changes no other.
  for (const accept of [saysTheSame, () => true])
    for (const finding of after) {
      const candidates = open.get(fingerprint(finding)) ?? [];
      const at = twins.has(finding) ? -1 : candidates.findIndex((twin) => accept(twin, finding));
      const [twin] = at < 0 ? [] : candidates.splice(at, 1);
      if (twin !== undefined) twins.set(finding, twin);
    }
  const left = new Set([...open.values()].flat());
  return { twins, gone: before.filter((finding) => left.has(finding)) };
}

/** The path is left out: it changes with every line that moves. */
function saysTheSame(a: Finding, b: Finding): boolean {
  return (
    a.message === b.message && a.severity === b.severity && a.enforcement === b.enforcement && a.outcome === b.outcome
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
