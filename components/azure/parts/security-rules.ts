import type * as pulumi from "@pulumi/pulumi";
import { expect, type Owner } from "../../args";
import { type GroupRule, isPrefixList, members, type RuleRange } from "../../parts/group-rules";
import { Protocol } from "../../parts/shared";

/**
 * The rules of a network security group as its property `securityRules` has them: written in one piece, so that an update never
 * passes through a half of them. What no rule admits is denied in both directions before the default rules, which would let in
 * whatever the tag `VirtualNetwork` holds. Azure Virtual Network, "Network security groups".
 */

/** A rule, in the words of `azure-native:network:NetworkSecurityGroup`. */
export interface SecurityRule {
  readonly name: string;
  readonly description: pulumi.Input<string>;
  readonly priority: number;
  readonly direction: "Inbound" | "Outbound";
  readonly access: "Allow" | "Deny";
  readonly protocol: "Tcp" | "Udp" | "*";
  readonly sourcePortRange: "*";
  readonly destinationPortRange: string;
  readonly sourceAddressPrefix?: pulumi.Input<string>;
  readonly sourceAddressPrefixes?: string[];
  readonly sourceApplicationSecurityGroups?: GroupReference[];
  readonly destinationAddressPrefix?: pulumi.Input<string>;
  readonly destinationAddressPrefixes?: string[];
  readonly destinationApplicationSecurityGroups?: GroupReference[];
}

type GroupReference = { readonly id: pulumi.Input<string> };

/** Rules that let flows through to and from some interfaces of a group. */
export interface Admission {
  readonly rules: readonly GroupRule[];
  /** Id of the application security group that they are about; without one, every interface with the security group. */
  readonly of?: pulumi.Input<string>;
  /** Id of the application security group that `members` stands for. */
  readonly members?: pulumi.Input<string>;
}

/** Priorities from here up; the last one is that of the rules that deny the rest. */
const firstPriority = 100;
const lastPriority = 4096;

/** Rules that Azure allows in one network security group. */
const ruleLimit = 1000;

/**
 * @param path the arguments that decide how many rules there are, and `value` what they are
 * @throws pulumi.RunError if there are more than Azure allows
 */
export function checkLimit(who: Owner, rules: readonly GroupRule[], path: string, value: unknown): void {
  const room = ruleLimit - 2;
  const expected = `at most ${room} rules in one network security group, they take ${rules.length}`;
  expect(rules.length <= room, who, path, value, expected);
}

export function securityRules(admissions: readonly Admission[]): SecurityRule[] {
  const all = admissions.flatMap((admission) => admission.rules.map((rule) => ({ rule, admission })));
  return (["in", "out"] as const).flatMap((direction) => [
    ...all
      .filter(({ rule }) => rule.direction === direction)
      .map(({ rule, admission }, i) => allow(rule, admission, firstPriority + i)),
    denyRest(direction),
  ]);
}

function allow({ key, direction, peer, range, reason }: GroupRule, admission: Admission, priority: number) {
  const [near, far] = direction === "in" ? (["source", "destination"] as const) : (["destination", "source"] as const);
  return {
    name: key,
    description: reason,
    priority,
    direction: direction === "in" ? "Inbound" : "Outbound",
    access: "Allow",
    ...spelled(range),
    ...side(near, peer, admission),
    ...(admission.of === undefined ? side(far, "*", admission) : group(far, admission.of)),
  } satisfies SecurityRule;
}

function denyRest(direction: "in" | "out"): SecurityRule {
  return {
    name: `${direction}-rest`,
    description: "Everything that no rule above admits, before the default rules",
    priority: lastPriority,
    direction: direction === "in" ? "Inbound" : "Outbound",
    access: "Deny",
    ...spelled({ protocol: Protocol.All }),
    sourceAddressPrefix: "*",
    destinationAddressPrefix: "*",
  };
}

type Side = "source" | "destination";

function side(which: Side, peer: GroupRule["peer"], admission: Admission) {
  if (peer === members) {
    if (admission.members === undefined) throw new Error("a rule names the members of a group that was not created");
    return group(which, admission.members);
  }
  if (isPrefixList(peer)) return { [`${which}AddressPrefixes`]: [...peer.blocks] };
  return { [`${which}AddressPrefix`]: peer };
}

function group(which: Side, id: pulumi.Input<string>) {
  return { [`${which}ApplicationSecurityGroups`]: [{ id }] };
}

function spelled({ protocol, from, to }: RuleRange) {
  const ports = from === undefined || to === undefined ? "*" : from === to ? String(from) : `${from}-${to}`;
  const names = { [Protocol.Tcp]: "Tcp", [Protocol.Udp]: "Udp", [Protocol.All]: "*" } as const;
  return { protocol: names[protocol], sourcePortRange: "*", destinationPortRange: ports } as const;
}
