import { allAddresses } from "../../net/addr";
import {
  type Installed,
  isLoopback,
  linesOf,
  networks,
  type PlainSettings,
  quoted,
  type RelaySetting,
} from "./settings";

/** OpenSMTPD: smtpd.conf(5). The first `match` that fits decides; without `from` it fits local clients only. */
export function openSmtpd(installed: Installed): PlainSettings {
  const lines = linesOf(installed, /(?:^|\/)smtpd\.conf$/).map((line) => ({ line, words: wordsOf(line.text) }));
  const actions = new Set(
    lines.flatMap(({ words }) => (words[0] === "action" && words.includes("relay") ? [words[1] ?? ""] : [])),
  );
  const listeners = lines.filter(({ words }) => words[0] === "listen" && words[1] === "on" && words[2] !== "socket");
  const open = listeners.filter(({ words }) => !isLoopback(words[2] ?? "") && !words.includes("auth"));
  const rejects = lines.findIndex(({ words }) => words[0] === "match" && words.includes("reject"));
  const relays = lines.flatMap(({ line, words }, i): RelaySetting[] => {
    if (words[0] !== "match" || words.includes("auth") || !actions.has(words[words.indexOf("action") + 1] ?? ""))
      return [];
    if (words[words.indexOf("for") + 1] !== "any" || words.includes("!")) return [];
    const doubt = rejects >= 0 && rejects < i ? { doubt: "a rule before it may refuse" } : {};
    const from = words.indexOf("from");
    const [kind, source] = from < 0 ? ["local"] : [words[from + 1], words[from + 2]];
    // The client says its sender and its HELO name itself; its owner decides what its address resolves to.
    if (kind === "any" || kind === "mail-from" || kind === "rdns")
      return [{ clients: allAddresses, trusts: false, line: quoted(line), ...doubt }];
    if (kind !== "src" || source === undefined) return [];
    const found = networks(source.startsWith("<") ? [source] : source.replace(/[{}]/g, "").split(","));
    return [
      {
        clients: found.clients,
        trusts: true,
        line: quoted(line),
        ...doubt,
        ...(found.doubt === undefined ? {} : { doubt: `${found.doubt} is no address` }),
      },
    ];
  });
  const ports = open.map(({ words }) => portOf(words));
  // Without a listener of its own it listens on loopback: the default of the package.
  return { relays, ports: ports.length === 0 ? [25] : ports, loopbackOnly: open.length === 0 };
}

function portOf(words: readonly string[]): number {
  const port = words.includes("port")
    ? (words[words.indexOf("port") + 1] ?? "")
    : words.includes("smtps")
      ? "smtps"
      : "25";
  const named: Record<string, number> = { smtp: 25, smtps: 465, submission: 587, submissions: 465 };
  return Object.hasOwn(named, port) ? (named[port] ?? 25) : Number(port) || 25;
}

/** Words without comments and quotes; a list in braces is one word. */
function wordsOf(text: string): string[] {
  const plain = text.replace(/#.*$/, "").replace(/\{[^}]*\}/g, (list) => list.replace(/\s+/g, ""));
  return [...plain.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");
}
