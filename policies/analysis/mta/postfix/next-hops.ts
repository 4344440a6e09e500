import type { Provenance, Reason } from "../../model/provenance";
import { parseCidr } from "../../net/cidr";
import { ports } from "../../net/ports";
import type { NextMta } from "../answer";
import type { View } from "./config";
import { portNumber } from "./services";
import { isTable, readTable } from "./tables";
import { splitQuoted, splitWords } from "./words";

export interface NextHops {
  readonly hops: readonly NextMta[];
  readonly unknown: readonly Reason[];
}

/** Where Postfix hands mail on to: relay host, routes, transports; MX hosts where nothing else is said. */
export function nextHops(view: View): NextHops {
  const hops: NextMta[] = [];
  const unknown: Reason[] = [];
  const add = (destination: string, at: Provenance) => {
    const result = nextHop(destination, at);
    if (result === null) unknown.push({ text: `the next hop ${destination} is not understood`, at });
    else hops.push(...result);
  };
  const relayhost = view.get("relayhost");
  for (const host of splitWords(relayhost)) add(host, view.at("relayhost"));
  for (const host of splitWords(view.get("smtp_fallback_relay"))) add(host, view.at("smtp_fallback_relay"));
  for (const name of [
    "default_transport",
    "relay_transport",
    "local_transport",
    "virtual_transport",
    "content_filter",
  ]) {
    const at = view.at(name);
    const route = view.get(name);
    if (route === "") continue;
    if (!addRoute(route, relayhost === "" && /^(?:default|relay)_transport$/.test(name), at, add, hops, view))
      unknown.push({ text: `${name} hands mail to ${route.split(":")[0]}, which is not evaluated`, at });
  }
  for (const name of ["transport_maps", "sender_dependent_relayhost_maps", "sender_dependent_default_transport_maps"]) {
    const at = view.at(name);
    for (const spec of splitQuoted(view.get(name))) {
      const table = isTable(spec) ? readTable(spec, view.config) : null;
      const values =
        table?.kind === "static"
          ? [table.value]
          : table?.kind === "keys"
            ? [...table.entries.values()]
            : table?.kind === "patterns"
              ? table.rules.map((rule) => rule.value)
              : null;
      if (values === null) {
        unknown.push({ text: `${name}: ${table?.kind === "unknown" ? table.why : `${spec} is not evaluated`}`, at });
        continue;
      }
      for (const value of values) {
        if (name === "sender_dependent_relayhost_maps") add(value, at);
        else if (!addRoute(value, true, at, add, hops, view))
          unknown.push({ text: `${name}: ${value} is not evaluated`, at });
      }
    }
  }
  return { hops: unique(hops), unknown };
}

/** `transport:nexthop`. False if it leads to a service that is not covered. */
function addRoute(
  route: string,
  mx: boolean,
  at: Provenance,
  add: (destination: string, at: Provenance) => void,
  hops: NextMta[],
  view: View,
): boolean {
  const [transport = "", hop = ""] = route.split(/:(.*)/s);
  const service = view.config.services.find((it) => it.name === transport && it.type === "unix");
  const command = transport === "" ? "smtp" : (service?.command ?? transport);
  if (/^(?:error|retry|discard|local|virtual)$/.test(command)) return true;
  if (command === "lmtp") {
    if (hop.startsWith("unix:")) return true;
    if (hop !== "") add(hop.replace(/^inet:/, ""), at);
    return hop !== "";
  }
  if (command !== "smtp" && command !== "relay") return false;
  if (hop !== "") for (const one of splitWords(hop)) add(one.replace(/^inet:/, ""), at);
  else if (mx) hops.push({ destination: { kind: "mx" }, ports: ports(25), at });
  return true;
}

/** `host`, `[host]`, `host:port`, `[host]:port`. Null if it is none of them. */
export function nextHop(text: string, at: Provenance): NextMta[] | null {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::([\w-]+))?$/.exec(text);
  if (match === null) return null;
  const host = (match[1] ?? match[2] ?? "").replace(/^ipv6:/i, "");
  const port = match[3] === undefined ? 25 : portNumber(match[3]);
  if (port === null) return null;
  const address = /[/]/.test(host) ? null : parseCidr(host);
  if (address !== null) return [{ destination: { kind: "address", addr: address }, ports: ports(port), at }];
  return [{ destination: { kind: "name", name: host.toLowerCase() }, ports: ports(port), at }];
}

function unique(hops: readonly NextMta[]): NextMta[] {
  const seen = new Set<string>();
  return hops.filter((hop) => {
    const key = JSON.stringify([hop.destination, hop.ports], (_, value: unknown) =>
      typeof value === "bigint" ? `${value}` : value,
    );
    return !seen.has(key) && seen.add(key);
  });
}
