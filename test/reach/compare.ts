import { lowerAws } from "../../policies/analysis/lower/aws";
import { Resources } from "../../policies/analysis/lower/resources";
import { type EndpointSet, endpoints, noEndpoints } from "../../policies/analysis/model/endpoints";
import {
  endpointId,
  type Family,
  type IfaceClass,
  type MailNetwork,
  type Path,
  type Protocol,
  type Zone,
} from "../../policies/analysis/model/network";
import type { ResourceSnapshot } from "../../policies/analysis/model/snapshot";
import { type Bounds, exactly, union } from "../../policies/analysis/net/bounds";
import * as ranges from "../../policies/analysis/net/ranges";
import { Reach } from "../../policies/analysis/reach/reach";
import { type Address, boundaries, parseAddress, parseBlock } from "../oracle/address";
import type { Oracle } from "../oracle/aws";
import type { Interface } from "../oracle/resources";
import type { Dice } from "./dice";

/** A packet's other end, as both sides of the comparison know it. */
export interface Peer {
  readonly address: Address;
  /** The interface that has the address, if any has. */
  readonly owner: Interface | null;
}

/** The set engine's answers about interfaces, path by path. */
export class Engine {
  readonly network: MailNetwork;
  readonly reach: Reach;

  constructor(snapshots: readonly ResourceSnapshot[]) {
    this.network = lowerAws(new Resources(snapshots));
    this.reach = new Reach(this.network);
  }

  classesOf(urn: string): readonly IfaceClass[] {
    return [...this.network.classes.values()].filter((item) => item.interfaces.includes(urn));
  }

  inbound(urn: string, zone: Zone["kind"], protocol: Protocol, port: number): Bounds<EndpointSet> {
    const paths = this.classesOf(urn).flatMap((item) => this.network.inbound(item));
    return this.unite(
      paths.filter((path) => path.zone.kind === zone),
      protocol,
      port,
    );
  }

  outbound(urn: string, protocol: Protocol, port: number): Bounds<EndpointSet> {
    const paths = this.classesOf(urn).flatMap((item) => this.network.outbound(item));
    return this.unite(
      paths.filter((path) => path.zone.kind === "internet"),
      protocol,
      port,
    );
  }

  between(source: string, target: string, family: Family, protocol: Protocol, port: number): Bounds<EndpointSet> {
    const paths = this.classesOf(source).flatMap((from) =>
      this.classesOf(target).flatMap((to) => this.network.between(from, to)),
    );
    return this.unite(
      paths.filter((path) => path.family === family),
      protocol,
      port,
    );
  }

  /** Whether a peer is in a set, by its address or as the interface that has the address. */
  has(set: EndpointSet, peer: Peer): boolean {
    if (includes(set, peer.address)) return true;
    if (peer.owner === null) return false;
    const ids = this.classesOf(peer.owner.urn).map((item) => endpointId(item.id, peer.address.family));
    return ids.some((id) => set.ifaces.has(id));
  }

  private unite(paths: readonly Path[], protocol: Protocol, port: number): Bounds<EndpointSet> {
    return paths
      .map((path) => this.reach.endpoints(path, protocol, port))
      .reduce((set, part) => union(endpoints, set, part), exactly(noEndpoints));
  }
}

function includes(set: EndpointSet, { family, value }: Address): boolean {
  return family === 4 ? ranges.includes(set.addr.v4, Number(value)) : ranges.includes(set.addr.v6, value);
}

/** Every address at which a rule, route or range of the network may change its mind, and some others. */
function samples(snapshots: readonly ResourceSnapshot[], dice: Dice): Address[] {
  const found = new Map<string, Address>();
  const note = (address: Address) => found.set(`${address.family}:${address.value}`, address);
  for (const text of texts(snapshots.map((resource) => resource.properties))) {
    if (/^[\d.]+\/\d+$|^[0-9a-f:]*:[0-9a-f:]*\/\d+$/.test(text)) boundaries(parseBlock(text)).forEach(note);
    else if (/^\d+\.\d+\.\d+\.\d+$|^[0-9a-f]*:[0-9a-f:]+$/.test(text)) note(parseAddress(text));
  }
  for (let i = 0; i < 4; i++) {
    note({ family: 4, value: BigInt(dice.int(0, 0xffffffff)) });
    note({ family: 6, value: dice.bits(128) });
  }
  return [...found.values()];
}

function texts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (value === null || typeof value !== "object") return [];
  return Object.values(value).flatMap(texts);
}

export function peersOf(oracle: Oracle, snapshots: readonly ResourceSnapshot[], dice: Dice): Peer[] {
  return samples(snapshots, dice).map((address) => ({
    address,
    owner:
      oracle.facts.interfaces.find((item) =>
        item.addresses.some((own) => own.family === address.family && own.value === address.value),
      ) ?? null,
  }));
}

/**
 * An interface of another VPC is no part of the Internet, and the set engine takes an address that rules may mean for a member of its
 * groups whichever way it comes.
 */
export function isAbroad({ owner }: Peer, item: Interface): boolean {
  return owner !== null && owner.vpc !== item.vpc;
}
