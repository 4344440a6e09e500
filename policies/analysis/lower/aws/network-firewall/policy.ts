import type { Filter, Leg, Rule } from "../../../model/network";
import type { Provenance } from "../../../model/provenance";
import { type ResourceSnapshot, Unknown, type Value } from "../../../model/snapshot";
import type { AddrSet } from "../../../net/addr";
import type { Bounds } from "../../../net/bounds";
import { type Resources, resolve } from "../../resources";
import { field, integer, isFields, items, text } from "../../values";
import { FIREWALL_RULE_GROUP } from "../types";
import { matchAll, meet, type Phase, type Step, type StepsOf, toRule, weaken } from "./phases";
import { scopeOf } from "./scope";
import { anyRules, foreignRules, type StatefulRule, statefulRules } from "./stateful-rules";
import { anyStep, rank, statelessSteps, verbOf } from "./stateless-rules";

/** What a firewall does with the packets that open a connection and those that answer; all of each must pass. */
export interface FirewallFilters {
  readonly request: readonly Filter[];
  readonly reply: readonly Filter[];
}

/**
 * A firewall policy: the stateless rules judge every packet, and what they forward is judged by the stateful rules once for a
 * connection. Developer Guide, "Stateless and stateful rules engines" and "Evaluation order for stateful rule groups".
 */
export function lowerPolicy(resources: Resources, policy: ResourceSnapshot, home: Bounds<AddrSet>): FirewallFilters {
  const body = policy.properties.firewallPolicy;
  if (policy.external || !isFields(body)) return unknownPolicy(policy.urn, "the firewall policy is not known");
  const at: Provenance = { urn: policy.urn, path: "firewallPolicy" };
  const stateless = statelessOf(resources, policy, body.statelessRuleGroupReferences);
  const stateful = statefulOf(resources, policy, body, home);
  const verb = verbOf(body.statelessDefaultActions);
  const last: Step[] =
    verb === null
      ? anyStep(at, "the default action for stateless rules is not known")
      : [
          {
            action: verb,
            match: matchAll,
            at: { ...at, path: "firewallPolicy.statelessDefaultActions" },
            text: `stateless default (${verb})`,
          },
        ];
  const steps: StepsOf = (phase, leg) => [...stateless.steps(phase, leg), ...last];
  const phases: readonly Phase[] = stateless.phased || stateful.phased ? ["handshake", "data"] : ["handshake"];
  const filter = (phase: Phase, leg: Leg, rules: readonly Rule[]): Filter => ({
    id: `${policy.urn}:${phase}:${leg}`,
    name: `firewall policy ${policy.name}`,
    at: { urn: policy.urn },
    rules,
    otherwise: "allow",
  });
  return {
    request: phases.map((phase) => filter(phase, "request", compose(steps(phase, "request"), stateful.steps(phase)))),
    reply: (stateless.phased ? phases : (["handshake"] as const)).map((phase) =>
      filter(
        phase,
        "reply",
        steps(phase, "reply").map((step) => toRule(step.action === "deny" ? "deny" : "allow", step)),
      ),
    ),
  };
}

/** A policy that the stack does not show: nothing is certain. */
export function unknownPolicy(urn: string, why: string): FirewallFilters {
  const match = weaken(matchAll, { text: why, at: { urn } });
  const make = (leg: Leg): Filter => ({
    id: `${urn}:unknown:${leg}`,
    name: "firewall policy",
    at: { urn },
    rules: [{ action: "deny", ...match, at: { urn }, text: why }],
    otherwise: "allow",
  });
  return { request: [make("request")], reply: [make("reply")] };
}

/** One list, first match: where the stateless rules forward, the stateful rules decide about what they forwarded. */
function compose(stateless: readonly Step[], stateful: readonly Step[]): Rule[] {
  return stateless.flatMap((step) => {
    if (step.action !== "forward") return [toRule(step.action, step)];
    return stateful.flatMap((rule): Rule[] => {
      const match = meet(step.match, rule.match);
      return match === null || rule.action === "forward" ? [] : [toRule(rule.action, rule, match)];
    });
  });
}

interface Group {
  readonly resource: ResourceSnapshot | null;
  readonly reference: Value;
  /** The reference may be to any group, known or not. */
  readonly unknown: boolean;
  readonly at: Provenance;
}

