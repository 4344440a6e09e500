import Module from "node:module";
import { join } from "node:path";
import type { AnyFunction, Exports } from "./types";

const loader = Module as unknown as {
  _load(request: string, parent: { filename?: string } | undefined, isMain: boolean): unknown;
  prototype: { load(this: { exports: Exports }, filename: string): void };
  enableCompileCache?(): void;
};

/** Keeps compiled code between runs where Node can (22 and later). */
export function cacheCompiledCode(): void {
  loader.enableCompileCache?.();
}

/** Loads tracing and npm's resolver when they are used, and not with the SDK. */
export function loadLazily(): void {
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

const PATCHED =
  /^(.*[\\/]@pulumi[\\/]pulumi)[\\/]((?:(?:runtime|cmd[\\/]run)[\\/])?(?:resource|rpc|config|error|debuggable|stackReference)\.js)$/;

/**
 * Applies a patch to each copy of a module of the SDK, once it is loaded. `Module.prototype.load` is below what loaders such as tsx replace.
 */
export function patchModules(patches: Record<string, (exports: Exports, root: string) => void>): void {
  const load = loader.prototype.load;
  loader.prototype.load = function (filename) {
    load.call(this, filename);
    const [, root, name] = PATCHED.exec(filename) ?? [];
    if (root !== undefined && name !== undefined) {
      patches[name.replaceAll("\\", "/")]?.(this.exports, root);
    }
  };
}

/** Another module of the same copy of the SDK. */
export function sibling(root: string, name: string): Exports {
  return require(join(root, name)) as Exports;
}

export function wrap(exports: Exports, name: string, wrapper: (original: AnyFunction) => AnyFunction): void {
  const original = exports[name];
  if (typeof original === "function") {
    exports[name] = wrapper(original as AnyFunction);
  }
}
