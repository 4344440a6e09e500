import { addresses, type EndpointSet } from "../../model/endpoints";
import { endpointId, type Family, type NetId, type Zone } from "../../model/network";
import { allV4, allV6, isEmpty, subtract, unionAll } from "../../net/addr";
import { type Bounds, exactly, mergeReasons } from "../../net/bounds";
import { push } from "../resources";
import type { AzureClass } from "./classes";
import { PLATFORM } from "./service-tags";
import { type Subnet, type SubnetKey, spaceWithoutSubnets, type Vnets } from "./vnets";

export const internetZones: { readonly [family in Family]: Zone } = {
  4: {
    id: "internet/4",
    kind: "internet",
    resource: null,
    text: "any Internet address",
    endpoints: exactly(addresses(subtract(allV4, PLATFORM))),
  },
  6: {
    id: "internet/6",
    kind: "internet",
    resource: null,
    text: "any Internet address",
    endpoints: exactly(addresses(allV6)),
  },
};

/** A part of a network with one boundary; `subnet` is a sample of the subnets in it, null for space that no known subnet holds. */
export interface Neighbourhood {
  readonly zone: Zone;
  readonly subnet: Subnet | null;
}

/** Splits a network into zones by what the boundary of each subnet decides. */
export class Zones {
  private readonly vnets: Vnets;
  private readonly bySubnet = new Map<SubnetKey, AzureClass[]>();
  private readonly memo = new Map<string, readonly Neighbourhood[]>();
  private readonly boundaryOf: (subnet: Subnet) => string;

  constructor(vnets: Vnets, classes: readonly AzureClass[], boundaryOf: (subnet: Subnet) => string) {
    this.vnets = vnets;
    this.boundaryOf = boundaryOf;
    for (const item of classes) push(this.bySubnet, item.subnet, item);
  }

  of(network: NetId, family: Family): readonly Neighbourhood[] {
    const key = `${network}/${family}`;
    let found = this.memo.get(key);
    if (found === undefined) {
      found = this.compute(network, family);
      this.memo.set(key, found);
    }
    return found;
  }

  private compute(network: NetId, family: Family): Neighbourhood[] {
    const home = this.vnets.network(network);
    const subnets = [...this.vnets.subnets.values()].filter((subnet) => subnet.network === network);
    const groups = new Map<string, Subnet[]>();
    for (const subnet of subnets) push(groups, this.boundaryOf(subnet), subnet);
    const result = [...groups.values()].flatMap((group): Neighbourhood[] => {
      const [first] = group;
      if (first === undefined) return [];
      const sets = group.map((subnet) => this.occupants(subnet, family));
      const endpoints: Bounds<EndpointSet> = {
        must: unite(sets.map((set) => set.must)),
        may: unite(sets.map((set) => set.may)),
        why: mergeReasons(sets.flatMap((set) => set.why)),
      };
      if (isEmpty(endpoints.may.addr) && endpoints.may.ifaces.size === 0) return [];
      const single = group.length === 1;
      return [
        {
          subnet: first,
          zone: {
            id: `subnet:${first.key}@${network}/${family}`,
            kind: "network",
            resource: single ? (first.holder?.urn ?? home.urn) : home.urn,
            text: single ? `subnet ${first.name}` : `subnets of ${home.name}`,
            endpoints,
          },
        },
      ];
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
    const range = family === 4 ? subnet.v4 : subnet.v6;
    const certain = new Set<string>();
    const possible = new Set<string>();
    const why = [...range.why];
    for (const item of this.bySubnet.get(subnet.key) ?? []) {
      if (item.family !== family || item.sample.address.kind !== "within") continue;
      possible.add(endpointId(item.id, family));
      if (item.sample.doubt === null) certain.add(endpointId(item.id, family));
      else why.push(item.sample.doubt);
    }
    return { must: { addr: range.must, ifaces: certain }, may: { addr: range.may, ifaces: possible }, why };
  }
}

function unite(sets: readonly EndpointSet[]): EndpointSet {
  return { addr: unionAll(sets.map((set) => set.addr)), ifaces: new Set(sets.flatMap((set) => [...set.ifaces])) };
}
