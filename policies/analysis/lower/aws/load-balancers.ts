import type { Address } from "../../model/network";
import type { Provenance, Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown, type Urn, type Value } from "../../model/snapshot";
import { parseCidr } from "../../net/cidr";
import { type Resources, resolve } from "../resources";
import { field, flag, integer, items, text } from "../values";
import { GROUP_REFERENCE } from "./group-rules";
import { defaultGroup, type Groups } from "./groups";
import type { GroupMembership } from "./interfaces";
import * as types from "./types";
import type { Subnet, Vpcs } from "./vpc";

/** One node of a load balancer, in one subnet: clients can pick it by its address. */
export interface BalancerNode {
  readonly subnet: Subnet;
  readonly v4: Address;
}

/** What a target sees as the client's address. */
export type Preservation = "client" | "node" | "unknown";

/** A way through a load balancer: a listener that leads to a port of a target. */
export interface Balancing {
  readonly balancer: ResourceSnapshot;
  readonly nodes: readonly BalancerNode[];
  /** Null for a network load balancer without groups: everything passes. */
  readonly groups: GroupMembership | null;
  readonly facing: "internet" | "internal" | "unknown";
  readonly listenerPort: number;
  readonly targetPort: number;
  readonly target: Target;
  readonly preservation: Preservation;
  /** IPv6 clients have an address to connect to. */
  readonly dualStack: "yes" | "no" | "maybe";
  readonly proxyHeader: boolean;
  readonly text: string;
  readonly at: Provenance;
  readonly doubt: Reason | null;
}

/** Hosts or interfaces by URN, or addresses; `unknown` may be any host of the network. */
export type Target =
  | { readonly kind: "machine"; readonly urn: Urn }
  | { readonly kind: "address"; readonly address: string }
  | { readonly kind: "unknown"; readonly why: Reason };

/** A target that is registered with a target group, and its own port. */
export interface RegisteredTarget {
  readonly target: Target;
  readonly port: Value | undefined;
}

interface Forward {
  readonly group: ResourceSnapshot;
  readonly doubt: Reason | null;
}

/**
 * Network, application and classic load balancers, listener by listener and target by target. NLB Guide, "Edit target group
 * attributes" and "Register targets"; weights and health are ignored.
 */
export function lowerLoadBalancers(resources: Resources, vpcs: Vpcs, groups: Groups): readonly Balancing[] {
  const targets = targetsByGroup(resources);
  const modern = resources
    .ofType(...types.LISTENER)
    .flatMap((listener) => ofListener(resources, vpcs, groups, listener, targets));
  return [
    ...modern,
    ...resources.ofType(...types.CLASSIC_BALANCER).flatMap((balancer) => ofClassic(resources, vpcs, groups, balancer)),
  ];
}

function ofListener(
  resources: Resources,
  vpcs: Vpcs,
  groups: Groups,
  listener: ResourceSnapshot,
  targets: ReadonlyMap<Urn, readonly { target: Target; port: Value | undefined }[]>,
): Balancing[] {
  const p = listener.properties;
  const owner = resolve(resources, listener, "loadBalancerArn", p.loadBalancerArn, types.BALANCER);
  const protocol = text(p.protocol);
  if (protocol === "UDP" || protocol === "QUIC") return [];
  const listenerPort = integer(p.port);
  return [...owner.certain, ...owner.possible].flatMap((balancer) =>
    forwards(resources, listener).flatMap(({ group, doubt }) =>
      (targets.get(group.urn) ?? []).flatMap(({ target, port }): Balancing[] => {
        const targetPort = integer(port) ?? integer(group.properties.port);
        const at = { urn: listener.urn, path: "port" };
        if (typeof listenerPort !== "number" || typeof targetPort !== "number") return [];
        const kind = text(balancer.properties.loadBalancerType) ?? "application";
        const network = kind === "network";
        return [
          {
            balancer,
            nodes: nodesOf(resources, vpcs, balancer),
            groups: groupsOf(resources, vpcs, groups, balancer, network),
            facing: facingOf(balancer),
            listenerPort,
            targetPort,
            target,
            preservation: network ? preservationOf(group) : "node",
            dualStack: dualStackOf(balancer),
            proxyHeader: flag(group.properties.proxyProtocolV2) === true,
            text: `load balancer ${balancer.name} listens on ${listenerPort} and forwards to ${targetPort}`,
            at,
            doubt: owner.possible.includes(balancer)
              ? { text: "which load balancer the listener belongs to is not known", at }
              : doubt,
          },
        ];
      }),
    ),
  );
}

