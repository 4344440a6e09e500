import * as pulumi from "@pulumi/pulumi";
import { type Flow, Protocol } from "./shared";

/** Rules of a security group as plain data, the same on every cloud. */

/** One flow that a group lets through. */
export interface GroupRule {
  /** What the rule's name adds to the component's; says the direction, the ports and the peer. */
  readonly key: string;
  readonly direction: "in" | "out";
  /** A block, the members of the group itself, or several blocks that are one peer. */
  readonly peer: pulumi.Input<string> | typeof members | PrefixList;
  readonly range: RuleRange;
  /** Why the flow is needed: the rule's description. */
  readonly reason: pulumi.Input<string>;
}

/** The other members of the group that a rule belongs to. */
export const members = Symbol("members");

/** Blocks that rules name as one. */
export interface PrefixList {
  readonly blocks: readonly string[];
}

export function isPrefixList(peer: GroupRule["peer"]): peer is PrefixList {
  return typeof peer === "object" && "blocks" in peer;
}

/** Protocol and ports of a rule; no ports mean all of them. */
export interface RuleRange {
  readonly protocol: Protocol;
  readonly from?: number;
  readonly to?: number;
}

export const everything: RuleRange = { protocol: Protocol.All };

export interface PortRange extends RuleRange {
  readonly from: number;
  readonly to: number;
}

export function tcp(port: number): PortRange {
  return { protocol: Protocol.Tcp, from: port, to: port };
}

export function udp(port: number): PortRange {
  return { protocol: Protocol.Udp, from: port, to: port };
}

export function rangeOf(it: Flow): RuleRange {
  if (it.protocol === Protocol.All || it.port === undefined) return everything;
  return { protocol: it.protocol, from: it.port, to: it.toPort ?? it.port };
}

/** One address as a block. */
export function host(address: pulumi.Input<string>): pulumi.Input<string> {
  return typeof address === "string" ? `${address}/32` : pulumi.interpolate`${address}/32`;
}
