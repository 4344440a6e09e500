import type { Family, Protocol } from "../../model/network";
import type { Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown, type Value } from "../../model/snapshot";
import { type Resources, resolveOwner } from "../resources";
import { field, flag, items, text } from "../values";
import * as types from "./types";

/** A target group that a listener forwards to. */
export interface Forward {
  readonly group: ResourceSnapshot;
  readonly doubt: Reason | null;
}

/** Target groups of every forward action, of the listener and of its rules; weights and conditions are ignored. */
export function forwards(resources: Resources, listener: ResourceSnapshot): Forward[] {
  const rules = resources.ofType(...types.LISTENER_RULE).flatMap((rule): Forward[] => {
    const owner = resolveOwner(resources, rule, "listenerArn", rule.properties.listenerArn, types.LISTENER);
    if (owner.certain.includes(listener)) return actionGroups(resources, rule, "actions");
    if (!owner.possible.includes(listener)) return [];
    const doubt = {
      text: "which listener the rule belongs to is not known",
      at: { urn: rule.urn, path: "listenerArn" },
    };
    return actionGroups(resources, rule, "actions").map((forward) => ({ ...forward, doubt: forward.doubt ?? doubt }));
  });
  return [...actionGroups(resources, listener, "defaultActions"), ...rules];
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
  const { certain, possible } = resolveOwner(resources, holder, property, arns, types.TARGET_GROUP);
  const doubt = {
    text: "which target group the listener forwards to is not known",
    at: { urn: holder.urn, path: property },
  };
  return [...certain.map((group) => ({ group, doubt: null })), ...possible.map((group) => ({ group, doubt }))];
}

/** What a listener carries; null for both. NLB Guide, "Listeners for your Network Load Balancers". */
export function carried(listener: ResourceSnapshot): Protocol | null {
  const protocol = text(listener.properties.protocol);
  if (protocol instanceof Unknown || protocol === "TCP_UDP" || protocol === "TCP_QUIC") return null;
  return protocol === "UDP" || protocol === "QUIC" ? "udp" : "tcp";
}

/** What a target sees as the client's address. */
export type Preservation = "client" | "node" | "unknown";

/** NLB Guide, "Client IP preservation": on by default for instances and ALBs, off for addresses over TCP and TLS. */
export function preservationOf(group: ResourceSnapshot): Preservation {
  const type = text(group.properties.targetType) ?? "instance";
  if (type === "alb") return "client";
  const set = flag(group.properties.preserveClientIp);
  if (set instanceof Unknown) return "unknown";
  if (set !== undefined) return set ? "client" : "node";
  if (type instanceof Unknown) return "unknown";
  if (type === "instance") return "client";
  const protocol = text(group.properties.protocol);
  if (protocol instanceof Unknown) return "unknown";
  return protocol === "TCP" || protocol === "TLS" ? "node" : "client";
}

/** The family of the addresses that targets are registered by; both where it is not known. */
export function familiesOf(group: ResourceSnapshot): readonly Family[] {
  const type = text(group.properties.ipAddressType) ?? "ipv4";
  return type instanceof Unknown ? [4, 6] : type === "ipv6" ? [6] : [4];
}

/** Whether a PROXY header is written; both where that is not known. */
export function headersOf(group: ResourceSnapshot): readonly boolean[] {
  const set = flag(group.properties.proxyProtocolV2) ?? false;
  return set instanceof Unknown ? [true, false] : [set];
}
