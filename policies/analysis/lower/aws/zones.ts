import { addresses, type EndpointSet, noEndpoints } from "../../model/endpoints";
import { endpointId, type Family, type NetId, type Zone } from "../../model/network";
import type { Reason } from "../../model/provenance";
import { allV4, allV6, isEmpty, noAddresses, unionAll } from "../../net/addr";
import { type Bounds, exactly, mergeReasons } from "../../net/bounds";
import { push } from "../resources";
import { spaceWithoutSubnets } from "./address-space";
import { type AwsClass, doubtOf } from "./classes";
import type { Subnet, SubnetKey, Vpcs } from "./vpc";

export const internetZones: { readonly [family in Family]: Zone } = {
  4: {
    id: "internet/4",
    kind: "internet",
    resource: null,
    text: "any Internet address",
    endpoints: exactly(addresses(allV4)),
  },
  6: {
    id: "internet/6",
    kind: "internet",
    resource: null,
    text: "any Internet address",
    endpoints: exactly(addresses(allV6)),
  },
};

/** A part of a network that one boundary encloses; `subnet` is null for space that no known subnet holds. */
export interface Neighbourhood {
  readonly zone: Zone;
  readonly subnet: SubnetKey | null;
}

/** Splits networks into zones by what the boundary of each part decides. */
export class Zones {
  private readonly vpcs: Vpcs;
  private readonly bySubnet = new Map<SubnetKey, AwsClass[]>();
  private readonly memo = new Map<string, readonly Neighbourhood[]>();
  private readonly merged = new Map<string, readonly Neighbourhood[]>();

  constructor(vpcs: Vpcs, classes: readonly AwsClass[]) {
    this.vpcs = vpcs;
    for (const item of classes) push(this.bySubnet, item.subnet, item);
  }

  /**
   * A network as one of its subnets sees it: itself, the other subnets by what their boundary decides, and the space that no
   * subnet holds. Subnets that share a boundary are one zone, so that a network of many subnets has few ways in.
   */
  beside(
    own: SubnetKey,
    network: NetId,
    family: Family,
    boundaryOf: (subnet: SubnetKey) => string,
  ): readonly Neighbourhood[] {
    const key = `${own}/${family}`;
    let found = this.merged.get(key);
    if (found === undefined) {
      found = this.merge(own, network, family, boundaryOf);
      this.merged.set(key, found);
    }
    return found;
  }

  private merge(
    own: SubnetKey,
    network: NetId,
    family: Family,
    boundaryOf: (subnet: SubnetKey) => string,
  ): Neighbourhood[] {
    const all = this.around(network, family);
    const result = all.filter((item) => item.subnet === own || item.subnet === null);
    const groups = new Map<string, Neighbourhood[]>();
    for (const item of all)
      if (item.subnet !== null && item.subnet !== own) push(groups, boundaryOf(item.subnet), item);
    const home = this.vpcs.network(network);
    for (const [boundary, group] of groups) {
      const [first] = group;
      if (first === undefined) continue;
      if (group.length === 1) {
        result.push(first);
        continue;
      }
      const zone: Zone = {
        id: `beside:${own}:${boundary}/${family}`,
        kind: "network",
        resource: home.urn,
        text: `the other subnets of ${home.name}`,
        endpoints: {
          must: uniteAll(group.map((item) => item.zone.endpoints.must)),
          may: uniteAll(group.map((item) => item.zone.endpoints.may)),
          why: mergeReasons(group.flatMap((item) => item.zone.endpoints.why)),
        },
      };
      result.push({ subnet: first.subnet, zone });
    }
    return result;
  }

  /** The rest of a class's own network, by what the boundary of each part decides: its own subnet, each other one, no subnet. */
  around(network: NetId, family: Family): readonly Neighbourhood[] {
    const key = `${network}/${family}`;
    let found = this.memo.get(key);
    if (found === undefined) {
      found = this.compute(network, family);
      this.memo.set(key, found);
    }
    return found;
  }

  private compute(network: NetId, family: Family): readonly Neighbourhood[] {
    const home = this.vpcs.network(network);
    const all = [...this.vpcs.subnets.values()];
    const subnets = all.filter((subnet) => subnet.network === network);
    const others = all.filter((subnet) => this.vpcs.mayBeOne(subnet.network, network));
    const result = [...subnets, ...others].flatMap((subnet): Neighbourhood[] => {
      const endpoints = others.includes(subnet)
        ? unsure(this.occupants(subnet, family))
        : this.occupants(subnet, family);
      if (isEmpty(endpoints.may.addr) && endpoints.may.ifaces.size === 0) return [];
      const zone: Zone = {
        id: `subnet:${subnet.key}@${network}/${family}`,
        kind: "network",
        resource: subnet.resource?.urn ?? home.urn,
        text: `subnet ${subnet.name}`,
        endpoints,
      };
      return [{ zone, subnet: subnet.key }];
    });
    const rest = spaceWithoutSubnets(home, subnets, family);
    if (!isEmpty(rest.may)) {
      result.push({
        subnet: null,
        zone: {
          id: `rest:${network}/${family}`,
          kind: "network",
          resource: home.urn,
          text: `the address space of ${home.name}`,
          endpoints: { must: addresses(rest.must), may: addresses(rest.may), why: rest.why },
        },
      });
    }
    return result;
  }

  private occupants(subnet: Subnet, family: Family): Bounds<EndpointSet> {
    const range = (family === 4 ? subnet.v4 : subnet.v6) ?? exactly(noAddresses);
    const certain = new Set<string>();
    const possible = new Set<string>();
    const why = [...range.why];
    for (const item of this.bySubnet.get(subnet.key) ?? []) {
      const address = family === 4 ? item.address.v4 : item.address.v6;
      if (address?.kind !== "within") continue;
      const doubt = doubtOf(item, family);
      possible.add(endpointId(item.id, family));
      if (doubt === null && !subnet.scattered) certain.add(endpointId(item.id, family));
      else why.push(doubt ?? apart);
    }
    return { must: { addr: range.must, ifaces: certain }, may: { addr: range.may, ifaces: possible }, why };
  }
}

function unsure({ may, why }: Bounds<EndpointSet>): Bounds<EndpointSet> {
  return { must: noEndpoints, may, why: [...why, apart] };
}

/** Why two networks that the stack only names are not known to be one. */
export const apart: Reason = { text: "the stack does not show whether two subnets that it only names are in one VPC" };

function uniteAll(sets: readonly EndpointSet[]): EndpointSet {
  return { addr: unionAll(sets.map((set) => set.addr)), ifaces: new Set(sets.flatMap((set) => [...set.ifaces])) };
}
