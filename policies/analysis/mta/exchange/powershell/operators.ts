import {
  isList,
  itemsOf,
  listOf,
  MACHINE_NAME,
  MAX_TEXT,
  Opaque,
  Table,
  tableOf,
  textOf,
  truth,
  type Value,
  wildcard,
} from "./values";

/** `a -op b`, as far as both are known. */
export function binary(operator: string, left: Value, right: Value): Value {
  const name = operator.replace(
    /^-[ci]?(?=eq|ne|gt|ge|lt|le|like|notlike|match|notmatch|contains|notcontains|in$|notin|replace|split)/,
    "-",
  );
  switch (name) {
    case "-and":
    case "-or":
    case "-xor":
      return logical(name, truth(left), truth(right));
    case "+":
      return plus(left, right);
    case "-":
    case "*":
    case "/":
    case "%":
      return arithmetic(name, left, right);
    case "..":
      return range(left, right);
    case "-f":
      return format(left, right);
    case "-join":
      return join(left, right);
    case "-split":
      return split(left, right);
    case "-replace":
      return replace(left, right);
    case "-eq":
    case "-ne":
    case "-like":
    case "-notlike":
    case "-match":
    case "-notmatch":
    case "-gt":
    case "-ge":
    case "-lt":
    case "-le":
      return compare(name, left, right);
    case "-contains":
    case "-notcontains":
      return contains(left, right, name === "-notcontains");
    case "-in":
    case "-notin":
      return contains(right, left, name === "-notin");
    default:
      return new Opaque(`the operator ${operator}`);
  }
}

function logical(name: string, left: boolean | null, right: boolean | null): Value {
  if (name === "-and" && (left === false || right === false)) return false;
  if (name === "-or" && (left === true || right === true)) return true;
  if (left === null || right === null) return new Opaque("a condition that is not known");
  return name === "-and" ? true : name === "-or" ? false : left !== right;
}

function plus(left: Value, right: Value): Value {
  if (left instanceof Opaque || right instanceof Opaque) {
    // A list with something unknown added is known but for that.
    if (isList(left)) return listOf([...left, right]);
    return left instanceof Opaque ? left : (right as Opaque);
  }
  if (isList(left)) return listOf([...left, ...itemsOf(right)]);
  if (left === null) return right;
  if (typeof left === "number" && typeof right === "number") return left + right;
  if (left instanceof Table && right instanceof Table) return tableOf([...left.pairs(), ...right.pairs()]);
  if (typeof left !== "string") return new Opaque("a sum of objects");
  const text = textOf(right);
  if (text instanceof Opaque) return text;
  return left.length + text.length > MAX_TEXT ? new Opaque("a text that is too long") : left + text;
}

function arithmetic(name: string, left: Value, right: Value): Value {
  if (name === "*" && typeof left === "string" && typeof right === "number") {
    return right >= 0 && left.length * right < MAX_TEXT ? left.repeat(Math.floor(right)) : new Opaque("a product");
  }
  if (typeof left !== "number" || typeof right !== "number") return new Opaque("arithmetic with unknown numbers");
  const result = name === "-" ? left - right : name === "*" ? left * right : name === "/" ? left / right : left % right;
  return Number.isFinite(result) ? result : new Opaque("arithmetic without a result");
}

function range(left: Value, right: Value): Value {
  const [from, to] = [Number(left), Number(right)];
  if (typeof left === "object" || typeof right === "object" || !Number.isInteger(from) || !Number.isInteger(to))
    return new Opaque("a range of unknown numbers");
  const length = Math.abs(to - from) + 1;
  if (length > 2000) return new Opaque("a range that is too long");
  return Array.from({ length }, (_, i) => (to >= from ? from + i : from - i));
}

function format(left: Value, right: Value): Value {
  if (typeof left !== "string") return new Opaque("a format that is not known");
  const values = isList(right) ? right : [right];
  let unknown: Opaque | null = null;
  const text = left.replace(/\{\{|\}\}|\{(\d+)(?:[,:][^}]*)?\}/g, (whole, index: string | undefined) => {
    if (index === undefined) return whole.charAt(0);
    const value = textOf(values[Number(index)] ?? null);
    if (value instanceof Opaque) unknown ??= value;
    // Numbers with a format of their own are not followed.
    if (/[,:]/.test(whole)) unknown ??= new Opaque("a format of numbers");
    return value instanceof Opaque ? "" : value;
  });
  return unknown ?? (text.length > MAX_TEXT ? new Opaque("a text that is too long") : text);
}

function join(left: Value, right: Value): Value {
  const separator = textOf(right);
  if (separator instanceof Opaque) return separator;
  if (left instanceof Opaque) return left;
  const parts: string[] = [];
  for (const item of itemsOf(left)) {
    const text = textOf(item);
    if (text instanceof Opaque) return text;
    parts.push(text);
  }
  const text = parts.join(separator);
  return text.length > MAX_TEXT ? new Opaque("a text that is too long") : text;
}

/** Separators are regular expressions: only plain ones are followed. */
function split(left: Value, right: Value): Value {
  const separator = plainPattern(right);
  if (left instanceof Opaque) return left;
  if (separator === null) return new Opaque("a separator that is no plain text");
  const parts: Value[] = [];
  for (const item of itemsOf(left)) {
    const text = textOf(item);
    if (text instanceof Opaque) return text;
    parts.push(...(separator === "\\s+" ? text.split(/\s+/) : text.split(separator)));
  }
  return listOf(parts);
}

