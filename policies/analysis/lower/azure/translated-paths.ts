import { addresses, noEndpoints } from "../../model/endpoints";
import type { Filter, Hop, Path, Rule, Zone } from "../../model/network";
import type { Reason } from "../../model/provenance";
import { Unknown, type Value } from "../../model/snapshot";
import { allV4, isEmpty, isSubset, overlaps } from "../../net/addr";
import { between } from "../../net/bounds";
import { allPorts, formatPorts, ports } from "../../net/ports";
import * as ranges from "../../net/ranges";
import { type AzureClass, rangeOf } from "./classes";
import type { DnatRule } from "./firewall-rules";
import type { Firewall } from "./firewalls";
import type { Hops, Parts } from "./hops";
import { path } from "./paths";
import { internetZones } from "./zones";

/**
 * Ways through a firewall's DNAT rules. The firewall puts an address of its own subnet in the place of the client's, so that the groups
 * of the machine see a member of the network, and only the rule itself can restrict clients. "Azure Firewall known issues".
 */
export class TranslatedPaths {
  private readonly parts: Parts;
  private readonly hops: Hops;

  constructor(parts: Parts, hops: Hops) {
    this.parts = parts;
    this.hops = hops;
  }

  inbound(item: AzureClass): Path[] {
    if (item.family !== 4) return [];
    return this.parts.firewalls.all.flatMap((firewall) => {
      const { dnat } = this.parts.rulesOf(firewall.resource);
      return dnat.flatMap((rule, i) => this.through(item, firewall, rule, dnat.slice(0, i)));
    });
  }

  private through(item: AzureClass, firewall: Firewall, rule: DnatRule, before: readonly DnatRule[]): Path[] {
    const aim = aims(rule, item);
    const [sample] = rule.ports;
    if (aim === "no" || sample === undefined || !this.joined(firewall, item)) return [];
    const published = sample[0];
    const inner = this.inner(item, firewall);
    if (inner === null) return [];
    const endpoint = { id: `firewall:${firewall.resource.urn}/4`, address: { kind: "within" as const, range: allV4 } };
    const doubts = [rule.doubt, aim === "yes" ? null : aim].filter((why) => why !== null);
    const admission: Hop = {
      kind: "filter",
      filters: [filterOf(firewall, rule, before)],
      leg: "request",
      step: "firewall",
      why: [],
      segment: { end: endpoint, port: published },
    };
    const text = `firewall ${firewall.resource.name} translates ${formatPorts(rule.ports)} to ${rule.toPort ?? "a port"} of the machine (${rule.name})`;
    const pool = firewall.subnet?.v4.may ?? allV4;
    return inner.map((way) =>
      path(
        item,
        internetZones[4],
        [
          { kind: "device", step: "firewall", at: rule.at, text },
          ...doubts.map((why): Hop => ({ kind: "doubt", why })),
          admission,
          { kind: "proxy", path: way },
        ],
        { seen: { kind: "pool", pools: [pool] }, ports: rule.toPort === null ? null : ports(rule.toPort) },
      ),
    );
  }

  /** The second half: from the firewall's subnet to the machine. */
  private inner(item: AzureClass, firewall: Firewall): Path[] | null {
    const { subnet, resource } = firewall;
    const endpoints =
      subnet === null
        ? between(noEndpoints, addresses(allV4), [{ text: `the subnet of ${resource.name} is not in the stack` }])
        : between(addresses(subnet.v4.must), addresses(subnet.v4.may), subnet.v4.why);
    if (isEmpty(endpoints.may.addr)) return null;
    const zone: Zone = {
      id: `firewall:${resource.urn}`,
      kind: "network",
      resource: resource.urn,
      text: `firewall ${resource.name}`,
      endpoints,
    };
    return this.hops.doors(item, "inbound").map((door) => path(item, zone, door));
  }

  /** A firewall reaches its own network and its peers. */
  private joined(firewall: Firewall, item: AzureClass): boolean {
    if (firewall.subnet === null || firewall.subnet.network === item.network) return true;
    return this.parts.peerings.some(
      (peering) => peering.from === firewall.subnet?.network && peering.to === item.network,
    );
  }
}

/** Whether a rule sends clients to a machine: its address is the one that the rule names. */
function aims(rule: DnatRule, item: AzureClass): "yes" | "no" | Reason {
  if (rule.toAddress === null) return { text: "which machine a DNAT rule leads to is not known", at: rule.at };
  const own = rangeOf(item);
  if (item.sample.address.kind === "known") return isSubset(own, rule.toAddress) ? "yes" : "no";
  return overlaps(own, rule.toAddress)
    ? { text: `whether ${item.sample.resource.name} gets the address that a DNAT rule names is not known`, at: rule.at }
    : "no";
}

/** The clients that a rule takes: those that no earlier rule for the same destination and port took. */
function filterOf(firewall: Firewall, rule: DnatRule, before: readonly DnatRule[]): Filter {
  const earlier = before
    .filter((other) => ranges.intersect(other.ports, rule.ports).length > 0)
    .map((other) => ({ other, same: sameDestination(other.destinations, rule.destinations) }))
    .filter(({ same }) => same !== "no");
  return {
    id: `dnat:${rule.at.urn}:${rule.at.path ?? ""}`,
    name: firewall.resource.name,
    at: rule.at,
    rules: [
      ...earlier.flatMap(({ other, same }) =>
        rulesOf(other, "deny", same === "yes" && ranges.isSubset(rule.ports, other.ports)),
      ),
      ...rulesOf(rule, "allow", true),
    ],
    otherwise: "deny",
  };
}

function rulesOf(rule: DnatRule, action: "allow" | "deny", certain: boolean): Rule[] {
  const { must, may, why } = rule.sources;
  const sure = certain && rule.doubt === null;
  const source = sure
    ? between(addresses(must), addresses(may), why)
    : between(noEndpoints, addresses(may), [
        ...why,
        rule.doubt ?? { text: "an earlier DNAT rule may take the connection", at: rule.at },
      ]);
  return rule.protocols.map((protocol) => ({
    action,
    protocol,
    source,
    destination: null,
    ports: rule.ports,
    sourcePorts: allPorts,
    at: rule.at,
    text: `DNAT rule ${rule.name} takes it`,
  }));
}

/** Destinations are public addresses of the firewall, most of them not known yet: the same resource is the same address. */
function sameDestination(a: readonly Value[], b: readonly Value[]): "yes" | "no" | "maybe" {
  if (a.length === 0 || b.length === 0) return "maybe";
  const name = (value: Value) =>
    value instanceof Unknown
      ? value.dependsOn.length === 1
        ? `urn ${value.dependsOn[0]}`
        : null
      : JSON.stringify(value);
  const [left, right] = [a.map(name), b.map(name)];
  if (left.some((item) => item === null) || right.some((item) => item === null)) return "maybe";
  const shared = right.filter((item) => left.includes(item));
  return shared.length === right.length ? "yes" : shared.length === 0 ? "no" : "maybe";
}
