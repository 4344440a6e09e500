import { type EndpointSet, endpoints, noEndpoints } from "../../policies/analysis/model/endpoints";
import { toCidrs } from "../../policies/analysis/net/cidr";
import type { ApprovedSenders, Enforcement, HostRow, PolicyState } from "../../policies/analysis/verdict/report";

/** What a change alters of what the stack is judged by: roles, approved senders, enforcement. */

export interface RoleChange {
  readonly resource: string;
  /** Null for a host without a role, and where there is no such host. */
  readonly before: HostRow["role"];
  readonly after: HostRow["role"];
}

/** Senders that may open SMTP to internal mail servers now, or no longer. */
export interface SenderChange {
  readonly change: "approved" | "withdrawn";
  readonly ports: readonly number[];
  /** CIDR prefixes, and URNs of interfaces whose address is not known yet: exactly those that changed. */
  readonly sources: readonly string[];
}

export interface EnforcementChange {
  readonly policy: string;
  /** Null for a policy that there was not, or is no longer. */
  readonly before: Enforcement | null;
  readonly after: Enforcement | null;
}

type Roles = readonly Pick<HostRow, "resource" | "role">[];

export function roleChanges(old: Roles, after: Roles): RoleChange[] {
  return changes(
    old.map(({ resource, role }) => [resource, role]),
    after.map(({ resource, role }) => [resource, role]),
  ).map(([resource, before, now]) => ({ resource, before, after: now }));
}

type Policies = readonly Pick<PolicyState, "name" | "enforcement">[];

export function enforcementChanges(old: Policies, after: Policies): EnforcementChange[] {
  return changes(
    old.map(({ name, enforcement }) => [name, enforcement]),
    after.map(({ name, enforcement }) => [name, enforcement]),
  ).map(([policy, before, now]) => ({ policy, before, after: now }));
}

/** @param setOf the sources of a report as a set, a name standing for the address where the other report knows it */
export function senderChanges(
  old: readonly ApprovedSenders[],
  after: readonly ApprovedSenders[],
  setOf: {
    readonly old: (sources: readonly string[]) => EndpointSet;
    readonly after: (sources: readonly string[]) => EndpointSet;
  },
): SenderChange[] {
  const ports = [...new Set([...old, ...after].flatMap((row) => row.ports))].sort((a, b) => a - b);
  const rows = new Map<string, { change: SenderChange["change"]; ports: number[]; sources: readonly string[] }>();
  for (const port of ports) {
    const was = ofPort(old, port, setOf.old);
    const is = ofPort(after, port, setOf.after);
    for (const [change, set] of [
      ["approved", endpoints.subtract(is, was)],
      ["withdrawn", endpoints.subtract(was, is)],
    ] as const) {
      const sources = [...toCidrs(set.addr), ...[...set.ifaces].sort()];
      if (sources.length === 0) continue;
      const key = JSON.stringify([change, sources]);
      const row = rows.get(key) ?? { change, ports: [], sources };
      row.ports.push(port);
      rows.set(key, row);
    }
  }
  return [...rows.values()].sort((a, b) => compareText(a.change, b.change));
}

function ofPort(
  rows: readonly ApprovedSenders[],
  port: number,
  setOf: (sources: readonly string[]) => EndpointSet,
): EndpointSet {
  return rows
    .filter((row) => row.ports.includes(port))
    .map((row) => setOf(row.sources))
    .reduce(endpoints.union, noEndpoints);
}

/** Keys whose value is another one now, null where there is none, in order. */
function changes<V>(
  old: readonly (readonly [string, V])[],
  after: readonly (readonly [string, V])[],
): (readonly [key: string, before: V | null, after: V | null])[] {
  const [before, now] = [new Map(old), new Map(after)];
  return [...new Set([...before.keys(), ...now.keys()])].sort(compareText).flatMap((key) => {
    const [was, is] = [before.get(key) ?? null, now.get(key) ?? null];
    return was === is ? [] : [[key, was, is] as const];
  });
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
