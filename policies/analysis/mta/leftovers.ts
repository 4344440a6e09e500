import { distinct } from "./carrier/apply";
import { concernsPostfix } from "./carrier/signs";
import type { Machine } from "./machine";
import { runWhole } from "./shell/run";
import { newShell } from "./shell/state";

/**
 * Files that were written and may be run by somebody later: scripts, units, schedules.
 *
 * @returns the machines that there may be then: with what these do, and without
 */
export function checkLeftovers(machine: Machine): Machine[] {
  const perhaps: { text: string; label: string; bash: boolean }[] = [];
  for (const [path, lines] of machine.executables()) {
    if (inert.test(path) || machine.ran.has(path)) continue;
    const first = lines[0]?.text ?? "";
    const text = lines.map((line) => line.text).join("\n");
    if (/^#!.*\b(?:ba|da)?sh\b/.test(first)) {
      perhaps.push({ text, label: path, bash: /\bbash\b/.test(first) });
      continue;
    }
    for (const line of lines) {
      if (/MAIL_CONFIG/.test(line.text)) machine.opaque(line.text.trim().slice(0, 100), line.at);
      const command = /^\s*(?:Exec\w*\s*=\s*[-@:+!]*|@\w+\s+\S+\s+|(?:[\d*/,-]+\s+){5}\S+\s+)(.*)$/.exec(
        line.text,
      )?.[1];
      if (command === undefined || !concernsPostfix(command)) continue;
      perhaps.push({ text: command, label: line.at.path ?? path, bash: false });
    }
    if (!known.test(path)) {
      const line = lines.find((it) => concernsPostfix(it.text) && !/^\s*#(?!!)/.test(it.text));
      if (line !== undefined) machine.opaque(`${path}: ${line.text.trim().slice(0, 100)}`, line.at);
    }
  }
  return perhaps.reduce(
    (machines, { text, label, bash }) =>
      distinct(
        machines.flatMap((it) => {
          const more = { bash, environment: true, directory: null, positional: null };
          return [it.clone(), ...runWhole(text, newShell(it, label, more)).map((way) => way.machine)];
        }),
      ),
    [machine],
  );
}

/** Configuration of other programs, which may speak of Postfix and does nothing to it. */
const inert =
  /^\/etc\/(?:fail2ban|rsyslog\.d|rsyslog\.conf|logrotate\.d|apparmor\.d|opendkim|opendmarc|dovecot|amavis|spamassassin|default|motd|issue|aliases|mailname|hosts|systemd\/journald|cron\.deny|amazon|opt|vector|prometheus|needrestart|apt\/apt\.conf\.d\/\d+unattended)|^\/opt\/aws\/|^\/usr\/share\/doc\/|\.md$|\.txt$|^\/var\/log\//;
/** Files whose commands were looked at one by one. */
const known = /^\/etc\/(?:systemd\/|cron)|^\/lib\/systemd\/|^\/usr\/lib\/systemd\/|^\/var\/spool\/cron/;
