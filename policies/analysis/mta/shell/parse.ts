import { type HereDocument, Lexer, ShellSyntax, type Token, type Word } from "./lexer";

export interface Redirect {
  readonly text: string;
  readonly fd: string;
  /** Null for a here-document. */
  readonly target: Word | null;
  readonly here?: HereDocument;
}

export interface Command {
  readonly words: readonly Word[];
  readonly redirects: readonly Redirect[];
  readonly line: number;
}

/** Commands that are connected by `|`. */
export interface Pipeline {
  readonly commands: readonly Command[];
  /** True if it runs whenever the script runs and nothing before it fails. */
  readonly certain: boolean;
  readonly line: number;
}

export interface Script {
  readonly pipelines: readonly Pipeline[];
  /** Names of functions; what they do stands among the pipelines, as not certain to run. */
  readonly functions: ReadonlySet<string>;
}

/** Commands whose status answers a question. */
const questions = new Set([
  "[",
  "[[",
  "test",
  "grep",
  "egrep",
  "command",
  "which",
  "type",
  "cmp",
  "diff",
  "id",
  "getent",
  "dpkg",
  "rpm",
  "false",
  "systemctl",
  "pgrep",
  "nc",
]);
const opening = new Set(["if", "while", "until", "for", "{", "select"]);
const closing = new Set(["fi", "done", "}"]);
const between = new Set(["then", "else", "elif", "do", "!", "time"]);

/**
 * Reads a script into pipelines, in order. What is inside of conditions, loops, groups, functions and subshells is kept, and is
 * not certain to run.
 *
 * @throws ShellSyntax on anything else
 */
export function parseScript(source: string): Script {
  const tokens = new Lexer(source).run();
  const pipelines: Pipeline[] = [];
  const functions = new Set<string>();
  let depth = 0;
  // True behind `||`, and behind `&&` if what precedes asks a question and does not do something.
  let alternative = false;
  let question = false;
  let i = 0;
  const peek = (): Token | undefined => tokens[i];
  while (i < tokens.length) {
    const token = tokens[i];
    if (token === undefined) break;
    if (token.kind === "operator") {
      i++;
      if (token.text === "(") depth++;
      else if (token.text === ")") {
        if (--depth < 0) throw new ShellSyntax("brackets do not match", token.line);
      } else if (token.text === ";;") throw new ShellSyntax("case is not covered", token.line);
      const previous = tokens[i - 2];
      const continued =
        token.text === "\n" && (isOperator(previous, "&&") || isOperator(previous, "||") || isOperator(previous, "\n"));
      if (token.text === "||" || (token.text === "&&" && question)) alternative = true;
      else if (token.text !== "&&" && !continued) {
        alternative = false;
        question = false;
      }
      continue;
    }
    const keyword = token.kind === "word" ? bare(token.word) : null;
    if (keyword !== null && opening.has(keyword)) {
      depth++;
      i++;
      if (keyword === "for" || keyword === "select") i = endOfHead(tokens, i);
      continue;
    }
    if (keyword !== null && closing.has(keyword)) {
      if (--depth < 0) throw new ShellSyntax(`${keyword} closes nothing`, token.kind === "word" ? token.word.line : 0);
      i++;
      continue;
    }
    if (keyword !== null && between.has(keyword)) {
      if (keyword === "!") question = true;
      i++;
      continue;
    }
    if (keyword === "case" || keyword === "function" || keyword === "coproc")
      throw new ShellSyntax(`${keyword} is not covered`, token.kind === "word" ? token.word.line : 0);
    // name ( ) begins a function: its body is a group, and so is not certain to run.
    const [after, last] = [tokens[i + 1], tokens[i + 2]];
    if (keyword !== null && isOperator(after, "(") && isOperator(last, ")")) {
      functions.add(keyword);
      i += 3;
      continue;
    }
    const commands: Command[] = [];
    for (;;) {
      const read = command(tokens, i);
      commands.push(read.command);
      i = read.next;
      const next = peek();
      if (next?.kind !== "operator" || (next.text !== "|" && next.text !== "|&")) break;
      i++;
      while (isOperator(peek(), "\n")) i++;
      const inner = peek();
      const word = inner?.kind === "word" ? bare(inner.word) : null;
      if (inner === undefined || inner.kind === "operator" || (word !== null && opening.has(word)))
        throw new ShellSyntax("a pipe into a group is not covered", next.line);
    }
    const background = isOperator(peek(), "&");
    const line = commands[0]?.line ?? 0;
    pipelines.push({ commands, certain: depth === 0 && !alternative && !background, line });
    const name = commands[commands.length - 1]?.words[0];
    if (name !== undefined && questions.has(bare(name) ?? "")) question = true;
  }
  if (depth !== 0) throw new ShellSyntax("a group is not closed", 0);
  return { pipelines, functions };
}

function isOperator(token: Token | undefined, text: string): boolean {
  return token?.kind === "operator" && token.text === text;
}

/** Text of a word that has no quotes and no expansions. */
function bare(word: Word): string | null {
  const [piece] = word.pieces;
  return word.pieces.length === 1 && piece?.kind === "text" && !piece.quoted ? piece.text : null;
}

/** Behind `for name in …`. */
function endOfHead(tokens: readonly Token[], from: number): number {
  let i = from;
  for (; i < tokens.length; i++) {
    const token = tokens[i];
    if (token?.kind === "operator") {
      if (token.text === "(") throw new ShellSyntax("for ((…)) is not covered", token.line);
      break;
    }
  }
  return i;
}

function command(tokens: readonly Token[], from: number): { command: Command; next: number } {
  const words: Word[] = [];
  const redirects: Redirect[] = [];
  let i = from;
  let line = 0;
  for (; i < tokens.length; i++) {
    const token = tokens[i];
    if (token === undefined) break;
    if (token.kind === "operator") {
      const last = words[words.length - 1];
      const test = words[0] !== undefined && bare(words[0]) === "[[" && last !== undefined && bare(last) !== "]]";
      if (test && token.text !== "\n" && token.text !== ";") continue;
      break;
    }
    if (token.kind === "word") {
      line ||= token.word.line;
      words.push(token.word);
      continue;
    }
    line ||= token.line;
    if (token.here !== undefined) {
      redirects.push({ text: token.text, fd: token.fd, target: null, here: token.here });
      continue;
    }
    const target = tokens[++i];
    if (target?.kind !== "word") throw new ShellSyntax("a redirection has no target", token.line);
    if (words[0] !== undefined && bare(words[0]) === "[[") continue;
    redirects.push({ text: token.text, fd: token.fd, target: target.word });
  }
  return { command: { words, redirects, line }, next: i };
}
