import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const FOLDER = join(__dirname, "preload");

let path: string | undefined;

/** The JavaScript of preload/index.ts: beside it once built, transpiled on the spot when the sources run as they are. */
export function preloadPath(): string {
  path ??= existsSync(join(FOLDER, "index.js")) ? join(FOLDER, "index.js") : transpile();
  return path;
}

function transpile(): string {
  const sources = readdirSync(FOLDER).map((name) => [name, readFileSync(join(FOLDER, name), "utf8")] as const);
  const hash = createHash("sha256").update(JSON.stringify(sources)).digest("hex").slice(0, 16);
  const target = join(__dirname, "../../node_modules/.cache/relayproof", `preload-${hash}`);
  if (!existsSync(target)) {
    const ts = createRequire(__filename)("typescript") as typeof import("typescript");
    const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true };
    const draft = `${target}.${process.pid}.${Date.now()}`;
    mkdirSync(draft, { recursive: true });
    for (const [name, text] of sources) {
      writeFileSync(join(draft, name.replace(/ts$/, "js")), ts.transpileModule(text, { compilerOptions }).outputText);
    }
    try {
      renameSync(draft, target);
    } catch {
      return join(draft, "index.js");
    }
  }
  return join(target, "index.js");
}
