import type { ResourceSnapshot } from "../../model/snapshot";
import { Unknown } from "../../model/snapshot";
import type { Answer } from "../longest-prefix";
import type { Resources } from "../resources";
import { flag } from "../values";
import { primaryInterfaces } from "./public-addresses";
import * as types from "./types";

/** EC2 User Guide, "Source/destination checking": on by default, on the interface or for the primary one on the instance. */
export function forwards(resources: Resources, machine: ResourceSnapshot): Answer {
  if (machine.external) return "maybe";
  const own = types.INSTANCE.has(machine.type) ? primaryInterfaces(resources).get(machine.urn) : undefined;
  const holders = [machine, ...(own ?? []).flatMap(({ urn }) => resources.get(urn) ?? [])];
  const checks = holders.map(({ properties }) => flag(properties.sourceDestCheck) ?? true);
  if (checks.includes(false)) return "yes";
  return checks.some((check) => check instanceof Unknown) || holders.some(({ external }) => external) ? "maybe" : "no";
}
