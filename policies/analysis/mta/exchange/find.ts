import type { Provenance } from "../../model/provenance";
import { bare, type Connector, type Edition, identityOf, setupConnectors, THIS_SERVER } from "./connector";
import { type Organisation, withConnector } from "./organisation";
import { wildcard } from "./powershell/values";

/** Which connectors a command means, and the state in which they are all there. */
export interface Found {
  readonly state: Organisation;
  readonly connectors: readonly Connector[];
  /** One that the model does not have is meant by its own name. */
  readonly missing: Connector | null;
}

/** Names of connectors that setup makes, with the server's name in them. */
const setupName =
  /^(?:default frontend|client frontend|outbound proxy frontend|client proxy|default internal receive connector|default|client) (\S+)$/i;

/**
 * Finds connectors by identity: `SERVER\NAME`, a name alone, a distinguished name, or a pattern. A server that is named for the
 * first time has what its own setup made.
 */
export function findConnectors(state: Organisation, identity: string, edition: Edition, at: Provenance): Found {
  const text = fromDistinguishedName(identity.trim());
  const slash = text.indexOf("\\");
  const name = slash < 0 ? text : text.slice(slash + 1);
  const server = slash < 0 ? (setupName.exec(text)?.[1] ?? null) : serverName(text.slice(0, slash));
  const known = server === null || server.includes("*") ? state : withServer(state, server, edition, at);
  if (/[*?]/.test(text)) {
    const pattern = wildcard(slash < 0 ? `*\\${text}` : `${server}\\${name}`);
    const all = [...known.connectors.values()];
    return {
      state: known,
      connectors: pattern === null ? all : all.filter((it) => pattern.test(identityOf(it))),
      missing: null,
    };
  }
  const named = [...known.connectors.values()].filter((it) => it.name.toLowerCase() === name.toLowerCase());
  const exact = named.filter((it) => server === null || slash < 0 || it.server.toLowerCase() === server.toLowerCase());
  if (exact.length > 0) return { state: known, connectors: exact, missing: null };
  // One machine may be called by its name in one place and not in another.
  const local = named.filter((it) => it.server === THIS_SERVER || server === THIS_SERVER);
  if (local.length === 1) return { state: known, connectors: local, missing: null };
  return { state: known, connectors: [], missing: foreignConnector(name, server ?? THIS_SERVER, at) };
}

/** The server part of an identity: the short name. */
export function serverName(text: string): string {
  return text.trim().replace(/\..*$/, "");
}

/** The state in which a server's own connectors are there. */
export function withServer(state: Organisation, server: string, edition: Edition, at: Provenance): Organisation {
  if (server === "" || [...state.connectors.values()].some((it) => it.server.toLowerCase() === server.toLowerCase()))
    return state;
  return setupConnectors(edition, at).reduce(
    (sum, it) => withConnector(sum, { ...it, server, name: it.name.replaceAll(THIS_SERVER, server) }),
    state,
  );
}

/** A connector that the program does something to without having made it: nothing is known of it but that. */
export function foreignConnector(name: string, server: string, at: Provenance): Connector {
  const open = [{ text: "this connector is not made in the program", at }];
  const unknown = { has: [], open };
  return {
    ...bare(name, server, at),
    foreign: true,
    enabled: { value: true },
    bindings: unknown,
    ranges: unknown,
    auth: unknown,
    groups: unknown,
    rights: unknown,
    denied: unknown,
    logging: { open },
    tarpit: { open },
    requireTls: { open },
  };
}

/** The connectors of a state by the keys that objects carry. */
export function byKey(state: Organisation, identity: string): Connector | undefined {
  return state.connectors.get(identity.toLowerCase());
}

/** `CN=Relay,CN=SMTP Receive Connectors,CN=Protocols,CN=EX01,…` as `EX01\Relay`. */
function fromDistinguishedName(text: string): string {
  const match = /^CN=((?:[^,\\]|\\.)+),CN=SMTP Receive Connectors,CN=Protocols,CN=([^,]+)(?:,|$)/i.exec(text);
  return match === null ? text : `${match[2]}\\${(match[1] ?? "").replace(/\\(.)/g, "$1")}`;
}
