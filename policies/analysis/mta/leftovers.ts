import { concernsPostfix } from "./carrier/signs";
import type { Machine } from "./machine";
import { newShell, runScript } from "./shell/run";

/** Files that were written and may be run by somebody later: scripts, units, schedules. */
export function checkLeftovers(machine: Machine): void {
  for (const [path, lines] of machine.executables()) {
    if (inert.test(path) || machine.ran.has(path)) continue;
    const first = lines[0]?.text ?? "";
    if (/^#!.*\b(?:ba|da)?sh\b/.test(first)) {
      const shell = newShell(machine, path);
      runScript(lines.map((line) => line.text).join("\n"), { ...shell, certain: false });
      continue;
    }
    for (const line of lines) {
      if (/MAIL_CONFIG/.test(line.text)) machine.opaque(line.text.trim().slice(0, 100), line.at);
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
