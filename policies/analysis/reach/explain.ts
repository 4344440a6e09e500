import type { EndpointSet } from "../model/endpoints";
import { endpoints } from "../model/endpoints";
import type { Filter, Hop, Leg, Path, Protocol } from "../model/network";
import type { Provenance } from "../model/provenance";
import type { Urn } from "../model/snapshot";
import { isEmpty, isSubset } from "../net/addr";
import { exactly } from "../net/bounds";
import type { PathStep } from "../verdict/report";
import { admitted, decidingRule, type Question } from "./filter";
import type { Reach } from "./reach";

/** The hops of a path with the rule or route that lets one endpoint pass, in the order in which a packet meets them. */
export function explain(reach: Reach, path: Path, who: EndpointSet, protocol: Protocol, port: number): PathStep[] {
  const clientPort =
    [...reach.clientPorts(path, protocol)]
      .sort((a, b) => b - a)
      .find((candidate) => passes(reach, path, who, protocol, port, candidate)) ?? 65535;
  return path.hops.flatMap((hop) => step(reach, path, hop, who, protocol, port, clientPort));
}

function passes(
  reach: Reach,
  path: Path,
  who: EndpointSet,
  protocol: Protocol,
  port: number,
  clientPort: number,
): boolean {
  const question = reach.question(path, protocol, port, clientPort);
  return path.hops.every(
    (hop) =>
      hop.kind !== "filter" ||
      reach.questionsAt(hop, question).some((asked) => hop.filters.some((filter) => lets(filter, hop.leg, asked, who))),
  );
}

function lets(filter: Filter, leg: Leg, question: Question, who: EndpointSet): boolean {
  return !endpoints.isEmpty(admitted(filter, leg, question, exactly(who)).may);
}

function step(
  reach: Reach,
  path: Path,
  hop: Hop,
  who: EndpointSet,
  protocol: Protocol,
  port: number,
  clientPort: number,
): PathStep[] {
  switch (hop.kind) {
    case "device":
      return [{ kind: hop.step, resource: hop.at?.urn ?? null, detail: hop.text }];
    case "proxy": {
      return explain(reach, hop.path, hop.path.zone.endpoints.may, protocol, port);
    }
    case "doubt":
      return [
        {
          kind: "network",
          resource: hop.why.at?.urn ?? null,
          detail: `not certain: ${located(hop.why.text, hop.why.at)}`,
        },
      ];
    case "route":
      return [routeStep(hop, who)];
    case "filter": {
      const questions = reach.questionsAt(hop, reach.question(path, protocol, port, clientPort));
      const [filter] = hop.filters;
      const [first] = questions;
      if (filter === undefined || first === undefined) return [];
      const question = questions.find((asked) => lets(filter, hop.leg, asked, who)) ?? first;
      const rule = decidingRule(filter, hop.leg, question, who);
      const what = hop.leg === "reply" ? "reply: " : "";
      if (rule === null) {
        const text = filter.otherwise === "allow" ? "passes everything" : "has no rule that lets it pass";
        return [{ kind: hop.step, resource: filter.at?.urn ?? null, detail: `${what}${filter.name} ${text}` }];
      }
      const resource: Urn = rule.at.urn.startsWith("urn:") ? rule.at.urn : (filter.at?.urn ?? rule.at.urn);
      return [{ kind: hop.step, resource, detail: `${what}${filter.name} ${located(rule.text, rule.at)}` }];
    }
  }
}

function routeStep(hop: Hop & { kind: "route" }, who: EndpointSet): PathStep {
  const line = hop.lines.find((item) => !isEmpty(who.addr) && isSubset(who.addr, item.destination));
  if (line === undefined) return { kind: "route", resource: hop.at?.urn ?? null, detail: hop.text };
  const resource = line.at.urn.startsWith("urn:") ? line.at.urn : (hop.at?.urn ?? null);
  return { kind: "route", resource, detail: `${hop.text}: ${located(line.text, line.at)}` };
}

function located(text: string, at: Provenance | undefined): string {
  return at?.path === undefined ? text : `${text} (${at.path})`;
}
