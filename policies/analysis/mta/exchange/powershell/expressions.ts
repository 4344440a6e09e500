import type { Block, Expr, Statement } from "./ast";
import { isDash, isWord } from "./cursor";
import { Literals } from "./literals";

const logical = new Set(["-and", "-or", "-xor"]);
const comparison = new Set(
  [
    ..."eq ne gt ge lt le like notlike match notmatch contains notcontains in notin replace split join".split(" "),
    ..."is isnot as band bor bxor shl shr".split(" "),
  ].flatMap((name) => [`-${name}`, `-c${name}`, `-i${name}`]),
);

/** Expressions, by PowerShell's precedence: the comma binds tighter than any operator. */
export abstract class Expressions extends Literals {
  protected abstract block(): Block;
  protected abstract tableValue(): readonly Statement[];

  protected expression(): Expr {
    return this.nested(() => this.binary(0, true));
  }

  /** An expression that ends at a comma. */
  protected withoutCommas(): Expr {
    return this.nested(() => this.binary(0, false));
  }

  /** Without `commas` a comma ends the expression: between the arguments of a method it makes no list. */
  private binary(level: number, commas: boolean): Expr {
    if (level === levels.length) return commas ? this.commaList() : this.unary();
    let left = this.binary(level + 1, commas);
    for (;;) {
      this.skip();
      const operator = levels[level]?.(this.operator()) ?? null;
      if (operator === null) return left;
      this.pos += operator.length;
      this.skip(true);
      left = { kind: "binary", operator: operator.toLowerCase(), left, right: this.binary(level + 1, commas) };
    }
  }

  /** The operator at the cursor, which stays where it is. */
  private operator(): string {
    if (this.looksAt("..")) return "..";
    const char = this.peek();
    if (isDash(char)) {
      let end = 1;
      while (/[a-z]/i.test(this.peek(end))) end++;
      if (end === 1) return this.peek(1) === "=" ? "" : "-";
      return `-${this.text.slice(this.pos + 1, this.pos + end)}`;
    }
    return "+*/%".includes(char) && this.peek(1) !== "=" ? char : "";
  }

  private commaList(): Expr {
    const first = this.unary();
    const items = [first];
    for (;;) {
      this.skip();
      if (!this.take(",")) break;
      this.skip(true);
      items.push(this.unary());
    }
    return items.length === 1 ? first : { kind: "list", items };
  }

  private unary(): Expr {
    this.skip();
    const char = this.peek();
    if (char === "!") {
      this.pos++;
      return { kind: "unary", operator: "-not", of: this.nested(() => this.unary()) };
    }
    if (char === ",") {
      this.pos++;
      return { kind: "list", items: [this.nested(() => this.unary())] };
    }
    if (isDash(char)) {
      const operator = this.operator().toLowerCase();
      if (!["-not", "-bnot", "-join", "-split", "-isplit", "-csplit", "-"].includes(operator))
        this.fail(`the operator ${operator}`);
      this.pos += operator.length;
      this.skip(true);
      return { kind: "unary", operator, of: this.nested(() => this.unary()) };
    }
    if (char === "[") return this.typed();
    return this.postfix(this.primary());
  }

  /** `[type]`, `[type]value`, `[type]::member`. */
  private typed(): Expr {
    const name = this.typeName();
    if (this.looksAt("::")) return this.postfix({ kind: "type", name });
    const next = this.peek();
    if (next === "$" || next === "@" || next === "(" || next === "[" || this.looksLikeString() || /[\d.]/.test(next))
      return { kind: "cast", type: name, of: this.nested(() => this.unary()) };
    this.skip();
    if (this.peek() === "$" || this.peek() === "@" || this.peek() === "(" || this.looksLikeString())
      return { kind: "cast", type: name, of: this.nested(() => this.unary()) };
    return { kind: "type", name };
  }

