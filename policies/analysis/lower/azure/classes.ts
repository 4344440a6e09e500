import { addresses, type EndpointSet } from "../../model/endpoints";
import { endpointId, type Family, type IfaceClass } from "../../model/network";
import type { Urn } from "../../model/snapshot";
import { type AddrSet, noAddresses, unionAll } from "../../net/addr";
import { type Bounds, between, exactly } from "../../net/bounds";
import { toCidrs } from "../../net/cidr";
import { push } from "../resources";
import type { Interface } from "./interfaces";
import { keyOf } from "./references";

/** A class of addresses together with what only Azure's own lowering needs of it. */
export interface AzureClass extends IfaceClass {
  readonly sample: Interface;
  readonly family: Family;
}

/** Addresses that share everything a packet can notice form one class. */
export function classify(interfaces: readonly Interface[]): readonly AzureClass[] {
  const byKey = new Map<string, { sample: Interface; interfaces: Urn[]; hosts: Set<Urn> }>();
  for (const item of interfaces) {
    const key = [
      item.subnet.key,
      item.family,
      [
        ...item.nsgs.certain.map(keyOf),
        "?",
        ...item.nsgs.possible.map(keyOf),
        "?",
        ...item.nsgs.foreign.map(String),
      ].join(","),
      list(item.asgs),
      list(item.pools),
      list(item.natRules),
      item.address.kind === "known" ? toCidrs(item.address.addr).join(",") : "within",
      item.publicIp === null
        ? "private"
        : `${item.publicIp.sku} ${item.publicIp.family} ${item.publicIp.doubt?.text ?? ""}`,
      item.doubt?.at?.urn ?? "",
    ].join("|");
    const found = byKey.get(key);
    if (found === undefined)
      byKey.set(key, {
        sample: item,
        interfaces: [item.resource.urn],
        hosts: new Set(item.host === null ? [] : [item.host]),
      });
    else {
      found.interfaces.push(item.resource.urn);
      if (item.host !== null) found.hosts.add(item.host);
    }
  }
  return [...byKey.values()].map(({ sample, interfaces: members, hosts }, i) => ({
    id: `azure-${i}`,
    network: sample.subnet.network,
    subnet: sample.subnet.key,
    address: sample.family === 4 ? { v4: sample.address, v6: null } : { v4: null, v6: sample.address },
    interfaces: members,
    hosts,
    sample,
    family: sample.family,
  }));
}

function list({
  certain,
  possible,
}: {
  readonly certain: readonly string[];
  readonly possible: readonly string[];
}): string {
  return `${[...certain].sort().join(",")}?${[...possible].sort().join(",")}`;
}

/** The address of a class, or the range that it lies in. */
export function rangeOf(item: AzureClass): AddrSet {
  return item.sample.address.kind === "known" ? item.sample.address.addr : item.sample.address.range;
}

/** The endpoint that stands for a class: its address where that is known, else its identity. */
export function endpointOf(item: AzureClass): EndpointSet {
  const { address } = item.sample;
  if (address.kind === "known") return addresses(address.addr);
  return { addr: noAddresses, ifaces: new Set([endpointId(item.id, item.family)]) };
}

/** The members of application security groups: the private addresses of the configurations that list them. */
export function groupMembers(classes: readonly AzureClass[]): (group: string) => Bounds<EndpointSet> {
  const certain = new Map<string, EndpointSet[]>();
  const possible = new Map<string, EndpointSet[]>();
  for (const item of classes) {
    const set = endpointOf(item);
    for (const key of item.sample.asgs.certain) push(item.sample.doubt === null ? certain : possible, key, set);
    for (const key of item.sample.asgs.possible) push(possible, key, set);
  }
  return (group) => {
    const must = unite(certain.get(group) ?? []);
    const others = possible.get(group) ?? [];
    if (others.length === 0) return exactly(must);
    return between(must, unite([must, ...others]), [
      { text: "whether an interface is in an application security group is not known" },
    ]);
  };
}

function unite(sets: readonly EndpointSet[]): EndpointSet {
  return { addr: unionAll(sets.map((set) => set.addr)), ifaces: new Set(sets.flatMap((set) => [...set.ifaces])) };
}
