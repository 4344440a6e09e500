import type { Urn } from "../../policies/analysis/model/snapshot";
import { overlaps, unionAll } from "../../policies/analysis/net/addr";
import { parseCidr } from "../../policies/analysis/net/cidr";
import type { ExposureRow, Finding, HostRow, Report } from "../../policies/analysis/verdict/report";
import { isRelayPath, type Mark, markOf, marks, worst } from "./marks";
import { namesOf } from "./names";

/**
 * The perimeter as a picture shows it: hosts in zones, and who can open SMTP to whom between them. Pure data, the same for every
 * format that draws.
 */
export interface PerimeterMap {
  readonly hosts: readonly MapHost[];
  readonly links: readonly MapLink[];
}

export type ZoneId = "dmz" | "internal";

export interface MapHost {
  readonly urn: Urn;
  readonly name: string;
  readonly zone: ZoneId;
  readonly row: HostRow;
  readonly exposure: readonly ExposureRow[];
  readonly findings: readonly Finding[];
  /** The worst that is found about it. */
  readonly mark: Mark;
}

/** `inside` is a private network without a host of the stack in it; `outbound` any mail server of the Internet. */
export type MapEnd = "internet" | "inside" | "outbound" | Urn;

export interface MapLink {
  readonly from: MapEnd;
  readonly to: MapEnd;
  readonly ports: readonly number[];
  readonly mark: Mark;
  /** It is a part of an open relay path. */
  readonly relay: boolean;
}

export function perimeterMap(report: Report): PerimeterMap {
  const names = namesOf(report);
  const exposure = groupBy(report.exposure, (row) => row.resource);
  const findings = groupBy(report.findings, (finding) => finding.resource);
  const hosts = report.hosts.map((row): MapHost => {
    const own = findings.get(row.resource) ?? [];
    return {
      urn: row.resource,
      name: names.short(row.resource),
      zone: row.role === "front-end" ? "dmz" : "internal",
      row,
      exposure: exposure.get(row.resource) ?? [],
      findings: own,
      mark: worst(own.map(markOf)),
    };
  });
  const known = new Set(hosts.map((host) => host.urn));
  return {
    hosts: hosts.sort(
      (a, b) =>
        marks.indexOf(a.mark) - marks.indexOf(b.mark) ||
        roleRank(a.row) - roleRank(b.row) ||
        b.exposure.length - a.exposure.length ||
        byName.compare(a.name, b.name),
    ),
    links: merge([...report.findings.flatMap((finding) => linksOf(finding, known)), ...allowed(hosts)]),
  };
}

/** `worker-2` before `worker-10`, whatever the locale. */
const byName = new Intl.Collator("en", { numeric: true });

function roleRank({ role }: HostRow): number {
  return role === null ? 1 : 0;
}

/** The ends that the path of a finding passes, joined in order. */
function linksOf(finding: Finding, known: ReadonlySet<Urn>): MapLink[] {
  const stops = finding.path.flatMap((step): MapEnd[] => {
    if (step.kind === "internet") return ["internet"];
    if (step.kind === "egress") return ["outbound"];
    if (step.kind === "host") return step.resource !== null && known.has(step.resource) ? [step.resource] : [];
    return step.kind === "network" && step === finding.path[0] ? ["inside"] : [];
  });
  const distinct = stops.filter((stop, i) => stop !== stops[i - 1]);
  return distinct.slice(1).map((to, i) => ({
    from: distinct[i] ?? "inside",
    to,
    ports: i === 0 && finding.witness !== undefined ? [finding.witness.port] : [],
    mark: markOf(finding),
    relay: isRelayPath(finding),
  }));
}

/** What is open and no finding: the Internet to a host, front ends to the mail servers behind them, and mail on its way out. */
function allowed(hosts: readonly MapHost[]): MapLink[] {
  const frontEnds = hosts.filter((host) => host.row.role === "front-end");
  return hosts.flatMap(({ urn, row, exposure }) => {
    const fromInternet = exposure.filter((one) => one.internet.length > 0).map((one) => one.port);
    const links = fromInternet.length > 0 ? [link("internet", urn, fromInternet)] : [];
    if (row.role === "internal-mail") {
      for (const front of frontEnds) {
        const ports = exposure.filter((one) => admits(one, front)).map((one) => one.port);
        if (ports.length > 0) links.push(link(front.urn, urn, ports));
      }
    }
    if (row.role === "front-end" && row.egress === "open") links.push(link(urn, "outbound", [25]));
    return links;
  });
}

function link(from: MapEnd, to: MapEnd, ports: readonly number[]): MapLink {
  return { from, to, ports, mark: "allowed", relay: false };
}

function admits(row: ExposureRow, { urn, row: { addresses } }: MapHost): boolean {
  const own = unionAll(addresses.flatMap((address) => parseCidr(address) ?? []));
  return row.internal.some((source) => {
    if (source === urn) return true;
    const set = parseCidr(source);
    return set !== null && overlaps(set, own);
  });
}

/** One link between two ends: the worst mark, and every port. */
function merge(links: readonly MapLink[]): MapLink[] {
  return [...groupBy(links, ({ from, to }) => JSON.stringify([from, to])).values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const mark = worst(same.map((one) => one.mark));
    const ports = [...new Set(same.flatMap((one) => one.ports))].sort((a, b) => a - b);
    return [{ ...first, ports, mark, relay: same.some((one) => one.relay && one.mark === mark) }];
  });
}

export function groupBy<T, K>(items: readonly T[], key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}
