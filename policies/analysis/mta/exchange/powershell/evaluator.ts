import type { Expr, Statement } from "./ast";
import { Environment } from "./environment";
import { cast, index, member, method } from "./members";
import { binary, unary } from "./operators";
import {
  collapse,
  isList,
  itemsOf,
  listOf,
  MACHINE_NAME,
  Opaque,
  Script,
  Table,
  Thing,
  tableOf,
  textOf,
  type Value,
} from "./values";

/** Expressions and assignments. */
export abstract class Evaluator<S> extends Environment<S> {
  abstract run(statements: readonly Statement[]): Value[];
  abstract block(script: Script, item?: Value): Value[];
  protected abstract yieldOf(statement: Statement): Value;

  protected assign(target: Expr, operator: string, value: Value): void {
    switch (target.kind) {
      case "variable": {
        const name = target.name.replace(/^(?:script|global):/, "");
        this.variables.set(
          name,
          this.combined(operator, () => this.evaluate(target), value),
        );
        return;
      }
      case "cast":
        this.assign(target.of, operator, operator === "=" ? cast(target.type, value) : value);
        return;
      case "list":
        for (const [i, part] of target.items.entries())
          this.assign(
            part,
            "=",
            isList(value) && value.length === target.items.length
              ? (value[i] as Value)
              : new Opaque("a part of a list"),
          );
        return;
      case "member":
      case "index": {
        const base = this.evaluate(target.of);
        const key = this.evaluate(target.kind === "member" ? target.name : target.at);
        const next = this.combined(operator, () => this.evaluate(target), value);
        this.assign(target.of, "=", withPart(base, key, next));
        return;
      }
      default:
        return;
    }
  }

  protected combined(operator: string, current: () => Value, value: Value): Value {
    return operator === "="
      ? value
      : operator === "??="
        ? new Opaque("??=")
        : binary(operator.slice(0, -1), current(), value);
  }

  protected evaluate(expr: Expr): Value {
    this.step();
    switch (expr.kind) {
      case "text":
        return this.text(expr.parts);
      case "number":
        return expr.value;
      case "variable":
        return this.variable(expr.name);
      case "list":
        return listOf(expr.items.map((item) => this.evaluate(item)));
      case "group":
        return this.group(expr.body, expr.list);
      case "table":
        return this.table(expr.entries);
      case "block":
        return new Script(expr.block);
      case "member": {
        if (expr.of.kind === "type") return staticMember(expr.of.name, this.nameOf(expr.name));
        return member(this.evaluate(expr.of), this.nameOf(expr.name));
      }
      case "call": {
        const name = this.nameOf(expr.name);
        const args = expr.args.map((arg) => this.evaluate(arg));
        if (expr.of.kind === "type") return staticMember(expr.of.name, name);
        return this.callMethod(expr.of, name, args);
      }
      case "index":
        return index(this.evaluate(expr.of), this.evaluate(expr.at));
      case "unary":
        return unary(expr.operator, this.evaluate(expr.of));
      case "binary":
        return binary(expr.operator, this.evaluate(expr.left), this.evaluate(expr.right));
      case "cast":
        return cast(expr.type, this.evaluate(expr.of));
      case "type":
        return new Opaque(`the type ${expr.name}`);
    }
  }

  /** Methods that change what they are called on. */
  protected callMethod(target: Expr, name: string, args: readonly Value[]): Value {
    const of = this.evaluate(target);
    const key = name.toLowerCase();
    const [first, second] = args;
    if (target.kind === "variable" || target.kind === "member") {
      if (key === "add" && isList(of) && first !== undefined) {
        this.assign(target, "=", listOf([...of, first]));
        return null;
      }
      if (key === "addrange" && isList(of) && first !== undefined) {
        this.assign(target, "=", listOf([...of, ...itemsOf(first)]));
        return null;
      }
      if (key === "add" && of instanceof Table && typeof first === "string" && second !== undefined) {
        this.assign(target, "=", withPart(of, first, second));
        return null;
      }
      if (/^(?:add|remove|insert|clear|set)/.test(key)) this.assign(target, "=", new Opaque(`what ${name} leaves`));
    }
    if (of instanceof Script && (key === "invoke" || key === "invokereturnasis")) return collapse(this.block(of));
    return method(of, name, args);
  }

  protected nameOf(expr: Expr): string {
    const name = textOf(this.evaluate(expr));
    return name instanceof Opaque ? "?" : name;
  }

  protected text(parts: readonly (string | Expr)[]): Value {
    let whole = "";
    for (const part of parts) {
      const text = typeof part === "string" ? part : textOf(this.evaluate(part));
      if (text instanceof Opaque) return text;
      whole += text;
    }
    return textOf(whole.length > 1_000_000 ? new Opaque("a text that is too long") : whole);
  }

  protected variable(name: string): Value {
    const plain = name.replace(/^(?:script|global):/, "");
    const known = this.variables.get(plain === "psitem" ? "_" : plain);
    if (known !== undefined) return known;
    switch (plain) {
      case "true":
        return true;
      case "false":
        return false;
      case "null":
        return null;
      case "env:computername":
        return MACHINE_NAME;
      default:
        return new Opaque(`$${name} is not set in the script`);
    }
  }

  protected group(body: readonly Statement[], list: boolean): Value {
    const [only] = body;
    const value = body.length === 1 && only !== undefined ? this.yieldOf(only) : collapse(this.run(body));
    return list ? itemsOf(value) : value;
  }

  protected table(entries: readonly (readonly [Expr, readonly Statement[]])[]): Value {
    const pairs: [string, Value][] = [];
    for (const [key, value] of entries) {
      const name = textOf(this.evaluate(key));
      if (name instanceof Opaque) return new Opaque("a key that is not known");
      const [only] = value;
      pairs.push([name, only === undefined ? null : this.yieldOf(only)]);
    }
    return tableOf(pairs);
  }
}

function withPart(base: Value, key: Value, value: Value): Value {
  if (base instanceof Table && typeof key === "string") return tableOf(base.with(key, value).pairs());
  if (base instanceof Thing && typeof key === "string")
    return new Thing(base.identity, base.properties.with(key, value), base.found);
  if (isList(base) && typeof key === "number" && key >= 0 && key < base.length)
    return base.map((item, i) => (i === key ? value : item));
  return new Opaque("an object that is changed");
}

function staticMember(type: string, name: string): Value {
  const key = `${type}::${name}`.toLowerCase();
  if (key === "environment::machinename" || key === "net.dns::gethostname") return MACHINE_NAME;
  if (key === "environment::newline") return "\r\n";
  if (key === "string::empty") return "";
  return new Opaque(`[${type}]::${name}`);
}
