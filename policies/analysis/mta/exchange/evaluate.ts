import type { CommandArgument } from "../../model/network";
import type { Provenance, Reason } from "../../model/provenance";
import { isEmpty, subtract, union } from "../../net/addr";
import * as bounds from "../../net/bounds";
import { parseCidr } from "../../net/cidr";
import { ports } from "../../net/ports";
import type { ExchangeView, HostMta, NextMta, RelayAnswer } from "../answer";
import { mailServers } from "../carrier/signs";
import { Exchange } from "./cmdlets";
import { type Edition, setupConnectors, THIS_SERVER } from "./connector";
import { eitherOrganisation, type Organisation, organisationOf } from "./organisation";
import { runBatch } from "./powershell/batch";
import { Exhausted } from "./powershell/environment";
import { Interpreter } from "./powershell/interpreter";
import { parseScript } from "./powershell/parse";
import { relayAnswers, usedServers } from "./relay";

/** A script as it runs on a Windows machine. */
export interface HostScript {
  readonly language: "powershell" | "batch";
  readonly text: string;
  readonly at: Provenance;
  /** Name of the script in the places of its lines. */
  readonly label: string;
  /** Line of its text in what `label` names, from 1. */
  readonly line: number;
  /** Whether it runs on this machine is not known. */
  readonly perhaps: boolean;
  /** What it is called with; absent for nothing. */
  readonly arguments?: readonly CommandArgument[];
}

/** Text longer than this is not read: user data and documents are far smaller. */
const MAX_TEXT = 1_000_000;

/**
 * What a Windows machine's mail server does, from the scripts that configure it. Exchange starts from the connectors that its
 * setup makes; what is not followed may open it for anybody.
 * @param orders the scripts in each order in which they may run; in place of scripts, why they cannot be read
 * @param doubts why there may be more than the scripts
 */
export function evaluateScripts(
  host: string,
  orders: readonly (readonly (readonly HostScript[] | Reason)[])[],
  doubts: readonly Reason[] = [],
): HostMta {
  const runs = orders.map((order) => run(host, order));
  const [first] = runs;
  if (first === undefined) return { kind: "none" };
  const why = bounds.mergeReasons([...runs.flatMap((it) => it.unseen), ...doubts]);
  // Without a word about mail this is some other machine, unless something that is run cannot be seen.
  if (first.servers.length === 0)
    return why.length > 0 ? { kind: "undetermined", why, signs: false } : { kind: "none" };
  if (!first.servers.includes("Exchange")) {
    const text = `the scripts have to do with ${first.servers.join(" and ")}, which is not evaluated`;
    return { kind: "undetermined", why: [{ text, at: first.at }], signs: true };
  }
  const problems = bounds.mergeReasons([...runs.flatMap((it) => it.problems), ...doubts]);
  const either: Reason = { text: "the order in which the scripts run is not known", at: first.at };
  const state = runs.map((it) => it.state).reduce((a, b) => eitherOrganisation(a, b, either));
  return answer(
    state,
    runs.flatMap((it) => it.left),
    problems,
    first.at,
  );
}

interface Run {
  readonly state: Organisation;
  readonly left: readonly Organisation[];
  readonly problems: readonly Reason[];
  readonly unseen: readonly Reason[];
  /** Mail servers that the scripts speak of. */
  readonly servers: readonly string[];
  readonly at: Provenance;
}

function run(host: string, order: readonly (readonly HostScript[] | Reason)[]): Run {
  const scripts = order.flatMap((it) => ("text" in it ? [] : it));
  const text = scripts.map((script) => script.text).join("\n");
  const at = scripts[0]?.at ?? { urn: host };
  const start = organisationOf(setupConnectors(editionOf(text), at));
  const interpreter = new Interpreter<Organisation>(new Exchange(editionOf(text)), start, host);
  for (const item of order) {
    if ("text" in item) interpreter.unread(item.text, item.at ?? at);
    else for (const script of item) follow(script, interpreter);
  }
  const read = leftovers(interpreter);
  const { state, left, problems, unseen, texts } = interpreter;
  const spoken = mailServers([text, ...texts, ...read].join("\n"));
  const servers = state === start ? spoken : [...new Set(["Exchange", ...spoken])];
  return { state, left, problems, unseen, servers, at };
}

