import type { Reason } from "../model/provenance";
import type { Machine } from "./machine";

const loopbackHost = String.raw`(?:127(?:\.\d{1,3}){3}|localhost|\[?::1\]?)`;
const smtpPort = "(?:25|465|587|2525|smtp|submission)";

/**
 * Lines by which a program on the host takes connections of others and opens them anew on loopback, so that the mail server sees
 * 127.0.0.1 in place of the client: HAProxy, nginx, stunnel, socat, rinetd, SSH.
 */
const forwards: readonly RegExp[] = [
  new RegExp(String.raw`^\s*server\s+\S+\s+${loopbackHost}:${smtpPort}\b(?!.*\bsend-proxy)`),
  new RegExp(String.raw`\bproxy_pass\s+${loopbackHost}:${smtpPort}\s*;`),
  new RegExp(String.raw`^\s*connect\s*=\s*(?:${loopbackHost}:)?${smtpPort}\s*$`),
  new RegExp(
    String.raw`\bsocat\b(?!.*\bbind=(?:127|localhost)).*\bTCP[46]?-L\S*\s.*\bTCP[46]?(?:-CONNECT)?:${loopbackHost}:${smtpPort}\b`,
    "i",
  ),
  new RegExp(String.raw`^\s*(?!127)[\d.:]+\s+\d+\s+${loopbackHost}\s+${smtpPort}\s*$`),
  new RegExp(String.raw`\bssh\b.*\s-R\s*\S*:${loopbackHost}:${smtpPort}\b`),
];

/** Where the machine's files and scripts say that connections are forwarded to the mail server on loopback. */
export function loopbackForwards(machine: Machine): Reason[] {
  const files = [...machine.files].flatMap(([path, lines]) =>
    (lines ?? []).map((line) => ({ text: line.text, at: line.at, path })),
  );
  const written = files.filter(({ path }) => !path.startsWith("/etc/postfix/"));
  const scripts = machine.texts.flatMap(commands).map((text) => ({ text, at: { urn: machine.host } }));
  return [...written, ...scripts].flatMap(({ text, at }) =>
    !/^\s*#/.test(text) && forwards.some((form) => form.test(text)) ? [{ text: text.trim().slice(0, 100), at }] : [],
  );
}

/** Lines of a script, or of the lists of commands in a cloud-config, whose files are looked at by themselves. */
function commands(text: string): string[] {
  const lines = text.split("\n");
  return text.startsWith("#cloud-config") ? lines.filter((line) => /^\s*-\s/.test(line)) : lines;
}
