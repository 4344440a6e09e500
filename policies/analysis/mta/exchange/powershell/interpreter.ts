import type { CommandArgument } from "../../../model/network";
import type { Block, Command, Element, Expr, Parameter, Statement } from "./ast";
import { runBuiltIn } from "./builtins";
import { bind, type Call, type Word } from "./call";
import type { Leaving } from "./environment";
import { Evaluator } from "./evaluator";
import { cast, member } from "./members";
import { binary } from "./operators";
import { collapse, isList, itemsOf, Opaque, Script, Table, textOf, truth, type Value } from "./values";

/**
 * Follows a script in the order in which it would run. A condition that is not known is followed both ways and the results are
 * joined; whatever cannot be followed is a problem, with its line.
 */
export class Interpreter<S> extends Evaluator<S> {
  private readonly functions = new Map<string, Block>();

  /**
   * Runs a script in a process of its own.
   *
   * @param label its name in the places of what it does
   * @param given what it is called with
   */
  script(block: Block, label: string, given: readonly CommandArgument[] = []): void {
    const before = { label: this.label, variables: this.variables, inFunction: this.inFunction, line: this.line };
    this.label = label;
    this.variables = new Map();
    this.inFunction = 0;
    this.deeper(() => {
      for (const parameter of block.parameters) this.variables.set(parameter.name, this.passed(parameter, given));
      this.run(block.body);
    });
    this.leaving = null;
    this.mayLeave = false;
    Object.assign(this, before);
  }
  run(statements: readonly Statement[]): Value[] {
    const output: Value[] = [];
    for (const [i, statement] of statements.entries()) {
      if (this.leaving !== null) break;
      output.push(...this.statement(statement));
      if (this.mayLeave && i + 1 < statements.length && this.leaving === null) {
        output.push(...this.perhaps(() => this.run(statements.slice(i + 1)), "whether the script goes on here"));
        break;
      }
    }
    return output;
  }
  /** Runs a script block, as a command that takes one does. */
  block(script: Script, item?: Value): Value[] {
    return this.deeper(() => {
      const before = this.variables.get("_");
      if (item !== undefined) this.variables.set("_", item);
      const output = this.run(script.block.body);
      if (before === undefined) this.variables.delete("_");
      else this.variables.set("_", before);
      if (this.leaving === "return") this.leaving = null;
      return output;
    });
  }
  private statement(statement: Statement): readonly Value[] {
    this.step();
    this.line = statement.line;
    switch (statement.kind) {
      case "pipeline":
        return this.pipeline(statement.elements);
      case "assign":
        this.assign(statement.target, statement.operator, this.yieldOf(statement.value));
        return [];
      case "if":
        return this.conditional(statement.clauses, statement.otherwise);
      case "foreach":
        return this.forEach(statement.variable, this.yieldOf(statement.over), statement.body);
      case "loop":
        return this.loop(statement.bodies, statement.word);
      case "try":
        return this.attempt(statement.body, statement.handlers, statement.last);
      case "function":
        this.functions.set(statement.name, statement.block);
        return [];
      case "leave": {
        const value = statement.value === null ? [] : this.statement(statement.value);
        const word = statement.word === "throw" ? "exit" : (statement.word as Leaving);
        this.leaving = word === "return" && this.inFunction === 0 && this.depth <= 1 ? "exit" : word;
        return statement.word === "return" ? value : [];
      }
      case "opaque":
        this.problem(`this is not read (${statement.why}): ${statement.text}`, statement.line);
        return [new Opaque("what is not read")];
    }
  }

  /** What a statement yields as one value: a list stays a list. */
  protected yieldOf(statement: Statement): Value {
    if (statement.kind === "pipeline" && statement.elements.length === 1) {
      const [only] = statement.elements;
      if (only?.kind === "expression") {
        this.step();
        this.line = statement.line;
        return this.evaluate(only.value);
      }
    }
    return collapse(this.statement(statement));
  }

  private conditional(
    clauses: readonly { readonly test: Statement; readonly body: readonly Statement[] }[],
    otherwise: readonly Statement[] | null,
  ): readonly Value[] {
    const [first, ...rest] = clauses;
    if (first === undefined) return otherwise === null ? [] : this.run(otherwise);
    const test = truth(this.yieldOf(first.test));
    if (test === true) return this.run(first.body);
    const others = () => this.conditional(rest, otherwise);
    return test === false ? others() : this.fork(() => this.run(first.body), others, "the condition");
  }

  private forEach(variable: string, over: Value, body: readonly Statement[]): readonly Value[] {
    const output: Value[] = [];
    for (const item of itemsOf(over)) {
      const once = () => {
        this.variables.set(variable, item);
        const values = this.run(body);
        this.mayLeave = false;
        if (this.leaving === "continue") this.leaving = null;
        return values;
      };
      // What is not known may be nothing, or many.
      output.push(...(item instanceof Opaque ? this.perhaps(once, "what is looped over") : once()));
      if (this.leaving === "break") {
        this.leaving = null;
        break;
      }
      if (this.leaving !== null) break;
    }
    return output;
  }

