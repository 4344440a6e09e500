import { wrap } from "./modules";
import { settings } from "./settings";
import type { Exports } from "./types";

/** A position without a function name, the top level of an ES module, is a position too. */
export function patchPositions(exports: Exports): void {
  const resource = exports.Resource as { framePositionRegExp?: RegExp } | undefined;
  if (resource?.framePositionRegExp !== undefined) {
    resource.framePositionRegExp = /^\s*at (?:.* \(|async )?(?<file>.*?):(?<line>[0-9]+):(?<column>[0-9]+)\)?$/;
  }
}

/**
 * The SDK notes a stack for each of its promises, several for each property of a resource, to report those that never come if somebody asks
 * for it. Noting an empty one makes large programs several times as fast.
 */
export function patchPromises(exports: Exports): void {
  if (exports.debugPromiseLeaks === true) {
    return;
  }
  wrap(
    exports,
    "debuggablePromise",
    (original) =>
      function (...args) {
        const limit = Error.stackTraceLimit;
        Error.stackTraceLimit = 0;
        try {
          return original.apply(this, args);
        } finally {
          Error.stackTraceLimit = limit;
        }
      },
  );
}

/**
 * An error is described by its stack and not by a coloured inspection, which does not end on some paths of the SDK: Node looks for the end
 * of `node_modules/@pulumi/config.ts` forever.
 */
export function patchErrors(exports: Exports): void {
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

/** A program that leaves by `process.exit(0)` before it is done says so. */
export function watchExit(): void {
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
