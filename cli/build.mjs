// Transpiles the checker, the policies and the components to dist/, so that a check starts without a compiler; and puts the policy
// pack into one file, policies/dist/index.js, which is what its folder is published with: Pulumi's runner compiles nothing inside of
// node_modules.
import { readdirSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folders = ["cli", "policies", "components"];

const entryPoints = folders.flatMap((folder) => filesOf(folder).filter((file) => file.endsWith(".ts")));

const options = {
  absWorkingDir: root,
  format: "cjs",
  platform: "node",
  target: "node20.19",
  sourcemap: "linked",
  sourcesContent: false,
  // import() of a file of ours becomes a deferred require: one module system, and no second resolution algorithm.
  supported: { "dynamic-import": false },
  logLevel: "warning",
};

await Promise.all([
  build({ ...options, entryPoints, outbase: ".", outdir: "dist", bundle: false }),
  build({
    ...options,
    entryPoints: ["policies/index.ts"],
    outdir: "policies/dist",
    bundle: true,
    packages: "external",
  }),
]).catch(() => process.exit(1)); // It has said what is wrong.

// What is left of sources that are gone.
const sources = new Set(entryPoints.map((file) => file.slice(0, -".ts".length)));
for (const file of filesOf("dist")) {
  const source = file.slice("dist/".length).replace(/(\.js|\.js\.map|\.d\.ts)$/, "");
  if (!sources.has(source)) rmSync(join(root, file));
}

/** Files below a folder of the package, relative to it, without those of dependencies. */
function filesOf(folder) {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .filter((file) => !file.includes("node_modules/") && !file.startsWith("policies/dist/"));
}
