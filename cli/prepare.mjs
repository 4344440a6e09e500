// What npm runs after an install in a clone, and before it packs. There is nothing to do in a package that is built already; an
// install without development dependencies (`npm ci --omit=dev`) has nothing to build with, and is no failure.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";

const npm = process.env.npm_execpath;
if (!existsSync(new URL("build.mjs", import.meta.url))) {
  // The package as it is published.
} else if (!isInstalled("esbuild")) {
  console.error("relayproof: nothing is built, because development dependencies are left out");
} else {
  for (const script of ["build", "build:types"])
    execFileSync(process.execPath, [npm, "run", "--silent", script], { stdio: "inherit" });
}

function isInstalled(name) {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}
