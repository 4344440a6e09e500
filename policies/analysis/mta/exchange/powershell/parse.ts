import type { Block, Expr, Parameter, Statement } from "./ast";
import { Commands, oneLine } from "./commands";
import { isDouble, isSingle, NotUnderstood, TooMuch } from "./cursor";

/** Reads a script. Never throws: a statement that is not understood is opaque, and reading goes on behind it. */
export function parseScript(text: string): Block {
  try {
    return new Script(text).script();
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
    return {
      parameters: [],
      body: [{ kind: "opaque", line: 1, text: oneLine(text.slice(0, 200)), why: error.message }],
    };
  }
}

const assignments = ["+=", "-=", "*=", "/=", "%=", "??=", "="];
const outside = new Set("class enum data trap configuration workflow parallel sequence using dynamicparam".split(" "));

class Script extends Commands {
  script(): Block {
    const body: Statement[] = [];
    const parameters = this.guarded(body, () => this.parameterBlock()) ?? [];
    while (!this.atEnd) {
      body.push(...this.statementsUntil(""));
      // A bracket that nothing opened.
      if (!this.atEnd) {
        const { line } = this;
        const text = oneLine(this.text.slice(this.pos, this.pos + 80));
        this.pos++;
        body.push({ kind: "opaque", line, text, why: "a bracket without its other half" });
      }
    }
    return { parameters, body };
  }

  protected statementsUntil(end: string): readonly Statement[] {
    const found: Statement[] = [];
    for (;;) {
      this.guarded(found, () => this.skip(true));
      if (this.take(";")) continue;
      const char = this.peek();
      if (char === "" || char === end || char === ")" || char === "}") return found;
      found.push(this.statement());
    }
  }

  protected block(): Block {
    this.need("{");
    const parameters = this.parameterBlock();
    const body = this.nested(() => this.statementsUntil("}"));
    this.need("}");
    return { parameters, body };
  }

  protected tableValue(): readonly Statement[] {
    return [this.statement()];
  }

  private statement(): Statement {
    const { line } = this;
    const start = this.pos;
    try {
      const word = this.keyword();
      const statement = this.nested(() => (word === null ? this.pipeline() : this.structure(word, line)));
      this.skip();
      const char = this.peek();
      if (char !== "" && !"\n;)}".includes(char) && !isStructure(statement)) {
        if (char === "&" || char === "|") this.fail("a chain of pipelines");
        this.fail(
          `the end of the statement was expected before ${JSON.stringify(this.text.slice(this.pos, this.pos + 20))}`,
        );
      }
      return statement;
    } catch (error) {
      if (!(error instanceof NotUnderstood)) throw error;
      this.skipStatement(start);
      return { kind: "opaque", line, text: oneLine(this.text.slice(start, this.pos)), why: error.message };
    }
  }

  /** What cannot be read between statements hides everything behind it. */
  private guarded<T>(found: Statement[], read: () => T): T | null {
    const { line } = this;
    const start = this.pos;
    try {
      return read();
    } catch (error) {
      if (!(error instanceof NotUnderstood)) throw error;
      const text = oneLine(this.text.slice(start, start + 200));
      this.pos = this.text.length;
      found.push({ kind: "opaque", line, text, why: error.message });
      return null;
    }
  }

  /** Moves behind the statement that begins at `start`: to a line end or bracket outside every bracket and string of it. */
  private skipStatement(start: number): void {
    this.pos = start;
    let depth = 0;
    for (; !this.atEnd; this.pos++) {
      const char = this.peek();
      if (char === "`") this.pos++;
      else if (
        isDouble(char) ||
        isSingle(char) ||
        (char === "@" && (isDouble(this.peek(1)) || isSingle(this.peek(1))))
      ) {
        const before = this.pos;
        try {
          this.string();
          this.pos--;
        } catch (error) {
          if (!(error instanceof NotUnderstood)) throw error;
          // A string that cannot be read hides where the statement ends.
          if (this.pos >= this.text.length) return;
          this.pos = before;
        }
      } else if ("({[".includes(char)) depth++;
      else if (")}]".includes(char)) {
        if (depth === 0 && char !== "]" && this.pos > start) return;
        depth = Math.max(0, depth - 1);
      } else if (depth === 0 && (char === "\n" || char === ";")) return;
    }
  }