  private loop(bodies: readonly (readonly Statement[])[], word: string): readonly Value[] {
    for (const name of bodies.flatMap(assigned)) this.variables.set(name, new Opaque("a variable of a loop"));
    const output = bodies.flatMap((body) => this.perhaps(() => this.run(body), `how often the ${word} runs`));
    this.mayLeave = false;
    if (this.leaving === "break" || this.leaving === "continue") this.leaving = null;
    return output;
  }

  private attempt(
    body: readonly Statement[],
    handlers: readonly (readonly Statement[])[],
    last: readonly Statement[],
  ): readonly Value[] {
    const output = this.run(body);
    if (this.leaving === null) {
      for (const handler of handlers) output.push(...this.failing(() => this.run(handler)));
    }
    const { leaving } = this;
    this.leaving = null;
    output.push(...this.run(last));
    this.leaving ??= leaving;
    return output;
  }
  private pipeline(elements: readonly Element[]): Value[] {
    const [first, ...rest] = elements;
    if (first === undefined) return [];
    if (first.kind === "command") return this.along(elements, null);
    return this.along(rest, itemsOf(this.evaluate(first.value)));
  }

  /** The commands of a pipeline from the first of `elements` on. */
  private along(elements: readonly Element[], input: readonly Value[] | null): Value[] {
    const [first, ...rest] = elements;
    if (first === undefined) return [...(input ?? [])];
    if (first.kind === "expression") {
      this.problem("an expression in the middle of a pipeline", first.line);
      return [new Opaque("a pipeline that is not read")];
    }
    this.step();
    this.line = first.line;
    const call = this.callOf(first, input);
    if (isOutput(call)) return this.along(rest, call);
    if (call.name === "where-object") {
      const { sure, perhaps } = this.where(call);
      const output = this.along(rest, sure);
      if (perhaps.length > 0) output.push(...this.perhaps(() => this.along(rest, perhaps), "which objects are meant"));
      return output;
    }
    return this.along(rest, this.command(call));
  }

  /** The command with its words evaluated; its output if it is a script block, or if what runs cannot be told. */
  private callOf(command: Command, input: readonly Value[] | null): Call | readonly Value[] {
    const named = this.evaluate(command.name);
    const words: Word[] = [];
    for (const arg of command.args) {
      if (arg.kind === "parameter")
        words.push({ name: arg.name, value: arg.value === null ? undefined : this.evaluate(arg.value) });
      else if (arg.kind === "value") words.push({ name: null, value: this.evaluate(arg.value) });
      else if (arg.kind === "splat") words.push(...this.splatted(arg.name, command));
      else if (arg.target !== null && arg.stream === "1") this.redirected(this.evaluate(arg.target));
    }
    if (named instanceof Script) return this.block(named);
    const name = textOf(named);
    if (name instanceof Opaque) {
      this.hidden(`what runs here is not known: ${command.text}`, command.line);
      return [new Opaque("the output of what is not known")];
    }
    const plain = name.toLowerCase().trim();
    return {
      name: Object.hasOwn(aliases, plain) ? (aliases[plain] ?? plain) : plain,
      words,
      input,
      line: command.line,
      text: command.text,
    };
  }

  private splatted(name: string, command: Command): Word[] {
    const value = this.variable(name);
    if (value instanceof Table) return value.pairs().map(([key, item]) => ({ name: key, value: item }));
    if (isList(value)) return value.map((item) => ({ name: null, value: item }));
    this.problem(`@${name} is not known: ${command.text}`, command.line);
    return [{ name: null, value: new Opaque(`@${name} is not known`) }];
  }

  private redirected(target: Value): void {
    const path = textOf(target);
    if (typeof path === "string") this.files.set(path.toLowerCase(), null);
  }

  private where(call: Call): { sure: Value[]; perhaps: Value[] } {
    const sure: Value[] = [];
    const perhaps: Value[] = [];
    for (const item of call.input ?? []) {
      const holds = item instanceof Opaque ? null : this.selects(call, item);
      if (holds === true) sure.push(item);
      else if (holds === null) perhaps.push(item);
    }
    return { sure, perhaps };
  }

  private selects(call: Call, item: Value): boolean | null {
    const script = call.words.find((word) => word.value instanceof Script)?.value;
    if (script instanceof Script) return truth(collapse(this.block(script, item)));
    // `where Name -like "x*"`
    const [property, operator, ...more] = call.words;
    const values = call.words.filter((word) => word.name === null || /^(?:property|value)$/i.test(word.name));
    const named = call.words.find((word) => word.name !== null && !/^(?:property|value)$/i.test(word.name));
    if (property === undefined || operator === undefined || named?.name == null || more.length > 3) return null;
    const name = textOf(values[0]?.value ?? null);
    const right = named.value ?? values[1]?.value ?? null;
    if (name instanceof Opaque || values.length > 2) return null;
    return truth(binary(`-${named.name.toLowerCase()}`, member(item, name), right));
  }

