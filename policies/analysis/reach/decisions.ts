import { type EndpointSet, endpoints, noEndpoints } from "../model/endpoints";
import type { Filter, Hop, Path, Protocol, Rule } from "../model/network";
import type { Provenance, Reason } from "../model/provenance";
import type { Urn } from "../model/snapshot";
import { isSubset, overlaps } from "../net/addr";
import { type Bounds, exactly, mergeReasons } from "../net/bounds";
import { includes } from "../net/ranges";
import type { StepKind } from "../verdict/report";
import { decidingRule, matched, type Question } from "./filter";
import type { Reach } from "./reach";

/** What the hops of a path decide about endpoints, one by one and each by itself: a hop may stop what an earlier one has stopped. */

export type Answer = "passes" | "undetermined" | "stops";

/** Something on a path that passes or stops a connection. */
export type Subject =
  | { readonly kind: "hop"; readonly hop: Hop; readonly path: Path }
  /** The path leads to other ports, or carries another protocol. */
  | { readonly kind: "ports"; readonly device: (Hop & { kind: "device" }) | null }
  /** Whether the endpoint is in the zone that the path begins in. */
  | { readonly kind: "zone"; readonly path: Path };

/** What a subject passes on one question, as a set: an endpoint is compared with it to learn the answer. */
export interface Stage {
  /** The same for a subject wherever it is met, so that one change of it counts for every path. */
  readonly key: string;
  readonly subject: Subject;
  readonly question: Question;
  readonly admits: Bounds<EndpointSet>;
  /** Behind a device that opens a connection of its own: those of the best way from there on. */
  readonly inner: readonly Decision[];
}

/** A path as it is for one client port: what a stateless filter passes may depend on it. */
export interface Attempt {
  readonly path: Path;
  readonly clientPort: number;
  readonly stages: readonly Stage[];
}

export interface Decision {
  readonly key: string;
  readonly subject: Subject;
  readonly question: Question;
  readonly who: EndpointSet;
  readonly answer: Answer;
  readonly kind: StepKind;
  readonly resource: Urn | null;
  /** The rule, route or device that decides. */
  readonly detail: string;
  /** Why it is not known, where it is not. */
  readonly why: readonly Reason[];
}

/** The attempts to connect along a path, one for each client port that makes a difference, the highest first. */
export function attemptsOf(reach: Reach, path: Path, protocol: Protocol, port: number): readonly Attempt[] {
  const everywhere = path.zone.endpoints;
  const carried =
    (path.ports === null || includes(path.ports, port)) && (path.protocol === null || path.protocol === protocol);
  const device = path.hops.find(isDevice) ?? null;
  // What leads elsewhere is told once.
  const hops = carried ? path.hops : path.hops.filter((hop) => hop !== device);
  const clientPorts = [...reach.clientPorts(path, protocol)].sort((a, b) => b - a);
  return clientPorts.map((clientPort) => {
    const question = reach.question(path, protocol, port, clientPort);
    const common = { question, inner: [] };
    return {
      path,
      clientPort,
      stages: [
        { ...common, key: `zone ${path.zone.id}`, subject: { kind: "zone", path }, admits: everywhere },
        ...(carried
          ? []
          : [
              {
                ...common,
                key: `ports ${device === null ? path.zone.id : keyOf(device, path)}`,
                subject: { kind: "ports" as const, device },
                admits: exactly(noEndpoints),
              },
            ]),
        ...hops.map((hop): Stage => {
          const admits = reach.admits(hop, path, question);
          const inner = hop.kind === "proxy" ? behind(reach, hop.path, protocol, port, admits, everywhere) : [];
          return { key: keyOf(hop, path), subject: { kind: "hop", hop, path }, question, admits, inner };
        }),
      ],
    };
  });
}

