import type { ResourceSnapshot } from "../../policies/analysis/model/snapshot";
import { type Address, type Block, holds } from "./address";
import type { Link } from "./links";
import { type AclEntry, Facts, type GroupRule, type Interface } from "./resources";

export type Protocol = "tcp" | "udp";

/**
 * Follows one packet, and the one that answers it, through AWS resources, one filter at a time. Nothing is a set here. The client
 * may bind any source port: every port at which a network ACL may change its mind is tried.
 */
export class Oracle {
  readonly facts: Facts;
  private readonly clientPorts: readonly number[];

  constructor(snapshots: readonly ResourceSnapshot[]) {
    this.facts = new Facts(snapshots);
    const ports = this.facts.aclEntries.flatMap(({ from, to }) =>
      [from, to].flatMap((port) => (port === null ? [] : [port - 1, port, port + 1])),
    );
    this.clientPorts = [...new Set([1, 1024, 65535, ...ports])].filter((port) => port >= 1 && port <= 65535);
  }

  /** An Internet source opens a port of an interface. */
  fromInternet(source: Address, target: Interface, protocol: Protocol, port: number): boolean {
    const local = target.addresses.find((address) => address.family === source.family);
    if (local === undefined) return false;
    if (source.family === 4 && !target.publicV4) return false;
    return this.clientPorts.some(
      (clientPort) =>
        this.aclAllows(target.subnet, false, source, protocol, port) &&
        this.groupsAllow(target, "ingress", source, protocol, port) &&
        this.aclAllows(target.subnet, true, source, protocol, clientPort) &&
        this.leadsToInternetGateway(target.subnet, source),
    );
  }

  /** A private address of the target's VPC opens a port of it, whatever lets the packet out of the source itself. */
  fromNetwork(source: Address, target: Interface, protocol: Protocol, port: number): boolean {
    const local = target.addresses.find((address) => address.family === source.family);
    if (local === undefined) return false;
    if (!this.facts.vpc(target.vpc).blocks.some((block) => holds(block, source))) return false;
    if (!this.groupsAllow(target, "ingress", source, protocol, port)) return false;
    const origin = this.facts.subnetAt(target.vpc, source)?.id ?? null;
    if (origin === target.subnet) return true;
    return this.clientPorts.some(
      (clientPort) =>
        (origin === null || this.aclAllows(origin, true, local, protocol, port)) &&
        this.aclAllows(target.subnet, false, source, protocol, port) &&
        this.aclAllows(target.subnet, true, source, protocol, clientPort) &&
        (origin === null || this.aclAllows(origin, false, local, protocol, clientPort)),
    );
  }

  /**
   * A private address of another VPC opens a port, whatever lets the packet out of the source itself. Nothing in between keeps state:
   * the answer may take another way than the question.
   */
  fromLinked(source: Address, target: Interface, protocol: Protocol, port: number): boolean {
    const local = target.addresses.find((address) => address.family === source.family);
    const origin = this.facts.subnets.find(({ vpc, blocks }) => {
      return vpc !== target.vpc && blocks.some((block) => holds(block, source));
    });
    if (local === undefined || origin === undefined) return false;
    const link = this.linkTo(origin.id, local, target.vpc);
    if (link === null || this.linkTo(target.subnet, source, origin.vpc) === null) return false;
    return this.clientPorts.some(
      (clientPort) =>
        this.aclAllows(origin.id, true, local, protocol, port) &&
        this.aclAllows(target.subnet, false, source, protocol, port) &&
        this.groupsAllow(target, "ingress", source, protocol, port, link) &&
        this.aclAllows(target.subnet, true, source, protocol, clientPort) &&
        this.aclAllows(origin.id, false, local, protocol, clientPort),
    );
  }

  /** One interface opens a port of another by its private address. */
  between(source: Interface, target: Interface, family: 4 | 6, protocol: Protocol, port: number): boolean {
    const from = source.addresses.find((address) => address.family === family);
    const to = target.addresses.find((address) => address.family === family);
    if (from === undefined || to === undefined) return false;
    if (source.vpc === target.vpc)
      return this.groupsAllow(source, "egress", to, protocol, port) && this.fromNetwork(from, target, protocol, port);
    const link = this.linkTo(source.subnet, to, target.vpc);
    return (
      link !== null &&
      this.groupsAllow(source, "egress", to, protocol, port, link) &&
      this.fromLinked(from, target, protocol, port)
    );
  }

  /** The link that takes a packet from a subnet to an address in another VPC, if any does. */
  private linkTo(subnet: string, destination: Address, vpc: string): Link | null {
    const route = this.route(subnet, destination);
    const link = this.facts.links.find(({ id }) => id === route);
    return link?.carries(this.facts.subnet(subnet).vpc, vpc, destination) ? link : null;
  }

  /** An interface opens a port of an Internet address. */
  toInternet(source: Interface, target: Address, protocol: Protocol, port: number): boolean {
    const local = source.addresses.find((address) => address.family === target.family);
    if (local === undefined) return false;
    return this.clientPorts.some(
      (clientPort) =>
        this.groupsAllow(source, "egress", target, protocol, port) &&
        this.aclAllows(source.subnet, true, target, protocol, port) &&
        (this.leadsOut(source, target) || this.leadsOutByNat(source, local, target, protocol, port, clientPort)) &&
        this.aclAllows(source.subnet, false, target, protocol, clientPort),
    );
  }

