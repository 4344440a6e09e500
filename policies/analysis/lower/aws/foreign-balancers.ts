import type { Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown, type Urn, type Value } from "../../model/snapshot";
import { push, type References, type Resources, resolve } from "../resources";
import { field, integer, items } from "../values";
import { nodeSubnets } from "./balancer-nodes";
import type { RegisteredTarget } from "./balancer-targets";
import { forwards } from "./listeners";
import * as types from "./types";

/**
 * Machines that stand behind a load balancer of which the stack shows too little to follow it: one that exists already, a listener
 * or target whose port is not known, a load balancer without a subnet. They count as reachable through it, undetermined.
 */
export function foreignBalancers(
  resources: Resources,
  targets: ReadonlyMap<Urn, readonly RegisteredTarget[]>,
): ReadonlyMap<Urn, readonly Reason[]> {
  const found = new Map<Urn, Reason[]>();
  const mark = (machines: Iterable<Urn>, text: string, holder: ResourceSnapshot, path: string) => {
    for (const machine of machines) push(found, machine, { text, at: { urn: holder.urn, path } });
  };
  const machines = new Set([...types.INSTANCE, ...types.INTERFACE]);

  for (const { holder, machine, property, value, kind } of registrations(resources, machines)) {
    const references = resolve(resources, holder, property, value, kind);
    if (references.foreign.length > 0)
      mark(machine, "the load balancer of the host is not in the stack", holder, property);
  }
  for (const listener of resources.ofType(...types.LISTENER)) {
    const owner = resolve(resources, listener, "loadBalancerArn", listener.properties.loadBalancerArn, types.BALANCER);
    const behind = forwards(resources, listener).flatMap(({ group }) =>
      (targets.get(group.urn) ?? []).map(({ target, port }) => ({ target, port: port ?? group.properties.port })),
    );
    const blind = [...owner.certain, ...owner.possible].some((balancer) => !nodeSubnets(balancer));
    for (const { target, port } of behind) {
      if (target.kind !== "machine") continue;
      if (owner.foreign.length > 0)
        mark([target.urn], "the load balancer of the listener is not in the stack", listener, "loadBalancerArn");
      if (blind)
        mark([target.urn], "the subnets of the load balancer are not in the stack", listener, "loadBalancerArn");
      if (typeof integer(listener.properties.port) !== "number" || typeof integer(port) !== "number") {
        mark([target.urn], "a port of the load balancer is not known yet", listener, "port");
      }
    }
  }
  return found;
}

interface Registration {
  readonly holder: ResourceSnapshot;
  readonly machine: readonly Urn[];
  readonly property: string;
  readonly value: Value | undefined;
  readonly kind: ReadonlySet<string>;
}

/** Every property by which a machine or scaling group is put behind a target group or a classic load balancer. */
function registrations(resources: Resources, machines: ReadonlySet<string>): Registration[] {
  const all = ({ certain, possible }: References) => [...certain, ...possible].map((resource) => resource.urn);
  const identifiers = (value: Value | undefined) =>
    items(value).flatMap((item) => (item instanceof Unknown ? [item] : [field(item, "identifier") ?? item]));
  const either = new Set([...types.TARGET_GROUP, ...types.CLASSIC_BALANCER, ...types.BALANCER]);
  return [
    ...resources.ofType(...types.TARGET_ATTACHMENT).map((holder) => ({
      ...{ holder, property: "targetGroupArn", value: holder.properties.targetGroupArn, kind: types.TARGET_GROUP },
      machine: all(resolve(resources, holder, "targetId", holder.properties.targetId, machines)),
    })),
    ...resources.ofType("aws:elb/attachment:Attachment").map((holder) => ({
      ...{ holder, property: "elb", value: holder.properties.elb, kind: types.CLASSIC_BALANCER },
      machine: all(resolve(resources, holder, "instance", holder.properties.instance, types.INSTANCE)),
    })),
    ...resources.ofType(...types.SCALING_GROUP).flatMap((holder) => [
      {
        holder,
        machine: [holder.urn],
        property: "targetGroupArns",
        value: holder.properties.targetGroupArns,
        kind: types.TARGET_GROUP,
      },
      {
        holder,
        machine: [holder.urn],
        property: "loadBalancers",
        value: holder.properties.loadBalancers,
        kind: types.CLASSIC_BALANCER,
      },
      {
        holder,
        machine: [holder.urn],
        property: "trafficSources",
        value: identifiers(holder.properties.trafficSources),
        kind: either,
      },
    ]),
    ...resources.ofType(...types.SCALING_ATTACHMENT).flatMap((holder) => {
      const name = "autoscalingGroupName";
      const machine = all(resolve(resources, holder, name, holder.properties[name], types.SCALING_GROUP));
      return [
        {
          holder,
          machine,
          property: "lbTargetGroupArn",
          value: holder.properties.lbTargetGroupArn,
          kind: types.TARGET_GROUP,
        },
        { holder, machine, property: "elb", value: holder.properties.elb, kind: new Set<string>() },
        {
          holder,
          machine,
          property: "trafficSource",
          value: identifiers(holder.properties.trafficSource),
          kind: either,
        },
      ];
    }),
  ];
}
