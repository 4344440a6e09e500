import type { Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown, type Urn, type Value } from "../../model/snapshot";
import { parseCidr } from "../../net/cidr";
import { push, type References, type Resources, resolve, resolveOwner } from "../resources";
import { field, items } from "../values";
import * as types from "./types";

/** What a target group sends to: hosts, interfaces or load balancers by URN, an address, or whatever an unknown id may name. */
export type Target =
  | { readonly kind: "machine"; readonly urn: Urn }
  | { readonly kind: "balancer"; readonly urn: Urn }
  | { readonly kind: "address"; readonly address: string }
  | { readonly kind: "unknown"; readonly why: Reason };

/** A target that is registered with a target group, and its own port. */
export interface RegisteredTarget {
  readonly target: Target;
  readonly port: Value | undefined;
  readonly doubt: Reason | null;
}

/** Targets by attachment resource, and by scaling groups that register themselves; by the URN of the target group. */
export function targetsByGroup(resources: Resources): ReadonlyMap<Urn, readonly RegisteredTarget[]> {
  const found = new Map<Urn, RegisteredTarget[]>();
  const register = (groups: References, target: Target, port: Value | undefined, doubt: Reason | null, at: Reason) => {
    for (const group of groups.certain) push(found, group.urn, { target, port, doubt });
    for (const group of groups.possible) push(found, group.urn, { target, port, doubt: doubt ?? at });
  };
  for (const item of resources.ofType(...types.TARGET_ATTACHMENT)) {
    const groups = resolveOwner(resources, item, "targetGroupArn", item.properties.targetGroupArn, types.TARGET_GROUP);
    for (const { target, doubt } of attached(resources, item))
      register(groups, target, item.properties.port, doubt, unsure(item, "targetGroupArn"));
  }
  for (const { group, holder, property, value, doubt } of scalingGroups(resources)) {
    const groups = resolve(resources, holder, property, value, types.TARGET_GROUP);
    register(groups, { kind: "machine", urn: group.urn }, undefined, doubt, unsure(holder, property));
  }
  return found;
}

function attached(resources: Resources, item: ResourceSnapshot): { target: Target; doubt: Reason | null }[] {
  const { targetId } = item.properties;
  const named = resolve(resources, item, "targetId", targetId, TARGETS);
  const of = (resource: ResourceSnapshot): Target => ({
    kind: types.BALANCER.has(resource.type) ? "balancer" : "machine",
    urn: resource.urn,
  });
  const targets = [
    ...named.certain.map((resource) => ({ target: of(resource), doubt: null })),
    ...named.possible.map((resource) => ({ target: of(resource), doubt: unsure(item, "targetId") })),
  ];
  if (targets.length > 0) return targets;
  if (typeof targetId === "string") {
    // An id that no resource has names something outside the stack; an address may be given to a host of it.
    return parseCidr(targetId) === null ? [] : [{ target: { kind: "address", address: targetId }, doubt: null }];
  }
  const at = { urn: item.urn, path: "targetId" };
  return [
    { target: { kind: "unknown", why: { text: "the target of the load balancer is not known yet", at } }, doubt: null },
  ];
}

const TARGETS = new Set([...types.INSTANCE, ...types.INTERFACE, ...types.BALANCER]);

interface ScalingRegistration {
  readonly group: ResourceSnapshot;
  readonly holder: ResourceSnapshot;
  readonly property: string;
  readonly value: Value | undefined;
  readonly doubt: Reason | null;
}

/** Every property by which a scaling group names target groups, its own and those of attachment resources. */
function scalingGroups(resources: Resources): ScalingRegistration[] {
  const identifiers = (value: Value | undefined) =>
    items(value).map((item) => (item instanceof Unknown ? item : (field(item, "identifier") ?? item)));
  const own = resources.ofType(...types.SCALING_GROUP).flatMap((group) => {
    const { targetGroupArns, trafficSources } = group.properties;
    const base = { group, holder: group, doubt: null };
    return [
      { ...base, property: "targetGroupArns", value: targetGroupArns },
      { ...base, property: "trafficSources", value: identifiers(trafficSources) },
    ];
  });
  const attachments = resources.ofType(...types.SCALING_ATTACHMENT).flatMap((holder) => {
    const name = "autoscalingGroupName";
    const owner = resolveOwner(resources, holder, name, holder.properties[name], types.SCALING_GROUP);
    const of = (group: ResourceSnapshot, doubt: Reason | null) => [
      { group, holder, doubt, property: "lbTargetGroupArn", value: holder.properties.lbTargetGroupArn },
      { group, holder, doubt, property: "trafficSource", value: identifiers(holder.properties.trafficSource) },
    ];
    return [
      ...owner.certain.flatMap((group) => of(group, null)),
      ...owner.possible.flatMap((group) => of(group, unsure(holder, name))),
    ];
  });
  return [...own, ...attachments];
}

function unsure(holder: ResourceSnapshot, path: string): Reason {
  return { text: "what is registered with the load balancer is not known", at: { urn: holder.urn, path } };
}
