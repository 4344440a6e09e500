import type { Argument, Command, Element, Expr } from "./ast";
import { isBlank, isDash, isDouble, isSingle, isWord } from "./cursor";
import { Expressions } from "./expressions";

const ends = (char: string) => char === "" || "\n;|&(){},".includes(char) || isBlank(char);

/** Commands and their words: PowerShell reads them by other rules than expressions. */
export abstract class Commands extends Expressions {
  protected pipelineElements(): Element[] {
    const elements: Element[] = [this.element()];
    for (;;) {
      this.skip();
      // A bar may also begin the next line.
      const ahead = /(?:[ \t]*(?:#[^\n]*)?\n)+[ \t]*\|(?!\|)/y;
      if (this.peek() === "\n" && elements.length > 0) this.match(ahead);
      else if (this.peek() === "|" && this.peek(1) !== "|") this.pos++;
      else return elements;
      if (this.text.charAt(this.pos - 1) !== "|") return elements;
      this.skip(true);
      elements.push(this.element());
    }
  }

  private element(): Element {
    const { line, pos } = this;
    const char = this.peek();
    if (
      (char === "&" && this.peek(1) !== "&") ||
      (char === "." && (isBlank(this.peek(1)) || "$('\"{".includes(this.peek(1))))
    ) {
      this.pos++;
      this.skip();
      return this.command(char as "&" | ".", this.word(), line, pos);
    }
    if (this.beginsExpression()) return { kind: "expression", value: this.expression(), line };
    return this.command("", this.bareWord(true), line, pos);
  }

  private beginsExpression(): boolean {
    const char = this.peek();
    if (isDouble(char) || isSingle(char) || "$@([{!,".includes(char) || /\d/.test(char)) return true;
    return isDash(char) && /[\d$("]|(?:not|join|split|bnot)\b/i.test(this.text.slice(this.pos + 1, this.pos + 6));
  }

  private command(invoked: Command["invoked"], name: Expr, line: number, start: number): Command {
    const args: Argument[] = [];
    for (;;) {
      this.skip();
      const char = this.peek();
      if (char === "" || "\n;|)}".includes(char)) break;
      if (char === "&") {
        if (this.peek(1) === "&") break;
        this.fail("a command in the background");
      }
      args.push(this.argument());
    }
    return { kind: "command", invoked, name, args, line, text: oneLine(this.text.slice(start, this.pos)) };
  }

  private argument(): Argument {
    const redirect = this.match(/(?:([1-6*])?>>?(?:&([12]))?|<)/y);
    if (redirect !== null) {
      if (redirect[2] !== undefined) return { kind: "redirect", stream: redirect[1] ?? "1", target: null };
      this.skip();
      return { kind: "redirect", stream: redirect[1] ?? "1", target: this.words() };
    }
    if (this.looksAt("--%")) this.fail("--%");
    if (isDash(this.peek())) {
      const named = this.match(/.([\p{L}_?][\p{L}\p{N}_?-]*)(:?)/uy);
      if (named !== null) {
        if (named[2] !== ":") return { kind: "parameter", name: named[1] ?? "", value: null };
        this.skip();
        return { kind: "parameter", name: named[1] ?? "", value: this.words() };
      }
    }
    const splat = this.match(/@([\p{L}_][\p{L}\p{N}_]*)(?=[\s;|)}]|$)/uy);
    if (splat !== null) return { kind: "splat", name: (splat[1] ?? "").toLowerCase() };
    return { kind: "value", value: this.words() };
  }

  /** One argument: a word, or several with commas between them. */
  private words(): Expr {
    const first = this.word();
    const items = [first];
    for (;;) {
      const before = this.pos;
      this.skip();
      if (!this.take(",")) {
        this.pos = before;
        break;
      }
      this.skip(true);
      items.push(this.word());
    }
    return items.length === 1 ? first : { kind: "list", items };
  }

  private word(): Expr {
    const char = this.peek();
    if (isDouble(char) || isSingle(char)) return this.closed(this.string() as Expr);
    if (char === "@") {
      const text = this.string();
      if (text !== null) return text;
      if (this.peek(1) === "{") return this.postfix(this.table());
      if (this.peek(1) === "(") return this.postfix(this.arrayOf());
    }
    if (char === "(") return this.closed(this.parenthesis());
    if (char === "{") return { kind: "block", block: this.block() };
    if (char === "$") {
      const value = this.expansion();
      if (value !== null) {
        const whole = this.postfix(value);
        return ends(this.peek()) ? whole : this.bareWord(false, [whole]);
      }
    }
    return this.bareWord(false);
  }

  /** What follows a string or a parenthesis without a blank is a member of it, or an argument of its own. */
  private closed(value: Expr): Expr {
    return this.peek() === "." && isWord(this.peek(1)) ? this.postfix(value) : value;
  }

  /** A word without quotes around it, in which variables are expanded. */
  private bareWord(isName: boolean, parts: (string | Expr)[] = []): Expr {
    let plain = "";
    for (;;) {
      const char = this.peek();
      if (char === "`" && this.peek(1) === "\n") break;
      if (char === "`") plain += this.escape();
      else if (ends(char)) break;
      else if (isDouble(char) || isSingle(char)) {
        const inner = this.string();
        if (inner?.kind !== "text") this.fail("a string");
        if (plain !== "") parts.push(plain);
        plain = "";
        parts.push(inner);
      } else {
        const expansion = char === "$" ? this.expansion() : null;
        if (expansion !== null) {
          if (plain !== "") parts.push(plain);
          plain = "";
          parts.push(expansion);
        } else {
          plain += char;
          this.pos++;
        }
      }
    }
    if (plain !== "") parts.push(plain);
    if (parts.length === 0)
      this.fail(
        `${isName ? "a command" : "a word"} was expected before ${JSON.stringify(this.text.slice(this.pos, this.pos + 20))}`,
      );
    return { kind: "text", parts };
  }
}

export function oneLine(text: string): string {
  const line = text.replace(/`\n/g, " ").replace(/\s+/g, " ").trim();
  return line.length > 160 ? `${line.slice(0, 157)}...` : line;
}