/** Target groups of every forward action, of the listener and of its rules. */
export function forwards(resources: Resources, listener: ResourceSnapshot): Forward[] {
  const rules = resources
    .ofType(...types.LISTENER_RULE)
    .filter((rule) =>
      resolve(resources, rule, "listenerArn", rule.properties.listenerArn, types.LISTENER).certain.includes(listener),
    );
  return [
    ...actionGroups(resources, listener, "defaultActions"),
    ...rules.flatMap((rule) => actionGroups(resources, rule, "actions")),
  ];
}

function actionGroups(resources: Resources, holder: ResourceSnapshot, property: string): Forward[] {
  const arns = items(holder.properties[property]).flatMap((action): Value[] => {
    if (action instanceof Unknown) return [action];
    const forwarded = items(field(field(action, "forward"), "targetGroups")).map(
      (group) => field(group, "arn") ?? group,
    );
    const single = field(action, "targetGroupArn");
    return single === undefined ? forwarded : [single, ...forwarded];
  });
  const { certain, possible } = resolve(resources, holder, property, arns, types.TARGET_GROUP);
  const doubt = {
    text: "which target group the listener forwards to is not known",
    at: { urn: holder.urn, path: property },
  };
  return [...certain.map((group) => ({ group, doubt: null })), ...possible.map((group) => ({ group, doubt }))];
}

/** Targets by attachment resource, and by scaling groups that register themselves. */
export function targetsByGroup(
  resources: Resources,
): ReadonlyMap<Urn, readonly { target: Target; port: Value | undefined }[]> {
  const found = new Map<Urn, { target: Target; port: Value | undefined }[]>();
  const add = (group: Urn, target: Target, port: Value | undefined) =>
    found.set(group, [...(found.get(group) ?? []), { target, port }]);
  const machines = new Set([...types.INSTANCE, ...types.INTERFACE]);
  for (const item of resources.ofType(...types.TARGET_ATTACHMENT)) {
    const groups = resolve(resources, item, "targetGroupArn", item.properties.targetGroupArn, types.TARGET_GROUP);
    const { targetId } = item.properties;
    const named = resolve(resources, item, "targetId", targetId, machines);
    const literal = typeof targetId === "string" && parseCidr(targetId) !== null ? targetId : null;
    const targets: Target[] = [...named.certain, ...named.possible].map((machine) => ({
      kind: "machine",
      urn: machine.urn,
    }));
    if (targets.length === 0 && literal !== null) targets.push({ kind: "address", address: literal });
    if (targets.length === 0)
      targets.push({
        kind: "unknown",
        why: { text: "the target of the load balancer is not in the stack", at: { urn: item.urn, path: "targetId" } },
      });
    for (const group of [...groups.certain, ...groups.possible])
      for (const target of targets) add(group.urn, target, item.properties.port);
  }
  const register = (
    holder: ResourceSnapshot,
    property: string,
    value: Value | undefined,
    machine: ResourceSnapshot,
  ) => {
    const { certain, possible } = resolve(resources, holder, property, value, types.TARGET_GROUP);
    for (const group of [...certain, ...possible]) add(group.urn, { kind: "machine", urn: machine.urn }, undefined);
  };
  for (const group of resources.ofType(...types.SCALING_GROUP)) {
    register(group, "targetGroupArns", group.properties.targetGroupArns, group);
    register(
      group,
      "trafficSources",
      items(group.properties.trafficSources).map((item) => field(item, "identifier") ?? item),
      group,
    );
  }
  for (const item of resources.ofType(...types.SCALING_ATTACHMENT)) {
    const owner = resolve(
      resources,
      item,
      "autoscalingGroupName",
      item.properties.autoscalingGroupName,
      types.SCALING_GROUP,
    );
    for (const group of [...owner.certain, ...owner.possible]) {
      register(item, "lbTargetGroupArn", item.properties.lbTargetGroupArn, group);
      register(item, "trafficSource", field(item.properties.trafficSource, "identifier"), group);
    }
  }
  return found;
}

function nodesOf(resources: Resources, vpcs: Vpcs, balancer: ResourceSnapshot): BalancerNode[] {
  const { subnets, subnetMappings } = balancer.properties;
  const listed = items(subnetMappings).map((item) => ({
    id: field(item, "subnetId") ?? item,
    fixed: field(item, "privateIpv4Address"),
  }));
  const property = listed.length > 0 ? "subnetMappings" : "subnets";
  const ids = listed.length > 0 ? listed.map((item) => item.id) : items(subnets);
  const keys = vpcs.subnetKeys(resolve(resources, balancer, property, ids, types.SUBNET));
  return [...keys.certain, ...keys.possible].map((key, i) => {
    const subnet = vpcs.subnet(key);
    const fixed = listed[i]?.fixed;
    const known = typeof fixed === "string" ? parseCidr(fixed) : null;
    const range = subnet.v4 === null ? { v4: [], v6: [] } : subnet.v4.why.length === 0 ? subnet.v4.must : subnet.v4.may;
    return { subnet, v4: known === null ? { kind: "within", range } : { kind: "known", addr: known } };
  });
}

