import type { Provenance, Reason } from "../model/provenance";
import { mergeReasons } from "../net/bounds";
import type { Carrier, HostMta, RelayAnswer } from "./answer";
import { applyCommand, applyUserData, distinct } from "./carrier/apply";
import { mailServers } from "./carrier/signs";
import { doubted } from "./doubts";
import { evaluateWindows, windowsCarriers } from "./exchange/carriers";
import { loopbackForwards } from "./forwarders";
import { checkLeftovers } from "./leftovers";
import { type Distribution, Machine, mainCfPath, masterCfPath } from "./machine";
import { merged } from "./merge";
import { ordersOf } from "./orders";
import { evaluateOthers } from "./others";
import { evaluatePostfix } from "./postfix/evaluate";
import type { Practice } from "./practice";
import type { Clients } from "./sets";

/** What the MTA of a host does, from all the texts that configure it. Never throws. */
export function evaluateHost(carriers: readonly Carrier[]): HostMta {
  const windows = windowsCarriers(carriers);
  const results = evaluateOrders(carriers.filter((carrier) => !isElsewhere(carrier, windows)));
  if (windows.length > 0) {
    const doubts = results.flatMap((result) => (result.kind === "undetermined" ? result.why : []));
    const exchange = hideSecrets(
      guarded(windows[0]?.at, () => evaluateWindows(windows, doubts)),
      windows,
    );
    // What it certainly relays is certain beside what cannot be read.
    if (exchange.kind === "known" && !results.some((result) => result.kind === "known")) return exchange;
    results.push(exchange);
  }
  const present = results.filter((result) => result.kind !== "none");
  const why = present.flatMap((result) => (result.kind === "undetermined" ? result.why : []));
  const [first, ...rest] = present.flatMap((result) => (result.kind === "known" ? [result] : []));
  if (first === undefined) {
    if (why.length === 0) return { kind: "none" };
    return { kind: "undetermined", why, signs: present.some((it) => it.kind === "undetermined" && it.signs) };
  }
  const either = merged([first, ...rest], "several texts configure this host, and either may be the last");
  return why.length === 0 ? either : doubted(either, mergeReasons(why));
}

/** PowerShell is judged as that, and a shell script does nothing on a machine that shows to run Windows. */
function isElsewhere(carrier: Carrier, windows: readonly Carrier[]): boolean {
  if (carrier.kind === "powershell" || carrier.kind === "batch" || windows.includes(carrier)) return true;
  return carrier.kind === "shell" && windows.some((it) => it.kind === "user-data");
}

/** What may come of texts for Linux: each user data with what is sent to the machine, in every order. */
function evaluateOrders(carriers: readonly Carrier[]): HostMta[] {
  const unread = carriers.filter((carrier) => carrier.text === null);
  const read = carriers.filter((carrier) => carrier.text !== null);
  const sent = read.filter((carrier) => carrier.kind === "shell");
  const userData = read.filter((carrier) => carrier.kind !== "shell");
  const hidden = unread.map((it) => hideSecrets(evaluateTexts([it]), [it]));
  if (sent.length === 0) return [...hidden, ...userData.map((it) => hideSecrets(evaluateTexts([it]), [it]))];
  const starts = userData.length === 0 ? [[]] : userData.map((it) => [it]);
  const results = starts.flatMap((start): HostMta[] => {
    const { orders, all } = ordersOf([...start, ...sent]);
    const found = orders.map((order) => hideSecrets(evaluateTexts(order), order));
    if (all || found.every((it) => it.kind === "none")) return found;
    return [...found, undetermined([{ text: "the scripts that are sent are run in more orders than are followed" }])];
  });
  if (results.some((it) => it.kind === "known")) return [...hidden, ...results];
  // Together they are not followed: what one of them opens by itself stands.
  const alone = read.map((it) => hideSecrets(evaluateTexts([it]), [it])).filter((it) => it.kind === "known");
  return [...hidden, ...results, ...(results.some((it) => it.kind === "undetermined") ? alone : [])];
}

/** What comes of texts that configure the machine one after another. */
function evaluateTexts(carriers: readonly Carrier[]): HostMta {
  const [first] = carriers;
  if (first === undefined) return { kind: "none" };
  const unread = carriers.find((carrier) => carrier.text === null);
  if (unread !== undefined)
    return undetermined([{ text: unread.unknown ?? "the user data is not known", at: unread.at }], false);
  return guarded(first.at, () => {
    const debian = evaluateOn("debian", carriers, first);
    if (!debian.guessed) return debian.mta;
    const redHat = evaluateOn("redhat", carriers, first);
    return oneOf([debian.mta, redHat.mta], "the distribution of the image is not known, and its package decides");
  });
}

/** A defect of an evaluator must not end as "closed". */
function guarded(at: Provenance | undefined, evaluate: () => HostMta): HostMta {
  try {
    return evaluate();
  } catch (error) {
    const defect = `the evaluation failed: ${error instanceof Error ? error.message : "unknown error"}`;
    return undetermined([{ text: defect, ...(at === undefined ? {} : { at }) }]);
  }
}

function hideSecrets(result: HostMta, carriers: readonly Carrier[]): HostMta {
  return carriers.some((carrier) => carrier.secret === true) ? redacted(result) : result;
}