  private command(call: Call): readonly Value[] {
    const own = this.functions.get(call.name);
    if (own !== undefined) return this.function(own, call);
    const done = this.product.run(call, this.state, this);
    if (done !== null) {
      this.state = done.state;
      return done.output;
    }
    return runBuiltIn(call, this);
  }

  private function({ parameters, body }: Block, call: Call): Value[] {
    return this.deeper(() => {
      const caller = this.variables;
      const local = new Map(caller);
      const signature = {
        parameters: parameters.filter((it) => it.type !== "switch").map((it) => it.name),
        switches: parameters.filter((it) => it.type === "switch").map((it) => it.name),
        positions: parameters.filter((it) => it.type !== "switch").map((it) => it.name),
      };
      const { values, problem } = bind(call, signature);
      for (const parameter of parameters) {
        const given = values.get(parameter.name);
        this.variables = local;
        const value =
          given !== undefined && problem === null
            ? parameter.type === null
              ? given
              : cast(parameter.type, given)
            : problem === null
              ? this.unbound(parameter, true)
              : new Opaque(problem);
        local.set(parameter.name, value);
      }
      local.set("args", new Opaque("$args"));
      local.set("input", call.input ?? []);
      this.variables = local;
      this.inFunction++;
      const output =
        call.input === null || !usesItem(body)
          ? this.run(body)
          : call.input.flatMap((item) => this.block(new Script({ parameters: [], body }), item));
      this.inFunction--;
      if (this.leaving === "return") this.leaving = null;
      this.mayLeave = false;
      // What a function assigns may be a variable of the script: then the script's own value is no longer known.
      const after = this.variables;
      this.variables = caller;
      for (const name of assigned(body)) {
        if (name.startsWith("script:") || name.startsWith("global:")) {
          const plain = name.slice(7);
          this.variables.set(plain, after.get(plain) ?? new Opaque("a variable of a function"));
        }
      }
      return output;
    });
  }

  /** What a parameter of a script is; those that go by their place are not told apart. */
  private passed(parameter: Parameter, given: readonly CommandArgument[]): Value {
    const named = given.find((it) => it.name?.toLowerCase() === parameter.name);
    if (named === undefined && !given.some((it) => it.name === null)) return this.unbound(parameter);
    const value = named?.value ?? null;
    if (value === null) return new Opaque(`the parameter $${parameter.name} is not known`);
    return parameter.type === null ? value : cast(parameter.type, value);
  }

  /** What a parameter is that nothing was given for. */
  private unbound(parameter: Parameter, called = false): Value {
    if (parameter.preset !== null) return this.evaluate(parameter.preset);
    if (parameter.type === "switch") return false;
    return called ? null : new Opaque(`the parameter $${parameter.name} is not given`);
  }
}

function isOutput(call: Call | readonly Value[]): call is readonly Value[] {
  return Array.isArray(call);
}

/** Names of variables that statements assign, in blocks too. */
function assigned(statements: readonly Statement[]): string[] {
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (node === null || typeof node !== "object") return;
    if (Array.isArray(node)) {
      for (const item of node) visit(item);
      return;
    }
    const { kind, target, variable } = node as { kind?: unknown; target?: Expr; variable?: unknown };
    if (kind === "assign" && target !== undefined) found.push(...baseNames(target));
    if (kind === "foreach" && typeof variable === "string") found.push(variable);
    for (const value of Object.values(node)) visit(value);
  };
  visit(statements);
  return found;
}

function baseNames(target: Expr): string[] {
  switch (target.kind) {
    case "variable":
      return [target.name];
    case "list":
      return target.items.flatMap(baseNames);
    case "cast":
    case "member":
    case "index":
      return baseNames(target.of);
    default:
      return [];
  }
}

function usesItem(body: readonly Statement[]): boolean {
  return /"name":"(?:_|psitem)"/.test(JSON.stringify(body));
}
const aliases: Readonly<Record<string, string>> = {
  "%": "foreach-object",
  foreach: "foreach-object",
  "?": "where-object",
  where: "where-object",
  echo: "write-output",
  write: "write-output",
  select: "select-object",
  sort: "sort-object",
  cat: "get-content",
  gc: "get-content",
  type: "get-content",
  sc: "set-content",
  ac: "add-content",
  iex: "invoke-expression",
  icm: "invoke-command",
  saps: "start-process",
  start: "start-process",
  tee: "tee-object",
  sv: "set-variable",
  hostname: "hostname.exe",
};
