import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { table } from "./markdown";

export interface InterfacePlace {
  readonly file: string;
}

interface Member {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly text: string;
  readonly byDefault: string | null;
}

/** The fields of an interface, with what their comments say. `linked` are interfaces with a table of their own. */
export function argumentsTable(root: string, name: string, place: InterfacePlace, linked: readonly string[]): string {
  const source = read(root, place);
  const found = source.statements.find(
    (node): node is ts.InterfaceDeclaration => ts.isInterfaceDeclaration(node) && node.name.text === name,
  );
  if (found === undefined) throw new Error(`${place.file} has no interface ${name}`);
  const inherited = (found.heritageClauses ?? []).flatMap((clause) => clause.types.map((type) => type.getText(source)));
  const rows = found.members.filter(ts.isPropertySignature).map((node) => {
    const { name: field, type, required, text, byDefault } = member(node, source);
    const rest = required ? " **Required.**" : byDefault === null ? "" : ` Default: ${byDefault}.`;
    return [`\`${field}\``, linkTo(type, name, linked), `${text}${rest}`.trim()];
  });
  const intro = inherited.map((base) => `Also what [\`${base}\`](#${base.toLowerCase()}) has.\n\n`).join("");
  return intro + table(["argument", "type", "meaning"], rows);
}

/** The public fields of a component. */
export function outputsTable(root: string, name: string, place: InterfacePlace): string {
  const source = read(root, place);
  const found = source.statements.find(
    (node): node is ts.ClassDeclaration => ts.isClassDeclaration(node) && node.name?.text === name,
  );
  if (found === undefined) throw new Error(`${place.file} has no class ${name}`);
  const rows = found.members.filter(ts.isPropertyDeclaration).map((node) => {
    const { name: field, type, text } = member(node, source);
    return [`\`${field}\``, `\`${type}\``, text];
  });
  return table(["output", "type", "meaning"], rows);
}

/** The members of constant objects that stand for closed sets of texts. */
export function constantsTable(root: string, places: Readonly<Record<string, InterfacePlace>>): string {
  const rows = Object.entries(places).flatMap(([name, place]) => {
    const source = read(root, place);
    const declarations = source.statements
      .filter(ts.isVariableStatement)
      .flatMap((statement) => [...statement.declarationList.declarations]);
    const literal = declarations.find((node) => node.name.getText(source) === name)?.initializer;
    const object = literal !== undefined && ts.isAsExpression(literal) ? literal.expression : undefined;
    if (object === undefined || !ts.isObjectLiteralExpression(object))
      throw new Error(`${place.file} has no constants ${name}`);
    return object.properties.filter(ts.isPropertyAssignment).map((node) => {
      const [comment] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
      const key = `\`${name}.${node.name.getText(source)}\``;
      return [key, `\`${node.initializer.getText(source)}\``, plain(comment?.comment)];
    });
  });
  return table(["constant", "value", "meaning"], rows);
}

function read(root: string, { file }: InterfacePlace): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(join(root, file), "utf8"), ts.ScriptTarget.ES2022, true);
}

function member(node: ts.PropertySignature | ts.PropertyDeclaration, source: ts.SourceFile): Member {
  const [comment] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const byDefault = comment?.tags?.find((tag) => tag.tagName.text === "default");
  return {
    name: node.name.getText(source),
    type: (node.type?.getText(source) ?? "")
      .replace(/\s+/g, " ")
      .replace(/ \| undefined$/, "")
      .replaceAll("pulumi.", ""),
    required: node.questionToken === undefined,
    text: plain(comment?.comment),
    byDefault: byDefault === undefined ? null : value(plain(byDefault.comment)),
  };
}

function plain(comment: string | ts.NodeArray<ts.JSDocComment> | undefined): string {
  const text =
    typeof comment === "string"
      ? comment
      : (comment ?? []).map((part) => (ts.isJSDocLink(part) ? `\`${part.name?.getText()}\`` : part.text)).join("");
  return text.replace(/\s+/g, " ").trim();
}

/** A default is a value, a value with a remark, or a remark. */
function value(text: string): string {
  const match = /^("[^"]*"|\d+(?=\b)|\[[^\]]*\]|\{\}|true|false|[A-Z]\w*\.\w+)(.*)$/.exec(text);
  const remark = (match?.[2] ?? "").replace(/^ (?=closed\b)/, ", ");
  return match === null ? text : `\`${match[1]}\`${remark}`;
}

/** A type in code, or a link to the table of an interface that it names. */
function linkTo(type: string, own: string, linked: readonly string[]): string {
  const target = linked.find((name) => name !== own && new RegExp(`\\b${name}\\b`).test(type));
  return target === undefined ? `\`${type}\`` : `[\`${type}\`](#${target.toLowerCase()})`;
}
