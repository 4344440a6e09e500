import type { Weakness } from "../../practice";
import type { View } from "../config";
import type { SourceLine } from "../lines";
import type { Listener } from "./index";

const ports = new Set([25, 465, 587, 2525]);

/** Services for the mail server's own use that others can connect to: they trust whoever does. */
export function exposedHelpers({ port, service, view }: Listener): Weakness[] {
  const line = { text: `${service.name} inet … ${service.command}`, at: service.at };
  const fix = `Bind it to loopback: 127.0.0.1:${port} in master.cf`;
  const found: Weakness[] = [];
  if (service.command !== "smtpd" && service.command !== "postscreen") {
    const text = `offers its internal service ${service.command} on port ${port} to other hosts`;
    found.push({ id: `helper-${port}`, topic: "hardening", certain: true, text, fix, line });
  } else if (!ports.has(port) && takesFilteredMail(listenerOverrides(service.overrides))) {
    const text = `offers the port by which filtered mail comes back (${port}) to other hosts`;
    found.push({ id: `helper-${port}`, topic: "hardening", certain: true, text, fix, line });
  }
  return [...found, ...milters(view)];
}

function listenerOverrides(overrides: ReadonlyMap<string, { value: string }>): ReadonlyMap<string, string> {
  return new Map([...overrides].map(([name, { value }]) => [name, value.trim()]));
}

/** FILTER_README: the service behind a content filter turns the filter off for itself. */
function takesFilteredMail(overrides: ReadonlyMap<string, string>): boolean {
  return (
    overrides.get("content_filter") === "" ||
    overrides.get("smtpd_proxy_filter") === "" ||
    /no_(?:milters|unknown_recipient_checks|header_body_checks)/.test(overrides.get("receive_override_options") ?? "")
  );
}

/** Daemons of mail filters by their configuration file: opendkim.conf(5), opendmarc.conf(5). */
const filters: Readonly<Record<string, RegExp>> = {
  "/etc/opendkim.conf": /^\s*Socket\s+["']?inet6?:(\d+)(?:@([^\s"']+))?/i,
  "/etc/opendmarc.conf": /^\s*Socket\s+["']?inet6?:(\d+)(?:@([^\s"']+))?/i,
};

function milters(view: View): Weakness[] {
  return Object.entries(filters).flatMap(([path, pattern]) => {
    const lines: readonly SourceLine[] = view.config.files.get(path) ?? [];
    return lines.flatMap((line): Weakness[] => {
      const match = pattern.exec(line.text);
      if (match === null || /^(?:localhost|127\.[\d.]+|\[?::1\]?)$/i.test(match[2] ?? "")) return [];
      const text = `has a mail filter that listens for other hosts on port ${match[1]}`;
      const fix = `Bind it to loopback: inet:${match[1]}@localhost in ${path}`;
      const place = { text: line.text.trim(), at: line.at };
      return [{ id: `milter-${match[1]}`, topic: "hardening", certain: true, text, fix, line: place }];
    });
  });
}
