import { globMatcher } from "./expand";
import { resolvePath, type Shell, type Status } from "./state";

export interface Operand {
  /** Null if it is not known. */
  readonly text: string | null;
  /** The same as a pattern. */
  readonly pattern?: string | null;
  /** True for a word without quotes and expansions, which may be an operator. */
  readonly bare?: boolean;
}

export type TestToken = Operand | { readonly operator: string };

type Truth = boolean | null;

/** What `[[ … ]]` comes to. */
export function judgeTest(tokens: readonly TestToken[], shell: Shell): Status {
  let at = 0;
  const operatorAt = (i: number) => {
    const token = tokens[i];
    return token !== undefined && "operator" in token ? token.operator : null;
  };
  const operandAt = (i: number): Operand | null => {
    const token = tokens[i];
    return token !== undefined && !("operator" in token) ? token : null;
  };
  class Unclear extends Error {}
  const or = (): Truth => {
    let left = and();
    while (operatorAt(at) === "||") {
      at++;
      const right = and();
      left = left === true || right === true ? true : left === null || right === null ? null : false;
    }
    return left;
  };
  const and = (): Truth => {
    let left = not();
    while (operatorAt(at) === "&&") {
      at++;
      const right = not();
      left = left === false || right === false ? false : left === null || right === null ? null : true;
    }
    return left;
  };
  const not = (): Truth => {
    if (operatorAt(at) === "!") {
      at++;
      const inner = not();
      return inner === null ? null : !inner;
    }
    if (operatorAt(at) === "(") {
      at++;
      const inner = or();
      if (operatorAt(at++) !== ")") throw new Unclear();
      return inner;
    }
    return primary();
  };
  const primary = (): Truth => {
    const first = operandAt(at);
    if (first === null) throw new Unclear();
    const second = tokens[at + 1];
    if (first.bare === true && /^-[a-zA-Z]$/.test(first.text ?? "") && operandAt(at + 1) !== null) {
      const value = operandAt(at + 1);
      at += 2;
      return unary(first.text ?? "", value?.text ?? null, shell);
    }
    const name =
      second === undefined ? null : "operator" in second ? second.operator : second.bare === true ? second.text : null;
    if (name !== null && /^(?:==?|!=|=~|<|>|-(?:eq|ne|lt|le|gt|ge|nt|ot|ef))$/.test(name)) {
      const right = operandAt(at + 2);
      if (right === null) throw new Unclear();
      at += 3;
      if (/^(?:==?|!=)$/.test(name)) {
        const matches = right.pattern == null ? null : globMatcher(right.pattern);
        if (first.text === null || matches === null) return null;
        return matches(first.text) === (name !== "!=");
      }
      return /^-(?:eq|ne|lt|le|gt|ge)$/.test(name) ? compare(name, first.text, right.text) : null;
    }
    at++;
    return first.text === null ? null : first.text !== "";
  };
  try {
    const truth = or();
    return at === tokens.length && truth !== null ? (truth ? "yes" : "no") : "unknown";
  } catch (error) {
    if (error instanceof Unclear) return "unknown";
    throw error;
  }
}

/** What `[ … ]` comes to, by the number of its arguments: POSIX, test(1). */
export function judgeArguments(values: readonly (string | null)[], shell: Shell): Status {
  const truth = byNumber(values, shell);
  return truth === null ? "unknown" : truth ? "yes" : "no";
}

function byNumber(values: readonly (string | null)[], shell: Shell): Truth {
  const [a, b, c] = values;
  if (values.length === 0) return false;
  if (a === undefined) return null;
  if (values.length === 1) return a === null ? null : a !== "";
  if (b === undefined) return null;
  const negated = (rest: readonly (string | null)[]) => {
    const inner = byNumber(rest, shell);
    return inner === null ? null : !inner;
  };
  if (values.length === 2) {
    if (a === "!") return negated([b]);
    return a !== null && /^-[a-zA-Z]$/.test(a) ? unary(a, b, shell) : null;
  }
  if (values.length === 3 && c !== undefined) {
    if (b === "=" || b === "==" || b === "!=") return a === null || c === null ? null : (a === c) === (b !== "!=");
    if (b !== null && /^-(?:eq|ne|lt|le|gt|ge)$/.test(b)) return compare(b, a, c);
    return a === "!" && b !== null && c !== null ? negated([b, c]) : null;
  }
  return values.length === 4 && a === "!" ? negated(values.slice(1)) : null;
}

function compare(operator: string, a: string | null, b: string | null): Truth {
  if (a === null || b === null || !/^-?\d{1,15}$/.test(a) || !/^-?\d{1,15}$/.test(b)) return null;
  const [x, y] = [Number(a), Number(b)];
  switch (operator) {
    case "-eq":
      return x === y;
    case "-ne":
      return x !== y;
    case "-lt":
      return x < y;
    case "-le":
      return x <= y;
    case "-gt":
      return x > y;
    default:
      return x >= y;
  }
}

function unary(operator: string, value: string | null, shell: Shell): Truth {
  if (value === null) return null;
  if (operator === "-n") return value !== "";
  if (operator === "-z") return value === "";
  const path = resolvePath(value, shell.directory);
  if (path === null || value === "") return null;
  const { disk } = shell.machine;
  const kind = disk.kind(path);
  switch (operator) {
    case "-e":
    case "-r":
      return kind === null ? null : kind !== "gone";
    case "-f":
      return kind === null ? null : kind === "file";
    case "-d":
      return kind === null ? null : kind === "folder";
    case "-s": {
      const lines = disk.read(path);
      if (lines === "gone") return false;
      return Array.isArray(lines) ? lines.some((line) => line.text !== "" || line.open !== true) : null;
    }
    case "-L":
    case "-h":
      return disk.isLink(path) ? true : kind === "gone" ? false : null;
    default:
      return kind === "gone" && /^-[bcpSwx]$/.test(operator) ? false : null;
  }
}