  /** The NAT gateway sends from a port of its own choice, in a subnet of its own. */
  private leadsOutByNat(
    source: Interface,
    local: Address,
    target: Address,
    protocol: Protocol,
    port: number,
    clientPort: number,
  ): boolean {
    const subnet = this.facts.nats.get(this.route(source.subnet, target) ?? "");
    if (subnet === undefined || target.family === 6 || !this.leadsToInternetGateway(subnet, target)) return false;
    if (subnet === source.subnet) return true;
    return (
      this.aclAllows(subnet, false, local, protocol, port) &&
      this.aclAllows(subnet, true, target, protocol, port) &&
      this.clientPorts.some((natPort) => natPort >= 1024 && this.aclAllows(subnet, false, target, protocol, natPort)) &&
      this.aclAllows(subnet, true, local, protocol, clientPort)
    );
  }

  /** Beyond a transit gateway lies a network that the oracle knows nothing of. */
  leadsToTransit(subnet: string, address: Address): boolean {
    return this.route(subnet, address)?.startsWith("TransitGateway") === true;
  }

  private leadsToInternetGateway(subnet: string, address: Address): boolean {
    const route = this.route(subnet, address);
    return route !== null && this.facts.gateways.get(route) === this.facts.subnet(subnet).vpc;
  }

  private leadsOut(source: Interface, target: Address): boolean {
    const route = this.route(source.subnet, target);
    if (route === null) return false;
    if (this.facts.egressGateways.has(route)) return target.family === 6;
    if (this.facts.nats.has(route)) return false;
    return this.leadsToInternetGateway(source.subnet, target) && (target.family === 6 || source.publicV4);
  }

  /** The target of the longest route for an address; null for `local` and for none. */
  private route(subnet: string, address: Address): string | null {
    const { vpc } = this.facts.subnet(subnet);
    let best: { block: Block; rank: number; target: string | null } | null = null;
    const consider = (block: Block, rank: number, target: string | null) => {
      if (!holds(block, address)) return;
      if (best === null || block.length > best.block.length || (block.length === best.block.length && rank < best.rank))
        best = { block, rank, target };
    };
    for (const block of this.facts.vpc(vpc).blocks) consider(block, 0, null);
    for (const route of this.facts.routes)
      if (route.table === this.facts.tableOf.get(subnet)) consider(route.block, route.fromList ? 2 : 1, route.target);
    return (best as { target: string | null } | null)?.target ?? null;
  }

  private aclAllows(subnet: string, egress: boolean, remote: Address, protocol: Protocol, port: number): boolean {
    const acl = this.facts.aclOf.get(subnet);
    for (const entry of this.facts.aclEntries) {
      if (entry.acl !== acl || entry.egress !== egress) continue;
      if (!entry.blocks.some((block) => holds(block, remote))) continue;
      if (aclMatches(entry, protocol, port)) return entry.allow;
    }
    return false;
  }

  private groupsAllow(
    holder: Interface,
    direction: "ingress" | "egress",
    remote: Address,
    protocol: Protocol,
    port: number,
    link: Link | null = null,
  ): boolean {
    return this.facts.groupRules.some(
      (rule) =>
        holder.groups.includes(rule.group) &&
        rule.direction === direction &&
        groupMatches(rule, protocol, port) &&
        (rule.blocks.some((block) => holds(block, remote)) ||
          rule.groups.some((group) => this.carries(holder.vpc, remote, group, link))),
    );
  }

  /** Whether the address is the private address of an interface that carries the group, here or where the link lets rules mean. */
  private carries(vpc: string, address: Address, group: string, link: Link | null): boolean {
    return this.facts.interfaces.some(
      (item) =>
        (link === null ? item.vpc === vpc : link.references(vpc, item.vpc)) &&
        item.groups.includes(group) &&
        item.addresses.some((own) => own.family === address.family && own.value === address.value),
    );
  }
}

const NUMBERS: { readonly [protocol in Protocol]: string } = { tcp: "6", udp: "17" };

function portsMatch(from: number | null, to: number | null, port: number): boolean {
  if (from === null || to === null || from === -1 || to === -1) return true;
  return port >= from && port <= to;
}

/** A protocol number of its own matches nothing but itself. */
function aclMatches(entry: AclEntry, protocol: Protocol, port: number): boolean {
  const name = entry.protocol.toLowerCase();
  if (name === "-1" || name === "all") return true;
  return (name === protocol || name === NUMBERS[protocol]) && portsMatch(entry.from, entry.to, port);
}

/** Any number but those of TCP, UDP and ICMP stands for all traffic. */
function groupMatches(rule: GroupRule, protocol: Protocol, port: number): boolean {
  const name = rule.protocol.toLowerCase();
  if (name === protocol || name === NUMBERS[protocol]) return portsMatch(rule.from, rule.to, port);
  return !["tcp", "6", "udp", "17", "icmp", "1", "icmpv6", "58"].includes(name);
}