/** What a device of its own meets on the way that it opens, by the attempt that gets furthest. */
function behind(
  reach: Reach,
  path: Path,
  protocol: Protocol,
  port: number,
  whole: Bounds<EndpointSet>,
  everywhere: Bounds<EndpointSet>,
): readonly Decision[] {
  const node = path.zone.endpoints.may;
  const tries = attemptsOf(reach, path, protocol, port).map((attempt) => decide(reach, attempt, node));
  const best = bestOf(tries);
  const closed = endpoints.isEmpty(whole.may) && !endpoints.isEmpty(everywhere.may);
  // Hops that each pass a part of the device's possible addresses may pass none together.
  if (closed && best.every(({ answer }) => answer !== "stops"))
    return best.map((decision) => (decision.answer === "passes" ? decision : { ...decision, answer: "stops" }));
  return best;
}

/** The list with the fewest stops, then the fewest doubts. */
export function bestOf(lists: readonly (readonly Decision[])[]): readonly Decision[] {
  const cost = (list: readonly Decision[]) =>
    list.reduce((sum, { answer }) => sum + { passes: 0, undetermined: 1, stops: 1000 }[answer], 0);
  return lists.reduce((best, list) => (cost(list) < cost(best) ? list : best), lists[0] ?? []);
}

/** What each hop decides about `who`, which no hop tells apart. */
export function decide(reach: Reach, attempt: Attempt, who: EndpointSet): readonly Decision[] {
  return attempt.stages.flatMap((stage): readonly Decision[] => {
    if (stage.subject.kind === "hop" && stage.subject.hop.kind === "proxy") return stage.inner;
    const answer = answerOf(stage.admits, who);
    if (stage.subject.kind === "zone" && answer === "passes") return [];
    const { key, subject, question } = stage;
    const why = answer === "undetermined" ? stage.admits.why : [];
    return [{ key, subject, question, who, answer, why, ...stepOf(reach, stage, who, answer) }];
  });
}

export function answerOf({ must, may }: Bounds<EndpointSet>, who: EndpointSet): Answer {
  if (endpoints.isEmpty(endpoints.subtract(who, must))) return "passes";
  return endpoints.isEmpty(endpoints.intersect(who, may)) ? "stops" : "undetermined";
}

/** `passes` if every decision does, `stops` if one does. */
export function together(decisions: readonly Pick<Decision, "answer">[]): Answer {
  if (decisions.some(({ answer }) => answer === "stops")) return "stops";
  return decisions.some(({ answer }) => answer === "undetermined") ? "undetermined" : "passes";
}

/** What is one decision wherever it is met. */
export function keyOf(hop: Hop, path: Path): string {
  switch (hop.kind) {
    case "filter":
      return `filter ${hop.leg} ${hop.filters.map((filter) => filter.id).join(" or ")}`;
    case "route":
      return `route ${hop.text} ${hop.at?.urn ?? ""}`;
    case "proxy":
      return `proxy ${hop.path.zone.id}`;
    case "doubt":
      return `doubt ${hop.why.text} ${place(hop.why.at)}`;
    case "device":
      return `device ${hop.text} ${hop.at === null ? path.class : place(hop.at)}`;
  }
}

function place(at: Provenance | undefined): string {
  return at === undefined ? "" : `${at.urn} ${at.path ?? ""}`;
}

function isDevice(hop: Hop): hop is Hop & { kind: "device" } {
  return hop.kind === "device";
}

type Step = Pick<Decision, "kind" | "resource" | "detail">;

