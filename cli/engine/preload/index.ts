/**
 * Runs inside the program's process, before the Pulumi SDK. The program and its SDK are what they are; this adds what the wire does not
 * carry, through functions that the SDK's modules call across module boundaries.
 *
 * The files of this folder import Node's modules and each other only: they are loaded with `--require`.
 */
import { patchRegistration, patchSerialisation } from "./dependencies";
import { cacheCompiledCode, loadLazily, patchModules } from "./modules";
import { patchDeserialisation } from "./open-objects";
import { patchErrors, patchPositions, patchPromises, watchExit } from "./reports";
import { patchConfig } from "./secrets";
import { isProgram } from "./settings";
import { openUnknownJson, patchStackReferences } from "./unknown-texts";

if (isProgram) {
  cacheCompiledCode();
  loadLazily();
  patchModules({
    "runtime/resource.js": patchRegistration,
    "runtime/debuggable.js": patchPromises,
    "runtime/rpc.js": (exports, root) => {
      patchSerialisation(exports, root);
      patchDeserialisation(exports, root);
      openUnknownJson(root);
    },
    "config.js": patchConfig,
    "stackReference.js": patchStackReferences,
    "resource.js": patchPositions,
    "cmd/run/error.js": patchErrors,
  });
  watchExit();
}
