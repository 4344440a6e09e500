import type { Provenance } from "../../../model/provenance";
import { type ResourceSnapshot, Unknown, type Value } from "../../../model/snapshot";
import { allPorts, ports as portRange } from "../../../net/ports";
import * as ranges from "../../../net/ranges";
import { field, isFields, items, text } from "../../values";
import { type Match, matchAll, type Phase, peer, type Step, weaken } from "./phases";
import { readAddresses, readPorts, type Scope } from "./sets";
import { parseSuricata, readOption, type SuricataRule, type UnreadableRule } from "./suricata";

/** A rule of the stateful engine: its step in a phase, if it has one there. */
export interface StatefulRule {
  readonly action: "pass" | "drop";
  in(phase: Phase): readonly Step[];
  readonly phased: boolean;
}

const PLAIN = new Set(["msg", "sid", "rev", "gid", "classtype", "priority", "metadata", "reference", "noalert"]);
const FLOWS = new Set(["to_server", "established", "not_established"]);
/** Ports on which a server speaks first, or the client in clear text: no HTTP host and no TLS name is ever seen there. */
const WITHOUT_NAMES = ranges.normalize([...portRange(25), ...portRange(587), ...portRange(2525)]);

/** The rules of a group in the order in which they are written. Developer Guide, "Stateful rule groups". */
export function statefulRules(group: ResourceSnapshot, scope: Scope): StatefulRule[] {
  const source = field(group.properties.ruleGroup, "rulesSource");
  const whole = group.properties.ruleGroup instanceof Unknown || source instanceof Unknown;
  const at = (path: string): Provenance => ({ urn: group.urn, path });
  if (whole) return anyRules(at("ruleGroup"), "the rules of a firewall rule group are not known yet");
  return [
    ...strings(group.properties.rules, at("rules"), scope),
    ...strings(field(source, "rulesString"), at("ruleGroup.rulesSource.rulesString"), scope),
    ...items(field(source, "statefulRules")).flatMap((item, i) =>
      structured(item, at(`ruleGroup.rulesSource.statefulRules[${i}]`), scope),
    ),
    ...(field(source, "rulesSourceList") === undefined || field(source, "rulesSourceList") === null
      ? []
      : names(at("ruleGroup.rulesSource.rulesSourceList"))),
  ];
}

/** A group that the stack does not show: what it passes is not known, and nothing that it may drop counts. */
export function foreignRules(at: Provenance): StatefulRule[] {
  return [maybePass(matchAll, at, "the rules of a firewall rule group are not in the stack")];
}

function strings(value: Value | undefined, at: Provenance, scope: Scope): StatefulRule[] {
  const source = text(value);
  if (source === undefined) return [];
  if (source instanceof Unknown) return anyRules(at, `the rules of a firewall rule group are ${source.reason}`);
  return parseSuricata(source).flatMap((rule) => compile(rule, at, scope));
}

/** A rule in fields is the same rule in other words. */
function structured(item: Value, at: Provenance, scope: Scope): StatefulRule[] {
  const header = field(item, "header");
  if (!isFields(item) || !isFields(header)) return anyRules(at, "a firewall rule is not known yet");
  const action = text(item.action);
  if (typeof action !== "string") return anyRules(at, "the action of a firewall rule is not known yet");
  const protocol = text(header.protocol);
  const direction = text(header.direction);
  // A word that cannot be read stands for an unknown value.
  const word = (value: Value | undefined) => {
    const found = text(value);
    return typeof found === "string" ? found : "?";
  };
  const options = items(item.ruleOptions).map((option) => {
    const keyword = text(field(option, "keyword"));
    const settings = items(field(option, "settings"));
    const value = settings.map((setting) => (setting instanceof Unknown ? "?" : String(setting))).join(",");
    return typeof keyword === "string" ? readOption(value === "" ? keyword : `${keyword}:${value}`) : readOption("?");
  });
  const bothWays = typeof direction !== "string" || direction.toUpperCase() === "ANY";
  const unsure = direction instanceof Unknown || protocol instanceof Unknown;
  const rule: SuricataRule = {
    action: action.toLowerCase(),
    protocol: typeof protocol === "string" ? protocol.toLowerCase() : "ip",
    source: word(header.source),
    sourcePorts: word(header.sourcePort),
    bothWays,
    destination: word(header.destination),
    ports: word(header.destinationPort),
    options,
    text: `${action.toLowerCase()} ${word(header.protocol).toLowerCase()} ${word(header.source)} ${word(header.sourcePort)} ${bothWays ? "<>" : "->"} ${word(header.destination)} ${word(header.destinationPort)}`,
  };
  return compile(rule, at, scope, unsure ? "a part of the rule is not known yet" : null);
}

