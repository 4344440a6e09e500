import type { NetId } from "../../model/network";
import type { Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown, type Value } from "../../model/snapshot";
import { flag, isFields, items } from "../values";
import { resolveArm, resolveByName, type Wanted } from "./references";
import type { AzureResources } from "./tokens";
import type { Vnets } from "./vnets";

const VNET: Wanted = { kind: "network:VirtualNetwork" };

/** Two networks that are joined, as one of them sees the other. Not transitive. */
export interface Peering {
  readonly from: NetId;
  readonly to: NetId;
  readonly resource: ResourceSnapshot;
  readonly text: string;
  /** Why it is not certain that traffic passes. */
  readonly doubt: Reason | null;
}

interface Side {
  readonly from: NetId;
  readonly to: NetId;
  readonly resource: ResourceSnapshot;
  readonly path: string;
  readonly access: boolean | Unknown | undefined;
  readonly doubt: Reason | null;
}

/**
 * VNet peerings, both ways. Traffic passes where neither side forbids it; a side that the stack does not hold is taken to exist. "Create,
 * change, or delete a virtual network peering".
 */
export function lowerPeerings(azure: AzureResources, vnets: Vnets): readonly Peering[] {
  const sides = [...standalone(azure, vnets), ...inline(azure, vnets)].filter((side) => side.from !== side.to);
  const pairs = new Map<string, Side[]>();
  for (const side of sides) {
    const key = [side.from, side.to].sort().join("\0");
    pairs.set(key, [...(pairs.get(key) ?? []), side]);
  }
  return [...pairs.values()].flatMap((both): Peering[] => {
    const [first] = both;
    if (first === undefined || both.some((side) => side.access === false)) return [];
    const doubt = both.map(doubtOf).find((reason) => reason !== null) ?? null;
    const made = { resource: first.resource, text: `peering ${first.resource.name}`, doubt };
    return [
      { ...made, from: first.from, to: first.to },
      { ...made, from: first.to, to: first.from },
    ];
  });
}

function standalone(azure: AzureResources, vnets: Vnets): Side[] {
  return azure.ofKind("network:VirtualNetworkPeering").map((peering) => {
    const p = peering.properties;
    const own = resolveByName(azure, peering, "virtualNetworkName", VNET.kind);
    const remote = resolveArm(azure, peering, "remoteVirtualNetwork", p.remoteVirtualNetwork, VNET);
    const open = own.certain.length + own.foreign.length !== 1 || remote.certain.length + remote.foreign.length !== 1;
    return {
      from: vnets.networkOf(own),
      to: vnets.networkOf(remote),
      resource: peering,
      path: "",
      access: flag(p.allowVirtualNetworkAccess),
      doubt: open ? { text: "which networks the peering joins is not known", at: { urn: peering.urn } } : null,
    };
  });
}

function inline(azure: AzureResources, vnets: Vnets): Side[] {
  return azure.ofKind("network:VirtualNetwork").flatMap((vnet) =>
    items(vnet.properties.virtualNetworkPeerings).flatMap((item: Value, i): Side[] => {
      if (!isFields(item)) return [];
      const remote = resolveArm(azure, vnet, "virtualNetworkPeerings", item.remoteVirtualNetwork, VNET);
      return [
        {
          from: vnet.urn,
          to: vnets.networkOf(remote),
          resource: vnet,
          path: `virtualNetworkPeerings[${i}]`,
          access: flag(item.allowVirtualNetworkAccess),
          doubt: null,
        },
      ];
    }),
  );
}

/** ARM leaves access off where a program says nothing, portal and CLI turn it on: reachable, but not certain. */
function doubtOf(side: Side): Reason | null {
  if (side.doubt !== null) return side.doubt;
  if (side.access === true) return null;
  const path = [side.path, "allowVirtualNetworkAccess"].filter((part) => part !== "").join(".");
  const what = side.access instanceof Unknown ? `is ${side.access.reason}` : "is not set";
  return {
    text: `whether the peering lets traffic pass: allowVirtualNetworkAccess ${what}`,
    at: { urn: side.resource.urn, path },
  };
}
