/** Thrown on syntax that is not covered; never leaves the reading of a script. */
export class ShellSyntax extends Error {
  readonly line: number;
  constructor(text: string, line: number) {
    super(text);
    this.line = line;
  }
}

export type Piece =
  | { readonly kind: "text"; readonly text: string; readonly quoted: boolean }
  /** `$name` or `${name}` */
  | { readonly kind: "variable"; readonly name: string; readonly quoted: boolean }
  /** The output of commands. */
  | { readonly kind: "command"; readonly text: string }
  /** A value that is not evaluated: arithmetic, other forms of `${…}`, a pattern of file names. */
  | { readonly kind: "unknown" };

export interface Word {
  readonly pieces: readonly Piece[];
  readonly line: number;
}

export interface HereDocument {
  readonly text: string;
  readonly quoted: boolean;
  readonly line: number;
}

export type Token =
  | { readonly kind: "word"; readonly word: Word }
  | { readonly kind: "operator"; readonly text: string; readonly line: number }
  | {
      readonly kind: "redirect";
      readonly text: string;
      readonly fd: string;
      readonly line: number;
      readonly here?: HereDocument;
    };

const operators = ["&&", "||", ";;", "|&", "\n", ";", "&", "|", "(", ")"];
const redirects = ["<<<", "<<-", "&>>", "<<", ">>", ">&", "<&", ">|", "&>", "<>", "<", ">"];

/** Splits a script into words, operators and redirections: a small, strict subset of the shell's grammar. */
export class Lexer {
  private readonly source: string;
  private at = 0;
  private line = 1;
  private readonly tokens: Token[] = [];

  constructor(source: string) {
    this.source = source;
  }

  run(): readonly Token[] {
    const waiting: { index: number; end: string; quoted: boolean; strip: boolean }[] = [];
    while (this.at < this.source.length) {
      const char = this.source[this.at] ?? "";
      if (char === " " || char === "\t" || char === "\r") this.at++;
      else if (char === "\\" && this.source[this.at + 1] === "\n") this.skipNewline(2);
      else if (char === "#") this.at = this.endOfLine();
      else if (this.redirect(waiting)) continue;
      else {
        const operator = operators.find((text) => this.source.startsWith(text, this.at));
        if (operator === undefined) this.tokens.push({ kind: "word", word: this.word() });
        else {
          this.tokens.push({ kind: "operator", text: operator, line: this.line });
          this.at += operator.length;
          if (operator === "\n") {
            this.line++;
            for (const here of waiting.splice(0)) this.hereDocument(here);
          }
        }
      }
    }
    if (waiting.length > 0) throw new ShellSyntax("a here-document has no end", this.line);
    return this.tokens;
  }

  private endOfLine(): number {
    const end = this.source.indexOf("\n", this.at);
    return end < 0 ? this.source.length : end;
  }

  private skipNewline(length: number): void {
    this.at += length;
    this.line++;
  }

