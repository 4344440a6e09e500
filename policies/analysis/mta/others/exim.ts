import { allAddresses } from "../../net/addr";
import type { SourceLine } from "../postfix/lines";
import {
  type Installed,
  isLoopback,
  linesOf,
  networks,
  type PlainSettings,
  quoted,
  type RelaySetting,
} from "./settings";

/**
 * Exim: Debian's update-exim4.conf.conf and its debconf questions (README.Debian 2.1), the macros of its split configuration, and
 * the lists of the same names in a configuration of one's own.
 */
export function exim(installed: Installed): PlainSettings {
  const settings = debianSettings(installed);
  const relays = [...settings].flatMap(([name, { value, line }]) => relaySetting(name, value, line));
  const local = settings.get("dc_local_interfaces");
  const type = settings.get("dc_eximconfig_configtype")?.value ?? "";
  const hosts = split(local?.value ?? "", ";");
  return {
    relays: [...relays, ...own(installed)],
    ports: [25],
    // The package's own answer is loopback; a file without the setting listens everywhere.
    loopbackOnly: /^(?:local|none)/.test(type) || (hosts.length > 0 && hosts.every(isLoopback)),
  };
}

interface Setting {
  readonly value: string;
  readonly line: RelaySetting["line"];
}

const asked = ["dc_relay_nets", "dc_relay_domains", "dc_local_interfaces", "dc_eximconfig_configtype"];

/** The file wins over the questions: the package reads it where it is there. */
function debianSettings(installed: Installed): ReadonlyMap<string, Setting> {
  const found = new Map<string, Setting>();
  for (const name of asked) {
    const value = installed.answers.get(`exim4/${name}`);
    if (value !== undefined) found.set(name, { value, line: { text: `exim4/${name} ${value}` } });
  }
  if (found.size > 0 && !found.has("dc_local_interfaces"))
    found.set("dc_local_interfaces", { value: "127.0.0.1 ; ::1", line: { text: "the package's default" } });
  const lines = linesOf(installed, /^\/etc\/exim4\/update-exim4\.conf\.conf$/);
  if (lines.length > 0) found.clear();
  for (const line of lines) {
    const match = /^\s*(dc_\w+)=(?:'([^']*)'|"([^"]*)"|(\S*))/.exec(line.text);
    if (match?.[1] !== undefined)
      found.set(match[1], { value: match[2] ?? match[3] ?? match[4] ?? "", line: quoted(line) });
  }
  return found;
}

function relaySetting(name: string, value: string, line: RelaySetting["line"]): RelaySetting[] {
  if (name === "dc_relay_domains")
    return split(value, ";").includes("*") ? [{ clients: allAddresses, trusts: false, line }] : [];
  return name === "dc_relay_nets" ? hostList(split(value, ";"), line) : [];
}

function own(installed: Installed): RelaySetting[] {
  const lines = linesOf(installed, /^\/(?:etc|usr\/local\/etc)\/exim4?\/.*(?:conf|macros|template|conf\.d\/.*)$/);
  return lines.flatMap((line) => ownSetting(line));
}

function ownSetting(line: SourceLine): RelaySetting[] {
  const match = /^\s*(?:(hostlist|domainlist)\s+(\w+)|(MAIN_RELAY_\w+))\s*=\s*(.*?)\s*$/.exec(line.text);
  if (match === null) return [];
  const [, kind, list, macro, value = ""] = match;
  const separator = /^<\s*(.)/.exec(value)?.[1] ?? ":";
  const items = split(value.replace(/^<\s*./, ""), separator);
  if (macro === "MAIN_RELAY_NETS" || (kind === "hostlist" && list === "relay_from_hosts"))
    return hostList(items, quoted(line));
  const domains = macro === "MAIN_RELAY_TO_DOMAINS" || (kind === "domainlist" && list === "relay_to_domains");
  return domains && items.includes("*") ? [{ clients: allAddresses, trusts: false, line: quoted(line) }] : [];
}

function hostList(items: readonly string[], line: RelaySetting["line"]): RelaySetting[] {
  if (items.length === 0) return [];
  if (items[0] === "*") return [{ clients: allAddresses, trusts: true, line }];
  const { clients, doubt } = networks(items);
  return [{ clients, trusts: true, line, ...(doubt === undefined ? {} : { doubt: `${doubt} is no address` }) }];
}

function split(text: string, separator: string): string[] {
  return text
    .split(separator)
    .map((item) => item.trim())
    .filter((item) => item !== "");
}
