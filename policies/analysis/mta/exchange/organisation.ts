import type { Provenance, Reason } from "../../model/provenance";
import { eitherScalar, type Scalar } from "./attributes";
import { type Connector, eitherConnector, identityOf } from "./connector";

export interface AcceptedDomain {
  readonly name: string;
  /** Null if it is not known. */
  readonly domain: string | null;
  /** `Authoritative`, `InternalRelay` or `ExternalRelay`. */
  readonly type: Scalar<string>;
  readonly certain: boolean;
  readonly line: Reason;
}

export interface SmartHost {
  /** Null if it is not known. */
  readonly host: string | null;
  readonly port: number | null;
  readonly line: Reason;
}

/** Exchange's configuration as a script leaves it. Values are never changed in place, so that a state can be kept and compared. */
export interface Organisation {
  readonly connectors: ReadonlyMap<string, Connector>;
  readonly domains: ReadonlyMap<string, AcceptedDomain>;
  readonly smartHosts: readonly SmartHost[];
}

export function organisationOf(connectors: readonly Connector[]): Organisation {
  return {
    connectors: new Map(connectors.map((it) => [keyOf(it), it])),
    domains: new Map(),
    smartHosts: [],
  };
}

export function keyOf(connector: Connector): string {
  return identityOf(connector).toLowerCase();
}

export function withConnector(organisation: Organisation, connector: Connector): Organisation {
  return { ...organisation, connectors: new Map(organisation.connectors).set(keyOf(connector), connector) };
}

export function withoutConnector(organisation: Organisation, key: string): Organisation {
  const connectors = new Map(organisation.connectors);
  connectors.delete(key);
  return { ...organisation, connectors };
}

/** One of two states, nobody knows which. */
export function eitherOrganisation(a: Organisation, b: Organisation, why: Reason): Organisation {
  if (a === b) return a;
  return {
    connectors: eitherMap(
      a.connectors,
      b.connectors,
      (x, y) => eitherConnector(x, y, why),
      (it) => ({ ...it, certain: false }),
    ),
    domains: eitherMap(
      a.domains,
      b.domains,
      (x, y) => ({
        ...x,
        domain: x.domain === y.domain ? x.domain : null,
        type: eitherScalar(x.type, y.type, why),
        certain: x.certain && y.certain,
      }),
      (it) => ({ ...it, certain: false }),
    ),
    smartHosts: [...new Set([...a.smartHosts, ...b.smartHosts])],
  };
}

function eitherMap<V>(
  a: ReadonlyMap<string, V>,
  b: ReadonlyMap<string, V>,
  join: (x: V, y: V) => V,
  perhaps: (it: V) => V,
): ReadonlyMap<string, V> {
  const result = new Map<string, V>();
  for (const [key, x] of a) {
    const y = b.get(key);
    result.set(key, y === undefined ? perhaps(x) : x === y ? x : join(x, y));
  }
  for (const [key, y] of b) if (!a.has(key)) result.set(key, perhaps(y));
  return result;
}

export function lineOf(text: string, at: Provenance): Reason {
  return { text, at };
}
