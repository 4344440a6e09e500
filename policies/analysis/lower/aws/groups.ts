import type { Reason } from "../../model/provenance";
import type { ResourceSnapshot } from "../../model/snapshot";
import { allPorts } from "../../net/ports";
import { type References, type Resources, resolve, resolveOwner } from "../resources";
import {
  anywhere,
  doubted,
  GROUP_REFERENCE,
  type GroupKey,
  type GroupRule,
  inlineRules,
  type KeysOf,
  openRules,
  standaloneRules,
} from "./group-rules";
import { GROUP, VPC } from "./types";
import { DEFAULT_VPC, foreignKey, type Vpcs } from "./vpc";

export interface Group {
  readonly key: GroupKey;
  readonly resource: ResourceSnapshot | null;
  readonly name: string;
  readonly network: string;
  readonly rules: readonly GroupRule[];
}

export interface Groups {
  group(key: GroupKey): Group;
  readonly known: ReadonlyMap<GroupKey, Group>;
  readonly keys: KeysOf;
}

export function defaultGroup(network: string): GroupKey {
  return `default-group:${network}`;
}

export function keyOfGroup(resource: ResourceSnapshot, resources: Resources, vpcs: Vpcs): GroupKey {
  if (VPC.has(resource.type)) return defaultGroup(resource.type.includes("defaultVpc") ? DEFAULT_VPC : resource.urn);
  if (!resource.type.includes("defaultSecurityGroup")) return resource.urn;
  return defaultGroup(vpcs.networkOf(resolve(resources, resource, "vpcId", resource.properties.vpcId, VPC)));
}

/** Security groups with their rules in every resource form: the union of inline and standalone ones. */
export function lowerGroups(resources: Resources, vpcs: Vpcs): Groups {
  const known = new Map<GroupKey, Group & { rules: GroupRule[] }>();
  const keysOf = (references: References) => ({
    certain: [
      ...references.certain.map((item) => keyOfGroup(item, resources, vpcs)),
      ...references.foreign.map(foreignKey),
    ],
    possible: references.possible.map((item) => keyOfGroup(item, resources, vpcs)),
  });
  const group = (key: GroupKey): Group & { rules: GroupRule[] } => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = key.startsWith("default-group:") ? unmanagedDefault(key) : outside(key);
    known.set(key, made);
    return made;
  };

  for (const resource of resources.ofType(...GROUP)) {
    const key = keyOfGroup(resource, resources, vpcs);
    const network = vpcs.networkOf(resolve(resources, resource, "vpcId", resource.properties.vpcId, VPC));
    const rules = resource.external
      ? openRules(resource.urn, {
          text: "the rules of a group that exists already are not in the stack",
          at: { urn: resource.urn },
        })
      : (["ingress", "egress"] as const).flatMap((direction) =>
          inlineRules(resources, resource, direction, keysOf, key),
        );
    known.set(key, { key, resource, name: resource.name, network, rules });
  }
  for (const resource of resources.ofType(
    "aws:ec2/securityGroupRule:SecurityGroupRule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
  )) {
    if (resource.external) continue;
    const { certain, possible } = keysOf(
      resolveOwner(resources, resource, "securityGroupId", resource.properties.securityGroupId, GROUP_REFERENCE),
    );
    for (const key of certain) group(key).rules.push(...standaloneRules(resources, resource, keysOf, key));
    const doubt: Reason = {
      text: "which group the rule belongs to is not known",
      at: { urn: resource.urn, path: "securityGroupId" },
    };
    for (const key of possible) {
      group(key).rules.push(...standaloneRules(resources, resource, keysOf, key).map((rule) => doubted(rule, doubt)));
    }
  }
  return { group, known, keys: keysOf };
}

function unmanagedDefault(key: GroupKey): Group & { rules: GroupRule[] } {
  const network = key.slice("default-group:".length);
  const at = { urn: network, path: "defaultSecurityGroupId" };
  const rule = { protocol: "any", ports: allPorts, doubt: null, at } as const;
  return {
    key,
    resource: null,
    name: "default security group",
    network,
    rules: [
      {
        ...rule,
        direction: "ingress",
        peers: [{ kind: "members", group: key, certain: true, text: "itself" }],
        text: "default group: all from itself",
      },
      { ...rule, direction: "egress", peers: [anywhere], text: "default group: all out" },
    ],
  };
}

function outside(key: GroupKey): Group & { rules: GroupRule[] } {
  const id = key.replace(/^foreign:/, "");
  return {
    key,
    resource: null,
    name: id,
    network: "",
    rules: openRules(id, { text: `the rules of security group ${id} are not in the stack` }),
  };
}
