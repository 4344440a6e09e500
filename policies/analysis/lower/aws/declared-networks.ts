import type { Value } from "../../model/snapshot";
import { type AddrSet, noAddresses, union } from "../../net/addr";
import { type Bounds, between } from "../../net/bounds";
import { parseCidr } from "../../net/cidr";
import type { Resources } from "../resources";
import { cidrs, field, items, text } from "../values";

export interface DeclaredNetwork {
  readonly vpcId: string;
  readonly space: Bounds<AddrSet>;
  readonly connected: AddrSet;
  readonly subnets: ReadonlyMap<string, AddrSet>;
}

/** Networks that exist already and that components of ours were told the address space of. */
export function declaredNetworks(resources: Resources): ReadonlyMap<string, DeclaredNetwork> {
  const found = new Map<string, DeclaredNetwork>();
  for (const component of resources.all) {
    if (component.custom || !component.type.startsWith("relayproof:aws:")) continue;
    for (const holder of [component.properties, component.properties.network]) {
      const existing = field(holder, "existing") ?? holder;
      const vpcId = text(field(existing, "vpcId"));
      const blocks = field(existing, "cidrs") ?? field(existing, "networkCidrs");
      if (typeof vpcId !== "string" || blocks === undefined) continue;
      const known = found.get(vpcId);
      const space = cidrs(blocks, 4, { urn: component.urn, path: "networkCidrs" });
      found.set(vpcId, {
        vpcId,
        space:
          known === undefined
            ? space
            : between(union(known.space.must, space.must), union(known.space.may, space.may), space.why),
        connected: union(
          known?.connected ?? noAddresses,
          cidrs(field(holder, "connectedCidrs"), 4, { urn: component.urn }).must,
        ),
        subnets: new Map([
          ...(known?.subnets ?? []),
          ...declaredSubnets(field(existing, "subnets") ?? field(existing, "subnet")),
        ]),
      });
    }
  }
  return found;
}

function declaredSubnets(value: Value | undefined): [string, AddrSet][] {
  return items(value).flatMap((item): [string, AddrSet][] => {
    const id = text(field(item, "id"));
    const block = text(field(item, "cidr"));
    const set = typeof block === "string" ? parseCidr(block) : null;
    return typeof id === "string" && set !== null ? [[id, set]] : [];
  });
}
