// Transpiles the checker, the policies and the components to dist/, so that a check starts without a compiler.
import { readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const entryPoints = ["cli", "policies", "components"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((file) => join(folder, file))
    .filter((file) => file.endsWith(".ts") && !file.includes("node_modules")),
);

rmSync(join(root, "dist"), { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints,
  outbase: ".",
  outdir: "dist",
  bundle: false,
  format: "cjs",
  platform: "node",
  target: "node20.19",
  sourcemap: "linked",
  // import() of a file of ours becomes a deferred require: one module system, and no second resolution algorithm.
  supported: { "dynamic-import": false },
  logLevel: "warning",
});
