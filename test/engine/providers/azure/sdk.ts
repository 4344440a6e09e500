import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * What the declarations of `@pulumi/azure-native` say of a type: the names of its inputs, and the shapes of inputs and outputs. The real
 * provider has the same from the API's specification.
 */
export interface Sdk {
  readonly inputs: Shape;
  readonly required: ReadonlySet<string>;
  readonly outputs: Shape;
}

/** Properties of an object, and what kind of value each is. */
export type Shape = ReadonlyMap<string, Property>;

export type Property =
  /** Text, number or flag; or an enumeration. */
  | { readonly kind: "plain" }
  | { readonly kind: "object"; readonly shape: () => Shape; readonly list: boolean }
  /** A map, a union of objects, or anything: an output is what the input was. */
  | { readonly kind: "any" };

const folder = () => dirname(require.resolve("@pulumi/azure-native/package.json"));

/** Null if the package has no such type. */
export function sdkOf(module: string, name: string): Sdk | null {
  const file = join(folder(), module, `${name[0]?.toLowerCase()}${name.slice(1)}.d.ts`);
  if (!existsSync(file)) return null;
  const source = readFileSync(file, "utf8");
  const args = bodyOf(source, `interface ${name}Args {`);
  if (args === null) return null;
  const outputs = bodyOf(source, `class ${name} extends pulumi.CustomResource {`) ?? "";
  return { inputs: shapeOf(args), required: requiredIn(args), outputs: shapeOf(outputs, /^ +readonly /) };
}

const PROPERTY = /^ +(?:readonly )?"?(\w+)"?(\??): ([^;{]+(?:\{\s*\[key: string\]: [^}]*\}[^;]*)?);$/gm;

function shapeOf(body: string, only = /^/): Shape {
  const shape = new Map<string, Property>();
  for (const [line, name = "", , type = ""] of body.matchAll(PROPERTY))
    if (only.test(line)) shape.set(name, propertyOf(type));
  return shape;
}

function requiredIn(body: string): ReadonlySet<string> {
  const all = [...body.matchAll(PROPERTY)];
  return new Set(all.flatMap(([, name = "", optional]) => (optional === "" ? [name] : [])));
}

function propertyOf(type: string): Property {
  const references = [...type.matchAll(/\b(inputs|outputs)\.([\w.]+)/g)];
  const [reference] = references;
  if (references.length > 1 || /\{|\bany\b/.test(type)) return { kind: "any" };
  if (reference === undefined) return { kind: "plain" };
  const [, side = "", path = ""] = reference;
  return { kind: "object", shape: () => nested(side as "inputs" | "outputs", path), list: /\[\]/.test(type) };
}

const texts = new Map<string, string>();
const shapes = new Map<string, Shape>();

/** The shape of `network.SubnetResponse` in `types/output.d.ts`. */
function nested(side: "inputs" | "outputs", path: string): Shape {
  const key = `${side}.${path}`;
  const known = shapes.get(key);
  if (known !== undefined) return known;
  const text = texts.get(side) ?? readFileSync(join(folder(), "types", `${side.slice(0, -1)}.d.ts`), "utf8");
  texts.set(side, text);
  const parts = path.split(".");
  const name = parts.pop() ?? "";
  const namespace = text.indexOf(`export declare namespace ${parts[0]} {`);
  const body = bodyOf(
    text.slice(namespace, text.indexOf("\nexport declare namespace", namespace + 1)),
    `interface ${name} {`,
  );
  if (body === null) throw new Error(`no type ${key} in @pulumi/azure-native`);
  const shape = shapeOf(body);
  shapes.set(key, shape);
  return shape;
}

/** The lines of a declaration that starts with `head`, without comments. */
function bodyOf(text: string, head: string): string | null {
  const start = text.indexOf(head);
  if (start < 0) return null;
  const indent = /(?:^|\n)( *)[^\n]*$/.exec(text.slice(0, start))?.[1] ?? "";
  const end = text.indexOf(`\n${indent}}`, start);
  return text.slice(start + head.length, end).replace(/^ *\/?\*.*$/gm, "");
}