function replace(left: Value, right: Value): Value {
  const [from, to = ""] = itemsOf(right);
  const pattern = plainPattern(from ?? null);
  const by = textOf(to);
  if (left instanceof Opaque) return left;
  if (pattern === null || pattern === "\\s+" || pattern === "" || by instanceof Opaque || by.includes("$"))
    return new Opaque("a replacement that is no plain text");
  const one = (value: Value): Value => {
    const text = textOf(value);
    if (text instanceof Opaque) return text;
    const parts = text.toLowerCase().split(pattern.toLowerCase());
    let at = 0;
    const kept = parts.map((part) => {
      const piece = text.slice(at, at + part.length);
      at += part.length + pattern.length;
      return piece;
    });
    const result = kept.join(by);
    return result.length > MAX_TEXT ? new Opaque("a text that is too long") : result;
  };
  return isList(left) ? left.map(one) : one(left);
}

/** The text that a regular expression matches, if it is a plain one. */
function plainPattern(value: Value): string | null {
  if (typeof value !== "string") return null;
  if (value === "\\s+") return value;
  const plain = value.replace(/\\([.\\+*?^$()[\]{}|-])/g, (_, char: string) => `\0${char}`);
  return /(?<!\0)[.\\+*?^$()[\]{}|]/.test(plain) ? null : plain.replaceAll("\0", "");
}

function compare(name: string, left: Value, right: Value): Value {
  // A list on the left is filtered.
  if (isList(left)) {
    const kept: Value[] = [];
    for (const item of left) {
      const holds = compare(name, item, right);
      if (holds instanceof Opaque) return holds;
      if (holds === true) kept.push(item);
    }
    return kept;
  }
  if (left instanceof Opaque) return left;
  if (right instanceof Opaque) return right;
  if (left === null || right === null) {
    const equal = left === right;
    return name === "-eq" ? equal : name === "-ne" ? !equal : new Opaque("a comparison with null");
  }
  if (typeof left === "number" && !name.includes("like") && !name.includes("match")) {
    const other = Number(right);
    if (typeof right === "object" || Number.isNaN(other)) return new Opaque("a comparison with an unknown number");
    return ordered(name, left < other ? -1 : left > other ? 1 : 0);
  }
  const [a, b] = [textOf(left), textOf(right)];
  if (a instanceof Opaque) return a;
  if (b instanceof Opaque) return b;
  // The name of this machine is known by its symbol only.
  const symbolic = a.includes(MACHINE_NAME) !== b.includes(MACHINE_NAME);
  switch (name) {
    case "-like":
    case "-notlike": {
      const pattern = wildcard(b);
      if (pattern === null) return new Opaque("a pattern that is not read");
      if (pattern.test(a)) return name === "-like";
      if (symbolic && !differs(a, b)) return new Opaque("a pattern that the name of this machine may match");
      return name !== "-like";
    }
    case "-match":
    case "-notmatch":
      return matches(a, b, name === "-match");
    default: {
      const [x, y] = [a.toLowerCase(), b.toLowerCase()];
      if (symbolic && !differs(a, b)) return new Opaque("a comparison with the name of this machine");
      return ordered(name, x < y ? -1 : x > y ? 1 : 0);
    }
  }
}

/** Whether two texts are different whatever the name of the machine in them is, and whatever `*` and `?` stand for. */
function differs(a: string, b: string): boolean {
  const heads = [a, b].map((text) => (/^[^*?\ue000]*/.exec(text)?.[0] ?? "").toLowerCase()) as [string, string];
  const tails = [a, b].map((text) => (/[^*?\ue000]*$/.exec(text)?.[0] ?? "").toLowerCase()) as [string, string];
  const head = Math.min(heads[0].length, heads[1].length);
  const tail = Math.min(tails[0].length, tails[1].length);
  return (
    heads[0].slice(0, head) !== heads[1].slice(0, head) ||
    tails[0].slice(tails[0].length - tail) !== tails[1].slice(tails[1].length - tail)
  );
}

function ordered(name: string, order: -1 | 0 | 1): Value {
  switch (name) {
    case "-eq":
      return order === 0;
    case "-ne":
      return order !== 0;
    case "-gt":
      return order > 0;
    case "-ge":
      return order >= 0;
    case "-lt":
      return order < 0;
    default:
      return order <= 0;
  }
}

/** Alternatives of plain texts, anchored or not: what scripts match names with. */
function matches(text: string, pattern: string, positive: boolean): Value {
  const found = pattern.split("|").map((one) => {
    const plain = plainPattern(one.replace(/^\^|\$$/g, ""));
    if (plain === null || plain === "\\s+") return null;
    const [whole, part] = [text.toLowerCase(), plain.toLowerCase()];
    if (one.startsWith("^") && one.endsWith("$")) return whole === part;
    if (one.startsWith("^")) return whole.startsWith(part);
    return one.endsWith("$") ? whole.endsWith(part) : whole.includes(part);
  });
  if (found.includes(true)) return positive;
  if (text.includes(MACHINE_NAME)) return new Opaque("a pattern that the name of this machine may match");
  return found.includes(null) ? new Opaque("a regular expression that is not read") : !positive;
}

export function contains(list: Value, item: Value, negated: boolean): Value {
  if (list instanceof Opaque) return list;
  let doubt: Opaque | null = null;
  for (const one of itemsOf(list)) {
    const equal = compare("-eq", isList(one) ? null : one, isList(item) ? null : item);
    if (equal === true) return !negated;
    if (equal instanceof Opaque) doubt ??= equal;
  }
  return doubt ?? negated;
}

export function unary(operator: string, of: Value): Value {
  switch (operator) {
    case "-not": {
      const value = truth(of);
      return value === null ? new Opaque("a condition that is not known") : !value;
    }
    case "-":
      return typeof of === "number" ? -of : new Opaque("arithmetic with unknown numbers");
    case "-join":
      return join(of, "");
    case "-split":
      return split(of, "\\s+");
    default:
      return new Opaque(`the operator ${operator}`);
  }
}
