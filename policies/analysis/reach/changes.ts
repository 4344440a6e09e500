import { type EndpointSet, endpoints } from "../model/endpoints";
import type { Filter, Hop, Rule } from "../model/network";
import type { Decision } from "./decisions";
import { matched, type Question } from "./filter";
import type { Reach } from "./reach";

/** What would have to be decided otherwise, so that a connection opens or closes. */

/** One decision turned round. */
export interface Change {
  readonly decision: Decision;
  readonly how: /** Add a rule that lets it pass. */
    | "allow"
    /** Let it pass before the rule that denies it. */
    | "allow-before"
    /** Put something in place whose absence closes it, such as a gateway. */
    | "provide"
    /** Take it out of what rules let pass: all of `rules`. */
    | "narrow"
    /** Add a rule that denies it: what lets it pass is no rule. */
    | "deny"
    /** Route it. */
    | "route"
    /** Route it otherwise. */
    | "unroute"
    /** Have a load balancer, firewall or accelerator lead to the port. */
    | "publish"
    /** Undo what a device does: an address, a listener, a translation. */
    | "undo"
    /** Make certain what is not known. */
    | "settle";
  /** The rules that let it pass, or the one that denies it. */
  readonly rules: readonly Rule[];
}

/**
 * The smallest sets of decisions that have to be others for a connection to be certain: the inclusion-minimal ones over all attempts,
 * fewest first. Each attempt is a conjunction, so all that does not pass on it has to change.
 */
export function openings(reach: Reach, attempts: readonly (readonly Decision[])[]): readonly (readonly Change[])[] {
  const sets = attempts.map((decisions) =>
    distinct(decisions.filter(({ answer }) => answer !== "passes")).map((decision) => opening(reach, decision)),
  );
  return minimal(sets);
}

function opening(reach: Reach, decision: Decision): Change {
  const { subject, answer } = decision;
  if (subject.kind === "ports") return { decision, how: "publish", rules: [] };
  if (subject.kind === "zone" || subject.hop.kind === "doubt" || subject.hop.kind === "device")
    return { decision, how: "settle", rules: [] };
  if (subject.hop.kind === "route") return { decision, how: answer === "stops" ? "route" : "settle", rules: [] };
  if (subject.hop.kind === "proxy" || answer === "undetermined") return { decision, how: "settle", rules: [] };
  if (subject.hop.filters.some(isNothing)) return { decision, how: "provide", rules: [] };
  const denying = rulesThat("deny", reach, subject.hop, decision, [decision.question.clientPort]);
  return { decision, how: denying.length > 0 ? "allow-before" : "allow", rules: denying };
}

/**
 * The smallest sets of decisions that close a connection for certain: at least one on every path that is not closed. Those of the
 * fewest decisions, what a rule decides before what an address, a listener or a route does.
 *
 * @param paths the decisions on each path that is open, or may be
 */
export function closings(reach: Reach, paths: readonly (readonly Decision[])[]): readonly (readonly Change[])[] {
  const candidates = paths.map((decisions) =>
    distinct(decisions).flatMap((decision) => closing(reach, decision) ?? []),
  );
  if (candidates.length === 0 || candidates.some((list) => list.length === 0)) return [];
  for (let size = 1; size <= DEEPEST; size++) {
    const found = hitting(candidates, size);
    if (found.length > 0)
      return minimal(found)
        .slice()
        .sort((a, b) => weight(a) - weight(b));
  }
  const each = candidates.map((list) => list.slice().sort((a, b) => weight([a]) - weight([b]))[0] as Change);
  return [distinctChanges(each)];
}

/** More decisions than these are not tried out together. */
const DEEPEST = 3;

