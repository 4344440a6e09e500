import type { Family, Protocol } from "../../model/network";
import type { Provenance, Reason } from "../../model/provenance";
import { type ResourceSnapshot, Unknown, type Urn } from "../../model/snapshot";
import { type Resources, resolveOwner } from "../resources";
import { integer, text } from "../values";
import {
  type BalancerNode,
  type Clients,
  clientsOf,
  type Facing,
  facingOf,
  groupsOf,
  nodesOf,
  withV6,
} from "./balancer-nodes";
import { type RegisteredTarget, type Target, targetsByGroup } from "./balancer-targets";
import { lowerClassicBalancers } from "./classic-balancers";
import type { Groups } from "./groups";
import type { GroupMembership } from "./interfaces";
import { carried, familiesOf, forwards, headersOf, type Preservation, preservationOf } from "./listeners";
import * as types from "./types";
import type { Vpcs } from "./vpc";

/** A way through a load balancer: a listener that leads to a port of a target. */
export interface Balancing {
  readonly balancer: ResourceSnapshot;
  readonly nodes: readonly BalancerNode[];
  /** Null for a network load balancer without groups: everything passes. */
  readonly groups: GroupMembership | null;
  readonly facing: Facing;
  readonly listenerPort: number;
  readonly targetPort: number;
  /** Null carries TCP and UDP. */
  readonly protocol: Protocol | null;
  readonly target: Target;
  /** The family of the connection to the target. */
  readonly family: Family;
  readonly preservation: Preservation;
  /** Families of clients that have an address to connect to. */
  readonly clients: readonly Clients[];
  readonly proxyHeader: boolean;
  readonly text: string;
  readonly at: Provenance;
  readonly doubts: readonly Reason[];
}

/**
 * Network, application and classic load balancers, listener by listener and target by target. NLB Guide, "Edit target group
 * attributes" and "Register targets"; weights and health are ignored.
 */
export function lowerLoadBalancers(resources: Resources, vpcs: Vpcs, groups: Groups): readonly Balancing[] {
  const targets = targetsByGroup(resources);
  return [
    ...resources.ofType(...types.LISTENER).flatMap((item) => ofListener(resources, vpcs, groups, item, targets)),
    ...lowerClassicBalancers(resources, vpcs, groups),
  ];
}

function ofListener(
  resources: Resources,
  vpcs: Vpcs,
  groups: Groups,
  listener: ResourceSnapshot,
  targets: ReadonlyMap<Urn, readonly RegisteredTarget[]>,
): Balancing[] {
  const p = listener.properties;
  const owner = resolveOwner(resources, listener, "loadBalancerArn", p.loadBalancerArn, types.BALANCER);
  const listenerPort = integer(p.port);
  const at = { urn: listener.urn, path: "port" };
  if (typeof listenerPort !== "number") return [];
  return [...owner.certain, ...owner.possible].flatMap((balancer) => {
    const kind = text(balancer.properties.loadBalancerType) ?? "application";
    // A Gateway Load Balancer stands in routes, not in front of targets.
    if (kind === "gateway") return [];
    const doubts: Reason[] = [];
    if (owner.possible.includes(balancer))
      doubts.push({ text: "which load balancer the listener belongs to is not known", at });
    if (kind instanceof Unknown)
      doubts.push({
        text: "the type of the load balancer is not known yet",
        at: { urn: balancer.urn, path: "loadBalancerType" },
      });
    const shared = {
      balancer,
      nodes: nodesOf(resources, vpcs, balancer),
      groups: groupsOf(resources, vpcs, groups, balancer, kind !== "application"),
      facing: facingOf(balancer),
      listenerPort,
      protocol: carried(listener),
      clients: clientsOf(balancer),
      at,
    };
    return forwards(resources, listener).flatMap(({ group, doubt }) =>
      (targets.get(group.urn) ?? []).flatMap(({ target, port, doubt: unsure }): Balancing[] => {
        const targetPort = integer(port) ?? integer(group.properties.port);
        if (typeof targetPort !== "number") return [];
        const preservation = kind === "application" ? "node" : kind === "network" ? preservationOf(group) : "unknown";
        return familiesOf(group).flatMap((family, _, families) => {
          const nodes = family === 4 ? shared.nodes : shared.nodes.map(withV6);
          const addressed = nodes.every((node, i) => node === shared.nodes[i]);
          return headersOf(group).map((proxyHeader, _, headers) => ({
            ...shared,
            nodes,
            targetPort,
            target,
            family,
            preservation,
            proxyHeader: proxyHeader && kind !== "application",
            text: `load balancer ${balancer.name} listens on ${listenerPort} and forwards to ${targetPort}`,
            doubts: [
              ...doubts,
              ...(doubt === null ? [] : [doubt]),
              ...(unsure === null ? [] : [unsure]),
              ...(addressed ? [] : [notKnown(balancer, "subnets", "the IPv6 address of the load balancer")]),
              ...(families.length > 1 ? [notKnown(group, "ipAddressType", "the address type of the targets")] : []),
              ...(headers.length > 1 ? [notKnown(group, "proxyProtocolV2", "whether a PROXY header is written")] : []),
            ],
          }));
        });
      }),
    );
  });
}

function notKnown(group: ResourceSnapshot, path: string, what: string): Reason {
  return { text: `${what} is not known yet`, at: { urn: group.urn, path } };
}
