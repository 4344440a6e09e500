/**
 * Runs inside the program's process, before the Pulumi SDK. The program and its SDK are what they are; this adds what the wire does not
 * carry, through functions that the SDK's modules call across module boundaries:
 *
 * - an unknown value inside a property carries the resources that it, and not the property, depends on;
 * - an object that is known in part gives unknown, not `undefined`, for the properties that are not known;
 * - a masked secret of the configuration is an unknown output;
 * - a position without a function name, the top level of an ES module, is a position too;
 * - an error is described by its stack and not by a coloured inspection, which does not end on some paths of the SDK (Node 20 and later
 *   look for the end of `node_modules/@pulumi/config.ts` forever);
 * - a program that leaves by `process.exit(0)` before it is done says so;
 * - tracing and npm's resolver, which the SDK loads and hardly ever uses, load when they are used.
 *
 * A file without imports from its neighbours: it is loaded with `--require`.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import Module from "node:module";
import { join } from "node:path";

/** What the engine's side passes on in the environment. */
interface Settings {
  readonly secretText: string;
  readonly secretNumber: number;
  readonly secretDependency: string;
  readonly answerText: string;
  readonly openKey: string;
  readonly unknown: string;
  readonly signatureKey: string;
  readonly outputSignature: string;
  readonly leftEarly: number;
}

type Wire = unknown;
type Properties = Record<string, unknown>;
type Exports = Record<string, unknown>;
type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

interface OutputLike {
  readonly isKnown: Promise<boolean>;
  readonly isSecret: Promise<boolean>;
  promise(withUnknowns: boolean): Promise<unknown>;
  resources(): Iterable<unknown>;
  allResources?(): Promise<Iterable<unknown>>;
}

const settings = JSON.parse(process.env.RELAYPROOF_PRELOAD ?? "{}") as Settings;
const registering = new AsyncLocalStorage<unknown>();

const loader = Module as unknown as {
  _load(request: string, parent: { filename?: string } | undefined, isMain: boolean): unknown;
  _extensions: Record<string, (module: { exports: Exports }, filename: string) => void>;
  enableCompileCache?(): void;
};

loader.enableCompileCache?.();
loadLazily();
patchModules({
  "runtime/resource.js": patchRegistration,
  "runtime/rpc.js": patchSerialisation,
  "config.js": patchConfig,
  "resource.js": patchPositions,
  "cmd/run/error.js": patchErrors,
});
watchExit();

// --- Modules -------------------------------------------------------------------------------------------------------------------------

function loadLazily(): void {
  const load = loader._load;
  loader._load = function (request, parent, isMain) {
    if (request.startsWith("@") && isHardlyUsed(request, parent?.filename?.replaceAll("\\", "/") ?? "")) {
      let loaded: Exports | undefined;
      const target = { __esModule: true };
      return new Proxy(target, {
        get: (_, key) => {
          if (key === "__esModule") {
            return true;
          }
          loaded ??= load.call(loader, request, parent, isMain) as Exports;
          return loaded[key as string];
        },
      });
    }
    return load.call(this, request, parent, isMain);
  };
}

function isHardlyUsed(request: string, from: string): boolean {
  if (request === "@npmcli/arborist") {
    return from.endsWith("/@pulumi/pulumi/runtime/closure/codePaths.js");
  }
  return (
    request.startsWith("@opentelemetry/") &&
    request !== "@opentelemetry/api" &&
    from.endsWith("/@pulumi/pulumi/cmd/run/tracing.js")
  );
}

/** Applies a patch to each copy of a module of the SDK, once it is loaded. */
function patchModules(patches: Record<string, (exports: Exports, root: string) => void>): void {
  const extension = loader._extensions[".js"];
  loader._extensions[".js"] = (module, filename) => {
    extension?.(module, filename);
    const path =
      /^(.*[\\/]@pulumi[\\/]pulumi)[\\/]((?:(?:runtime|cmd[\\/]run)[\\/])?(?:resource|rpc|config|error)\.js)$/.exec(
        filename,
      );
    const patch = path?.[2] === undefined ? undefined : patches[path[2].replaceAll("\\", "/")];
    if (path?.[1] !== undefined && patch !== undefined) {
      patch(module.exports, path[1]);
    }
  };
}

function sibling(root: string, name: string): Exports {
  return require(join(root, name)) as Exports;
}

function wrap(exports: Exports, name: string, wrapper: (original: AnyFunction) => AnyFunction): void {
  const original = exports[name];
  if (typeof original === "function") {
    exports[name] = wrapper(original as AnyFunction);
  }
}

// --- Dependencies of single values -------------------------------------------------------------------------------------------------------

function patchRegistration(exports: Exports): void {
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

function patchSerialisation(exports: Exports, root: string): void {
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
  wrap(
    exports,
    "deserializeProperties",
    (original) =>
      function (...args) {
        return openObjects(original.apply(this, args), root);
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

function isPlainObject(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
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

function isMarked(value: object, mark: string): boolean {
  return (value as Properties)[mark] === true;
}

// --- Objects that are known in part ------------------------------------------------------------------------------------------------------

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

const RESERVED = new Set(["then", "toJSON", "asymmetricMatch", "doNotCapture", "deploymentOnlyModule"]);

/** The SDK's unknown value, which leaves a mark where a program makes it part of a text. */
function unknownAnswer(root: string): unknown {
  const text = () => settings.answerText;
  return Object.create(sibling(root, "output.js").unknown as object, {
    toString: { value: text },
    toJSON: { value: text },
    [Symbol.toPrimitive]: { value: text },
  });
}

// --- Masked secrets --------------------------------------------------------------------------------------------------------------------

interface ConfigLike {
  readonly name: string;
  get(key: string): string | undefined;
}

function patchConfig(exports: Exports, root: string): void {
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

// --- Positions ---------------------------------------------------------------------------------------------------------------------------

function patchPositions(exports: Exports): void {
  const resource = exports.Resource as { framePositionRegExp?: RegExp } | undefined;
  if (resource?.framePositionRegExp !== undefined) {
    resource.framePositionRegExp = /^\s*at (?:.* \(|async )?(?<file>.*?):(?<line>[0-9]+):(?<column>[0-9]+)\)?$/;
  }
}

// --- Errors ------------------------------------------------------------------------------------------------------------------------------

function patchErrors(exports: Exports): void {
  wrap(
    exports,
    "defaultErrorMessage",
    (original) =>
      function (...args) {
        const [error] = args;
        return error instanceof Error && typeof error.stack === "string" ? error.stack : original.apply(this, args);
      },
  );
}

// --- The end -------------------------------------------------------------------------------------------------------------------------------

function watchExit(): void {
  let done = false;
  process.on("beforeExit", () => {
    done = true;
  });
  process.on("exit", (code) => {
    if (code === 0 && !done) {
      process.exitCode = settings.leftEarly;
    }
  });
}
