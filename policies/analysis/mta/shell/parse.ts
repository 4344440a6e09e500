import {
  type Assignment,
  type HereDocument,
  type List,
  type Node,
  type Part,
  type Redirect,
  type Script,
  ShellSyntax,
  type Word,
} from "./syntax";

/** Deeper nesting than this is not read. */
const MAX_DEPTH = 60;

const reserved = new Set(
  "if then elif else fi while until for do done case esac in { } ! function select coproc time [[ ]]".split(" "),
);
const redirection = /(?:&>>|&>|(?:\d+|\{[A-Za-z_]\w*\})?(?:<<<|<<-|<<|<&|<>|<|>>|>&|>\||>))/y;
const assignment = /([A-Za-z_]\w*)(?:\[([^\]\s'"$`\\]*)\])?(\+?)=/y;
const name = /[A-Za-z_]\w*/y;

interface Pending {
  readonly end: string;
  readonly quoted: boolean;
  readonly strip: boolean;
  readonly fill: (here: HereDocument) => void;
}

/**
 * Reads a script as bash(1) reads it: "SHELL GRAMMAR", "QUOTING", "EXPANSION" and "REDIRECTION" of its manual. What is not in this
 * grammar is refused as a whole: there is no recovery, and so no guess.
 *
 * @throws ShellSyntax on anything else
 */
export function parseScript(source: string): Script {
  return new Parser(source).script();
}

class Parser {
  private readonly source: string;
  private at = 0;
  private line = 1;
  private depth = 0;
  private pending: Pending[] = [];
  private bashOnly: Script["bashOnly"] = null;

  constructor(source: string) {
    this.source = source;
  }

  script(): Script {
    const list = this.list(() => this.at >= this.source.length);
    if (this.pending.length > 0) throw this.error("a here-document has no end");
    return { ...list, bashOnly: this.bashOnly };
  }

  // --- characters

  private error(text: string, line = this.line): ShellSyntax {
    return new ShellSyntax(text, line);
  }

  private unexpected(): ShellSyntax {
    const rest = this.source.slice(this.at, this.at + 12).split("\n")[0] ?? "";
    return this.error(rest === "" ? "the script ends too early" : `${JSON.stringify(rest)} is not understood here`);
  }

  private bash(text: string): void {
    this.bashOnly ??= { text, line: this.line };
  }

  private looks(text: string): boolean {
    return this.source.startsWith(text, this.at);
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    return pattern.exec(this.source);
  }

  private advance(length: number): string {
    const text = this.source.slice(this.at, this.at + length);
    for (let i = text.indexOf("\n"); i >= 0; i = text.indexOf("\n", i + 1)) this.line++;
    this.at += length;
    return text;
  }

  private nested<T>(read: () => T): T {
    if (++this.depth > MAX_DEPTH) throw this.error("it is nested too deeply");
    const result = read();
    this.depth--;
    return result;
  }

  /** Blanks, continued lines, and a comment. */
  private blanks(): void {
    for (;;) {
      const char = this.source[this.at];
      if (char === " " || char === "\t") this.at++;
      else if (char === "\\" && this.source[this.at + 1] === "\n") this.advance(2);
      else break;
    }
    if (this.source[this.at] === "#") {
      const end = this.source.indexOf("\n", this.at);
      this.at = end < 0 ? this.source.length : end;
    }
  }

  private newline(): void {
    this.advance(1);
    for (const here of this.pending.splice(0)) this.readHere(here);
  }

  /** Blanks, comments and ends of lines. */
  private gap(): void {
    for (;;) {
      this.blanks();
      if (this.source[this.at] !== "\n") return;
      this.newline();
    }
  }

  // --- lists and commands

  private list(ends: () => boolean): List {
    const items: { node: Node; background: boolean }[] = [];
    this.gap();
    while (!ends()) {
      const node = this.andOr();
      this.blanks();
      const char = this.source[this.at];
      let background = false;
      if (char === ";" && this.source[this.at + 1] !== ";" && this.source[this.at + 1] !== "&") this.advance(1);
      else if (char === "&" && this.source[this.at + 1] !== "&") {
        background = true;
        this.advance(1);
      } else if (char !== "\n" && !ends() && this.at < this.source.length) throw this.unexpected();
      items.push({ node, background });
      this.gap();
    }
    return { items };
  }

  /** A list that has something in it, up to one of the words. */
  private listUntil(...words: string[]): List {
    const list = this.list(() => {
      const word = this.keyword();
      if (word !== null && words.includes(word)) return true;
      if (this.at >= this.source.length) throw this.error(`${words.join(" or ")} is missing`);
      return false;
    });
    if (list.items.length === 0) throw this.unexpected();
    return list;
  }

  private andOr(): Node {
    let left = this.pipeline();
    for (;;) {
      this.blanks();
      const operator = this.looks("&&") ? "&&" : this.looks("||") ? "||" : null;
      if (operator === null) return left;
      this.advance(2);
      this.gap();
      const line = this.line;
      left = { kind: "and-or", left, operator, right: this.pipeline(), line };
    }
  }

  private pipeline(): Node {
    const line = this.line;
    let negated = false;
    let marked = false;
    for (;;) {
      const word = this.keyword();
      if (word === "!") {
        negated = !negated;
        marked = true;
      } else if (word === "time") {
        this.bash("time");
        marked = true;
      } else break;
      this.advance(word.length);
      this.blanks();
      while (word === "time" && this.match(/-p(?=[ \t])/y) !== null) {
        this.advance(2);
        this.blanks();
      }
    }
    const stages = [this.command()];
    for (;;) {
      this.blanks();
      if (this.source[this.at] !== "|" || this.source[this.at + 1] === "|") break;
      if (this.source[this.at + 1] === "&") {
        this.bash("|&");
        this.advance(1);
      }
      this.advance(1);
      this.gap();
      stages.push(this.command());
    }
    const [only] = stages;
    return stages.length === 1 && only !== undefined && !marked ? only : { kind: "pipeline", stages, negated, line };
  }

  /** The reserved word that stands here, unquoted and by itself. */
  private keyword(): string | null {
    const match = this.match(/(?:[a-z]+|[{}!]|\[\[|\]\])(?=[\s;&|()<>]|$)/y);
    return match !== null && reserved.has(match[0]) ? match[0] : null;
  }

  private expect(text: string): void {
    if (this.keyword() !== text) throw this.unexpected();
    this.advance(text.length);
  }

  private command(): Node {
    return this.nested(() => {
      const line = this.line;
      const word = this.keyword();
      switch (word) {
        case null:
          break;
        case "if":
          return this.conditional(line);
        case "while":
        case "until": {
          this.expect(word);
          const condition = this.listUntil("do");
          const body = this.doGroup();
          return { kind: "loop", until: word === "until", condition, body, redirects: this.redirects(), line };
        }
        case "for":
          return this.forLoop(line);
        case "case":
          return this.caseOf(line);
        case "{": {
          this.expect("{");
          const body = this.listUntil("}");
          this.expect("}");
          return { kind: "group", subshell: false, body, redirects: this.redirects(), line };
        }
        case "[[":
          return this.test(line);
        case "function": {
          this.bash("function");
          this.expect("function");
          this.blanks();
          const called = this.match(/[^\s"'$`\\;&|()<>{}]+/y)?.[0];
          if (called === undefined) throw this.unexpected();
          this.advance(called.length);
          this.blanks();
          const brackets = this.match(/\([ \t]*\)/y)?.[0];
          if (brackets !== undefined) this.advance(brackets.length);
          return this.functionBody(called, line);
        }
        default:
          throw this.error(`${word} is not covered here`);
      }
      if (this.looks("((")) {
        const read = this.attempt(() => this.calculation(line));
        if (read !== null) return read;
      }
      if (this.source[this.at] === "(") {
        this.advance(1);
        const body = this.enclosed();
        return { kind: "group", subshell: true, body, redirects: this.redirects(), line };
      }
      const called = this.match(/([^\s"'$`\\;&|()<>={}!*?[\]~#]+)[ \t]*\([ \t]*\)/y);
      if (called !== null) {
        this.advance(called[0].length);
        return this.functionBody(called[1] ?? "", line);
      }
      return this.simple(line);
    });
  }

  /** Commands up to a closing bracket, which is read. */
  private enclosed(): List {
    const outer = this.pending;
    this.pending = [];
    const body = this.list(() => {
      if (this.at >= this.source.length) throw this.error("a bracket is not closed");
      return this.source[this.at] === ")";
    });
    if (this.pending.length > 0) throw this.error("a here-document has no end");
    this.pending = outer;
    this.advance(1);
    return body;
  }

  private attempt<T>(read: () => T): T | null {
    const { at, line, pending, depth } = this;
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ShellSyntax)) throw error;
      Object.assign(this, { at, line, pending, depth });
      return null;
    }
  }

  private functionBody(called: string, line: number): Node {
    this.gap();
    if (reserved.has(called)) throw this.error(`${called} is no name of a function`);
    const body = this.command();
    if (body.kind === "simple" || body.kind === "function") throw this.error("a function's body is not a group");
    return { kind: "function", name: called, body, line };
  }

  private conditional(line: number): Node {
    this.expect("if");
    const clauses: { condition: List; body: List }[] = [];
    for (;;) {
      const condition = this.listUntil("then");
      this.expect("then");
      clauses.push({ condition, body: this.listUntil("elif", "else", "fi") });
      if (this.keyword() !== "elif") break;
      this.expect("elif");
    }
    let otherwise: List | null = null;
    if (this.keyword() === "else") {
      this.expect("else");
      otherwise = this.listUntil("fi");
    }
    this.expect("fi");
    return { kind: "if", clauses, otherwise, redirects: this.redirects(), line };
  }

  private doGroup(): List {
    this.expect("do");
    const body = this.listUntil("done");
    this.expect("done");
    return body;
  }

  private forLoop(line: number): Node {
    this.expect("for");
    this.blanks();
    const variable = this.match(name)?.[0];
    if (variable === undefined) throw this.unexpected();
    this.advance(variable.length);
    this.gap();
    let words: Word[] | null = null;
    if (this.keyword() === "in") {
      this.expect("in");
      words = [];
      for (this.blanks(); !/[;\n]/.test(this.source[this.at] ?? "\n"); this.blanks()) words.push(this.word());
    }
    this.blanks();
    if (this.source[this.at] === ";") this.advance(1);
    this.gap();
    const body = this.doGroup();
    return { kind: "for", name: variable, words, body, redirects: this.redirects(), line };
  }

  private caseOf(line: number): Node {
    this.expect("case");
    this.blanks();
    const word = this.word();
    this.gap();
    this.expect("in");
    this.gap();
    const arms: { patterns: Word[]; body: List; end: string }[] = [];
    while (this.keyword() !== "esac") {
      if (this.source[this.at] === "(") this.advance(1);
      const patterns: Word[] = [];
      for (;;) {
        this.blanks();
        patterns.push(this.word());
        this.blanks();
        if (this.source[this.at] !== "|") break;
        this.advance(1);
      }
      if (this.source[this.at] !== ")") throw this.unexpected();
      this.advance(1);
      const body = this.list(() => {
        if (this.at >= this.source.length) throw this.error("esac is missing");
        return this.looks(";;") || this.looks(";&") || this.keyword() === "esac";
      });
      const end = this.match(/;;&|;;|;&/y)?.[0] ?? "";
      if (end === "" && this.keyword() !== "esac") throw this.unexpected();
      this.advance(end.length);
      arms.push({ patterns, body, end: end === "" ? ";;" : end });
      this.gap();
    }
    this.expect("esac");
    return { kind: "case", word, arms, redirects: this.redirects(), line };
  }

  private test(line: number): Node {
    this.bash("[[ … ]]");
    this.expect("[[");
    const words: (Word | string)[] = [];
    for (this.gap(); this.keyword() !== "]]"; this.gap()) {
      if (words[words.length - 1] === "=~") {
        words.push(this.regularExpression());
        continue;
      }
      const operator = this.match(/&&|\|\||[()<>]|!(?=\s)|=~(?=\s)/y)?.[0];
      if (operator === undefined) words.push(this.word());
      else words.push(this.advance(operator.length));
    }
    this.expect("]]");
    return { kind: "test", words, redirects: this.redirects(), line };
  }

  /** Behind `=~`: brackets and bars belong to it. */
  private regularExpression(): Word {
    const { line } = this;
    const parts: Part[] = [];
    let level = 0;
    for (;;) {
      const char = this.source[this.at];
      if (char === undefined) throw this.unexpected();
      if (/\s/.test(char) && level === 0) break;
      if (char === "(") level++;
      else if (char === ")") level--;
      else if (!/[|<>;&\s]/.test(char)) {
        parts.push(...this.word().parts);
        continue;
      }
      parts.push({ kind: "text", text: this.advance(1), quoted: false });
    }
    return { parts, line };
  }

  private calculation(line: number): Node {
    this.bash("((…))");
    this.advance(2);
    const { text, commands } = this.arithmetic("))");
    return { kind: "calculation", text, commands, redirects: this.redirects(), line };
  }

  private simple(line: number): Node {
    const assignments: Assignment[] = [];
    const words: (Word | Assignment)[] = [];
    const redirects: Redirect[] = [];
    let declares = false;
    for (;;) {
      this.blanks();
      const redirect = this.redirect();
      if (redirect !== null) {
        redirects.push(redirect);
        continue;
      }
      const char = this.source[this.at];
      if (char === undefined || /[\n;|)]/.test(char) || char === "&") break;
      if (char === "(") throw this.unexpected();
      const set = words.length === 0 || declares ? this.assignment() : null;
      if (set === null) {
        const word = this.word();
        const [part] = word.parts;
        if (words.length === 0 && word.parts.length === 1 && part?.kind === "text" && !part.quoted)
          declares = /^(?:export|readonly|declare|local|typeset)$/.test(part.text);
        words.push(word);
      } else if (words.length === 0) assignments.push(set);
      else words.push(set);
    }
    if (assignments.length + words.length + redirects.length === 0) throw this.unexpected();
    return { kind: "simple", assignments, words, redirects, line };
  }

  private assignment(): Assignment | null {
    const match = this.match(assignment);
    if (match === null) return null;
    if (match[3] === "+" || match[2] !== undefined) this.bash(`${match[0]}`);
    this.advance(match[0].length);
    const base = {
      name: match[1] ?? "",
      append: match[3] === "+",
      ...(match[2] === undefined ? {} : { index: match[2] }),
    };
    if (this.source[this.at] !== "(") return { ...base, value: this.word(true) };
    this.bash("an array");
    this.advance(1);
    const items: Word[] = [];
    for (this.gap(); this.source[this.at] !== ")"; this.gap()) {
      if (this.at >= this.source.length) throw this.error("a bracket is not closed");
      if (this.source[this.at] === "[") throw this.error("an array with keys is not covered");
      items.push(this.word());
    }
    this.advance(1);
    return { ...base, value: items };
  }

  // --- redirections

  private redirects(): Redirect[] {
    const found: Redirect[] = [];
    for (;;) {
      this.blanks();
      const redirect = this.redirect();
      if (redirect === null) return found;
      found.push(redirect);
    }
  }

  private redirect(): Redirect | null {
    const match = this.match(redirection)?.[0];
    if (match === undefined) return null;
    const [, fd = "", operator = ""] = /^(\d*|\{\w+\})([&<>|-]+)$/.exec(match) ?? [];
    if (/^[<>]$/.test(operator) && fd === "" && this.source[this.at + 1] === "(") return null;
    if (fd.startsWith("{")) throw this.error("a descriptor by name is not covered");
    if (operator.startsWith("&>") || operator === "<<<") this.bash(operator);
    const { line } = this;
    this.advance(match.length);
    this.blanks();
    if (operator !== "<<" && operator !== "<<-") {
      // >& FILE is &> FILE.
      const target = this.word();
      const [part] = target.parts;
      const copies = part?.kind === "text" && /^(?:\d+-?|-)$/.test(part.text) && target.parts.length === 1;
      if (operator === ">&" && fd === "" && !copies) {
        this.bash(">& FILE");
        return { operator: "&>", fd, target, line };
      }
      return { operator, fd, target, line };
    }
    const start = this.at;
    const target = this.word();
    const raw = this.source.slice(start, this.at);
    if (target.parts.some((part) => part.kind !== "text") || raw.includes("\n"))
      throw this.error("the end of a here-document is not understood");
    const end = target.parts.map((part) => (part.kind === "text" ? part.text : "")).join("");
    const redirect: { -readonly [K in keyof Redirect]: Redirect[K] } = { operator: "<<", fd, target, line };
    this.pending.push({
      end,
      quoted: /['"\\]/.test(raw),
      strip: operator === "<<-",
      fill: (here) => {
        redirect.here = here;
      },
    });
    return redirect;
  }

  private readHere({ end, quoted, strip, fill }: Pending): void {
    const first = this.line;
    const lines: string[] = [];
    for (;;) {
      if (this.at >= this.source.length) throw this.error("a here-document has no end", first);
      let raw = "";
      // Unquoted, a backslash at the end of a line joins it with the next one before the end is looked for.
      for (;;) {
        const stop = this.source.indexOf("\n", this.at);
        const piece = this.source.slice(this.at, stop < 0 ? undefined : stop);
        this.at = stop < 0 ? this.source.length : stop + 1;
        this.line++;
        raw += strip && raw === "" ? piece.replace(/^\t+/, "") : piece;
        if (quoted || stop < 0 || !/(?<!\\)(?:\\\\)*\\$/.test(piece)) break;
        raw += "\n";
      }
      if (raw === end) break;
      if (raw.includes("\n") && strip) throw this.error("a joined line of <<- is not covered", first);
      lines.push(`${raw}\n`);
    }
    const text = lines.join("");
    const word: Word = quoted
      ? { parts: [{ kind: "text", text, quoted: true }], line: first }
      : new Parser(text).hereWord(first, (text) => this.bash(text));
    fill({ word, line: first });
  }

  private hereWord(first: number, bash: (text: string) => void): Word {
    this.line = first;
    const parts: Part[] = [];
    this.quotedParts(parts, null);
    if (this.bashOnly !== null) bash(this.bashOnly.text);
    return { parts, line: first };
  }

  // --- words

  private word(mayBeEmpty = false): Word {
    const { line, at } = this;
    const parts: Part[] = [];
    const add = (text: string, quoted: boolean) => addText(parts, text, quoted);
    for (;;) {
      const char = this.source[this.at];
      if (char === undefined || /[\s;&|()]/.test(char)) break;
      if (char === "<" || char === ">") {
        if (this.source[this.at + 1] !== "(") break;
        this.bash(`${char}(…)`);
        this.advance(2);
        parts.push({ kind: "process", body: this.nested(() => this.enclosed()) });
      } else if (char === "'") {
        const end = this.source.indexOf("'", this.at + 1);
        if (end < 0) throw this.error("a quote is not closed", line);
        add(this.advance(end + 1 - this.at).slice(1, -1), true);
      } else if (char === '"') {
        this.advance(1);
        add("", true);
        this.quotedParts(parts, '"');
      } else if (char === "\\") {
        if (this.source[this.at + 1] === undefined) throw this.unexpected();
        const pair = this.advance(2);
        if (pair !== "\\\n") add(pair.slice(1), true);
      } else if (char === "$" || char === "`") parts.push(...this.dollar(false));
      else add(this.advance(this.match(/[\w./:,@%+-]+/y)?.[0].length ?? 1), false);
    }
    if (this.at === at && !mayBeEmpty) throw this.unexpected();
    return { parts, line };
  }

  /** Inside of double quotes, up to `end`; or a here-document, up to the end of the text. */
  private quotedParts(parts: Part[], end: '"' | null): void {
    const { line } = this;
    for (;;) {
      const char = this.source[this.at];
      if (char === undefined) {
        if (end === null) return;
        throw this.error("a quote is not closed", line);
      }
      if (char === end) {
        this.advance(1);
        return;
      }
      if (char === "\\") {
        const pair = this.advance(2);
        const next = pair.slice(1);
        if (next === "\n") continue;
        addText(parts, (next !== "" && "$`\\".includes(next)) || (next === '"' && end !== null) ? next : pair, true);
      } else if (char === "$" || char === "`") parts.push(...this.dollar(true));
      else addText(parts, this.advance(this.match(/[^\\$`"]+/y)?.[0].length ?? 1), true);
    }
  }

  private dollar(quoted: boolean): Part[] {
    if (this.source[this.at] === "`") return [this.backquoted(quoted)];
    if (this.looks("$((")) {
      const read = this.attempt((): Part => {
        this.advance(3);
        return { kind: "arithmetic", ...this.arithmetic("))"), quoted };
      });
      if (read !== null) return [read];
    }
    if (this.looks("$(")) {
      this.advance(2);
      return [{ kind: "command", body: this.nested(() => this.enclosed()), quoted }];
    }
    if (this.looks("${")) return [this.nested(() => this.braced(quoted))];
    const match = this.match(/\$([A-Za-z_]\w*|[0-9@*#?!$-])/y);
    if (match !== null) {
      this.advance(match[0].length);
      return [{ kind: "parameter", name: match[1] ?? "", quoted }];
    }
    if (!quoted && this.looks("$'")) {
      this.bash("$'…'");
      const text = this.match(/\$'((?:[^'\\]|\\[\s\S])*)'/y);
      if (text === null) throw this.error("a quote is not closed");
      this.advance(text[0].length);
      return [{ kind: "text", text: ansi(text[1] ?? "", this.line), quoted: true }];
    }
    if (!quoted && this.looks('$"')) throw this.error('$"…" is not covered');
    if (this.looks("$[")) throw this.error("$[…] is not covered");
    this.advance(1);
    return [{ kind: "text", text: "$", quoted: true }];
  }

  private backquoted(quoted: boolean): Part {
    const { line } = this;
    const match = this.match(/`((?:[^`\\]|\\[\s\S])*)`/y);
    if (match === null) throw this.error("a quote is not closed");
    const escaped = quoted ? /\\([$`\\"])/g : /\\([$`\\])/g;
    const inner = new Parser((match[1] ?? "").replace(escaped, "$1"));
    inner.line = line;
    inner.depth = this.depth + 1;
    if (inner.depth > MAX_DEPTH) throw this.error("it is nested too deeply");
    const body = inner.script();
    if (body.bashOnly !== null) this.bash(body.bashOnly.text);
    this.advance(match[0].length);
    return { kind: "command", body, quoted };
  }

  /** Text up to `end`, with the commands that are run inside of it. */
  private arithmetic(end: "))"): { text: string; commands: readonly List[] } {
    const commands: List[] = [];
    let text = "";
    let level = 0;
    for (;;) {
      const char = this.source[this.at];
      if (char === undefined || char === "'" || char === "\\" || char === ";") throw this.unexpected();
      if (level === 0 && this.looks(end)) {
        this.advance(2);
        return { text, commands };
      }
      if (char === "(") level++;
      else if (char === ")" && --level < 0) throw this.unexpected();
      if (char === "$" || char === "`") {
        const start = this.at;
        for (const part of this.dollar(true)) commands.push(...commandsOf(part));
        text += this.source.slice(start, this.at);
      } else text += this.advance(1);
    }
  }

  private braced(quoted: boolean): Part {
    this.advance(2);
    const prefix = this.match(/[#!](?=[A-Za-z_@*0-9])/y)?.[0] as "#" | "!" | undefined;
    if (prefix !== undefined) this.advance(1);
    if (prefix === "!") this.bash("the value of a name in a variable");
    const called = this.match(/[A-Za-z_]\w*|\d+|[@*#?!$-]/y)?.[0];
    if (called === undefined) throw this.unexpected();
    this.advance(called.length);
    const index = this.match(/\[([@*]|\d+|\$?[A-Za-z_]\w*)\]/y);
    if (index !== null) {
      this.bash("an array");
      this.advance(index[0].length);
    }
    const base = {
      kind: "parameter",
      name: called,
      quoted,
      ...(index === null ? {} : { index: index[1] ?? "" }),
      ...(prefix === undefined ? {} : { prefix }),
    } as const;
    if (this.source[this.at] === "}") {
      this.advance(1);
      return base;
    }
    const operator = this.match(/:[-=+?]|[-=+?]|%%?|##?|\/[/#%]?|\^\^?|,,?|@[A-Za-z]|:/y)?.[0];
    if (operator === undefined || prefix !== undefined) throw this.unexpected();
    if (/^[/^,@]|^:$/.test(operator)) this.bash(`\${…${operator}…}`);
    this.advance(operator.length);
    const operand = this.operand(quoted && !/^[%#/]/.test(operator));
    return { ...base, operator, operand };
  }

  /** Up to the closing brace. */
  private operand(quoted: boolean): Word {
    const { line } = this;
    const parts: Part[] = [];
    for (;;) {
      const char = this.source[this.at];
      if (char === undefined) throw this.error("a brace is not closed", line);
      if (char === "}") {
        this.advance(1);
        return { parts, line };
      }
      if (char === "'" && !quoted) {
        const end = this.source.indexOf("'", this.at + 1);
        if (end < 0) throw this.error("a quote is not closed", line);
        addText(parts, this.advance(end + 1 - this.at).slice(1, -1), true);
      } else if (char === '"') {
        this.advance(1);
        addText(parts, "", true);
        this.quotedParts(parts, '"');
      } else if (char === "\\") {
        const next = this.advance(2).slice(1);
        if (next !== "\n") addText(parts, quoted && !'$`\\"}'.includes(next) ? `\\${next}` : next, true);
      } else if (char === "$" || char === "`") parts.push(...this.dollar(quoted));
      else addText(parts, this.advance(1), quoted);
    }
  }
}

/** Commands that run when a part of a word is expanded. */
export function commandsOf(part: Part): readonly List[] {
  if (part.kind === "command" || part.kind === "process") return [part.body];
  if (part.kind === "arithmetic") return part.commands;
  return part.kind === "parameter" ? (part.operand?.parts ?? []).flatMap(commandsOf) : [];
}

function addText(parts: Part[], text: string, quoted: boolean): void {
  const last = parts[parts.length - 1];
  if (last?.kind === "text" && last.quoted === quoted) parts[parts.length - 1] = { ...last, text: last.text + text };
  else parts.push({ kind: "text", text, quoted });
}

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
  e: "\x1b",
};

/** `$'…'` */
function ansi(text: string, line: number): string {
  return text.replace(/\\([\s\S])/g, (_, char: string) => {
    if (/[\\'"?]/.test(char)) return char;
    const known = Object.hasOwn(escapes, char) ? escapes[char] : undefined;
    if (known === undefined) throw new ShellSyntax(`\\${char} in $'…' is not covered`, line);
    return known;
  });
}
