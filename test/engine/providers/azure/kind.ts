import { createHash } from "node:crypto";
import type { Checked, Diff, Kind, Service } from "../provider";
import { isObject, isSame, type Props, UNKNOWN, type Value } from "../values";
import type { Type } from "./facts";
import type { Property, Shape } from "./sdk";

/**
 * What `pulumi-azure-native` makes of an API: names and locations in `Check`, changes by path in `Diff`, and in a preview every output
 * that is no input unknown, inside of objects too. `provider/pkg/provider/{provider,autonaming,diff}.go`, `provider/pkg/convert` and
 * `provider/pkg/crud` of github.com/pulumi/pulumi-azure-native.
 *
 * @param locationOf the region of what is in a resource group unless the program says it; null if there is none
 */
export function nativeKind(type: Type, service: Service, locationOf: (group: Value) => Value): Kind {
  const replaceOn = new Set([
    ...type.names,
    ...(type.sdk.inputs.has("resourceGroupName") ? ["resourceGroupName"] : []),
    ...(type.replaceOn ?? []),
  ]);
  return {
    check: (checked) => checkInputs(type, checked, locationOf),
    diff: (old, news) => diff(old, news, replaceOn),
    planned: (inputs, state = {}) => {
      const { name = null, location = null } = state;
      const stable = Object.entries({ name, location }).filter(([, value]) => value !== null);
      return { ...preview(inputs, type.sdk.outputs), ...Object.fromEntries(stable) };
    },
    stateOf: ({ inputs, actual }) => (inputs === null ? actual : { ...actual, ...untold(type, inputs) }),
    refreshed: ({ inputs, before, state }) => {
      const said = { ...projected(state, type.sdk.inputs), ...namesOf(type, state) };
      if (Object.keys(inputs).length === 0) return said;
      return applied(inputs, projected(before, type.sdk.inputs), projected(state, type.sdk.inputs)) as Props;
    },
    service,
  };
}

/** Marks resources with a random name: their replacement can exist beside them. */
const CREATE_FIRST = "__createBeforeDelete";

function checkInputs(type: Type, { news, olds, name, seed }: Checked, locationOf: (group: Value) => Value): Props {
  const own = type.names.at(-1) ?? "";
  const inputs: Record<string, Value> = { ...news };
  if (inputs[own] === undefined) {
    const random = createHash("sha256").update(seed).digest("hex");
    const made = /^\{scope\}/.test(type.path)
      ? uuid(random)
      : type.names.length > 1
        ? name
        : `${name}${random.slice(0, 8)}`;
    inputs[own] = olds?.[own] ?? made;
    if (type.names.length === 1) inputs[CREATE_FIRST] = true;
  }
  if (inputs.location === undefined && type.sdk.inputs.has("location")) {
    const location = olds?.location ?? locationOf(inputs.resourceGroupName ?? null);
    if (location !== null) inputs.location = location;
    else if (type.sdk.required.has("location") || type.kind === "resources:ResourceGroup")
      throw new Error(
        "missing required property 'location'. Either set it explicitly or configure it with 'pulumi config set azure-native:location <value>'.",
      );
  }
  return inputs;
}

function uuid(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
}

type Change = "add" | "delete" | "update";

function diff(old: Props, news: Props, replaceOn: ReadonlySet<string>): Diff {
  const changed = new Map<string, Change>();
  const replaces: string[] = [];
  const note = (path: string, change: Change) => {
    changed.set(path, change);
    if (replaceOn.has(path.split(/[.[]/)[0] ?? "")) replaces.push(path);
  };
  const properties = (a: Props, b: Props, at: string) => {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      if (!key.startsWith("__")) compare(a[key], b[key], at === "" ? key : `${at}.${key}`);
    }
  };
  const compare = (a: Value | undefined, b: Value | undefined, at: string): void => {
    if (isSame(a, b) || (at === "location" && isSameLocation(a, b))) return;
    if (isObject(a) && isObject(b)) properties(a, b, at);
    else if (Array.isArray(a) && Array.isArray(b)) {
      for (let index = 0; index < Math.max(a.length, b.length); index++) compare(a[index], b[index], `${at}[${index}]`);
    } else note(at, a === undefined ? "add" : b === undefined ? "delete" : "update");
  };
  properties(old, news, "");
  return { changed, replaces, deleteFirst: replaces.length > 0 && old[CREATE_FIRST] !== true };
}

function isSameLocation(a: Value | undefined, b: Value | undefined): boolean {
  const normal = (value: Value | undefined) => String(value).toLowerCase().replaceAll(" ", "");
  return normal(a) === normal(b);
}

/** Every output, those that are no inputs unknown. */
function preview(inputs: Props, shape: Shape): Props {
  return Object.fromEntries([...shape].map(([key, property]) => [key, previewOf(inputs[key], property)]));
}

function previewOf(value: Value | undefined, property: Property): Value {
  if (value === undefined) return UNKNOWN;
  if (property.kind !== "object") return value;
  if (property.list) return Array.isArray(value) ? value.map((item) => previewItem(item, property.shape())) : UNKNOWN;
  return previewItem(value, property.shape());
}

function previewItem(value: Value, shape: Shape): Value {
  return isObject(value) ? preview(value, shape) : UNKNOWN;
}

/** Collections that the program leaves to resources of their own are empty, whatever there is. */
function untold(type: Type, inputs: Props): Props {
  const left = Object.keys(type.children ?? {}).filter((key) => inputs[key] === undefined);
  return Object.fromEntries(left.map((key) => [key, []]));
}

/** Outputs that are inputs as well. */
function projected(outputs: Props, shape: Shape): Props {
  const own = Object.entries(outputs).filter(([key]) => shape.has(key) && key !== "id");
  return Object.fromEntries(own.map(([key, value]) => [key, projectedValue(value, shape.get(key))]));
}

function projectedValue(value: Value, property: Property | undefined): Value {
  if (property?.kind !== "object") return value;
  if (Array.isArray(value)) return value.map((item) => (isObject(item) ? projected(item, property.shape()) : item));
  // A reference is an id and nothing else.
  return isObject(value)
    ? { ...projected(value, property.shape()), ...(value.id !== undefined && { id: value.id }) }
    : value;
}

/** The inputs, with what changed between two readings. */
function applied(inputs: Value | undefined, before: Value | undefined, now: Value): Value {
  if (inputs !== undefined && isSame(before, now)) return inputs;
  if (isObject(inputs) && isObject(before) && isObject(now)) {
    const kept = Object.entries(inputs).filter(([key]) => !(key in before) || key in now);
    const told = Object.entries(now).filter(([key, value]) => !isSame(before[key], value));
    return {
      ...Object.fromEntries(kept),
      ...Object.fromEntries(told.map(([key, value]) => [key, applied(inputs[key], before[key], value)])),
    };
  }
  if (Array.isArray(inputs) && Array.isArray(before) && Array.isArray(now))
    return now.map((item: Value, index) =>
      index < inputs.length && index < before.length ? applied(inputs[index], before[index], item) : item,
    );
  return now;
}

/** The names in an id: of what is read, not made. */
function namesOf(type: Type, state: Props): Props {
  const segments = String(state.id ?? "").split("/");
  const own = type.names.map((name, index): [string, Value] => [
    name,
    segments.at(-1 - 2 * (type.names.length - 1 - index)) ?? "",
  ]);
  const group = segments[4];
  return { ...(group !== undefined && { resourceGroupName: group }), ...Object.fromEntries(own) };
}
