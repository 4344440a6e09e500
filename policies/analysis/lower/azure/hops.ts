import { addresses, noEndpoints } from "../../model/endpoints";
import type { Family, Filter, Hop, NetId, Rule } from "../../model/network";
import type { Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown } from "../../model/snapshot";
import { type AddrSet, allAddresses, intersect, isEmpty, isSubset, overlaps, unionAll } from "../../net/addr";
import { between, mergeReasons } from "../../net/bounds";
import { toCidrs } from "../../net/cidr";
import { allPorts } from "../../net/ports";
import { type Answer, routeLines, toward } from "../longest-prefix";
import { flag } from "../values";
import type { AdminFilters } from "./admin-rules";
import { type AzureClass, rangeOf } from "./classes";
import type { FirewallRules, NetworkRule } from "./firewall-rules";
import type { Firewalls } from "./firewalls";
import { NSG } from "./interfaces";
import type { Balancing } from "./load-balancers";
import type { Peering } from "./peerings";
import { routedPrefixes, type SubnetTables, type Target } from "./routes";
import type { GroupFilters, SecurityGroups } from "./security-groups";
import type { Direction, Surroundings } from "./security-rules";
import type { Subnet, Vnets } from "./vnets";

/** What the enumeration of paths needs of the parts. */
export interface Parts {
  readonly vnets: Vnets;
  readonly classes: readonly AzureClass[];
  readonly tables: (subnet: Subnet) => SubnetTables;
  readonly groups: SecurityGroups;
  readonly admin: (network: NetId, direction: Direction, around: Surroundings) => AdminFilters | null;
  readonly members: Surroundings["members"];
  readonly balancing: readonly Balancing[];
  /** Private addresses that a pool lists, by the pool's key. */
  readonly poolAddresses: ReadonlyMap<string, AddrSet>;
  readonly outboundPools: ReadonlySet<string>;
  readonly firewalls: Firewalls;
  readonly rulesOf: (firewall: ResourceSnapshot) => FirewallRules;
  readonly peerings: readonly Peering[];
  /** Ways in that the model does not cover, such as an application gateway in front of a machine. */
  readonly unmodelledWays: (item: AzureClass) => readonly Reason[];
}

export type FilterHop = Hop & { kind: "filter" };

/** Makes the hops that paths are composed of. */
export class Hops {
  private readonly parts: Parts;
  private readonly surroundings = new Map<string, Surroundings & { network: NetId }>();

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /**
   * What stands before an interface, or behind it on the way out: each list is a way of its own. Security admin rules come first, and what
   * they always allow passes the network security groups by.
   */
  doors(item: AzureClass, direction: Direction, leg: "request" = "request"): readonly (readonly Hop[])[] {
    const groups = this.groups(item, direction);
    const admin = this.parts.admin(item.network, direction, this.around(item.sample.subnet));
    if (admin === null) return [groups];
    const hop = (filter: Filter): Hop => ({ kind: "filter", filters: [filter], leg, step: "filter", why: [] });
    return [[hop(admin.goesOn), ...groups], ...(admin.skips === null ? [] : [[hop(admin.skips)]])];
  }

  /** The network security groups of the subnet and of the interface, in the order in which a packet meets them. */
  groups(item: AzureClass, direction: Direction): readonly FilterHop[] {
    const around = this.around(item.sample.subnet);
    const ofSubnet = this.subnetGroup(item.sample.subnet, direction);
    const own = this.parts.groups.filters(item.sample.nsgs, direction, around);
    const hops = [ofSubnet, own === null ? null : asHop(own)].filter((hop) => hop !== null);
    return direction === "inbound" ? hops : hops.reverse();
  }

  subnetGroup(subnet: Subnet, direction: Direction): FilterHop | null {
    if (subnet.outside !== null) return asHop(unknownGroup(subnet, subnet.outside));
    const found = this.parts.groups.filters(
      this.parts.vnets.resolve(subnet, "networkSecurityGroup", NSG),
      direction,
      this.around(subnet),
    );
    return found === null ? null : asHop(found);
  }

  /** Whether any network security group stands before an interface: without one a standard public address is closed. */
  hasGroup(item: AzureClass): boolean {
    return this.groups(item, "inbound").length > 0;
  }

  around(subnet: Subnet): Surroundings & { network: NetId } {
    const routed = subnet.outside === null ? unionAll(routedPrefixes(this.parts.tables(subnet))) : unionAll([]);
    const id = `${subnet.network}|${toCidrs(routed).join(",")}`;
    let found = this.surroundings.get(id);
    if (found === undefined) {
      const home = this.parts.vnets.network(subnet.network);
      const peers = this.parts.peerings.filter((peering) => peering.from === subnet.network);
      const spaces = peers.map((peering) => ({ peering, space: this.parts.vnets.network(peering.to).space }));
      found = {
        network: subnet.network,
        members: this.parts.members,
        tags: {
          id,
          own: home.space.may,
          joined: {
            must: unionAll(spaces.filter(({ peering }) => peering.doubt === null).map(({ space }) => space.must)),
            may: unionAll(spaces.map(({ space }) => space.may)),
            why: mergeReasons(
              spaces.flatMap(({ peering, space }) => [
                ...(peering.doubt === null ? [] : [peering.doubt]),
                ...space.why,
              ]),
            ),
          },
          routed,
        },
      };
      this.surroundings.set(id, found);
    }
    return found;
  }

