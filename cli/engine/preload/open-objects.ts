import { sibling, wrap } from "./modules";
import { settings } from "./settings";
import { type Exports, isMarked, isPlainObject, type Properties } from "./types";

const RESERVED = new Set(["then", "toJSON", "asymmetricMatch", "doNotCapture", "deploymentOnlyModule"]);

/** An object that is known in part gives unknown, not `undefined`, for the properties that are not known. */
export function patchDeserialisation(exports: Exports, root: string): void {
  wrap(
    exports,
    "deserializeProperties",
    (original) =>
      function (...args) {
        return openObjects(original.apply(this, args), root);
      },
  );
}

function openObjects(value: unknown, root: string): unknown {
  if (typeof value !== "object" || value === null || isMarked(value, "__pulumiUnknown")) {
    return value;
  }
  if (!Array.isArray(value) && !isPlainObject(value)) {
    return value;
  }
  const object = value as Properties;
  for (const [key, item] of Object.entries(object)) {
    if (key !== settings.openKey) {
      object[key] = openObjects(item, root);
    }
  }
  if (object[settings.openKey] !== true) {
    return object;
  }
  delete object[settings.openKey];
  const missing = unknownAnswer(root);
  return new Proxy(object, {
    get: (target, key) => (key in target || isReserved(key) ? target[key as string] : missing),
  });
}

/** Names by which libraries ask what an object is. */
function isReserved(key: string | symbol): boolean {
  return typeof key === "symbol" || key.startsWith("__") || RESERVED.has(key);
}

/**
 * The SDK's unknown value, which leaves a mark where a program makes it part of a text. Its properties are as unknown as it is;
 * `undefined` would say that they are absent.
 */
export function unknownAnswer(root: string): unknown {
  const text = () => settings.answerText;
  const answer = Object.create(sibling(root, "output.js").unknown as object, {
    toString: { value: text },
    toJSON: { value: text },
    [Symbol.toPrimitive]: { value: text },
  });
  const open: unknown = new Proxy(answer, {
    get: (target, key) => (key in target || isReserved(key) ? target[key] : open),
  });
  return open;
}
