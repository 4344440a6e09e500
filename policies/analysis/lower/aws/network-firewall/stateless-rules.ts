import type { Leg } from "../../../model/network";
import type { Provenance, Reason } from "../../../model/provenance";
import { type ResourceSnapshot, Unknown, type Value } from "../../../model/snapshot";
import { noAddresses, sets } from "../../../net/addr";
import { exactly, union } from "../../../net/bounds";
import { allPorts, type PortSet } from "../../../net/ports";
import * as ranges from "../../../net/ranges";
import { cidrs, field, integer, isFields, items, text } from "../../values";
import { type Match, matchAll, type Phase, peer, type Step, type StepsOf, weaken } from "./phases";

/** The verb of a list of stateless actions; custom actions only publish metrics. Null if it is not known. */
export function verbOf(value: Value | undefined): Step["action"] | null {
  const words = items(value).map((item) => text(item));
  if (words.includes("aws:drop")) return "deny";
  if (words.includes("aws:pass")) return "allow";
  if (words.includes("aws:forward_to_sfe")) return "forward";
  return null;
}

/** The rules of a stateless group by priority. Developer Guide, "Stateless rule groups". */
export function statelessSteps(group: ResourceSnapshot): { readonly steps: StepsOf; readonly phased: boolean } {
  const body = field(field(group.properties.ruleGroup, "rulesSource"), "statelessRulesAndCustomActions");
  const rules = items(body instanceof Unknown || body === undefined ? new Unknown() : field(body, "statelessRules"));
  const ordered = rules
    .map((rule, i) => ({
      rule,
      priority: integer(field(rule, "priority")),
      at: { urn: group.urn, path: `ruleGroup.rulesSource.statelessRulesAndCustomActions.statelessRules[${i}]` },
    }))
    .sort((a, b) => rank(a.priority) - rank(b.priority));
  const steps: StepsOf = (phase, leg) =>
    ordered.flatMap(({ rule, priority, at }) =>
      compile(rule, at, typeof priority === "number" ? null : "its priority", phase, leg),
    );
  return { steps, phased: rules.some((rule) => flagsOf(rule).length > 0) };
}

export function rank(priority: number | Unknown | undefined): number {
  return typeof priority === "number" ? priority : -1;
}

/** Steps that may do anything with every packet. */
export function anyStep(at: Provenance, why: string): Step[] {
  const match = weaken(matchAll, { text: why, at });
  return (["allow", "deny", "forward"] as const).map((action) => ({ action, match, at, text: why }));
}

function compile(rule: Value, at: Provenance, unsure: string | null, phase: Phase, leg: Leg): Step[] {
  const definition = field(rule, "ruleDefinition");
  const attributes = field(definition, "matchAttributes");
  if (!isFields(definition) || attributes instanceof Unknown) return anyStep(at, "a stateless rule is not known yet");
  const verb = verbOf(definition.actions);
  const doubts = unsure === null ? [] : [unsure];
  if (verb === null) doubts.push("its action");
  const flags = flagMatch(flagsOf(rule), phase, leg);
  if (flags === "no") return [];
  if (flags === "maybe") doubts.push("which packets it means");
  const toPorts = portsOf(field(attributes, "destinationPorts"));
  const fromPorts = portsOf(field(attributes, "sourcePorts"));
  if (toPorts === null || fromPorts === null) doubts.push("its ports");
  const protocols = items(field(attributes, "protocols")).map((item) => integer(item));
  if (protocols.some((item) => item instanceof Unknown)) doubts.push("its protocol");
  const kinds: Match["protocol"][] =
    flagsOf(rule).length > 0
      ? ["tcp"]
      : protocols.length === 0 || protocols.some((item) => item instanceof Unknown)
        ? ["any"]
        : [...(protocols.includes(6) ? ["tcp" as const] : []), ...(protocols.includes(17) ? ["udp" as const] : [])];
  return kinds.flatMap((protocol) => {
    const exact: Match = {
      protocol,
      source: addressesOf(field(attributes, "sources"), { ...at, path: `${at.path}.sources` }),
      destination: addressesOf(field(attributes, "destinations"), { ...at, path: `${at.path}.destinations` }),
      ports: toPorts ?? allPorts,
      sourcePorts: fromPorts ?? allPorts,
    };
    const why: Reason = { text: `a stateless rule is known only in part: ${doubts.join(", ")}`, at };
    const match = doubts.length === 0 ? exact : weaken(exact, why);
    const actions: readonly Step["action"][] = verb === null ? ["allow", "deny", "forward"] : [verb];
    return actions.map((action) => ({ action, match, at, text: `stateless rule (${action})` }));
  });
}

function addressesOf(value: Value | undefined, at: Provenance): Match["source"] {
  if (items(value).length === 0) return null;
  return peer(
    items(value)
      .map((item) =>
        cidrs(item instanceof Unknown ? item : (field(item, "addressDefinition") ?? new Unknown()), undefined, at),
      )
      .reduce((set, part) => union(sets, set, part), exactly(noAddresses)),
  );
}

function portsOf(value: Value | undefined): PortSet | null {
  if (items(value).length === 0) return allPorts;
  const parts = items(value).map((item): readonly [number, number] | null => {
    const from = integer(field(item, "fromPort"));
    const to = integer(field(item, "toPort")) ?? from;
    return typeof from === "number" && typeof to === "number" ? [from, to] : null;
  });
  return parts.every((part) => part !== null) ? ranges.normalize(parts) : null;
}

function flagsOf(rule: Value): readonly Value[] {
  return items(field(field(field(rule, "ruleDefinition"), "matchAttributes"), "tcpFlags"));
}

const PACKETS = {
  handshake: { request: [["SYN"]], reply: [["SYN", "ACK"]] },
  data: { request: [["ACK"], ["ACK", "PSH"]], reply: [["ACK"], ["ACK", "PSH"]] },
};

/** Of the flags in the mask, exactly those listed are set; without a mask every flag counts. */
function flagMatch(alternatives: readonly Value[], phase: Phase, leg: Leg): "yes" | "no" | "maybe" {
  if (alternatives.length === 0) return "yes";
  const words = (value: Value | undefined) => items(value).map((item) => text(item));
  const known = alternatives.map((item) => ({
    flags: words(field(item, "flags")),
    masks: words(field(item, "masks")),
  }));
  if (
    known.some(({ flags, masks }) => flags.length === 0 || [...flags, ...masks].some((word) => word instanceof Unknown))
  )
    return "maybe";
  const hits = PACKETS[phase][leg].filter((packet) =>
    known.some(({ flags, masks }) => {
      const seen = masks.length === 0 ? packet : packet.filter((flag) => masks.includes(flag));
      return seen.length === flags.length && seen.every((flag) => flags.includes(flag));
    }),
  );
  return hits.length === 0 ? "no" : hits.length === PACKETS[phase][leg].length ? "yes" : "maybe";
}
