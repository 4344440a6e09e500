import type { Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown } from "../../model/snapshot";
import { type References, type Resources, resolve, resolveOwner } from "../resources";
import { field, integer, items, text } from "../values";
import { facingOf, groupsOf, nodesOf } from "./balancer-nodes";
import type { Groups } from "./groups";
import type { Balancing } from "./load-balancers";
import * as types from "./types";
import type { Vpcs } from "./vpc";

const BALANCER_POLICY = new Set(["aws:elb/loadBalancerPolicy:LoadBalancerPolicy"]);

/** Classic load balancers are full proxies: the host always sees the node. Classic Load Balancers Guide, "Proxy protocol". */
export function lowerClassicBalancers(resources: Resources, vpcs: Vpcs, groups: Groups): Balancing[] {
  return resources.ofType(...types.CLASSIC_BALANCER).flatMap((balancer) => {
    const machines = machinesOf(resources, balancer);
    const shared = {
      balancer,
      nodes: nodesOf(resources, vpcs, balancer),
      groups: groupsOf(resources, vpcs, groups, balancer, false),
      facing: facingOf(balancer),
      protocol: "tcp" as const,
      family: 4 as const,
      preservation: "node" as const,
      clients: [{ family: 4 as const, doubt: null }],
    };
    return items(balancer.properties.listeners).flatMap((item, i): Balancing[] => {
      const listenerPort = integer(field(item, "lbPort"));
      const targetPort = integer(field(item, "instancePort"));
      if (typeof listenerPort !== "number" || typeof targetPort !== "number") return [];
      const headers = headersOn(resources, balancer, targetPort);
      return [...machines].flatMap(([machine, doubt]) =>
        headers.values.map((proxyHeader) => ({
          ...shared,
          listenerPort,
          targetPort,
          target: { kind: "machine" as const, urn: machine.urn },
          proxyHeader,
          text: `load balancer ${balancer.name} listens on ${listenerPort} and forwards to ${targetPort}`,
          at: { urn: balancer.urn, path: `listeners[${i}]` },
          doubts: [...(doubt === null ? [] : [doubt]), ...headers.why],
        })),
      );
    });
  });
}

/** The machines behind it, by its own list, by attachment, and by scaling groups; with why one may not be. */
function machinesOf(resources: Resources, balancer: ResourceSnapshot): ReadonlyMap<ResourceSnapshot, Reason | null> {
  const found = new Map<ResourceSnapshot, Reason | null>();
  const add = (machine: ResourceSnapshot, doubt: Reason | null) => {
    if (found.get(machine) !== null) found.set(machine, doubt);
  };
  const unsure = (holder: ResourceSnapshot, path: string): Reason => ({
    text: "what is registered with the load balancer is not known",
    at: { urn: holder.urn, path },
  });
  const register = (holder: ResourceSnapshot, path: string, owner: References, machines: References) => {
    const mine = owner.certain.includes(balancer);
    if (!mine && !owner.possible.includes(balancer)) return;
    for (const machine of machines.certain) add(machine, mine ? null : unsure(holder, path));
    for (const machine of machines.possible) add(machine, unsure(holder, path));
  };
  const itself = { certain: [balancer], possible: [], foreign: [], absent: false };
  const { instances } = balancer.properties;
  register(balancer, "instances", itself, resolveOwner(resources, balancer, "instances", instances, types.INSTANCE));
  for (const item of resources.ofType("aws:elb/attachment:Attachment")) {
    const { elb, instance } = item.properties;
    const owner = resolveOwner(resources, item, "elb", elb, types.CLASSIC_BALANCER);
    register(item, "instance", owner, resolveOwner(resources, item, "instance", instance, types.INSTANCE));
  }
  for (const group of resources.ofType(...types.SCALING_GROUP)) {
    const { loadBalancers } = group.properties;
    const owner = resolveOwner(resources, group, "loadBalancers", loadBalancers, types.CLASSIC_BALANCER);
    register(group, "loadBalancers", owner, { ...itself, certain: [group] });
  }
  for (const item of resources.ofType(...types.SCALING_ATTACHMENT)) {
    const { elb, autoscalingGroupName } = item.properties;
    const owner = resolveOwner(resources, item, "elb", elb, types.CLASSIC_BALANCER);
    const name = "autoscalingGroupName";
    register(item, "elb", owner, resolveOwner(resources, item, name, autoscalingGroupName, types.SCALING_GROUP));
  }
  return found;
}

/** Whether a PROXY header is written on a port: by the policy for it, or by a backend policy of that type. */
function headersOn(
  resources: Resources,
  balancer: ResourceSnapshot,
  port: number,
): { values: readonly boolean[]; why: readonly Reason[] } {
  let certain = false;
  const why: Reason[] = [];
  const note = (answer: "yes" | "no" | "maybe", holder: ResourceSnapshot) => {
    if (answer === "yes") certain = true;
    if (answer === "maybe")
      why.push({ text: "whether a PROXY header is written is not known", at: { urn: holder.urn } });
  };
  const owns = (item: ResourceSnapshot, property: string): "yes" | "no" | "maybe" => {
    const value = item.properties[property];
    if (typeof value === "string" && value === balancer.properties.name) return "yes";
    const owner = resolveOwner(resources, item, property, value, types.CLASSIC_BALANCER);
    return owner.certain.includes(balancer) ? "yes" : owner.possible.includes(balancer) ? "maybe" : "no";
  };
  for (const item of resources.ofType("aws:ec2/proxyProtocolPolicy:ProxyProtocolPolicy")) {
    const mine = owns(item, "loadBalancer");
    const ports = items(item.properties.instancePorts).map(integer);
    if (mine === "no") continue;
    if (ports.includes(port)) note(mine, item);
    else if (ports.some((value) => value instanceof Unknown)) note("maybe", item);
  }
  for (const item of resources.ofType("aws:elb/loadBalancerBackendServerPolicy:LoadBalancerBackendServerPolicy")) {
    const mine = owns(item, "loadBalancerName");
    const instancePort = integer(item.properties.instancePort);
    if (mine === "no" || (typeof instancePort === "number" && instancePort !== port)) continue;
    const { policyNames } = item.properties;
    const named = resolve(resources, item, "policyNames", policyNames, BALANCER_POLICY);
    const byName = resources
      .ofType(...BALANCER_POLICY)
      .filter(({ properties }) => items(policyNames).includes(properties.policyName ?? null));
    if (![...named.certain, ...named.possible, ...byName].some(writesHeader)) continue;
    const sure = mine === "yes" && instancePort === port && [...named.certain, ...byName].some(writesHeader);
    note(sure ? "yes" : "maybe", item);
  }
  if (certain) return { values: [true], why: [] };
  return why.length === 0 ? { values: [false], why } : { values: [true, false], why };
}

function writesHeader(policy: ResourceSnapshot): boolean {
  const { policyTypeName, policyAttributes } = policy.properties;
  const off = items(policyAttributes).some(
    (item) => field(item, "name") === "ProxyProtocol" && text(field(item, "value")) === "false",
  );
  return text(policyTypeName) === "ProxyProtocolPolicyType" && !off;
}
