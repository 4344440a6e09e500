import { type Resources, resolve } from "../resources";
import { INTERFACE, SUBNET, VPC } from "./types";
import { foreignKey } from "./vpc";

/** VPCs, subnets and interfaces whose flow logs the stack keeps. VPC User Guide, "Logging IP traffic using VPC Flow Logs". */
export function flowLogs(resources: Resources): ReadonlySet<string> {
  const logged = new Set<string>();
  for (const log of resources.ofType("aws:ec2/flowLog:FlowLog")) {
    for (const [property, types] of [
      ["vpcId", VPC],
      ["subnetId", SUBNET],
      ["eniId", INTERFACE],
    ] as const) {
      const found = resolve(resources, log, property, log.properties[property], types);
      for (const resource of found.certain) logged.add(resource.urn);
      for (const id of found.foreign) if (typeof id === "string") logged.add(foreignKey(id));
    }
  }
  return logged;
}
