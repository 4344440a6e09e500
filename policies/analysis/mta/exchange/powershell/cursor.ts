/** The reader met something that is not in its subset of the language. */
export class NotUnderstood extends Error {}

/** Reading the script would take longer than any real one does. */
export class TooMuch extends Error {}

/** Expressions and statements that are read, some of them twice where one around them is not understood. */
const MAX_STEPS = 80_000;

/** Brackets and blocks may be nested this deep; real scripts stay below 20. */
const MAX_NESTING = 60;

export const isDouble = (char: string) => char === '"' || char === "\u201c" || char === "\u201d" || char === "\u201e";
export const isSingle = (char: string) =>
  char === "'" || char === "\u2018" || char === "\u2019" || char === "\u201a" || char === "\u201b";
/** PowerShell takes the dashes of word processors for `-`, and their quotes for quotes. */
export const isDash = (char: string) => char === "-" || char === "\u2013" || char === "\u2014" || char === "\u2015";
export const isBlank = (char: string) => char === " " || char === "\t" || char === "\u00a0" || char === "\f";
export const isWord = (char: string) => /^[\p{L}\p{N}_]$/u.test(char);

/** A place in a script, and what PowerShell skips between tokens. */
export class Cursor {
  protected readonly text: string;
  protected pos = 0;
  private nesting = 0;
  private steps = 0;
  private readonly starts: number[] = [0];

  constructor(text: string) {
    this.text = text.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n");
    for (let at = this.text.indexOf("\n"); at >= 0; at = this.text.indexOf("\n", at + 1)) this.starts.push(at + 1);
  }

  /** Number of the line that the cursor is on, from 1. */
  protected get line(): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.starts[middle] as number) <= this.pos) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  protected get atEnd(): boolean {
    return this.pos >= this.text.length;
  }

  protected peek(offset = 0): string {
    return this.text.charAt(this.pos + offset);
  }

  protected looksAt(text: string): boolean {
    return this.text.startsWith(text, this.pos);
  }

  /** Moves behind `text` if it comes next. */
  protected take(text: string): boolean {
    if (!this.looksAt(text)) return false;
    this.pos += text.length;
    return true;
  }

  protected need(text: string): void {
    if (!this.take(text)) this.fail(`expected ${text}`);
  }

  protected match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.pos;
    const found = pattern.exec(this.text);
    if (found !== null) this.pos += found[0].length;
    return found;
  }

  protected fail(message: string): never {
    throw new NotUnderstood(message);
  }

  /** @throws NotUnderstood where text is nested deeper than anybody writes it. */
  protected nested<T>(read: () => T): T {
    if (++this.steps > MAX_STEPS) throw new TooMuch("it is too long or too tangled to be read");
    if (++this.nesting > MAX_NESTING) {
      this.nesting--;
      this.fail("it is nested too deeply");
    }
    try {
      return read();
    } finally {
      this.nesting--;
    }
  }

  /** Blanks, comments and continued lines; line ends too where they separate nothing. */
  protected skip(lineEnds = false): void {
    for (;;) {
      const char = this.peek();
      if (isBlank(char) || (lineEnds && char === "\n")) this.pos++;
      else if (char === "`" && this.peek(1) === "\n") this.pos += 2;
      else if (char === "#") this.pos = endOr(this.text.indexOf("\n", this.pos), this.text);
      else if (char === "<" && this.peek(1) === "#") {
        const end = this.text.indexOf("#>", this.pos + 2);
        if (end < 0) this.fail("a comment has no end");
        this.pos = end + 2;
      } else return;
    }
  }
}

function endOr(found: number, text: string): number {
  return found < 0 ? text.length : found;
}
