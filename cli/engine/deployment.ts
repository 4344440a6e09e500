import type { ResourceSnapshot, SourceLocation, Urn, Value } from "../../policies/analysis/model/snapshot";
import { echoDependencies, echoInputs } from "./echo";
import { makeUrn, STACK_TYPE } from "./urn";
import { type DecodedProperties, decodeProperties, UNKNOWN, type WireObject } from "./wire";

/** A resource that a program declares. */
export interface Registration {
  readonly type: string;
  readonly name: string;
  readonly parent?: Urn;
  readonly custom: boolean;
  /** A component that its own package constructs: its children and outputs are not known. */
  readonly remote: boolean;
  readonly inputs: WireObject;
  readonly propertyDependencies: ReadonlyMap<string, readonly Urn[]>;
  readonly secretOutputs: readonly string[];
  readonly importId?: string;
  readonly location?: SourceLocation;
}

/** A resource that a program reads: `.get()` and stack references. */
export interface Reading {
  readonly type: string;
  readonly name: string;
  readonly parent?: Urn;
  /** May be unknown. */
  readonly id: string;
  readonly state: WireObject;
  readonly secretOutputs: readonly string[];
  readonly location?: SourceLocation;
}

export interface Registered {
  readonly urn: Urn;
  readonly id?: string;
  readonly outputs: WireObject;
  readonly dependencies: ReadonlyMap<string, readonly Urn[]>;
}

/** What a program has declared so far, as a first preview sees it. */
export class Deployment {
  readonly stack: string;
  readonly project: string;
  rootUrn: Urn = "";
  readonly #snapshots = new Map<Urn, ResourceSnapshot>();
  readonly #registered = new Map<Urn, Registered>();

  constructor(stack: string, project: string) {
    this.stack = stack;
    this.project = project;
  }

  get resources(): readonly ResourceSnapshot[] {
    return [...this.#snapshots.values()];
  }

  /** What the program exports. */
  get outputs(): { readonly [name: string]: Value } {
    return this.#snapshots.get(this.rootUrn)?.properties ?? {};
  }

  /** @throws Error if a resource of this type and name exists, in the words of Pulumi's own engine. */
  register(registration: Registration): Registered {
    const { type, name, parent, custom, remote, inputs, importId } = registration;
    const urn = makeUrn(this.stack, this.project, parent, type, name);
    if (this.#snapshots.has(urn)) {
      throw new Error(`Duplicate resource URN '${urn}'; try giving it a unique name`);
    }
    if (type === STACK_TYPE) {
      this.rootUrn = urn;
    }
    const decoded = decodeProperties(inputs, registration.propertyDependencies);
    this.#snapshots.set(
      urn,
      snapshot(urn, registration, decoded, {
        ...{ custom, external: false },
        ...(importId && { id: importId }),
        ...(remote && { remote }),
      }),
    );
    const outputs = custom && !remote ? echoInputs(inputs, registration.secretOutputs) : {};
    const registered: Registered = {
      urn,
      ...(importId && { id: importId }),
      outputs,
      dependencies: echoDependencies(outputs, decoded.propertyDependencies),
    };
    this.#registered.set(urn, registered);
    return registered;
  }

  /** @param known what is known of the resource beyond what the program states, from a fixture. */
  read(reading: Reading, known: WireObject): Registered {
    const { type, name, parent, id } = reading;
    const urn = makeUrn(this.stack, this.project, parent, type, name);
    const state = { ...reading.state, ...known };
    const idKnown = id !== UNKNOWN && id !== "";
    if (!this.#snapshots.has(urn)) {
      const decoded = decodeProperties(state, new Map());
      this.#snapshots.set(
        urn,
        snapshot(urn, reading, decoded, { custom: true, external: true, ...(idKnown && { id }) }),
      );
    }
    const outputs = { ...echoInputs(reading.state, reading.secretOutputs), ...known };
    const registered: Registered = { urn, ...(idKnown && { id }), outputs, dependencies: new Map() };
    this.#registered.set(urn, registered);
    return registered;
  }

  /** Adds what a component or the program itself registers as outputs. Inputs of the same name stay. */
  addOutputs(urn: Urn, outputs: WireObject): void {
    const before = this.#snapshots.get(urn);
    if (before === undefined) {
      throw new Error(`there is no resource ${urn} to register outputs of`);
    }
    const decoded = decodeProperties(outputs, new Map());
    this.#snapshots.set(urn, {
      ...before,
      properties: { ...decoded.properties, ...before.properties },
      propertyDependencies: { ...decoded.propertyDependencies, ...before.propertyDependencies },
      ...secretsOf([...(before.secrets ?? []), ...decoded.secrets]),
    });
  }

  find(urn: Urn): Registered | undefined {
    return this.#registered.get(urn);
  }
}

function snapshot(
  urn: Urn,
  from: Registration | Reading,
  decoded: DecodedProperties,
  rest: { readonly custom: boolean; readonly external: boolean; readonly id?: string; readonly remote?: boolean },
): ResourceSnapshot {
  const { type, name, parent, location } = from;
  return {
    urn,
    type,
    name,
    ...rest,
    properties: decoded.properties,
    propertyDependencies: decoded.propertyDependencies,
    ...secretsOf(decoded.secrets),
    ...(parent !== undefined && { parent }),
    ...(location !== undefined && { location }),
  };
}

function secretsOf(secrets: Iterable<string>): { readonly secrets?: ReadonlySet<string> } {
  const set = new Set(secrets);
  return set.size > 0 ? { secrets: set } : {};
}
