import { Struct } from "google-protobuf/google/protobuf/struct_pb.js";

/** Property values as providers see them: JSON, in which {@link UNKNOWN} stands for what only the update will tell. */
export type Value = null | boolean | number | string | readonly Value[] | Props;
export interface Props {
  readonly [key: string]: Value;
}

/** What the engine puts in the place of any unknown value: `sdk/go/common/resource/plugin/rpc.go`, `UnknownStringValue`. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Properties without the engine's wrapping of secrets, and the names of those that hold one. */
export interface Decoded {
  readonly props: Props;
  readonly secrets: ReadonlySet<string>;
}

export function decode(struct: Struct | undefined): Decoded {
  const raw = (struct?.toJavaScript() ?? {}) as Props;
  const secrets = new Set(Object.keys(raw).filter((key) => holdsSecret(raw[key])));
  return { props: mapValues(raw, open), secrets };
}

/** Wraps each property that is or was made of a secret as a whole. */
export function encode(props: Props, secrets: ReadonlySet<string> = new Set()): Struct {
  const wrapped = Object.entries(props).map(([key, value]) =>
    secrets.has(key) ? [key, { [SIGNATURE]: SECRET, value }] : [key, value],
  );
  return Struct.fromJavaScript(Object.fromEntries(wrapped));
}

export function isObject(value: Value | undefined): value is Props {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function holdsUnknown(value: Value): boolean {
  return value === UNKNOWN || (typeof value === "object" && value !== null && Object.values(value).some(holdsUnknown));
}

/** Structural equality, whatever the order of keys. */
export function isSame(a: Value | undefined, b: Value | undefined): boolean {
  return canonical(a) === canonical(b);
}

export function canonical(value: Value | undefined): string {
  return JSON.stringify(value ?? null, (_, item) =>
    isObject(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))) : item,
  );
}

export function without(props: Props, ...keys: readonly string[]): Props {
  return Object.fromEntries(Object.entries(props).filter(([key]) => !keys.includes(key)));
}

export function mapValues(props: Props, change: (value: Value) => Value): Props {
  return Object.fromEntries(Object.entries(props).map(([key, value]) => [key, change(value)]));
}

function isSecret(value: Value): value is Props {
  return isObject(value) && value[SIGNATURE] === SECRET;
}

function holdsSecret(value: Value | undefined): boolean {
  if (value === undefined || typeof value !== "object" || value === null) return false;
  return (isObject(value) && isSecret(value)) || Object.values(value).some(holdsSecret);
}

function open(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  if (isSecret(value)) return open(value.value ?? null);
  return isObject(value) ? mapValues(value, open) : (value as readonly Value[]).map(open);
}
