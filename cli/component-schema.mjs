// The schema of the components for programs in other languages: `npm run schema` writes components/schema.json, which a test keeps.
//
// Pulumi infers it from the source of each cloud's components. It takes neither unions nor components as outputs, so it is shown a copy
// without: optional arguments say so once, a shorthand beside an interface is for TypeScript alone, and so are the components inside.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = join(fileURLToPath(import.meta.url), "../..");
const require = createRequire(import.meta.url);
const clouds = ["aws"];

/** @returns the text of components/schema.json, from the sources and the build */
export async function componentSchema() {
  const schemas = await Promise.all(clouds.map(schemaOf));
  const [first] = schemas;
  const merged = {
    ...first,
    types: Object.assign({}, ...schemas.map(({ types }) => types)),
    resources: Object.assign({}, ...schemas.map(({ resources }) => resources)),
  };
  return `${JSON.stringify(merged, null, 2)}\n`;
}

/** The schema of one cloud's components, in a module of its own: relayproof:aws:MailPerimeter. */
async function schemaOf(cloud) {
  const { ComponentProvider } = require("@pulumi/pulumi/provider/experimental/provider");
  const { name, description } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const components = Object.values(require(join(root, "dist/components"))[cloud]).filter(
    (item) => typeof item === "function",
  );
  const folder = copyForInference(
    cloud,
    components.map((component) => component.name),
  );
  try {
    const provider = new ComponentProvider({ name, dirname: folder, components });
    const schema = await provider.getSchema();
    return { ...JSON.parse(schema.replaceAll(`${name}:index:`, `${name}:${cloud}:`)), description };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function copyForInference(cloud, components) {
  const folder = join(root, "node_modules/.cache/relayproof/schema", cloud);
  const entry = `components/${cloud}/index.ts`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
  for (const top of ["components", "policies/analysis"]) {
    cpSync(join(root, top), join(folder, top), { recursive: true });
    for (const file of readdirSync(join(folder, top), { recursive: true }).filter((name) => name.endsWith(".ts"))) {
      const path = join(folder, top, file);
      writeFileSync(path, forInference(readFileSync(path, "utf8"), components));
    }
  }
  const { version, name } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, version, main: entry }));
  const compilerOptions = { rootDir: ".", typeRoots: [join(root, "node_modules/@types")] };
  const tsconfig = { extends: join(root, "tsconfig.json"), compilerOptions, files: [entry], include: [] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(tsconfig));
  return folder;
}

function forInference(text, components) {
  const source = ts.createSourceFile("source.ts", text, ts.ScriptTarget.Latest, true);
  const isComponent = new RegExp(String.raw`\b(?:${components.join("|")})\b`);
  const transformed = ts.transform(source, [
    (context) => {
      const visit = (node) => {
        if (ts.isPropertyDeclaration(node) && node.type && isComponent.test(node.type.getText(source)))
          return undefined;
        if (ts.isUnionTypeNode(node)) return withoutAlternatives(node, source, visit, context.factory);
        const visited = ts.visitEachChild(node, visit, context);
        return ts.isParenthesizedTypeNode(visited) && !ts.isUnionTypeNode(visited.type) ? visited.type : visited;
      };
      return (file) => ts.visitNode(file, visit);
    },
  ]);
  return ts.createPrinter().printFile(transformed.transformed[0]);
}

/** `X | undefined` is X, and `string | XArgs` is XArgs. */
function withoutAlternatives(node, source, visit, factory) {
  const defined = node.types.filter((type) => type.kind !== ts.SyntaxKind.UndefinedKeyword);
  const whole = defined.filter(
    (type) => ts.isTypeReferenceNode(type) && type.typeName.getText(source).endsWith("Args"),
  );
  const types = (whole.length === 1 ? whole : defined).map((type) => ts.visitNode(type, visit));
  return types.length === 1 ? types[0] : factory.createUnionTypeNode(types);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(join(root, "components/schema.json"), await componentSchema());