function stepOf(reach: Reach, { subject, question }: Stage, who: EndpointSet, answer: Answer): Step {
  if (subject.kind === "zone") {
    const { zone } = subject.path;
    return { kind: "network", resource: zone.resource, detail: `whether it is in ${zone.text} is not certain` };
  }
  if (subject.kind === "ports") {
    const { device } = subject;
    const detail = `${device === null ? "this way" : device.text}, not to ${question.protocol} ${question.port}`;
    return { kind: device?.step ?? "network", resource: device?.at?.urn ?? null, detail };
  }
  const { hop } = subject;
  switch (hop.kind) {
    case "device":
    case "proxy":
      return hop.kind === "device"
        ? { kind: hop.step, resource: hop.at?.urn ?? null, detail: hop.text }
        : { kind: "network", resource: hop.path.zone.resource, detail: hop.path.zone.text };
    case "doubt":
      return {
        kind: "network",
        resource: hop.why.at?.urn ?? null,
        detail: `not certain: ${located(hop.why.text, hop.why.at)}`,
      };
    case "route": {
      const line = hop.lines.find(({ destination }) =>
        answer === "passes" ? isSubset(who.addr, destination) : overlaps(who.addr, destination),
      );
      const verb = answer === "stops" ? "no route leads there" : null;
      if (line === undefined)
        return {
          kind: "route",
          resource: hop.at?.urn ?? null,
          detail: verb === null ? hop.text : `${hop.text}: ${verb}`,
        };
      const resource = line.at.urn.startsWith("urn:") ? line.at.urn : (hop.at?.urn ?? null);
      const taken = `${hop.text}: ${located(line.text, line.at)}`;
      return {
        kind: "route",
        resource,
        detail: answer === "stops" ? `${taken} takes it, which does not lead there` : taken,
      };
    }
    case "filter":
      return filterStep(reach, hop, question, who, answer);
  }
}

function filterStep(
  reach: Reach,
  hop: Hop & { kind: "filter" },
  question: Question,
  who: EndpointSet,
  answer: Answer,
): Step {
  const what = hop.leg === "reply" ? "reply: " : "";
  const [filter] = hop.filters;
  if (filter === undefined) throw new Error("a filter hop has no filter");
  const rule = reach
    .questionsAt(hop, question)
    .map((asked) => decidingRule(filter, hop.leg, asked, who))
    .reduce((best, next) => (best === null || (best.action === "deny" && next?.action === "allow") ? next : best));
  if (rule === null) {
    const text = filter.otherwise === "allow" ? "passes everything" : noRule(filter);
    return { kind: hop.step, resource: filter.at?.urn ?? null, detail: `${what}${filter.name} ${text}` };
  }
  const resource = rule.at.urn.startsWith("urn:") ? rule.at.urn : (filter.at?.urn ?? rule.at.urn);
  const doubt = answer === "undetermined" && rule.action === "allow" ? ", which may or may not cover it" : "";
  return {
    kind: hop.step,
    resource,
    detail: `${what}${filter.name} ${located(rule.text, rule.at)}${more(reach, hop, question, who, rule)}${doubt}`,
  };
}

/** That a rule lets only some of them pass, and other rules the rest. */
function more(reach: Reach, hop: Hop & { kind: "filter" }, question: Question, who: EndpointSet, first: Rule): string {
  if (first.action === "deny") return "";
  const asked = reach.questionsAt(hop, question)[0] ?? question;
  let left = who;
  let rules = 0;
  for (const rule of hop.filters[0]?.rules ?? []) {
    const match = matched(rule, hop.leg, asked, left);
    if (match === null || endpoints.isEmpty(match.may)) continue;
    left = endpoints.subtract(left, match.must);
    rules += rule.action === "allow" && rule !== first ? 1 : 0;
    if (endpoints.isEmpty(left)) break;
  }
  return rules === 0 ? "" : `, and ${rules} more rule${rules === 1 ? "" : "s"} the rest`;
}

function noRule({ rules }: Filter): string {
  return rules.length === 0 ? "has no rule, so that nothing passes" : "has no rule that lets it pass";
}

export function located(text: string, at: Provenance | undefined): string {
  return at?.path === undefined || at.path === "" ? text : `${text} (${at.path})`;
}

/** Why a connection is undetermined, without repetition. */
export function reasonsOf(decisions: readonly Decision[]): readonly Reason[] {
  return mergeReasons(decisions.flatMap(({ why }) => why));
}
