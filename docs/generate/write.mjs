// Writes what the pages repeat of the code. Run by `npm run docs`, after a build.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const outfile = join(root, "node_modules/.cache/relayproof/docs.mjs");

mkdirSync(dirname(outfile), { recursive: true });
await build({
  absWorkingDir: root,
  entryPoints: ["docs/generate/pages.ts"],
  outfile,
  bundle: true,
  format: "esm",
  platform: "node",
  packages: "external",
  logLevel: "warning",
});
const { expected } = await import(pathToFileURL(outfile).href);
for (const [file, content] of expected(root)) {
  if (read(file) === content) continue;
  writeFileSync(join(root, file), content);
  console.log(`wrote ${file}`);
}

function read(file) {
  try {
    return readFileSync(join(root, file), "utf8");
  } catch {
    return null;
  }
}