  /** The addresses that a subnet sends where `wanted` says. */
  route(subnet: Subnet, family: Family, wanted: (target: Target) => Answer, verb: string): Hop & { kind: "route" } {
    const { options, why } = this.parts.tables(subnet);
    const sets = options.map((table) => toward(table, family, wanted));
    const [first] = options;
    const base = {
      kind: "route" as const,
      at: first?.at ?? null,
      text: `${verb} ${options.map((table) => table.name).join(" or ")}`,
      lines: options.flatMap((table) => routeLines(table, family)),
    };
    if (sets.length === 1 && sets[0] !== undefined) return { ...base, toward: sets[0] };
    const must = sets.map((set) => set.must).reduce(intersect, allAddresses);
    return {
      ...base,
      toward: between(
        must,
        unionAll(sets.map((set) => set.may)),
        mergeReasons([...why, ...sets.flatMap((set) => set.why)]),
      ),
    };
  }

  /** Whether a subnet sends a whole range where `wanted` says. */
  leads(
    subnet: Subnet,
    family: Family,
    range: AddrSet,
    wanted: (target: Target) => Answer,
  ): { answer: Answer; why: readonly Reason[] } {
    const { toward: set } = this.route(subnet, family, wanted, "");
    if (isEmpty(range)) return { answer: "maybe", why: [{ text: "the address is not known yet" }] };
    if (isSubset(range, set.must)) return { answer: "yes", why: [] };
    return overlaps(range, set.may)
      ? {
          answer: "maybe",
          why:
            set.why.length > 0 ? set.why : [{ text: `only a part of the addresses is routed there by ${subnet.name}` }],
        }
      : { answer: "no", why: [] };
  }

  /** The network rules of a firewall: everything else is denied. */
  firewallFilter(firewall: ResourceSnapshot): FilterHop {
    const { network } = this.parts.rulesOf(firewall);
    const filter: Filter = {
      id: `firewall:${firewall.urn}`,
      name: firewall.name,
      at: { urn: firewall.urn },
      rules: network.flatMap(networkRules),
      otherwise: "deny",
    };
    return { kind: "filter", filters: [filter], leg: "request", step: "firewall", why: [] };
  }

  /** How machines of a subnet get out: by an address of their own, a NAT gateway, a load balancer, or Azure's default access. */
  outboundAccess(item: AzureClass): { answer: Answer; text: string; why: Reason | null } {
    const { subnet, publicIp, pools } = item.sample;
    const at = subnet.holder === null ? {} : { at: { urn: subnet.holder.urn } };
    const nat = this.parts.vnets.resolve(subnet, "natGateway", { kind: "network:NatGateway" });
    if (!nat.absent) return { answer: "yes", text: "the NAT gateway of the subnet", why: null };
    if (publicIp !== null)
      return { answer: publicIp.doubt === null ? "yes" : "maybe", text: publicIp.text, why: publicIp.doubt };
    if (pools.certain.some((pool) => this.parts.outboundPools.has(pool)))
      return { answer: "yes", text: "outbound rules of a load balancer", why: null };
    const access =
      subnet.outside === null ? flag(subnet.fields.defaultOutboundAccess) : new Unknown([], "not in the stack");
    if (access === false) {
      if (pools.possible.some((pool) => this.parts.outboundPools.has(pool)))
        return {
          answer: "maybe",
          text: "outbound rules of a load balancer",
          why: { text: "whether a load balancer lets the machine out is not known" },
        };
      return { answer: "no", text: "", why: null };
    }
    if (access instanceof Unknown)
      return {
        answer: "maybe",
        text: "Azure's default outbound access",
        why: { text: `whether the subnet has default outbound access is ${access.reason}`, ...at },
      };
    return { answer: "yes", text: "Azure's default outbound access", why: null };
  }

  ownRange(item: AzureClass): AddrSet {
    return rangeOf(item);
  }
}

export function asHop({ filters, why }: GroupFilters): FilterHop {
  return { kind: "filter", filters, leg: "request", step: "filter", why };
}

function unknownGroup(subnet: Subnet, why: Reason): GroupFilters {
  const everyone = addresses(allAddresses);
  const rule: Rule = {
    action: "deny",
    protocol: "any",
    source: between(noEndpoints, everyone, [why]),
    destination: null,
    ports: allPorts,
    sourcePorts: allPorts,
    at: why.at ?? { urn: subnet.key },
    text: why.text,
  };
  const filter: Filter = {
    id: `unknown-group:${subnet.key}`,
    name: `the network security group of ${subnet.name}`,
    at: null,
    rules: [rule],
    otherwise: "allow",
  };
  return { filters: [filter], why: [] };
}

function networkRules(rule: NetworkRule): Rule[] {
  const why = rule.doubt === null ? [] : [rule.doubt];
  const side = (set: NetworkRule["sources"]) => {
    const [must, may] = [addresses(set.must), addresses(set.may)];
    return between(rule.doubt === null ? must : noEndpoints, may, [...why, ...set.why]);
  };
  return rule.protocols.map((protocol) => ({
    action: rule.action,
    protocol,
    source: side(rule.sources),
    destination: side(rule.destinations),
    ports: rule.ports,
    sourcePorts: allPorts,
    at: rule.at,
    text: `rule ${rule.name} ${rule.action === "allow" ? "allows" : "denies"}`,
  }));
}