  protected typeName(): string {
    const found = this.match(/\[\s*([\w.+`]+(?:\s*\[[\w.,\s[\]]*\])?)\s*\]/y);
    if (found === null) return this.fail("a type or attribute that is not read");
    return (found[1] ?? "").toLowerCase().replace(/^system\./, "");
  }

  private looksLikeString(): boolean {
    return /["'\u2018-\u201e]/.test(this.peek()) || (this.peek() === "@" && /["'\u2018-\u201e]/.test(this.peek(1)));
  }

  protected primary(): Expr {
    const text = this.string();
    if (text !== null) return text;
    if (this.looksAt("$(")) return this.subexpression();
    if (this.looksAt("@(")) return this.arrayOf();
    if (this.looksAt("@{")) return this.table();
    if (this.peek() === "(") return this.parenthesis();
    if (this.peek() === "{") return { kind: "block", block: this.block() };
    if (this.peek() === "$") {
      const variable = this.variable();
      if (variable !== null) return variable;
    }
    const number = this.match(/(0x[0-9a-f]+|\d+(?:\.\d+)?|\.\d+)(kb|mb|gb|tb|pb)?(?![\p{L}\p{N}_])/iuy);
    if (number !== null) return { kind: "number", value: Number(number[1]) * unit(number[2]) };
    return this.fail(`an expression was expected before ${JSON.stringify(this.text.slice(this.pos, this.pos + 20))}`);
  }

  protected arrayOf(): Expr {
    this.need("@(");
    const body = this.nested(() => this.statementsUntil(")"));
    this.need(")");
    return { kind: "group", body, list: true };
  }

  protected parenthesis(): Expr {
    this.need("(");
    const body = this.nested(() => this.statementsUntil(")"));
    this.need(")");
    return { kind: "group", body, list: false };
  }

  protected table(): Expr {
    this.need("@{");
    const entries: (readonly [Expr, readonly Statement[]])[] = [];
    for (;;) {
      this.skip(true);
      if (this.take(";")) continue;
      if (this.take("}")) return { kind: "table", entries };
      const word = this.match(/[\p{L}_][\p{L}\p{N}_-]*/uy);
      const key: Expr = word === null ? this.postfix(this.primary()) : { kind: "text", parts: [word[0]] };
      this.skip();
      this.need("=");
      this.skip(true);
      entries.push([key, this.nested(() => this.tableValue())]);
    }
  }

  /** Members, calls and indices behind a value, without a blank between. */
  protected postfix(of: Expr): Expr {
    let value = of;
    for (;;) {
      const isStatic = this.looksAt("::");
      const next = this.peek(isStatic ? 2 : 1);
      if (isStatic || (this.peek() === "." && this.peek(1) !== "." && (isWord(next) || "$\"'(".includes(next)))) {
        this.pos += isStatic ? 2 : 1;
        const name = this.memberName();
        if (this.peek() === "(") {
          value = { kind: "call", of: value, name, args: this.callArguments() };
          continue;
        }
        value = { kind: "member", of: value, name, isStatic };
      } else if (this.peek() === "[") {
        this.pos++;
        this.skip(true);
        const at = this.expression();
        this.skip(true);
        this.need("]");
        value = { kind: "index", of: value, at };
      } else if (this.looksAt("++") || this.looksAt("--")) {
        this.fail("an increment");
      } else return value;
    }
  }

  private memberName(): Expr {
    const word = this.match(/[\p{L}_][\p{L}\p{N}_]*/uy);
    return word === null ? this.primary() : { kind: "text", parts: [word[0]] };
  }

  private callArguments(): Expr[] {
    this.need("(");
    this.skip(true);
    const args: Expr[] = [];
    if (this.take(")")) return args;
    for (;;) {
      args.push(this.withoutCommas());
      this.skip(true);
      if (this.take(")")) return args;
      this.need(",");
      this.skip(true);
    }
  }
}

const oneOf = (set: ReadonlySet<string>) => (found: string) => (set.has(found.toLowerCase()) ? found : null);
/** From the loosest to the tightest. */
const levels: readonly ((found: string) => string | null)[] = [
  oneOf(logical),
  oneOf(comparison),
  oneOf(new Set(["+", "-"])),
  oneOf(new Set(["*", "/", "%"])),
  oneOf(new Set(["-f"])),
  oneOf(new Set([".."])),
];

function unit(suffix: string | undefined): number {
  const power = ["kb", "mb", "gb", "tb", "pb"].indexOf((suffix ?? "").toLowerCase()) + 1;
  return 1024 ** power;
}
