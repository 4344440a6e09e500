import type { EndpointSet } from "../model/endpoints";
import type { Urn } from "../model/snapshot";
import { isEmpty } from "../net/addr";
import { publicPart } from "../net/cover";
import type { Change } from "../reach/changes";
import type { ExplainedPath } from "../reach/connection";
import { type Answer, type Decision, located } from "../reach/decisions";
import { listing, nameOf } from "./describe";
import type { Source } from "./explanation";
import type { MailHost, Perimeter } from "./perimeter";
import type { PathStep } from "./report";

/** The words of an explanation: hops, and what would have to change at them. */

/** A hop, and what it decides by itself; null for the two ends. */
export interface ExplainedStep extends PathStep {
  readonly decision: Answer | null;
}

/** Something to change in one place. */
export interface ChangeStep {
  /** An instruction, such as `add a rule to smtp that allows tcp 25 from 203.0.113.9`. */
  readonly text: string;
  /** What has to be changed. */
  readonly resource: Urn | null;
  /** The rules that are meant, where rules are. */
  readonly rules: readonly { readonly resource: Urn; readonly text: string }[];
}

export function whoText(perimeter: Perimeter, sources: readonly string[]): string {
  return listing(
    sources.map((source) =>
      source.startsWith("urn:") ? nameOf(perimeter, source) : source.replace(/\/(32|128)$/, ""),
    ),
  );
}

export function stepsOf(
  view: MailHost,
  port: number,
  { path, decisions }: ExplainedPath,
  who: string,
): ExplainedStep[] {
  const { zone } = path;
  const inside = zone.kind === "internet" || zone.id.startsWith("class:") ? "" : ` in ${zone.text}`;
  return [
    {
      kind: zone.kind === "internet" ? "internet" : "network",
      resource: zone.resource,
      detail: `${who}${inside}`,
      decision: null,
    },
    ...decisions.map(({ kind, resource, detail, answer }) => ({ kind, resource, detail, decision: answer })),
    { kind: "host", resource: view.urn, detail: `${view.name} accepts tcp ${port}`, decision: null },
  ];
}

/** What is said where no way leads from the source to the host at all. */
export function noWay(
  perimeter: Perimeter,
  source: Source["kind"],
  view: MailHost,
  set: EndpointSet,
  who: string,
): ExplainedStep[] {
  const fromInternet = source !== "interfaces" && !isEmpty(publicPart(set.addr));
  const families = [set.addr.v4.length > 0 && "IPv4", set.addr.v6.length > 0 && "IPv6"].filter(
    (family) => family !== false,
  );
  const over = families.length === 1 ? ` over ${families[0]}` : "";
  const missing = lacking(perimeter, view, set);
  const detail =
    missing !== null
      ? `${view.name} has no ${missing} address`
      : fromInternet
        ? `${view.name} is not published${over}: it has no public address, and no load balancer, accelerator or firewall rule leads to it`
        : source === "interfaces"
          ? `no route, peering or gateway connects the network of ${who} with that of ${view.name}`
          : `no network that is connected to ${view.name} holds the address`;
  return [
    { kind: fromInternet ? "internet" : "network", resource: null, detail: who, decision: null },
    { kind: fromInternet ? "gateway" : "network", resource: view.urn, detail, decision: "stops" },
    { kind: "host", resource: view.urn, detail: view.name, decision: null },
  ];
}

/** The family of the sources, if they have one and the host has no address of it. */
function lacking({ flows }: Perimeter, view: MailHost, set: EndpointSet): "IPv4" | "IPv6" | null {
  if (set.ifaces.size > 0 || (set.addr.v4.length > 0 && set.addr.v6.length > 0)) return null;
  const classes = flows.classesOf(view.host);
  const family = set.addr.v4.length > 0 ? "v4" : "v6";
  return classes.every(({ address }) => address[family] === null) ? (family === "v4" ? "IPv4" : "IPv6") : null;
}

/** What would open a host that nothing leads to. */
export function firstWay(
  perimeter: Perimeter,
  source: Source["kind"],
  view: MailHost,
  port: number,
  set: EndpointSet,
): ChangeStep {
  const family = lacking(perimeter, view, set);
  const text =
    family !== null
      ? `give ${view.name} an ${family} address`
      : source !== "interfaces" && !isEmpty(publicPart(set.addr))
        ? `give ${view.name} a public address, or publish tcp ${port} of it through a load balancer`
        : "connect the networks, by a peering or a gateway and routes both ways";
  return { text, resource: view.urn, rules: [] };
}

export function changeSteps(view: MailHost, changes: readonly Change[], who: string): ChangeStep[] {
  return changes.map((change) => ({
    text: instruction(view, change, who),
    resource: change.decision.resource,
    rules: change.rules.map(({ at, text }) => ({ resource: at.urn, text: located(text, at) })),
  }));
}

function instruction(view: MailHost, change: Change, who: string): string {
  const { decision, how, rules } = change;
  const packet = packetText(view, decision, who);
  const place = placeOf(decision);
  const passing = listing(rules.map(({ text, at }) => located(text, at))).replaceAll("), ", "); ");
  switch (how) {
    case "allow":
      return `have ${place} allow ${packet}${replyPort(decision)}`;
    case "allow-before":
      return `have ${place} allow ${packet}${replyPort(decision)} before: ${passing}`;
    case "provide":
      return `put in place what is missing for ${packet}; now ${decision.detail}`;
    case "narrow":
      return `have ${place} refuse ${packet}, which now passes by: ${passing}`;
    case "deny":
      return `have ${place} refuse ${packet}`;
    case "route":
      return `route what goes to ${who} back the way it came; now ${decision.detail}`;
    case "unroute":
      return `route what goes to ${who} elsewhere; now ${decision.detail}`;
    case "publish":
      return `publish tcp ${decision.question.port} of ${view.name} too; now ${decision.detail}`;
    case "undo":
      return `undo this: ${decision.detail}`;
    case "settle":
      return `make certain what is not known: ${decision.detail}`;
  }
}

/** A filter without memory has to let the port of the client pass too: one of those that nothing else stops. */
function replyPort({ subject, question }: Decision): string {
  const reply = subject.kind === "hop" && subject.hop.kind === "filter" && subject.hop.leg === "reply";
  return reply ? `, on client ports such as ${question.clientPort}` : "";
}

/** The packet as the filter meets it, in the direction in which it travels. */
function packetText(view: MailHost, { subject, question }: Decision, who: string): string {
  if (subject.kind !== "hop" || subject.hop.kind !== "filter") return who;
  const { hop, path } = subject;
  const asked = hop.segment === undefined ? question.port : hop.segment.port;
  // Behind a device it is the device that connects.
  const client =
    path.zone.text.startsWith("load balancer") || path.zone.text.startsWith("firewall") ? path.zone.text : who;
  const server = hop.segment === undefined ? view.name : hop.segment.end.id.replace(/^.*:/, "");
  if (hop.leg === "request") return `${question.protocol} ${asked} from ${client}`;
  return `the reply, ${question.protocol} from port ${asked} of ${server} to ${client}`;
}

/** A filter as its resource, where that is what gives it the name. */
function placeOf({ subject, detail }: Decision): string {
  if (subject.kind !== "hop" || subject.hop.kind !== "filter") return detail;
  return listing(
    subject.hop.filters.map(({ name, at }) => {
      const [, , type = "", ...own] = at?.urn.split("::") ?? [];
      return own.join("::") === name ? `${type.split(":").at(-1)} ${name}` : name;
    }),
    2,
  );
}
