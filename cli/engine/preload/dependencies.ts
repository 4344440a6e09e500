import { AsyncLocalStorage } from "node:async_hooks";
import { join } from "node:path";
import { sibling, wrap } from "./modules";
import { settings } from "./settings";
import {
  type AnyFunction,
  type Exports,
  isMarked,
  isPlainObject,
  type OutputLike,
  type Properties,
  type Wire,
} from "./types";

/**
 * The SDK sends every unknown value as the same text, and dependencies per property only. Here each unknown value becomes an output value
 * that names its own resources, a form which the SDK itself uses for remote components.
 */

const registering = new AsyncLocalStorage<unknown>();

/** Notes which resource a property belongs to. */
export function patchRegistration(exports: Exports): void {
  for (const name of ["registerResource", "readResource"]) {
    wrap(
      exports,
      name,
      (original) =>
        function (...args) {
          return registering.run(args[0], () => original.apply(this, args));
        },
    );
  }
}

export function patchSerialisation(exports: Exports, root: string): void {
  wrap(
    exports,
    "serializeResourceProperties",
    (original) =>
      async function (label, props, options) {
        const [wire, dependencies] = (await original.call(this, label, props, options)) as [Properties, unknown];
        return [await enrichEach(wire, props as Properties, root), dependencies];
      },
  );
  wrap(
    exports,
    "serializeProperties",
    (original) =>
      async function (label, props, options) {
        const wire = (await original.call(this, label, props, options)) as Properties;
        return enrichEach(wire, props as Properties, root);
      },
  );
}

async function enrichEach(wire: Properties, props: Properties, root: string): Promise<Properties> {
  const result = { ...wire };
  for (const [key, value] of Object.entries(wire)) {
    if (holdsUnknown(value)) {
      try {
        result[key] = await enrich(value, props[key], root);
      } catch {
        // The property's own dependencies stand in.
      }
    }
  }
  return result;
}

function holdsUnknown(wire: Wire): boolean {
  if (typeof wire === "object" && wire !== null) {
    return Object.values(wire).some(holdsUnknown);
  }
  return wire === settings.unknown;
}

/** Replaces the unknown leaves of `wire`, which is `input` serialised, by outputs that name their resources. */
async function enrich(wire: Wire, input: unknown, root: string): Promise<Wire> {
  const value = input instanceof Promise ? await input : input;
  if (!holdsUnknown(wire) || typeof value !== "object" || value === null || isMarked(value, "__pulumiResource")) {
    return wire;
  }
  if (isMarked(value, "__pulumiOutput")) {
    return enrichOutput(wire, value as OutputLike, root);
  }
  if (Array.isArray(value) && Array.isArray(wire)) {
    return Promise.all(wire.map((item, index) => enrich(item, value[index], root)));
  }
  if (typeof wire === "object" && wire !== null && !(settings.signatureKey in wire)) {
    const entries = Object.entries(wire).map(async ([key, item]) => [
      key,
      await enrich(item, (value as Properties)[key], root),
    ]);
    return Object.fromEntries(await Promise.all(entries));
  }
  return wire;
}

async function enrichOutput(wire: Wire, output: OutputLike, root: string): Promise<Wire> {
  if (await output.isKnown) {
    return wire;
  }
  const resources = (await output.allResources?.()) ?? output.resources();
  const leaf = {
    [settings.signatureKey]: settings.outputSignature,
    dependencies: await urnsOf(new Set(resources), root),
    ...((await output.isSecret) && { secret: true }),
  };
  return partial(await output.promise(true), leaf) ?? leaf;
}

/** The known parts of a value around its unknown leaves, or nothing if no part of it is known. */
function partial(value: unknown, leaf: Wire): Wire | undefined {
  if (value === null || ["string", "number", "boolean"].includes(typeof value)) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map((item) => partial(item, leaf) ?? leaf);
  }
  const isPlain = typeof value === "object" && !isMarked(value, "__pulumiUnknown") && isPlainObject(value);
  return isPlain
    ? Object.fromEntries(
        Object.entries(value)
          .filter(([, item]) => item !== undefined)
          .map(([key, item]) => [key, partial(item, leaf) ?? leaf]),
      )
    : undefined;
}

async function urnsOf(resources: Set<unknown>, root: string): Promise<unknown[]> {
  const home = [join("runtime", "dependsOn.js"), join("runtime", "resource.js")].map((name) => {
    try {
      return sibling(root, name).getAllTransitivelyReferencedResourceURNs;
    } catch {
      return undefined;
    }
  });
  const gather = home.find((candidate) => typeof candidate === "function") as AnyFunction | undefined;
  if (gather === undefined) {
    throw new Error("this version of the SDK does not tell");
  }
  // The resource that is being registered never waits for itself.
  return [...((await gather(resources, new Set([registering.getStore()]))) as Set<unknown>)];
}
