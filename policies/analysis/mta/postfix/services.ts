import { isIPv4, isIPv6 } from "node:net";
import type { Reason } from "../../model/provenance";
import { allV4, allV6, intersect, isEmpty } from "../../net/addr";
import * as bounds from "../../net/bounds";
import type { RelayAnswer } from "../answer";
import { onePerPort } from "../merge";
import { between, both, type Clients, nobody } from "../sets";
import { type PostfixConfig, View } from "./config";
import type { Service } from "./master-cf";
import { practiceOf } from "./practice";
import { evaluateQmqpd, evaluateSmtpd, type ServiceRelay, uncovered } from "./relay";
import { splitWords, Unreadable } from "./words";

/** Port of a service name of /etc/services, as far as mail is concerned. */
export function portNumber(name: string): number | null {
  if (/^\d{1,5}$/.test(name)) return Number(name) > 0 && Number(name) < 65536 ? Number(name) : null;
  const known: Record<string, number> = {
    smtp: 25,
    mail: 25,
    submission: 587,
    submissions: 465,
    smtps: 465,
    ssmtp: 465,
    urd: 465,
    lmtp: 24,
    qmqp: 628,
  };
  return Object.hasOwn(known, name) ? (known[name] ?? null) : null;
}

export interface Listeners {
  readonly answers: readonly RelayAnswer[];
  /** Why a listener cannot be told: its port, or where it listens. */
  readonly unclear: readonly Reason[];
}

/** An answer for every TCP port that a service of master.cf listens on; two of them for one that loopback has to itself. */
export function listeners(config: PostfixConfig): Listeners {
  const answers: RelayAnswer[] = [];
  const unclear: Reason[] = [];
  for (const { service, place, problem } of endpoints(config)) {
    if (place === null) {
      unclear.push(problem);
      continue;
    }
    const views = viewsOf(service, config);
    const relay = typeof views === "string" ? uncovered(views, new View(config)) : evaluate(service, views);
    const { view, postscreen } = typeof views === "string" ? { view: new View(config), postscreen: null } : views;
    const trace = [{ text: `${service.name} inet … ${service.command}`, at: service.at }, ...relay.trace];
    answers.push({
      port: place.port,
      loopbackOnly: place.loopbackOnly,
      relays: onFamily(relay.relays, place, service),
      ...(isEmpty(relay.claims.may) ? {} : { claims: relay.claims }),
      ...(relay.expectsProxyHeader === true ? { expectsProxyHeader: true } : {}),
      ...(relay.outage === undefined ? {} : { outage: relay.outage }),
      trace,
      practice: practiceOf({ ...place, service, view, postscreen }, relay),
    });
  }
  return {
    answers: onePerPort(answers, "several services listen on this port, each on other addresses of the host"),
    unclear,
  };
}

interface Endpoint {
  readonly port: number;
  readonly loopbackOnly: boolean;
  /** The family that it is bound to; a name may stand for either. */
  readonly family: "v4" | "v6" | "any" | "name";
}

type Listener =
  | { service: Service; place: Endpoint; problem?: undefined }
  | { service: Service; place: null; problem: Reason };

/** The services on TCP ports. `smtp` and `25` are one service to master(8): of two definitions the last one counts. */
function endpoints(config: PostfixConfig): Listener[] {
  const main = new View(config);
  const found = new Map<string, Listener>();
  for (const service of config.services) {
    if (service.type !== "inet") continue;
    let listener: Listener;
    try {
      const place = endpoint(service, main);
      const problem = { text: `the port of the service ${service.name} is not known here`, at: service.at };
      listener = place === null ? { service, place, problem } : { service, place };
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      listener = { service, place: null, problem: { text: error.message, at: service.at } };
    }
    const host = service.name.replace(/:?[^:\]]*$/, "");
    found.set(listener.place === null ? service.name : `${host}:${listener.place.port}`, listener);
  }
  return [...found.values()];
}

/** Clients of the family that a service is bound to. */
function onFamily(relays: Clients, { family }: Endpoint, service: Service): Clients {
  if (family === "v4") return both(relays, bounds.exactly(allV4));
  if (family === "v6") return both(relays, bounds.exactly(allV6));
  if (family === "any") return relays;
  const text = `${service.name} is bound to a name, which may have addresses of one family only`;
  return between(intersect(relays.must, allV4), relays.may, { text, at: service.at });
}

interface Views {
  /** Parameters of the program that talks to the client about mail. */
  readonly view: View;
  readonly postscreen: View | null;
}

/** The parameters of a service; a text says why they are not known. */
function viewsOf(service: Service, config: PostfixConfig): Views | string {
  const view = new View(config, service.overrides);
  if (service.unclear !== undefined) return `the argument ${service.unclear} of ${service.name} is not covered`;
  if (service.command !== "postscreen") return { view, postscreen: null };
  const name = view.get("smtpd_service_name");
  const behind = config.services.find((it) => it.type === "pass" && it.name === name);
  if (behind === undefined) return `postscreen hands over to the service ${name}, which is not in master.cf`;
  if (behind.command !== "smtpd" || behind.unclear !== undefined)
    return `the service ${name} behind postscreen is not covered`;
  return { view: new View(config, behind.overrides), postscreen: view };
}

function evaluate(service: Service, { view, postscreen }: Views): ServiceRelay {
  if (service.surplus !== undefined) {
    const outage = { text: `${service.command} does not start with the argument ${service.surplus}`, at: service.at };
    return { relays: nobody, claims: nobody, outage, trace: [outage], unlisted: nobody, trust: null };
  }
  switch (service.command) {
    case "smtpd":
    case "postscreen":
      return evaluateSmtpd(view, postscreen);
    case "qmqpd":
      return evaluateQmqpd(view);
    default:
      return uncovered(`${service.name} runs ${service.command}, which is not evaluated`, view);
  }
}

/** Where a service listens; null if its port is not known. */
function endpoint(service: Service, main: View): Endpoint | null {
  const match = /^(?:(\[[^\]]*\]|[^:]*):)?([^:]+)$/.exec(service.name);
  const port = portNumber(match?.[2] ?? "");
  if (match === null || port === null) return null;
  const host = (match[1] ?? "").replace(/^\[|\]$/g, "");
  if (host !== "") return { port, loopbackOnly: isLoopback(host), family: familyOf(host) };
  const interfaces = splitWords(main.get("inet_interfaces"));
  const families = new Set(interfaces.map(familyOf));
  const [family = "any"] = families;
  return {
    port,
    loopbackOnly: interfaces.length > 0 && interfaces.every(isLoopback),
    family: families.size > 1 ? "any" : family,
  };
}

function familyOf(host: string): Endpoint["family"] {
  if (isIPv4(host)) return "v4";
  if (isIPv6(host)) return "v6";
  return /^(?:all|loopback-only|localhost)$/i.test(host) ? "any" : "name";
}

function isLoopback(host: string): boolean {
  return /^(?:localhost|loopback-only|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}
