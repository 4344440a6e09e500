#!/usr/bin/env node
const { existsSync } = require("node:fs");
const { enableCompileCache } = require("node:module");
const { join } = require("node:path");

const entry = join(__dirname, "..", "dist", "cli", "main.js");
if (existsSync(entry)) {
  // Node 22 and later keep the compiled code between runs.
  enableCompileCache?.();
  require(entry).main(process.argv.slice(2));
} else {
  process.stderr.write("relayproof: not built yet: run npm ci in the clone first\n");
  process.exitCode = 2;
}
