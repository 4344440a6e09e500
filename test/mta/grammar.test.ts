// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of the shell itself
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { parseScript } from "../../policies/analysis/mta/shell/parse";
import { type List, type Node, type Script, ShellSyntax } from "../../policies/analysis/mta/shell/syntax";
import { scripts } from "./real/scripts";

/**
 * The parser against two others: bash itself, which says whether it takes a script, and tree-sitter's grammar, whose tree it is held to.
 * A script that it refuses is undetermined, and needs no agreement.
 */
const read = createRequire(__filename);
const folder = "@vscode/tree-sitter-wasm/wasm";
interface Tree {
  readonly type: string;
  readonly text: string;
  readonly hasError: boolean;
  readonly isNamed: boolean;
  readonly children: readonly (Tree | null)[];
  readonly namedChildren: readonly (Tree | null)[];
}
let treeOf: (text: string) => Tree;

beforeAll(async () => {
  const { Parser, Language } = read(`${folder}/tree-sitter.js`);
  await Parser.init({ locateFile: (name: string) => read.resolve(`${folder}/${name}`) });
  const parser = new Parser();
  parser.setLanguage(await Language.load(readFileSync(read.resolve(`${folder}/tree-sitter-bash.wasm`))));
  treeOf = (text) => parser.parse(text).rootNode;
});

function parsed(text: string): Script | null {
  try {
    return parseScript(text);
  } catch (error) {
    if (error instanceof ShellSyntax) return null;
    throw error;
  }
}

/** How many there are of each kind of command, wherever they stand but inside of words; how `!` binds the two see differently. */
type Counts = Record<string, number>;

function count(counts: Counts, kind: string): void {
  counts[kind] = (counts[kind] ?? 0) + 1;
}

function ours(list: List, counts: Counts = {}): Counts {
  const visit = (node: Node): void => {
    switch (node.kind) {
      case "simple":
        if (node.words.length > 0) count(counts, "command");
        if (node.words.length === 0 && node.assignments.length > 0) count(counts, "assignment");
        break;
      case "and-or":
        count(counts, node.operator);
        visit(node.left);
        visit(node.right);
        break;
      case "pipeline":
        if (node.stages.length > 1) count(counts, "|");
        node.stages.forEach(visit);
        break;
      case "function":
        count(counts, "function");
        visit(node.body);
        break;
      case "if":
        count(counts, "if");
        for (const { condition, body } of node.clauses) {
          ours(condition, counts);
          ours(body, counts);
        }
        if (node.otherwise !== null) ours(node.otherwise, counts);
        break;
      case "loop":
        count(counts, "while");
        ours(node.condition, counts);
        ours(node.body, counts);
        break;
      case "for":
        count(counts, "for");
        ours(node.body, counts);
        break;
      case "case":
        count(counts, "case");
        for (const arm of node.arms) {
          count(counts, "arm");
          ours(arm.body, counts);
        }
        break;
      case "group":
        count(counts, node.subshell ? "(" : "{");
        ours(node.body, counts);
        break;
      case "test":
        count(counts, "test");
        break;
    }
  };
  for (const { node } of list.items) visit(node);
  return counts;
}

const kinds: Record<string, string> = {
  command: "command",
  if_statement: "if",
  while_statement: "while",
  for_statement: "for",
  case_statement: "case",
  case_item: "arm",
  subshell: "(",
  compound_statement: "{",
  function_definition: "function",
  test_command: "test",
  declaration_command: "command",
  unset_command: "command",
  pipeline: "|",
};

function theirs(tree: Tree, counts: Counts = {}): Counts {
  for (const child of tree.children) {
    if (child === null) continue;
    const kind = kinds[child.type];
    if (child.type === "command_substitution" || child.type === "process_substitution" || child.type === "heredoc_body")
      continue;
    // `[ … ]` is a command; `[[ … ]]` is none.
    if (child.type === "test_command" && !child.text.startsWith("[[")) count(counts, "command");
    else if (kind !== undefined) count(counts, kind);
    if (!child.isNamed && (child.type === "&&" || child.type === "||") && tree.type !== "binary_expression")
      count(counts, child.type);
    if (
      (child.type === "variable_assignment" &&
        /^(?:program|list|compound_statement|subshell|do_group|if_statement|else_clause|elif_clause|case_item|redirected_statement|pipeline|heredoc_redirect|while_statement|negated_command)$/.test(
          tree.type,
        )) ||
      child.type === "variable_assignments"
    )
      count(counts, "assignment");
    if (child.type === "variable_assignments" || child.type === "variable_assignment") continue;
    theirs(child, counts);
  }
  return counts;
}

function disagreement(text: string): string | null {
  const script = parsed(text);
  if (script === null) return null;
  const tree = treeOf(text);
  // It recovers from what it does not understand: bash decides then.
  if (tree.hasError) return null;
  const sorted = (counts: Counts) => JSON.stringify(Object.entries(counts).sort());
  const [a, b] = [sorted(ours(script)), sorted(theirs(tree))];
  return a === b ? null : `${text}\nours:   ${a}\ntheirs: ${b}`;
}

const accepts = (text: string) => spawnSync("bash", ["-n"], { input: text }).status === 0;

describe("the parser of shell scripts", () => {
  test("sees what tree-sitter's grammar sees", () => {
    const samples = fc.sample(scripts, { numRuns: 400, seed: 3 });
    expect(samples.filter((it) => parsed(it) === null)).toEqual([]);
    expect(samples.filter((it) => !treeOf(it).hasError).length).toBeGreaterThan(200);
    const found = samples.map(disagreement).filter((it) => it !== null);
    expect(
      found
        .sort((a, b) => a.length - b.length)
        .slice(0, 2)
        .join("\n====\n"),
    ).toBe("");
  });

  test("takes nothing that bash does not take", () => {
    const words =
      "if|then|else|elif|fi|for|while|do|done|case|in|esac|;;|;|&|&&|\\|\\||\\||\n|(|)|{|}|!|[[|]]|x|echo|$x|${x:-y}|$(x)|`x`|'a b'|\"$x\"|<<E\nt\nE\n|>f|2>&1|<<<w|f() {|x=1|a)|#c|\\\n|$((1+2))|((x))|time|function".split(
        /(?<!\\)\|/,
      );
    const text = fc
      .array(fc.constantFrom(...words.map((it) => it.replaceAll("\\|", "|"))), { minLength: 1, maxLength: 9 })
      .map((it) => `${it.join(" ")}\n`);
    const taken = fc.sample(text, { numRuns: 8_000, seed: 5 }).filter((it) => parsed(it) !== null);
    expect(taken.length).toBeGreaterThan(300);
    expect(taken.slice(0, 400).filter((it) => !accepts(it))).toEqual([]);
  });
});
