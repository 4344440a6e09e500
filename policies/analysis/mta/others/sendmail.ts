import { type AddrSet, allAddresses, noAddresses } from "../../net/addr";
import { prefixV4 } from "../../net/cidr";
import type { SourceLine } from "../postfix/lines";
import { type Installed, isLoopback, linesOf, type PlainSettings, quoted, type RelaySetting } from "./settings";

/** Features that let strangers relay, for whoever says the right sender. cf/README, "Anti-spam configuration control". */
const open = new Set(["promiscuous_relay", "relay_local_from", "relay_mail_from"]);
/** Features that let those relay whose DNS says so. */
const byName = new Set(["relay_based_on_MX", "relay_entire_domain", "loose_relay_check"]);

/** Sendmail: the features of its m4 configuration and the RELAY lines of its access database. */
export function sendmail(installed: Installed): PlainSettings {
  const lines = linesOf(installed, /\.mc$/).filter((line) => !/^\s*(?:dnl\b|#)/.test(line.text));
  const features = lines.flatMap((line) =>
    [...line.text.matchAll(/FEATURE\(\s*[`']?(\w+)/g)].map((match) => featureOf(line, match[1] ?? "")),
  );
  const daemons = lines.flatMap((line) =>
    [...line.text.matchAll(/DAEMON_OPTIONS\(\s*[`'"]?([^`'")]*)/g)].map((match) => match[1] ?? ""),
  );
  const address = (options: string) => /(?:^|,)\s*Addr\w*\s*=\s*([^,\s]+)/i.exec(options)?.[1];
  return {
    relays: [...features.flat(), ...linesOf(installed, /^\/etc\/mail\/access$/).flatMap(accessOf)],
    ports: [25],
    loopbackOnly: daemons.length > 0 && daemons.every((options) => isLoopback(address(options) ?? "")),
  };
}

function featureOf(line: SourceLine, name: string): RelaySetting[] {
  if (open.has(name)) return [{ clients: allAddresses, trusts: false, line: quoted(line) }];
  if (!byName.has(name)) return [];
  return [
    { clients: noAddresses, trusts: false, line: quoted(line), doubt: `${name} lets whoever's DNS says so relay` },
  ];
}

/** `Connect:10.0.2 RELAY`: leading octets stand for a network. */
function accessOf(line: SourceLine): RelaySetting[] {
  const match = /^\s*(?:Connect:)?(\d{1,3}(?:\.\d{1,3}){0,3})\s+RELAY\b/i.exec(line.text);
  const set = match === null ? null : octets(match[1] ?? "");
  return set === null ? [] : [{ clients: set, trusts: true, line: quoted(line) }];
}

function octets(text: string): AddrSet | null {
  const parts = text.split(".").map(Number);
  if (parts.some((part) => part > 255)) return null;
  return prefixV4(
    parts.reduce((sum, part, i) => sum + part * 2 ** (24 - 8 * i), 0),
    8 * parts.length,
  );
}
