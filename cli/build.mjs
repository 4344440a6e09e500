// Transpiles the checker, the policies and the components to dist/, so that a check starts without a compiler.
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
rmSync(join(root, "dist"), { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: ["cli/**/*.ts", "policies/**/*.ts", "components/**/*.ts"],
  outbase: ".",
  outdir: "dist",
  bundle: false,
  format: "cjs",
  platform: "node",
  target: "node20.19",
  sourcemap: "linked",
});
