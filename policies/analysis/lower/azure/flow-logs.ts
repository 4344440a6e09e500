import { flag } from "../values";
import { keyOf, resolveArm, SUBNET, type Wanted } from "./references";
import type { AzureResources } from "./tokens";

const TARGETS: readonly Wanted[] = [{ kind: "network:VirtualNetwork" }, SUBNET, { kind: "network:NetworkInterface" }];

/** VNets, subnets and interfaces whose flow logs the stack keeps. Azure Network Watcher, "Virtual network flow logs". */
export function flowLogs(azure: AzureResources): ReadonlySet<string> {
  const logged = new Set<string>();
  for (const log of azure.ofKind("network:FlowLog")) {
    const { targetResourceId, enabled } = log.properties;
    if (flag(enabled) === false) continue;
    // An unknown id that depends on a VNet is the VNet's own, rather than that of a subnet in it.
    const named = TARGETS.map((wanted) => resolveArm(azure, log, "targetResourceId", targetResourceId, wanted).certain);
    for (const item of named.find((certain) => certain.length > 0) ?? []) logged.add(keyOf(item));
    if (typeof targetResourceId === "string") logged.add(`foreign:${targetResourceId.toLowerCase()}`);
  }
  return logged;
}