  private redirect(waiting: { index: number; end: string; quoted: boolean; strip: boolean }[]): boolean {
    const match = /^(\d*)(<<<|<<-|&>>|<<|>>|>&|<&|>\||&>|<>|<|>)/.exec(this.source.slice(this.at, this.at + 12));
    const text = match?.[2] ?? "";
    if (match === null || !redirects.includes(text)) return false;
    if (/^[<>]$/.test(text) && this.source.startsWith("(", this.at + match[0].length)) {
      // Process substitution: a file name that the shell makes up.
      const end = matching(this.source.slice(this.at), match[0].length);
      if (end < 0) throw new ShellSyntax("a bracket is not closed", this.line);
      const inner = this.source.slice(this.at + match[0].length + 1, this.at + end);
      const word: Word = { pieces: [{ kind: "unknown" }, { kind: "command", text: inner }], line: this.line };
      this.tokens.push({ kind: "word", word });
      this.line += inner.split("\n").length - 1;
      this.at += end + 1;
      return true;
    }
    this.at += match[0].length;
    if (text !== "<<" && text !== "<<-") {
      this.tokens.push({ kind: "redirect", text, fd: match[1] ?? "", line: this.line });
      return true;
    }
    while (this.source[this.at] === " " || this.source[this.at] === "\t") this.at++;
    const start = this.at;
    const word = this.word();
    const end = word.pieces.map((piece) => (piece.kind === "text" ? piece.text : "\0")).join("");
    if (end === "" || end.includes("\0"))
      throw new ShellSyntax("the end of a here-document is not understood", this.line);
    const quoted = /['"\\]/.test(this.source.slice(start, this.at));
    waiting.push({ index: this.tokens.length, end, quoted, strip: text === "<<-" });
    this.tokens.push({ kind: "redirect", text: "<<", fd: match[1] ?? "", line: this.line });
    return true;
  }

  private hereDocument(here: { index: number; end: string; quoted: boolean; strip: boolean }): void {
    const first = this.line;
    const lines: string[] = [];
    for (;;) {
      if (this.at >= this.source.length) throw new ShellSyntax("a here-document has no end", first);
      const end = this.endOfLine();
      const raw = this.source.slice(this.at, end);
      this.at = Math.min(end + 1, this.source.length);
      this.line++;
      const line = here.strip ? raw.replace(/^\t+/, "") : raw;
      if (line === here.end) break;
      lines.push(`${line}\n`);
    }
    const token = this.tokens[here.index];
    if (token?.kind === "redirect")
      this.tokens[here.index] = { ...token, here: { text: lines.join(""), quoted: here.quoted, line: first } };
  }

  private word(): Word {
    const pieces: Piece[] = [];
    const line = this.line;
    const start = this.at;
    const add = (text: string, quoted: boolean) => {
      const last = pieces[pieces.length - 1];
      if (last?.kind === "text" && last.quoted === quoted)
        pieces[pieces.length - 1] = { ...last, text: last.text + text };
      else pieces.push({ kind: "text", text, quoted });
    };
    while (this.at < this.source.length) {
      const char = this.source[this.at] ?? "";
      if (/[\s;&|()<>]/.test(char)) break;
      if (char === "'") {
        const end = this.source.indexOf("'", this.at + 1);
        if (end < 0) throw new ShellSyntax("a quote is not closed", line);
        const text = this.source.slice(this.at + 1, end);
        add(text, true);
        this.line += text.split("\n").length - 1;
        this.at = end + 1;
      } else if (char === '"') {
        this.at++;
        add("", true);
        this.doubleQuoted(pieces, add, line);
      } else if (char === "\\") {
        const next = this.source[this.at + 1] ?? "";
        if (next === "\n") this.skipNewline(2);
        else {
          add(next, true);
          this.at += 2;
        }
      } else if (char === "$" || char === "`") pieces.push(...this.dollar(false));
      else if (
        char === "*" ||
        char === "?" ||
        (char === "{" && /^\{[^\s{},]{0,100},/.test(this.source.slice(this.at, this.at + 102)))
      ) {
        pieces.push({ kind: "unknown" });
        this.at++;
      } else {
        add(char, false);
        this.at++;
      }
    }
    if (this.at === start) throw new ShellSyntax(`${this.source.slice(start, start + 10)} is not understood`, line);
    return { pieces, line };
  }

  private doubleQuoted(pieces: Piece[], add: (text: string, quoted: boolean) => void, line: number): void {
    for (;;) {
      const char = this.source[this.at];
      if (char === undefined) throw new ShellSyntax("a quote is not closed", line);
      if (char === '"') {
        this.at++;
        return;
      }
      if (char === "\\") {
        const next = this.source[this.at + 1] ?? "";
        if (next === "\n") this.skipNewline(2);
        else {
          add('$`"\\'.includes(next) ? next : `\\${next}`, true);
          this.at += 2;
        }
      } else if (char === "$" || char === "`") pieces.push(...this.dollar(true));
      else {
        if (char === "\n") this.line++;
        add(char, true);
        this.at++;
      }
    }
  }

  private dollar(quoted: boolean): Piece[] {
    const rest = this.source.slice(this.at);
    const variable = /^\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/.exec(rest);
    if (variable !== null) {
      this.at += variable[0].length;
      return [{ kind: "variable", name: variable[1] ?? variable[2] ?? "", quoted }];
    }
    if (rest.startsWith("$(") || rest.startsWith("${")) {
      const end = matching(rest, 1);
      if (end < 0) throw new ShellSyntax("a bracket is not closed", this.line);
      const inner = rest.slice(2, end);
      this.line += rest.slice(0, end).split("\n").length - 1;
      this.at += end + 1;
      if (rest.startsWith("$((") || rest.startsWith("${")) {
        // Commands inside of arithmetic or of ${…} are found all the same.
        const nested = /\$\(([^()]*)\)|`([^`]*)`/.exec(rest.startsWith("$((") ? inner.slice(1) : inner);
        return nested === null
          ? [{ kind: "unknown" }]
          : [{ kind: "unknown" }, { kind: "command", text: nested[1] ?? nested[2] ?? "" }];
      }
      return [{ kind: "command", text: inner }];
    }
    if (rest.startsWith("`")) {
      const end = rest.indexOf("`", 1);
      if (end < 0) throw new ShellSyntax("a quote is not closed", this.line);
      this.line += rest.slice(0, end).split("\n").length - 1;
      this.at += end + 1;
      return [{ kind: "command", text: rest.slice(1, end) }];
    }
    if (/^\$[0-9@*#?!$-]/.test(rest)) {
      this.at += 2;
      return [{ kind: "unknown" }];
    }
    if (rest.startsWith("$'")) throw new ShellSyntax("$'…' is not covered", this.line);
    this.at++;
    return [{ kind: "text", text: "$", quoted: true }];
  }
}

/** Index of the bracket that closes the one at `open`, minding quotes; -1 if there is none. */
function matching(text: string, open: number): number {
  const opening = text[open] ?? "";
  const close = opening === "(" ? ")" : "}";
  let level = 0;
  let quote = "";
  for (let i = open; i < text.length; i++) {
    const char = text[i] ?? "";
    if (quote !== "") {
      if (char === "\\" && quote === '"') i++;
      else if (char === quote) quote = "";
    } else if (char === "'" || char === '"') quote = char;
    else if (char === "\\") i++;
    else if (char === opening) level++;
    else if (char === close && --level === 0) return i;
  }
  return -1;
}