  private keyword(): string | null {
    const found = /(?:[a-z]+)(?![\w-])/iy;
    found.lastIndex = this.pos;
    const word = found.exec(this.text)?.[0].toLowerCase() ?? "";
    if (structures.has(word) || outside.has(word)) {
      this.pos += word.length;
      return word;
    }
    return null;
  }

  private pipeline(): Statement {
    const { line } = this;
    const elements = this.pipelineElements();
    const [first] = elements;
    if (elements.length === 1 && first?.kind === "expression") {
      this.skip();
      const operator = assignments.find((it) => this.looksAt(it));
      if (operator !== undefined && assignable(first.value)) {
        this.pos += operator.length;
        this.skip(true);
        return { kind: "assign", line, target: first.value, operator, value: this.statement() };
      }
    }
    return { kind: "pipeline", line, elements };
  }

  private structure(word: string, line: number): Statement {
    this.skip(true);
    switch (word) {
      case "if":
        return this.conditional(line);
      case "foreach":
        return this.forEach(line);
      case "for":
      case "while":
      case "switch":
        return this.loop(word, line);
      case "do": {
        const body = this.body();
        this.skip(true);
        if (this.match(/(?:while|until)\b/iy) === null) this.fail("a do without its condition");
        this.skip(true);
        this.parenthesis();
        return { kind: "loop", line, word, bodies: [body] };
      }
      case "try":
        return this.attempt(line);
      case "function":
      case "filter":
        return this.functionOf(line);
      case "param":
        return this.fail("parameters that are not at the beginning");
      case "begin":
      case "process":
      case "end":
        return { kind: "if", line, clauses: [], otherwise: this.body() };
      case "return":
      case "exit":
      case "throw":
      case "break":
      case "continue": {
        const rest = this.peek() === "" || "\n;})".includes(this.peek()) ? null : this.statement();
        return { kind: "leave", line, word, value: rest };
      }
      default:
        return this.fail(`the keyword ${word}`);
    }
  }

  private body(): readonly Statement[] {
    this.skip(true);
    this.need("{");
    const statements = this.nested(() => this.statementsUntil("}"));
    this.need("}");
    return statements;
  }

  private test(): Statement {
    this.skip(true);
    const { line } = this;
    const value = this.parenthesis();
    return { kind: "pipeline", line, elements: [{ kind: "expression", value, line }] };
  }

  private conditional(line: number): Statement {
    const clauses = [{ test: this.test(), body: this.body() }];
    let otherwise: readonly Statement[] | null = null;
    while (this.ahead(/\s*elseif(?![\w-])/iy)) clauses.push({ test: this.test(), body: this.body() });
    if (this.ahead(/\s*else(?![\w-])/iy)) otherwise = this.body();
    return { kind: "if", line, clauses, otherwise };
  }

  /** Moves behind a keyword that may follow on a later line, comments between. */
  private ahead(pattern: RegExp): boolean {
    const before = this.pos;
    this.skip(true);
    if (this.match(pattern) !== null) return true;
    this.pos = before;
    return false;
  }

  private forEach(line: number): Statement {
    this.match(/-parallel\b/iy);
    this.skip(true);
    this.need("(");
    this.skip(true);
    const variable = this.variable();
    if (variable?.kind !== "variable") return this.fail("a variable was expected");
    this.skip(true);
    if (this.match(/in\b/iy) === null) this.fail("in was expected");
    this.skip(true);
    const over = this.statement();
    this.skip(true);
    this.need(")");
    return { kind: "foreach", line, variable: variable.name, over, body: this.body() };
  }

