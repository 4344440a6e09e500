import { contains } from "./operators";
import { isList, itemsOf, MACHINE_NAME, MAX_TEXT, Opaque, Table, Thing, textOf, truth, type Value } from "./values";

/** Members, methods, indices and casts of values. */

/** `[type]value`. */
export function cast(type: string, of: Value): Value {
  if (of instanceof Opaque) return of;
  switch (type.replace(/\s/g, "")) {
    case "string":
      return textOf(of);
    case "string[]":
    case "array":
    case "object[]":
      return [...itemsOf(of)].map((item) => (type === "string[]" ? textOf(item) : item));
    case "int":
    case "int32":
    case "int64":
    case "long": {
      const number = Number(textOf(of));
      return Number.isFinite(number) ? Math.round(number) : new Opaque("no number");
    }
    case "bool":
    case "boolean": {
      const value = truth(of);
      return value === null ? new Opaque("a condition that is not known") : value;
    }
    case "void":
      return null;
    case "pscustomobject":
    case "psobject":
    case "hashtable":
    case "ordered":
    case "collections.arraylist":
    case "security.principal.securityidentifier":
    case "net.ipaddress":
    case "ipaddress":
    case "switch":
    case "object":
    case "psobject[]":
    case "char[]":
      return type === "char[]" ? new Opaque("characters") : of;
    default:
      return new Opaque(`a value of type ${type}`);
  }
}

/** `value.Name`. */
export function member(of: Value, name: string): Value {
  if (of instanceof Opaque) {
    return of.among === null
      ? of
      : new Opaque(
          of.why,
          of.among.map((item) => member(item, name)),
        );
  }
  const key = name.toLowerCase();
  if (of instanceof Table) {
    const value = of.get(key);
    if (value !== undefined) return value;
    if (key === "count") return of.entries.size;
    if (key === "keys") return of.pairs().map(([text]) => text);
    if (key === "values") return of.pairs().map(([, value]) => value);
    return null;
  }
  if (of instanceof Thing) return of.properties.get(key) ?? new Opaque(`the property ${name}`);
  if (isList(of)) {
    if (key === "count" || key === "length") return of.length;
    const values = of.map((item) => member(item, name));
    return values.find((item) => item instanceof Opaque) ?? values.flatMap(itemsOf);
  }
  if (key === "count") return of === null ? 0 : 1;
  if (typeof of === "string") {
    if (key === "length") return of.length;
    // What is the text of an address or of a size is its own text here.
    if (["ipaddresstostring", "tostring", "value", "expression"].includes(key)) return of;
  }
  return of === null ? null : new Opaque(`the property ${name}`);
}

/** `value.Method(…)`. */
export function method(of: Value, name: string, args: readonly Value[]): Value {
  if (of instanceof Opaque) return of;
  const key = name.toLowerCase();
  // An identifier stands for the account in whichever form it is written.
  if (key === "translate" && typeof of === "string" && /^s-1-/i.test(of)) return of;
  const unknown = args.find((arg) => arg instanceof Opaque);
  if (unknown !== undefined) return unknown;
  if (key === "tostring") return textOf(of);
  const [first, second] = args.map((arg) => textOf(arg)) as (string | undefined)[];
  if (of instanceof Table && (key === "containskey" || key === "contains")) return of.get(first ?? "") !== undefined;
  if (isList(of)) {
    if (key === "contains") return contains(of, args[0] ?? null, false);
    return of.map((item) => method(item, name, args));
  }
  if (typeof of !== "string") return new Opaque(`the method ${name}`);
  switch (key) {
    case "trim":
      return first === undefined ? of.trim() : trim(of, first, true, true);
    case "trimstart":
      return first === undefined ? of.trimStart() : trim(of, first, true, false);
    case "trimend":
      return first === undefined ? of.trimEnd() : trim(of, first, false, true);
    case "toupper":
    case "toupperinvariant":
      return of.toUpperCase();
    case "tolower":
    case "tolowerinvariant":
      return of.toLowerCase();
    case "split": {
      if (first === undefined) return of.split(/\s/);
      const marks = new Set(first);
      let word = "";
      const words: string[] = [];
      for (const char of of) {
        if (marks.has(char)) {
          words.push(word);
          word = "";
        } else word += char;
      }
      return args.length > 1 ? new Opaque("the method Split") : [...words, word];
    }
    case "replace":
      return first === undefined || first === "" || second === undefined
        ? new Opaque("the method Replace")
        : bounded(of.split(first).join(second));
    case "startswith":
      return symbolic(of, first) ?? of.startsWith(first ?? "");
    case "endswith":
      return symbolic(of, first) ?? of.endsWith(first ?? "");
    case "contains":
      return symbolic(of, first) ?? of.includes(first ?? "");
    default:
      return new Opaque(`the method ${name}`);
  }
}

function symbolic(text: string, other: string | undefined): Opaque | null {
  return text.includes(MACHINE_NAME) && other?.includes(MACHINE_NAME) !== true
    ? new Opaque("a comparison with the name of this machine")
    : null;
}

function bounded(text: string): Value {
  return text.length > MAX_TEXT ? new Opaque("a text that is too long") : text;
}

function trim(text: string, chars: string, start: boolean, end: boolean): string {
  let from = 0;
  let to = text.length;
  while (start && from < to && chars.includes(text.charAt(from))) from++;
  while (end && to > from && chars.includes(text.charAt(to - 1))) to--;
  return text.slice(from, to);
}

/** `value[i]`. */
export function index(of: Value, at: Value): Value {
  if (of instanceof Opaque) return of;
  if (at instanceof Opaque) return at;
  if (of instanceof Table && typeof at === "string") return of.get(at) ?? null;
  if (typeof at !== "number") return new Opaque("an index that is no number");
  const items = isList(of) ? of : typeof of === "string" ? [...of] : [of];
  return items.at(at) ?? null;
}