function compile(
  rule: SuricataRule | UnreadableRule,
  at: Provenance,
  scope: Scope,
  unsure: string | null = null,
): StatefulRule[] {
  const action = rule.action === "pass" ? "pass" : rule.action === "drop" || rule.action === "reject" ? "drop" : null;
  if (action === null) return rule.action === "alert" ? [] : [maybePass(matchAll, at, unread(rule.text))];
  if ("unreadable" in rule) return action === "pass" ? [maybePass(matchAll, at, unread(rule.text))] : [];
  const flow = flowOf(rule);
  const protocol = protocolOf(rule.protocol);
  if (protocol === null) return [];
  const exact = protocol.exact && flow !== null;
  // What we cannot read closes nothing.
  if (!exact && action === "drop") return [];
  const sides = [rule.source, rule.destination].map((word) => readAddresses(word, scope));
  const [fromPorts, toPorts] = [readPorts(rule.sourcePorts, scope), readPorts(rule.ports, scope)];
  const doubt =
    unsure ?? (!exact ? unread(rule.text) : fromPorts === null || toPorts === null ? unknownPorts(rule.text) : null);
  const [source, destination] = sides.map(peer);
  const forward: Match = {
    protocol: protocol.kind,
    source: source ?? null,
    destination: destination ?? null,
    ports: toPorts ?? allPorts,
    sourcePorts: fromPorts ?? allPorts,
  };
  const back: Match = {
    protocol: protocol.kind,
    source: forward.destination,
    destination: forward.source,
    ports: forward.sourcePorts,
    sourcePorts: forward.ports,
  };
  const matches = rule.bothWays ? [forward, back] : [forward];
  const steps = (why: string | null): Step[] =>
    matches.map((match) => ({
      action: action === "pass" ? "allow" : "deny",
      match: why === null ? match : weaken(match, { text: why, at }),
      at,
      text: rule.text,
    }));
  return [
    {
      action,
      phased: flow !== null && flow !== "any",
      in: (phase) => {
        if (phase === "handshake" && flow === "established") return [];
        if (phase === "data" && flow === "not_established")
          return action === "drop" ? [] : steps(doubt ?? "a rule passes packets of a connection that is being opened");
        return steps(doubt);
      },
    },
  ];
}

/** The part of a connection that a rule looks at; null if the rule has an option that we do not read. */
function flowOf(rule: SuricataRule): "any" | "established" | "not_established" | null {
  let flow: "any" | "established" | "not_established" = "any";
  for (const { keyword, value } of rule.options) {
    if (PLAIN.has(keyword)) continue;
    if (keyword !== "flow") return null;
    for (const word of value.split(",").map((part) => part.trim())) {
      if (!FLOWS.has(word)) return null;
      if (word === "established" || word === "not_established") flow = word;
    }
  }
  return flow;
}

/** Protocols that are recognised in the data only are never certain; null for one that carries neither TCP nor UDP. */
function protocolOf(name: string): { kind: Match["protocol"]; exact: boolean } | null {
  switch (name) {
    case "ip":
      return { kind: "any", exact: true };
    case "tcp":
    case "udp":
      return { kind: name, exact: true };
    case "icmp":
    case "icmpv6":
      return null;
    case "dns":
    case "dhcp":
    case "ntp":
    case "tftp":
    case "snmp":
    case "ikev2":
    case "krb5":
    case "sip":
    case "quic":
      return { kind: "any", exact: false };
    default:
      return { kind: "tcp", exact: false };
  }
}

/** A domain list looks at HTTP hosts and TLS names: what it drops is no mail, what it passes may be any TLS. */
function names(at: Provenance): StatefulRule[] {
  const match: Match = { ...matchAll, protocol: "tcp", ports: ranges.subtract(allPorts, WITHOUT_NAMES) };
  return [maybePass(match, at, "a domain list may pass connections by the name in TLS")];
}

function maybePass(match: Match, at: Provenance, why: string): StatefulRule {
  const step: Step = { action: "allow", match: weaken(match, { text: why, at }), at, text: why };
  return { action: "pass", phased: false, in: () => [step] };
}

/** Rules that may pass and may drop everything. */
export function anyRules(at: Provenance, why: string): StatefulRule[] {
  const step: Step = { action: "deny", match: weaken(matchAll, { text: why, at }), at, text: why };
  return [maybePass(matchAll, at, why), { action: "drop", phased: false, in: () => [step] }];
}

function unread(rule: string): string {
  return `a firewall rule looks at more than addresses and ports (${rule})`;
}

function unknownPorts(rule: string): string {
  return `the ports of a firewall rule are not known (${rule})`;
}
