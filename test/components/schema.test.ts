import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";
import { aws } from "../../components";

/**
 * The schema for programs in other languages has every component and every argument. What it says of them takes a type check of
 * everything, and is tested with the package.
 */
const clouds = { aws };
const root = join(__dirname, "../..");
const schema = JSON.parse(readFileSync(join(root, "components/schema.json"), "utf8"));

function argumentsOf(cloud: string): Map<string, string[]> {
  const parts = join(root, "components", cloud, "parts");
  const found = new Map<string, string[]>();
  for (const file of readdirSync(parts)) {
    const source = ts.createSourceFile(file, readFileSync(join(parts, file), "utf8"), ts.ScriptTarget.Latest, true);
    for (const node of source.statements)
      if (ts.isInterfaceDeclaration(node) && (node.heritageClauses ?? []).length === 0)
        found.set(node.name.text, node.members.map((member) => member.name?.getText(source) ?? "").sort());
  }
  return found;
}

it.each(Object.entries(clouds))("of %s: run npm run schema where it is stale", (cloud, exports) => {
  const components = Object.entries(exports).filter(([, item]) => typeof item === "function");
  const inSchema = Object.keys(schema.resources).filter((token) => token.startsWith(`relayproof:${cloud}:`));
  expect(inSchema.sort()).toEqual(components.map(([name]) => `relayproof:${cloud}:${name}`).sort());
  const declared = argumentsOf(cloud);
  for (const [name] of components) {
    const args = declared.get(`${name}Args`);
    if (args === undefined) continue; // It inherits; the other test sees it.
    expect(Object.keys(schema.resources[`relayproof:${cloud}:${name}`].inputProperties).sort(), name).toEqual(args);
  }
});