  private loop(word: string, line: number): Statement {
    this.skip(true);
    if (word === "for") {
      this.need("(");
      this.statementsUntil(")");
      this.need(")");
    } else {
      while (this.match(/-\w+\s*/y) !== null);
      this.parenthesis();
    }
    if (word !== "switch") return { kind: "loop", line, word, bodies: [this.body()] };
    this.skip(true);
    this.need("{");
    const bodies: (readonly Statement[])[] = [];
    for (;;) {
      this.skip(true);
      if (this.take(";")) continue;
      if (this.take("}")) return { kind: "loop", line, word, bodies };
      if (this.peek() === "{") this.block();
      else this.argumentOfSwitch();
      bodies.push(this.body());
    }
  }

  private argumentOfSwitch(): void {
    if (this.match(/[\p{L}_*][\p{L}\p{N}_*.-]*/uy) === null) this.expression();
  }

  private attempt(line: number): Statement {
    const body = this.body();
    const handlers: (readonly Statement[])[] = [];
    let last: readonly Statement[] = [];
    while (this.ahead(/\s*catch(?![\w-])/iy)) {
      this.skip(true);
      while (this.peek() === "[") {
        this.typeName();
        this.skip(true);
        this.take(",");
        this.skip(true);
      }
      handlers.push(this.body());
    }
    if (this.ahead(/\s*finally(?![\w-])/iy)) last = this.body();
    return { kind: "try", line, body, handlers, last };
  }

  private functionOf(line: number): Statement {
    const name = this.match(/[\p{L}\p{N}_:.-]+/uy)?.[0] ?? this.fail("the name of a function was expected");
    this.skip(true);
    const listed = this.peek() === "(" ? this.parameters() : [];
    this.skip(true);
    const block = this.block();
    const parameters = [...listed, ...block.parameters];
    return { kind: "function", line, name: name.toLowerCase().replace(/^\w+:/, ""), block: { ...block, parameters } };
  }

  /** `param(…)` with what stands before it. */
  private parameterBlock(): readonly Parameter[] {
    const before = this.pos;
    this.skip(true);
    while (this.peek() === "[" && this.attribute());
    if (this.match(/param(?=\s*\()/iy) === null) {
      this.pos = before;
      return [];
    }
    this.skip(true);
    return this.parameters();
  }

  private parameters(): readonly Parameter[] {
    this.need("(");
    const found: Parameter[] = [];
    for (;;) {
      this.skip(true);
      if (this.take(")")) return found;
      if (this.take(",")) continue;
      let type: string | null = null;
      while (this.peek() === "[") {
        if (!this.attribute()) type = this.typeName();
        this.skip(true);
      }
      const variable = this.variable();
      if (variable?.kind !== "variable") return this.fail("a parameter was expected");
      this.skip(true);
      let preset: Expr | null = null;
      if (this.take("=")) {
        this.skip(true);
        preset = this.withoutCommas();
      }
      found.push({ name: variable.name, type, preset });
    }
  }

  /** `[Parameter(Mandatory)]` and its kin; false for a type. */
  private attribute(): boolean {
    const found = this.match(/\[\s*[\w.]+\s*\(/y);
    if (found === null) return false;
    let depth = 1;
    while (depth > 0) {
      if (this.atEnd) this.fail("an attribute has no end");
      const char = this.peek();
      if (isDouble(char) || isSingle(char)) {
        this.string();
        continue;
      }
      if (char === "(") depth++;
      if (char === ")") depth--;
      this.pos++;
    }
    this.skip(true);
    this.need("]");
    this.skip(true);
    return true;
  }
}

const structures = new Set(
  "if foreach for while switch do try function filter param begin process end return exit throw break continue".split(
    " ",
  ),
);

/** After its closing brace the next statement may follow on the same line. */
function isStructure(statement: Statement): boolean {
  return ["if", "foreach", "loop", "try", "function"].includes(statement.kind);
}

function assignable(target: Expr): boolean {
  switch (target.kind) {
    case "variable":
    case "member":
    case "index":
      return true;
    case "cast":
      return assignable(target.of);
    case "list":
      return target.items.every(assignable);
    default:
      return false;
  }
}
