import type { Reason } from "../../model/provenance";
import { isEmpty } from "../../net/addr";
import type { RelayAnswer } from "../answer";
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

/** An answer for every listener of master.cf on a TCP port. */
export function listeners(config: PostfixConfig): Listeners {
  const answers: RelayAnswer[] = [];
  const unclear: Reason[] = [];
  const main = new View(config);
  for (const service of config.services) {
    if (service.type !== "inet") continue;
    try {
      const place = endpoint(service, main);
      if (place === null) {
        unclear.push({ text: `the port of the service ${service.name} is not known here`, at: service.at });
        continue;
      }
      const views = viewsOf(service, config);
      const relay = typeof views === "string" ? uncovered(views, new View(config)) : evaluate(service, views);
      const { view, postscreen } = typeof views === "string" ? { view: main, postscreen: null } : views;
      const trace = [{ text: `${service.name} inet … ${service.command}`, at: service.at }, ...relay.trace];
      answers.push({
        ...place,
        relays: relay.relays,
        ...(isEmpty(relay.claims.may) ? {} : { claims: relay.claims }),
        ...(relay.expectsProxyHeader === true ? { expectsProxyHeader: true } : {}),
        ...(relay.outage === undefined ? {} : { outage: relay.outage }),
        trace,
        practice: practiceOf({ ...place, service, view, postscreen }, relay),
      });
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      unclear.push({ text: error.message, at: service.at });
    }
  }
  return { answers, unclear };
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

/** Port of a listener, and whether nobody outside reaches it. */
function endpoint(service: Service, main: View): { port: number; loopbackOnly: boolean } | null {
  const match = /^(?:(\[[^\]]*\]|[^:]*):)?([^:]+)$/.exec(service.name);
  const port = portNumber(match?.[2] ?? "");
  if (match === null || port === null) return null;
  const host = (match[1] ?? "").replace(/^\[|\]$/g, "");
  if (host !== "") return { port, loopbackOnly: isLoopback(host) };
  const interfaces = splitWords(main.get("inet_interfaces"));
  return { port, loopbackOnly: interfaces.length > 0 && interfaces.every(isLoopback) };
}

function isLoopback(host: string): boolean {
  return /^(?:localhost|loopback-only|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}
