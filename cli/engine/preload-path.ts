import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

let path: string | undefined;

/** The JavaScript of preload.ts: beside this file once built, transpiled on the spot when the sources run as they are. */
export function preloadPath(): string {
  path ??= existsSync(join(__dirname, "preload.js")) ? join(__dirname, "preload.js") : transpile();
  return path;
}

function transpile(): string {
  const source = readFileSync(join(__dirname, "preload.ts"), "utf8");
  const directory = join(tmpdir(), `relayproof-preload-${process.getuid?.() ?? 0}`);
  const target = join(directory, `${createHash("sha256").update(source).digest("hex").slice(0, 16)}.js`);
  if (!existsSync(target)) {
    const ts = createRequire(__filename)("typescript") as typeof import("typescript");
    const options = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    writeFileSync(`${target}.${process.pid}`, ts.transpileModule(source, { compilerOptions: options }).outputText);
    renameSync(`${target}.${process.pid}`, target);
  }
  return target;
}
