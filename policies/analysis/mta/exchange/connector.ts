import type { Provenance, Reason } from "../../model/provenance";
import { eitherList, eitherScalar, none, type Scalar, type Several, several } from "./attributes";
import { MACHINE_NAME as THIS_SERVER } from "./powershell/values";

export { MACHINE_NAME as THIS_SERVER } from "./powershell/values";

/** A receive connector, as far as it decides about relaying and traces. */
export interface Connector {
  /** The server that it belongs to: {@link THIS_SERVER}, or a name that the script gives. */
  readonly server: string;
  readonly name: string;
  /** Made by Exchange's setup. */
  readonly builtIn: boolean;
  /** Not in the program, but named by it: whatever it was set to elsewhere is not known. */
  readonly foreign: boolean;
  /** False if whether it exists is not known. */
  readonly certain: boolean;
  readonly enabled: Scalar<boolean>;
  /** `ADDRESS:PORT`. */
  readonly bindings: Several;
  /** `a`, `a-b`, `a/n`. */
  readonly ranges: Several;
  readonly auth: Several;
  readonly groups: Several;
  /** Extended rights, in lower case, that are granted or denied to anonymous clients beside what the groups grant. */
  readonly rights: Several;
  readonly denied: Several;
  readonly logging: Scalar<string>;
  readonly tarpit: Scalar<string>;
  readonly requireTls: Scalar<boolean>;
  /** The command that set a property last. */
  readonly set: Readonly<Record<string, Reason>>;
  /** Where it was made, or first named. */
  readonly at: Provenance;
}

export const EVERY_ADDRESS = ["0.0.0.0-255.255.255.255", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"];

export const both = (port: number) => [`0.0.0.0:${port}`, `[::]:${port}`];

/** What Exchange gives to a connector that `New-ReceiveConnector` makes with nothing but a usage. */
export function bare(name: string, server: string, at: Provenance): Connector {
  return {
    server,
    name,
    builtIn: false,
    foreign: false,
    certain: true,
    enabled: { value: true },
    bindings: none,
    ranges: several(...EVERY_ADDRESS),
    auth: several("Tls"),
    groups: none,
    rights: none,
    denied: none,
    logging: { value: "None" },
    tarpit: { value: "00:00:05" },
    requireTls: { value: false },
    set: {},
    at,
  };
}

export type Edition = "mailbox" | "edge" | "2010";

/**
 * The connectors that setup makes.
 * Source: Microsoft, "Receive connectors" (Default Receive connectors created during setup); for 2010 "Understanding Receive
 * Connectors".
 */
export function setupConnectors(edition: Edition, at: Provenance): Connector[] {
  const make = (name: string, port: number, auth: string, groups: string, logging = "None"): Connector => ({
    ...bare(name, THIS_SERVER, at),
    builtIn: true,
    bindings: several(...both(port)),
    auth: several(...auth.split(" ")),
    groups: several(...groups.split(" ")),
    logging: { value: logging },
  });
  const all = "Tls BasicAuth BasicAuthRequireTLS ExchangeServer Integrated";
  if (edition === "edge")
    return [
      {
        ...make(
          `Default internal receive connector ${THIS_SERVER}`,
          25,
          "Tls ExchangeServer",
          "AnonymousUsers ExchangeServers Partners",
        ),
        bindings: several("0.0.0.0:25"),
        ranges: several(EVERY_ADDRESS[0] as string),
      },
    ];
  if (edition === "2010")
    return [
      make(`Default ${THIS_SERVER}`, 25, all, "ExchangeUsers ExchangeServers ExchangeLegacyServers"),
      make(`Client ${THIS_SERVER}`, 587, "Tls BasicAuth BasicAuthRequireTLS Integrated", "ExchangeUsers"),
    ];
  return [
    make(`Default Frontend ${THIS_SERVER}`, 25, all, "AnonymousUsers ExchangeLegacyServers ExchangeServers", "Verbose"),
    make(`Client Frontend ${THIS_SERVER}`, 587, "Tls BasicAuth BasicAuthRequireTLS Integrated", "ExchangeUsers"),
    make(`Outbound Proxy Frontend ${THIS_SERVER}`, 717, all, "ExchangeServers"),
    make(
      `Default ${THIS_SERVER}`,
      2525,
      "Tls BasicAuth ExchangeServer Integrated",
      "ExchangeUsers ExchangeServers ExchangeLegacyServers",
    ),
    make(`Client Proxy ${THIS_SERVER}`, 465, all, "ExchangeUsers ExchangeServers"),
  ];
}

/** One of two states of a connector, nobody knows which. */
export function eitherConnector(a: Connector, b: Connector, why: Reason): Connector {
  if (a === b) return a;
  return {
    ...a,
    foreign: a.foreign || b.foreign,
    certain: a.certain && b.certain,
    enabled: eitherScalar(a.enabled, b.enabled, why),
    bindings: eitherList(a.bindings, b.bindings, why),
    ranges: eitherList(a.ranges, b.ranges, why),
    auth: eitherList(a.auth, b.auth, why),
    groups: eitherList(a.groups, b.groups, why),
    rights: eitherList(a.rights, b.rights, why),
    denied: eitherList(a.denied, b.denied, why),
    logging: eitherScalar(a.logging, b.logging, why),
    tarpit: eitherScalar(a.tarpit, b.tarpit, why),
    requireTls: eitherScalar(a.requireTls, b.requireTls, why),
    set: { ...a.set, ...b.set },
  };
}

/** The name as people know it. */
export function shownName(text: string): string {
  return text.replaceAll(THIS_SERVER, "%COMPUTERNAME%");
}

export function identityOf(connector: Connector): string {
  return `${connector.server}\\${connector.name}`;
}
