import { createHash } from "node:crypto";
import type { Checked, Diff, Kind, Service } from "./provider";
import { holdsUnknown, isObject, isSame, type Props, UNKNOWN, type Value, without } from "./values";

/**
 * What Pulumi's bridge makes of a Terraform provider (`pulumi-terraform-bridge`, `pkg/tfbridge`): defaults and names in `Check`,
 * changes by property in `Diff`, and in a preview what is known of a resource that does not exist.
 */

/** A type as its schema has it: the part that decides what the engine does, and the service that holds the resources. */
export interface Bridged {
  /** Outputs that only the provider sets. Unknown until the resource exists. */
  readonly outputs: readonly string[];
  /** Inputs that the provider sets where the program does not. Unknown until the resource exists, if they are left out. */
  readonly computed: readonly string[];
  /** What an input is if the program leaves it out. */
  readonly defaults: Props;
  /** The input that a random name is made for if the program gives none. */
  readonly named?: string;
  /** Those of the changed properties that cannot be changed in place. */
  replaces(changed: readonly string[], old: Props, news: Props): readonly string[];
  /** Outputs that an update makes anew: `SetNewComputed` in `CustomizeDiff`. */
  readonly renews?: (inputs: Props, state: Props) => readonly string[];
  readonly service: Service;
}

export function bridged(type: Bridged): Kind {
  const { service } = type;
  return {
    check: (checked) => checkInputs(type, checked),
    diff: (old, news) => diff(type, old, news),
    planned: (inputs, state) => planned(type, inputs, state),
    // What the cloud says, over what it does not say anything about. Bridged providers repeat the id among the outputs.
    stateOf: ({ id, before, actual }) => without({ ...before, ...actual, id }, "__defaults"),
    refreshed: ({ inputs, state }) => inputsFromState(type, inputs, state),
    service: {
      ...service,
      create: (inputs, name) => service.create(without(inputs, "__defaults"), name),
      update: (id, old, news, state) =>
        service.update(id, without(old, "__defaults"), without(news, "__defaults"), state),
    },
  };
}

/** Inputs with defaults, and with the names of those in `__defaults`, as the bridge keeps them: nested objects have an empty list. */
function checkInputs(kind: Bridged, { news, olds, name, seed }: Checked): Props {
  const missing = Object.entries(kind.defaults).filter(([key]) => news[key] === undefined);
  const inputs: Record<string, Value> = { ...nested(news), ...Object.fromEntries(missing) };
  const defaults = missing.map(([key]) => key);
  if (kind.named !== undefined && news[kind.named] === undefined) {
    inputs[kind.named] = olds?.[kind.named] ?? `${name}-${createHash("sha256").update(seed).digest("hex").slice(0, 7)}`;
    defaults.push(kind.named);
  }
  return { ...inputs, __defaults: defaults.sort() };
}

function nested(props: Props): Props {
  return Object.fromEntries(Object.entries(props).map(([key, value]) => [key, key === "tags" ? value : marked(value)]));
}

function marked(value: Value): Value {
  if (Array.isArray(value)) return value.map(marked);
  // Assets and archives are no objects of a schema.
  if (!isObject(value) || "4dabf18193072939515e22adb298388d" in value) return value;
  return { ...nested(value), __defaults: [] };
}

function diff(kind: Bridged, old: Props, news: Props): Diff {
  const changed = new Map<string, "add" | "delete" | "update">();
  for (const key of new Set([...Object.keys(old), ...Object.keys(news)])) {
    if (key === "__defaults" || isSame(old[key], news[key])) continue;
    changed.set(key, old[key] === undefined ? "add" : news[key] === undefined ? "delete" : "update");
  }
  const replaces = kind.replaces([...changed.keys()], old, news);
  // A name that the program chose is taken as long as its holder is there.
  const { named } = kind;
  const chosen = named !== undefined && news[named] !== undefined && !defaultsOf(news).includes(named);
  return { changed, replaces, deleteFirst: replaces.length > 0 && chosen && isSame(old[named], news[named]) };
}

function defaultsOf(inputs: Props): readonly Value[] {
  const { __defaults: defaults } = inputs;
  return Array.isArray(defaults) ? defaults : [];
}

/**
 * The outputs of a resource before it is created or updated. A collection with something unknown inside is left out as a whole
 * (github.com/pulumi/pulumi/issues/7854): the least that a bridged provider tells.
 */
function planned(kind: Bridged, inputs: Props, state: Props = {}): Props {
  const known = Object.entries(without(inputs, "__defaults")).filter(
    ([, value]) => value === UNKNOWN || !holdsUnknown(value),
  );
  const open = ["id", ...kind.outputs, ...kind.computed].filter((key) => inputs[key] === undefined);
  const renewed = new Set(kind.renews?.(inputs, state));
  const outputs = open.map((key): [string, Value] => [key, renewed.has(key) ? UNKNOWN : (state[key] ?? UNKNOWN)]);
  return { ...Object.fromEntries(outputs), ...Object.fromEntries(known.map(([key, value]) => [key, plain(value)])) };
}

function plain(value: Value): Value {
  if (Array.isArray(value)) return value.map(plain);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(without(value, "__defaults")).map(([key, item]) => [key, plain(item)]));
}

/** What a program would have to say for a resource to be as it is: the bridge keeps to the properties that it said something about. */
function inputsFromState(kind: Bridged, old: Props, state: Props): Props {
  if (Object.keys(old).length === 0) {
    return { ...without(state, "id", ...kind.outputs, ...kind.computed), __defaults: [] };
  }
  const inputs = Object.entries(old).map(([key, value]): [string, Value] => {
    const actual = key === "__defaults" ? undefined : state[key];
    return [key, actual === undefined || isSame(plain(value), actual) ? value : actual];
  });
  return Object.fromEntries(inputs);
}
