// Runs a TypeScript file in this process, its relative imports included: Pulumi's engine starts plugins as executables.
const { buildSync } = require("esbuild");
const { createRequire, Module } = require("node:module");

/** @param {string} file absolute path of the entry */
module.exports = function runTypescript(file) {
  const { outputFiles } = buildSync({
    entryPoints: [file],
    bundle: true,
    packages: "external",
    platform: "node",
    format: "cjs",
    target: "node20.19",
    sourcemap: "inline",
    write: false,
    // Whatever configuration is where the engine started the plugin is another program's.
    tsconfigRaw: "{}",
  });
  const entry = new Module(file, module);
  entry.filename = file;
  entry.paths = createRequire(file).resolve.paths("x");
  entry._compile(outputFiles[0].text, file);
};
