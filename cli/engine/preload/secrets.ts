import { sibling, wrap } from "./modules";
import { settings } from "./settings";
import type { AnyFunction, Exports } from "./types";

interface ConfigLike {
  readonly name: string;
  get(key: string): string | undefined;
}

/** A masked secret of the configuration is an unknown output; a plain text that must be there is a mark. */
export function patchConfig(exports: Exports, root: string): void {
  const config = exports.Config as { prototype: Exports } | undefined;
  if (config === undefined) {
    return;
  }
  for (const accessor of ["get", "require"]) {
    for (const type of ["", "Boolean", "Number", "Object"]) {
      wrap(config.prototype, `${accessor}Secret${type}`, (original) => secretAccessor(original, type, root));
      if (type !== "") {
        wrap(config.prototype, `${accessor}${type}`, (original) => plainAccessor(original, type));
      }
    }
  }
}

function secretAccessor(original: AnyFunction, type: string, root: string): AnyFunction {
  return function (key, ...rest) {
    const text = (this as ConfigLike).get(String(key));
    if (text === settings.secretText) {
      return secretOutput(this as ConfigLike, String(key), undefined, root);
    }
    if (type === "Object" && text?.includes(settings.secretText)) {
      const unknown = sibling(root, "output.js").unknown;
      const value = JSON.parse(text, (_, item) => (item === settings.secretText ? unknown : item));
      return secretOutput(this as ConfigLike, String(key), value, root);
    }
    return original.call(this, key, ...rest);
  };
}

function plainAccessor(original: AnyFunction, type: string): AnyFunction {
  return function (key, ...rest) {
    const { name, get } = this as ConfigLike;
    if (get.call(this, String(key)) !== settings.secretText) {
      return original.call(this, key, ...rest);
    }
    if (type === "Number") {
      return settings.secretNumber;
    }
    throw new Error(
      `Configuration '${name}:${key}' is encrypted and read as a plain ${type.toLowerCase()}; ` +
        "give it a value in a fixture file, under config.",
    );
  };
}

/** A secret output that is unknown in whole (`value` undefined) or in part. */
function secretOutput(config: ConfigLike, key: string, value: unknown, root: string): unknown {
  const { DependencyResource } = sibling(root, "resource.js") as { DependencyResource: new (urn: string) => unknown };
  const { Output } = sibling(root, "output.js") as { Output: new (...args: unknown[]) => unknown };
  const resource = new DependencyResource(`${settings.secretDependency}${config.name}:${key}`);
  const [no, yes] = [Promise.resolve(false), Promise.resolve(true)];
  return new Output(new Set([resource]), Promise.resolve(value), no, yes, Promise.resolve([resource]));
}
