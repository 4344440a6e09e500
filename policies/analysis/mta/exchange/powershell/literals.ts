import type { Expr, Statement } from "./ast";
import { Cursor, isDouble, isSingle } from "./cursor";

const escapes: Readonly<Record<string, string>> = {
  "0": "\0",
  a: "\x07",
  b: "\b",
  e: "\x1b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** Strings, variables, and what is expanded in strings. */
export abstract class Literals extends Cursor {
  protected abstract statementsUntil(end: string): readonly Statement[];

  /** The string that begins at the cursor, or null. */
  protected string(): Expr | null {
    if (this.peek() === "@" && (isDouble(this.peek(1)) || isSingle(this.peek(1)))) return this.hereString();
    if (isSingle(this.peek())) return this.singleQuoted();
    if (isDouble(this.peek())) return this.doubleQuoted();
    return null;
  }

  private singleQuoted(): Expr {
    this.pos++;
    let value = "";
    for (;;) {
      if (this.atEnd) this.fail("a string has no end");
      const char = this.peek();
      this.pos++;
      if (!isSingle(char)) value += char;
      else if (isSingle(this.peek())) {
        value += this.peek();
        this.pos++;
      } else return { kind: "text", parts: [value] };
    }
  }

  private doubleQuoted(): Expr {
    this.pos++;
    const parts = this.expandable(() => {
      if (!isDouble(this.peek())) return false;
      if (!isDouble(this.peek(1))) {
        this.pos++;
        return true;
      }
      return false;
    });
    return { kind: "text", parts };
  }

  private hereString(): Expr {
    const expands = isDouble(this.peek(1));
    this.pos += 2;
    if (this.match(/[ \t]*\n/y) === null) this.fail("a here-string begins on its own line");
    const start = this.pos;
    const isEnd = (at: number) =>
      (expands ? isDouble(this.text.charAt(at)) : isSingle(this.text.charAt(at))) && this.text.charAt(at + 1) === "@";
    // The end mark stands at the beginning of a line, and the line end before it is not part of the text.
    let end = isEnd(start) ? start : -1;
    for (let at = this.text.indexOf("\n", start); end < 0 && at >= 0; at = this.text.indexOf("\n", at + 1)) {
      if (isEnd(at + 1)) end = at + 1;
    }
    if (end < 0) this.fail("a here-string has no end");
    const last = Math.max(start, end - 1);
    const parts = expands
      ? this.expandable(() => {
          if (this.pos < last) return false;
          if (this.pos > last) this.fail("an expansion goes beyond its here-string");
          return true;
        })
      : [this.text.slice(start, last)];
    this.pos = end + 2;
    return { kind: "text", parts };
  }

  /** Text up to where `ended` says so, with its escapes and expansions. */
  private expandable(ended: () => boolean): (string | Expr)[] {
    const parts: (string | Expr)[] = [];
    let plain = "";
    for (;;) {
      if (ended()) break;
      if (this.atEnd) this.fail("a string has no end");
      const char = this.peek();
      if (char === "`") plain += this.escape();
      else if (isDouble(char) && isDouble(this.peek(1))) {
        plain += char;
        this.pos += 2;
      } else {
        const expansion = char === "$" ? this.expansion() : null;
        if (expansion === null) {
          plain += char;
          this.pos++;
        } else {
          if (plain !== "") parts.push(plain);
          plain = "";
          parts.push(expansion);
        }
      }
    }
    if (plain !== "" || parts.length === 0) parts.push(plain);
    return parts;
  }

  protected escape(): string {
    const char = this.peek(1);
    if (char === "") this.fail("a backtick at the end");
    this.pos += 2;
    if (char === "u" && this.peek() === "{") {
      const code = this.match(/\{([0-9a-fA-F]{1,6})\}/y);
      const value = Number.parseInt(code?.[1] ?? "", 16);
      if (!(value <= 0x10ffff)) this.fail("no such character");
      return String.fromCodePoint(value);
    }
    return Object.hasOwn(escapes, char) ? (escapes[char] ?? char) : char;
  }

  /** `$name`, `${name}`, `$(…)`; null if the `$` is a plain character. */
  protected expansion(): Expr | null {
    if (this.looksAt("$(")) return this.subexpression();
    return this.variable();
  }

  protected subexpression(): Expr {
    this.need("$(");
    const body = this.nested(() => this.statementsUntil(")"));
    this.need(")");
    return { kind: "group", body, list: false };
  }

  protected variable(): Expr | null {
    const braced = this.match(/\$\{([^}`\n]+)\}/y);
    if (braced !== null) return { kind: "variable", name: normal(braced[1] ?? "") };
    const named = this.match(/\$((?:[\p{L}\p{N}_]+:(?=[\p{L}\p{N}_]))?[\p{L}\p{N}_]+|[?^$])/uy);
    return named === null ? null : { kind: "variable", name: normal(named[1] ?? "") };
  }
}

function normal(name: string): string {
  return name.toLowerCase().replace(/^(?:local|private|variable):/, "");
}
