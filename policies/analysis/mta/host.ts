import type { Reason } from "../model/provenance";
import type { Carrier, HostMta, RelayAnswer } from "./answer";
import { applyUserData } from "./carrier/apply";
import { concernsPostfix, mailServers } from "./carrier/signs";
import { Machine, mainCfPath, masterCfPath } from "./machine";
import { merged } from "./merge";
import { evaluatePostfix } from "./postfix/evaluate";
import { newShell, runScript } from "./shell/run";

/** What the MTA of a host does, from all the texts that configure it. Never throws. */
export function evaluateHost(carriers: readonly Carrier[]): HostMta {
  const results = carriers.map((carrier) => {
    const result = evaluateCarrier(carrier);
    return carrier.secret === true ? redacted(result) : result;
  });
  const present = results.filter((result) => result.kind !== "none");
  const why = present.flatMap((result) => (result.kind === "undetermined" ? result.why : []));
  if (why.length > 0) return { kind: "undetermined", why };
  const known = present.flatMap((result) => (result.kind === "known" ? [result] : []));
  return known.length === 0 ? { kind: "none" } : merged(known);
}

function evaluateCarrier(carrier: Carrier): HostMta {
  if (carrier.text === null) {
    return { kind: "undetermined", why: [{ text: carrier.unknown ?? "the user data is not known", at: carrier.at }] };
  }
  try {
    return evaluateText(carrier, carrier.text);
  } catch (error) {
    // A defect of this evaluator must not end as "closed".
    const text = `the evaluation failed: ${error instanceof Error ? error.message : "unknown error"}`;
    return { kind: "undetermined", why: [{ text, at: carrier.at }] };
  }
}

function evaluateText(carrier: Carrier, text: string): HostMta {
  if (/^#include/m.test(text.slice(0, 200)) && text.trimStart().startsWith("#include")) {
    return undetermined([
      { text: "the user data includes others by address, which are not in the program", at: carrier.at },
    ]);
  }
  const machine = new Machine(carrier.host);
  const visible = visibleText(carrier, text, machine);
  const servers = mailServers(visible);
  if (servers.length === 0) return { kind: "none" };
  if (servers[0] !== "Postfix") {
    return undetermined([
      { text: `the user data has to do with ${servers.join(" and ")}, which is not evaluated`, at: carrier.at },
    ]);
  }
  checkLeftovers(machine);
  const problems = [...machine.problems, ...machine.others];
  if (problems.length > 0) return undetermined(problems);
  return fromMachine(machine, carrier);
}

/** The text with everything that is packed in it, as the machine sees it; the machine is configured on the way. */
function visibleText(carrier: Carrier, text: string, machine: Machine): string {
  applyUserData(carrier, text, machine);
  const files = [...machine.files].flatMap(([path, lines]) => [path, ...(lines ?? []).map((line) => line.text)]);
  const unreadable = machine.problems.some((problem) => /cannot be read|no valid YAML/.test(problem.text));
  // Text in base64 that is not read may hold anything.
  return [text, ...files, unreadable ? "" : ""].join("\n");
}

/** Files that were written and may be run by somebody later: scripts, units, schedules. */
function checkLeftovers(machine: Machine): void {
  for (const [path, lines] of machine.executables()) {
    if (inert.test(path) || machine.ran.has(path)) continue;
    const first = lines[0]?.text ?? "";
    if (/^#!.*\b(?:ba|da)?sh\b/.test(first)) {
      const shell = newShell(machine, path);
      runScript(lines.map((line) => line.text).join("\n"), { ...shell, certain: false });
      continue;
    }
    for (const line of lines) {
      const command = /^\s*(?:Exec\w*\s*=\s*[-@:+!]*|@\w+\s+\S+\s+|(?:[\d*/,-]+\s+){5}\S+\s+)(.*)$/.exec(
        line.text,
      )?.[1];
      if (command === undefined || !concernsPostfix(command)) continue;
      runScript(command, { ...newShell(machine, line.at.path ?? path), certain: false });
    }
    if (!known.test(path)) {
      const line = lines.find((it) => concernsPostfix(it.text) && !/^\s*#(?!!)/.test(it.text));
      if (line !== undefined) machine.opaque(`${path}: ${line.text.trim().slice(0, 100)}`, line.at);
    }
  }
}

/** Configuration of other programs, which may speak of Postfix and does nothing to it. */
const inert =
  /^\/etc\/(?:fail2ban|rsyslog\.d|rsyslog\.conf|logrotate\.d|apparmor\.d|opendkim|opendmarc|dovecot|amavis|spamassassin|default|motd|issue|aliases|mailname|hosts|systemd\/journald|cron\.deny|amazon|opt|vector|prometheus|needrestart|apt\/apt\.conf\.d\/\d+unattended)|^\/opt\/aws\/|^\/usr\/share\/doc\/|\.md$|\.txt$|^\/var\/log\//;
/** Files whose commands were looked at one by one. */
const known = /^\/etc\/(?:systemd\/|cron)|^\/lib\/systemd\/|^\/usr\/lib\/systemd\/|^\/var\/spool\/cron/;

function fromMachine(machine: Machine, carrier: Carrier): HostMta {
  const main = machine.files.get(mainCfPath);
  const master = machine.files.get(masterCfPath);
  if (main === undefined && master === undefined && machine.installed === "no") {
    // Postfix is spoken of, and nothing is done with it.
    return undetermined([
      { text: "the user data has to do with Postfix, and its configuration is not in the program", at: carrier.at },
    ]);
  }
  const missing: Reason[] = [];
  if (main === undefined || main === null)
    missing.push({ text: "main.cf is not in the program as a whole", at: carrier.at });
  if (master === undefined || master === null)
    missing.push({ text: "master.cf is not in the program as a whole", at: carrier.at });
  if (main == null || master == null) return undetermined(missing);
  return evaluatePostfix({
    host: carrier.host,
    mainCf: main,
    masterCf: master,
    files: machine.files,
    compiled: machine.compiled,
  });
}

function undetermined(why: readonly Reason[]): HostMta {
  return { kind: "undetermined", why };
}

/** The same answer without a word of the text. */
function redacted(result: HostMta): HostMta {
  const hide = (reasons: readonly Reason[]): readonly Reason[] =>
    reasons.map((reason) => ({ ...reason, text: "a line of a secret, which is not shown" }));
  if (result.kind === "undetermined") return { ...result, why: hide(result.why) };
  if (result.kind === "none") return result;
  const answer = (it: RelayAnswer): RelayAnswer => ({
    ...it,
    relays: { ...it.relays, why: hide(it.relays.why) },
    trace: hide(it.trace),
    ...(it.claims === undefined ? {} : { claims: { ...it.claims, why: hide(it.claims.why) } }),
    ...(it.outage === undefined ? {} : { outage: { ...it.outage, text: "the service does not start" } }),
  });
  return {
    ...result,
    answers: result.answers.map(answer),
    ...(result.unknownHops === undefined ? {} : { unknownHops: hide(result.unknownHops) }),
  };
}