function evaluateOn(
  distribution: Distribution,
  carriers: readonly Carrier[],
  first: Carrier,
): { mta: HostMta; guessed: boolean } {
  let machines = [new Machine(first.host, distribution)];
  for (const carrier of carriers) {
    const apply = carrier.kind === "shell" ? applyCommand : applyUserData;
    machines = distinct(machines.flatMap((machine) => apply(carrier, carrier.text ?? "", machine)));
  }
  if (machines.length > MAX_MACHINES)
    return {
      mta: undetermined([{ text: "there are more ways that the scripts may take than are followed", at: first.at }]),
      guessed: false,
    };
  const results = machines.flatMap((machine): HostMta[] => {
    const files = [...machine.files].flatMap(([path, lines]) => [path, ...(lines ?? []).map((line) => line.text)]);
    const servers = mailServers([...carriers.map(({ text }) => text ?? ""), ...machine.texts, ...files].join("\n"));
    return judge(first, machine, servers);
  });
  const mta = oneOf(results, "what the scripts do depends on a condition that is not known");
  return { mta, guessed: machines.some((machine) => machine.guessed) };
}

/** More machines than these are not told apart. */
const MAX_MACHINES = 64;

function judge(carrier: Carrier, machine: Machine, servers: readonly string[]): HostMta[] {
  const { at } = carrier;
  if (servers.length === 0) return [machine.hidden.length > 0 ? undetermined(machine.hidden, false) : { kind: "none" }];
  if (servers[0] !== "Postfix") {
    const unread = [...machine.problems, ...machine.hidden];
    return [evaluateOthers(servers, { files: machine.files, answers: machine.answers() }, unread, at)];
  }
  return checkLeftovers(machine).map((it) => {
    const problems = [...it.problems, ...it.others];
    return problems.length > 0 ? undetermined(problems) : fromMachine(it, carrier);
  });
}

/** The answer if one of several counts, and nobody knows which; `text` says why. */
function oneOf(all: readonly HostMta[], text: string): HostMta {
  const open = all.flatMap((it) => (it.kind === "undetermined" ? it.why : []));
  if (open.length > 0)
    return undetermined(
      mergeReasons(open),
      all.some((it) => it.kind === "undetermined" && it.signs),
    );
  const [first, ...rest] = all.flatMap((it) => (it.kind === "known" ? [it] : []));
  return first === undefined ? { kind: "none" } : merged([first, ...rest], text);
}

function fromMachine(machine: Machine, carrier: Carrier): HostMta {
  const main = machine.files.get(mainCfPath);
  const master = machine.files.get(masterCfPath);
  if (main === undefined && master === undefined && !machine.installed) {
    // Postfix is spoken of, and nothing is done with it.
    return undetermined([
      {
        text: "what configures the host has to do with Postfix, and its configuration is not in the program",
        at: carrier.at,
      },
    ]);
  }
  const missing: Reason[] = [];
  if (main === undefined || main === null)
    missing.push({ text: "main.cf is not in the program as a whole", at: carrier.at });
  if (master === undefined || master === null)
    missing.push({ text: "master.cf is not in the program as a whole", at: carrier.at });
  if (main == null || master == null) return undetermined(missing);
  const mta = evaluatePostfix({
    host: carrier.host,
    mainCf: main,
    masterCf: master,
    files: machine.files,
    compiled: machine.compiled,
  });
  const forwards = loopbackForwards(machine);
  return mta.kind === "known" && forwards.length > 0 ? { ...mta, forwards } : mta;
}

function undetermined(why: readonly Reason[], signs = true): HostMta {
  return { kind: "undetermined", why, signs };
}

const secretLine = "a line of a secret, which is not shown";

function redactedPractice(practice: Practice): Practice {
  const hide = (set: Clients): Clients => ({ ...set, why: set.why.map((reason) => ({ ...reason, text: secretLine })) });
  return {
    unlisted: hide(practice.unlisted),
    trust: practice.trust && { ...practice.trust, members: hide(practice.trust.members), line: { text: secretLine } },
    weaknesses: practice.weaknesses.map(({ subject: _, ...weakness }) => ({
      ...weakness,
      line: { ...weakness.line, text: secretLine },
    })),
  };
}

/** The same answer without a word of the text. */
function redacted(result: HostMta): HostMta {
  const hide = (reasons: readonly Reason[]): readonly Reason[] =>
    reasons.map((reason) => ({ ...reason, text: secretLine }));
  if (result.kind === "undetermined") return { ...result, why: hide(result.why) };
  if (result.kind === "none") return result;
  const answer = (it: RelayAnswer): RelayAnswer => ({
    ...it,
    relays: { ...it.relays, why: hide(it.relays.why) },
    trace: hide(it.trace),
    ...(it.claims === undefined ? {} : { claims: { ...it.claims, why: hide(it.claims.why) } }),
    ...(it.outage === undefined ? {} : { outage: { ...it.outage, text: "the service does not start" } }),
    ...(it.practice === undefined ? {} : { practice: redactedPractice(it.practice) }),
  });
  return {
    ...result,
    answers: result.answers.map(answer),
    ...(result.unknownHops === undefined ? {} : { unknownHops: hide(result.unknownHops) }),
    ...(result.unread === undefined ? {} : { unread: hide(result.unread) }),
    ...(result.forwards === undefined ? {} : { forwards: hide(result.forwards) }),
    ...(result.heloName === undefined ? {} : { heloName: { ...result.heloName, line: { text: secretLine } } }),
    ...(result.exchange === undefined
      ? {}
      : { exchange: { ...result.exchange, problems: hide(result.exchange.problems), secret: true } }),
  };
}