/** A network load balancer without groups lets every client pass; the other kinds get the VPC's default group. */
function groupsOf(
  resources: Resources,
  vpcs: Vpcs,
  groups: Groups,
  balancer: ResourceSnapshot,
  network: boolean,
): GroupMembership | null {
  const references = resolve(
    resources,
    balancer,
    "securityGroups",
    balancer.properties.securityGroups,
    GROUP_REFERENCE,
  );
  const keys = groups.keys(references);
  if (keys.certain.length > 0 || keys.possible.length > 0) return keys;
  if (network) return null;
  const [node] = nodesOf(resources, vpcs, balancer);
  return node === undefined ? null : { certain: [defaultGroup(node.subnet.network)], possible: [] };
}

function dualStackOf(balancer: ResourceSnapshot): Balancing["dualStack"] {
  const type = text(balancer.properties.ipAddressType) ?? "ipv4";
  return type instanceof Unknown ? "maybe" : type.startsWith("dualstack") ? "yes" : "no";
}

/** Whether the stack tells in which subnets a load balancer has nodes. */
export function nodeSubnets(balancer: ResourceSnapshot): boolean {
  const { subnets, subnetMappings } = balancer.properties;
  return items(subnets).length > 0 || items(subnetMappings).length > 0;
}

function facingOf(balancer: ResourceSnapshot): Balancing["facing"] {
  const internal = flag(balancer.properties.internal) ?? false;
  return internal instanceof Unknown ? "unknown" : internal ? "internal" : "internet";
}

/** NLB Guide, "Client IP preservation": on by default for instance targets, off for IP targets over TCP and TLS. */
function preservationOf(group: ResourceSnapshot): Preservation {
  const set = flag(group.properties.preserveClientIp);
  if (set instanceof Unknown) return "unknown";
  if (set !== undefined) return set ? "client" : "node";
  const type = text(group.properties.targetType) ?? "instance";
  if (type instanceof Unknown) return "unknown";
  if (type === "instance") return "client";
  const protocol = text(group.properties.protocol);
  if (protocol instanceof Unknown) return "unknown";
  return protocol === "UDP" || protocol === "TCP_UDP" || protocol === "QUIC" ? "client" : "node";
}

/** A classic load balancer is a full proxy: the host always sees its address. */
function ofClassic(resources: Resources, vpcs: Vpcs, groups: Groups, balancer: ResourceSnapshot): Balancing[] {
  const attached = resources
    .ofType("aws:elb/attachment:Attachment")
    .filter((item) =>
      resolve(resources, item, "elb", item.properties.elb, types.CLASSIC_BALANCER).certain.includes(balancer),
    )
    .map((item) => resolve(resources, item, "instance", item.properties.instance, types.INSTANCE));
  const own = resolve(resources, balancer, "instances", balancer.properties.instances, types.INSTANCE);
  const scaling = resources
    .ofType(...types.SCALING_GROUP)
    .filter((group) =>
      resolve(
        resources,
        group,
        "loadBalancers",
        group.properties.loadBalancers,
        types.CLASSIC_BALANCER,
      ).certain.includes(balancer),
    );
  const machines = [...[own, ...attached].flatMap((found) => [...found.certain, ...found.possible]), ...scaling];
  const header = proxyPorts(resources, balancer);
  return items(balancer.properties.listeners).flatMap((item, i): Balancing[] => {
    const listenerPort = integer(field(item, "lbPort"));
    const targetPort = integer(field(item, "instancePort"));
    if (typeof listenerPort !== "number" || typeof targetPort !== "number") return [];
    return [...new Set(machines)].map((machine) => ({
      balancer,
      nodes: nodesOf(resources, vpcs, balancer),
      groups: groupsOf(resources, vpcs, groups, balancer, false),
      facing: facingOf(balancer),
      listenerPort,
      targetPort,
      target: { kind: "machine", urn: machine.urn },
      preservation: "node",
      dualStack: "no",
      proxyHeader: header.has(targetPort),
      text: `load balancer ${balancer.name} listens on ${listenerPort} and forwards to ${targetPort}`,
      at: { urn: balancer.urn, path: `listeners[${i}]` },
      doubt: null,
    }));
  });
}

function proxyPorts(resources: Resources, balancer: ResourceSnapshot): ReadonlySet<number> {
  return new Set(
    resources
      .ofType("aws:ec2/proxyProtocolPolicy:ProxyProtocolPolicy")
      .filter((item) =>
        resolve(resources, item, "loadBalancer", item.properties.loadBalancer, types.CLASSIC_BALANCER).certain.includes(
          balancer,
        ),
      )
      .flatMap((item) => items(item.properties.instancePorts).map(Number)),
  );
}