function follow(script: HostScript, interpreter: Interpreter<Organisation>): void {
  // Line numbers are those of the text around the script.
  const padded = "\n".repeat(Math.max(0, script.line - 1)) + script.text.replaceAll(THIS_SERVER, "\ufffd");
  try {
    if (script.text.length > MAX_TEXT) throw new Exhausted(`it is larger than ${MAX_TEXT} characters`);
    interpreter.urn = script.at.urn;
    const go = () => {
      if (script.language === "batch") runBatch(padded, script.label, interpreter);
      else interpreter.script(parseScript(padded), script.label, script.arguments);
      return [];
    };
    if (script.perhaps) interpreter.perhaps(go, "whether the script runs on this machine");
    else go();
  } catch (error) {
    if (!(error instanceof Exhausted || error instanceof RangeError)) throw error;
    const why = error instanceof Exhausted ? error.message : "it is nested too deeply";
    interpreter.unread(`the script is not followed: ${why}`, script.at);
  }
}

/** Scripts that were written and that nothing has run yet: somebody may. */
function leftovers(interpreter: Interpreter<Organisation>): readonly string[] {
  const read: string[] = [];
  for (const [path, text] of [...interpreter.files]) {
    if (interpreter.ran.has(path) || text === null || !/\.(?:ps1|psm1|bat|cmd)$/.test(path)) continue;
    read.push(text);
    if (mailServers(text).length === 0) continue;
    try {
      interpreter.perhaps(() => {
        interpreter.script(parseScript(text), path);
        return [];
      }, `whether ${path} is run`);
    } catch (error) {
      if (!(error instanceof Exhausted || error instanceof RangeError)) throw error;
      interpreter.unread(`the script ${path} is not followed`, interpreter.at(1));
    }
  }
  return read;
}

/** The edition that the scripts speak of; without a word, a Mailbox server of Exchange 2013 or later. */
function editionOf(text: string): Edition {
  if (/EdgeTransport|Default internal receive connector|\/r(?:oles?)?:\s*["']?ET\b/i.test(text)) return "edge";
  return /Exchange Server\\V14\b/i.test(text) ? "2010" : "mailbox";
}

function answer(
  state: Organisation,
  left: readonly Organisation[],
  problems: readonly Reason[],
  at: Provenance,
): HostMta {
  const why: Reason = { text: "the script may end early", at };
  const answers = left.reduce(
    (sum, early) => mayAlso(sum, relayAnswers(early, []), why),
    relayAnswers(state, problems),
  );
  const exchange: ExchangeView = {
    connectors: usedServers(state).flat(),
    domains: [...state.domains.values()],
    problems,
    secret: false,
  };
  const { hops, unknown } = nextHops(state, at);
  return { kind: "known", answers, nextHops: hops, ...(unknown.length > 0 ? { unknownHops: unknown } : {}), exchange };
}

/** A script that may stop early leaves what it had done: that may open more, and closes nothing that is certain. */
function mayAlso(answers: readonly RelayAnswer[], early: readonly RelayAnswer[], why: Reason): RelayAnswer[] {
  return answers.map((it) => {
    const other = early.find((one) => one.port === it.port);
    if (other === undefined) return it;
    const may = union(it.relays.may, other.relays.may);
    if (isEmpty(subtract(may, it.relays.may))) return it;
    return {
      ...it,
      relays: bounds.between(it.relays.must, may, bounds.mergeReasons([...it.relays.why, ...other.relays.why, why])),
    };
  });
}

/** Send connectors of the organisation may lie elsewhere, so that mail also leaves directly. */
function nextHops({ smartHosts }: Organisation, at: Provenance): { hops: NextMta[]; unknown: Reason[] } {
  const hops: NextMta[] = [{ destination: { kind: "mx" }, ports: ports(25), at }];
  const unknown: Reason[] = [];
  for (const { host, port, line } of smartHosts) {
    if (host === null || port === null) unknown.push(line);
    else {
      const addr = parseCidr(host);
      const destination =
        addr === null ? ({ kind: "name", name: host } as const) : ({ kind: "address", addr } as const);
      hops.push({ destination, ports: ports(port), at: line.at ?? at });
    }
  }
  return { hops, unknown };
}