/** Every choice of at most `size` changes that holds one of each list. */
function hitting(lists: readonly (readonly Change[])[], size: number): Change[][] {
  const [first] = lists;
  if (first === undefined) return [[]];
  if (size === 0) return [];
  return first.flatMap((change) => {
    const rest = lists.filter((list) => list.every(({ decision }) => decision.key !== change.decision.key));
    return hitting(rest, size - 1).map((others) => [change, ...others]);
  });
}

function closing(reach: Reach, decision: Decision): Change | null {
  const { subject } = decision;
  if (subject.kind !== "hop") return null;
  const { hop } = subject;
  switch (hop.kind) {
    case "filter": {
      if (hop.filters.some(isNothing)) return null;
      // The client may take another port where the one that was shown is refused.
      const rules = rulesThat(
        "allow",
        reach,
        hop,
        decision,
        reach.clientPorts(subject.path, decision.question.protocol),
      );
      const open = hop.filters.some((filter) => filter.otherwise === "allow");
      return { decision, how: open ? "deny" : "narrow", rules };
    }
    case "route":
      return { decision, how: "unroute", rules: [] };
    case "device": {
      const made = hop.step === "firewall" ? hop.at?.path !== undefined : hop.at !== null;
      return made ? { decision, how: "undo", rules: [] } : null;
    }
    default:
      return null;
  }
}

/** What stands for something that is missing has no rules to change. */
function isNothing({ id, at, rules, otherwise }: Filter): boolean {
  return id === "pass" || (at === null && rules.length === 0 && otherwise === "deny");
}

/** The rules of a filter that allow, or deny, some of what the decision is about, wherever no earlier rule certainly does the contrary. */
function rulesThat(
  action: Rule["action"],
  reach: Reach,
  hop: Hop & { kind: "filter" },
  { question, who }: Decision,
  clientPorts: readonly number[],
): readonly Rule[] {
  const found = new Set<Rule>();
  for (const filter of hop.filters)
    for (const clientPort of clientPorts)
      for (const asked of reach.questionsAt(hop, { ...question, clientPort }))
        for (const rule of deciding(action, filter, hop, asked, who)) found.add(rule);
  return [...found];
}

function* deciding(
  action: Rule["action"],
  filter: Filter,
  { leg }: Hop & { kind: "filter" },
  question: Question,
  who: EndpointSet,
): Generator<Rule> {
  let left = who;
  for (const rule of filter.rules) {
    if (endpoints.isEmpty(left)) return;
    const match = matched(rule, leg, question, left);
    if (match === null || endpoints.isEmpty(match.may)) continue;
    if (rule.action === action) yield rule;
    else left = endpoints.subtract(left, match.must);
  }
}

const ORDER: readonly Change["how"][] = ["narrow", "deny", "undo", "unroute"];

function weight(changes: readonly Change[]): number {
  return changes.reduce((sum, { how, rules, decision }) => {
    const reply =
      decision.subject.kind === "hop" && decision.subject.hop.kind === "filter" && decision.subject.hop.leg === "reply";
    return sum + ORDER.indexOf(how) * 100 + (reply ? 50 : 0) + Math.min(rules.length, 49);
  }, 0);
}

/** Sets that hold no other one, the smallest first; in their first order otherwise. */
function minimal(sets: readonly (readonly Change[])[]): readonly (readonly Change[])[] {
  const keyed = sets.map((set) => ({ set, keys: new Set(set.map(({ decision }) => decision.key)) }));
  const kept: typeof keyed = [];
  for (const one of keyed.slice().sort((a, b) => a.keys.size - b.keys.size)) {
    const covered = kept.some(({ keys }) => [...keys].every((key) => one.keys.has(key)));
    if (!covered) kept.push(one);
  }
  return kept.map(({ set }) => set);
}

function distinct(decisions: readonly Decision[]): Decision[] {
  return [...new Map(decisions.map((decision) => [decision.key, decision] as const)).values()];
}

function distinctChanges(changes: readonly Change[]): Change[] {
  return [...new Map(changes.map((change) => [change.decision.key, change] as const)).values()];
}