/** The groups of a policy by priority; a group that the stack does not show has no resource. */
function groupsOf(resources: Resources, policy: ResourceSnapshot, value: Value | undefined, path: string): Group[] {
  return items(value)
    .map((reference, i): Group => {
      const arn = reference instanceof Unknown ? reference : field(reference, "resourceArn");
      const at = { urn: policy.urn, path: `firewallPolicy.${path}[${i}]` };
      const resource = groupOf(resources, policy, arn);
      return { resource, reference, unknown: resource === null && arn instanceof Unknown, at };
    })
    .sort((a, b) => rank(integer(field(a.reference, "priority"))) - rank(integer(field(b.reference, "priority"))));
}

function groupOf(resources: Resources, policy: ResourceSnapshot, arn: Value | undefined): ResourceSnapshot | null {
  const found = resolve(resources, policy, "firewallPolicy", arn, FIREWALL_RULE_GROUP);
  const [group] =
    found.certain.length === 1
      ? found.certain
      : resources
          .ofType(...FIREWALL_RULE_GROUP)
          .filter((item) => typeof arn === "string" && item.properties.arn === arn);
  return group === undefined || group.external ? null : group;
}

function statelessOf(resources: Resources, policy: ResourceSnapshot, value: Value | undefined) {
  const parts = groupsOf(resources, policy, value, "statelessRuleGroupReferences").map(({ resource, unknown, at }) => {
    if (resource !== null) return statelessSteps(resource);
    const why = "the rules of a stateless rule group are not in the stack";
    const steps: StepsOf = () => anyStep(at, why).filter((step) => unknown || step.action !== "deny");
    return { steps, phased: false };
  });
  const steps: StepsOf = (phase, leg) => parts.flatMap((part) => part.steps(phase, leg));
  return { steps, phased: parts.some((part) => part.phased) };
}

function statefulOf(
  resources: Resources,
  policy: ResourceSnapshot,
  body: { readonly [key: string]: Value },
  home: Bounds<AddrSet>,
): { steps: (phase: Phase) => readonly Step[]; phased: boolean } {
  const references = groupsOf(resources, policy, body.statefulRuleGroupReferences, "statefulRuleGroupReferences");
  const rules = references.flatMap(({ resource, reference, unknown, at }): StatefulRule[] => {
    if (resource === null) return unknown ? anyRules(at, "a firewall rule group is not known yet") : foreignRules(at);
    const found = statefulRules(resource, scopeOf(resources, resource, policy, home));
    const override = text(field(field(reference, "override"), "action"));
    return override === undefined ? found : found.filter((rule) => rule.action === "pass");
  });
  const order = text(field(body.statefulEngineOptions, "ruleOrder")) ?? "DEFAULT_ACTION_ORDER";
  const at: Provenance = { urn: policy.urn, path: "firewallPolicy.statefulDefaultActions" };
  const defaults = items(body.statefulDefaultActions).map((item) => text(item));
  const byAction = [...rules].sort((a, b) => Number(a.action === "drop") - Number(b.action === "drop"));
  const unsure = body.statefulEngineOptions instanceof Unknown || order instanceof Unknown;
  const strict = order === "STRICT_ORDER";
  const last = (phase: Phase): Step => {
    const drops =
      defaults.includes("aws:drop_strict") || (phase === "data" && defaults.includes("aws:drop_established"));
    const action = (strict || unsure) && drops ? "deny" : "allow";
    return {
      action,
      match: matchAll,
      at,
      text: `stateful default (${defaults.filter((it) => typeof it === "string").join(", ") || "pass"})`,
    };
  };
  const phased = rules.some((rule) => rule.phased) || defaults.includes("aws:drop_established");
  const doubt = "the evaluation order or default action of the firewall policy is not known yet";
  const open = unsure || defaults.some((item) => item instanceof Unknown);
  const steps = (phase: Phase): readonly Step[] => {
    const listed = (strict ? rules : byAction).flatMap((rule) => rule.in(phase));
    if (unsure)
      return [
        ...listed.map((step) => ({ ...step, match: weaken(step.match, { text: doubt, at }) })),
        maybeDrop(at, doubt),
        { ...last(phase), action: "allow" },
      ];
    return [
      ...listed,
      ...(open ? [maybeDrop(at, doubt)] : []),
      open ? { ...last(phase), action: "allow" } : last(phase),
    ];
  };
  return { steps, phased };
}

function maybeDrop(at: Provenance, why: string): Step {
  return { action: "deny", match: weaken(matchAll, { text: why, at }), at, text: why };
}
