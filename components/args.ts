import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

/**
 * Checks the arguments of a component: at once where they are known, and as soon as they become known where they are not.
 * An argument that fails is reported in one line that names the component, the argument, its value and what was expected.
 */

type Mode = "plain" | "input" | "each";

export interface Field<S extends z.ZodType, M extends Mode> {
  readonly mode: M;
  readonly schema: S;
}

/** An argument that decides which resources exist, so it must be known when the program runs. */
export function plain<S extends z.ZodType>(schema: S): Field<S, "plain"> {
  return { mode: "plain", schema };
}

/** An argument that may be known only later. */
export function input<S extends z.ZodType>(schema: S): Field<S, "input"> {
  return { mode: "input", schema };
}

/** A list of known length whose elements may be known only later. Absent means empty. */
export function each<S extends z.ZodType>(schema: S): Field<S, "each"> {
  return { mode: "each", schema };
}

type Fields = Readonly<Record<string, Field<z.ZodType, Mode>>>;

export type Checked<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends Field<infer S, infer M>
    ? M extends "plain"
      ? z.output<S>
      : M extends "input"
        ? Deferred<z.output<S>>
        : readonly Deferred<z.output<S>>[]
    : never;
};

/** Who is speaking, for messages: `FrontEndMailServer "mail"`. */
export type Owner = string;

export function owner(type: string, name: string): Owner {
  return `${type} "${name}"`;
}

/**
 * @returns the arguments with defaults filled in; the ones that are not known yet resolve only if they are valid.
 * @throws pulumi.RunError if a known argument is not.
 */
export function checkArgs<F extends Fields>(who: Owner, fields: F, args: object): Checked<F> {
  const given = args as Record<string, unknown>;
  for (const key of Object.keys(given)) {
    if (!(key in fields)) refuse(who, key, given[key], `one of the arguments ${Object.keys(fields).join(", ")}`);
  }
  const checked = Object.entries(fields).map(([key, field]) => [key, checkField(who, key, field, given[key])]);
  return Object.fromEntries(checked) as Checked<F>;
}

function checkField(who: Owner, key: string, field: Field<z.ZodType, Mode>, value: unknown): unknown {
  switch (field.mode) {
    case "plain":
      return parse(who, key, field.schema, value);
    case "input":
      return whenKnown(value, (known) => parse(who, key, field.schema, known));
    case "each":
      if (value === undefined) return [];
      if (!Array.isArray(value)) return refuse(who, key, value, "a list whose length is known when the program runs");
      return value.map((item, i) => whenKnown(item, (known) => parse(who, `${key}[${i}]`, field.schema, known)));
  }
}

function parse(who: Owner, path: string, schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const at = issue?.path ?? [];
  const key = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const full = key === undefined ? at : [...at, key];
  const { name, found } = locate(path, value, full);
  return refuse(who, name, found, key === undefined ? (issue?.message ?? "another value") : "no such argument");
}

/** The value at a path, or the last one on the way that is no object: a shorthand for what the path leads into. */
function locate(name: string, value: unknown, path: readonly PropertyKey[]): { name: string; found: unknown } {
  const [key, ...rest] = path;
  if (key === undefined || (value !== undefined && (value === null || typeof value !== "object"))) {
    return { name, found: value };
  }
  const next = (value as Record<PropertyKey, unknown> | undefined)?.[key];
  return locate(typeof key === "number" ? `${name}[${key}]` : `${name}.${String(key)}`, next, rest);
}

/** Runs `check` now if `value` holds nothing that is unknown, else when it is known. Returns what `check` returns. */
export function whenKnown<T, U>(value: pulumi.Input<T>, check: (known: T) => U): Deferred<U> {
  if (isKnown(value)) return check(value as T);
  return pulumi.output(value).apply((known) => check(known as T));
}

/** A value that is known, or an output of it. */
export type Deferred<T> = T | pulumi.Output<T>;

export function isDeferred(value: unknown): boolean {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}

/** True if no part of the value is an output. */
export function isKnown(value: unknown): boolean {
  if (isDeferred(value)) return false;
  if (value === null || typeof value !== "object") return true;
  return Object.values(value).every(isKnown);
}

/**
 * The part of a child's name that stands for a value: the value itself where it is known, so that taking one from the middle
 * of a list leaves the others alone; else its place.
 */
export function nameOf(value: unknown, place: number): string {
  return typeof value === "string" ? value.replace(/\/32$/, "").replace(/[^A-Za-z0-9]+/g, "-") : String(place + 1);
}

/** @throws pulumi.RunError if two known values of the list are equal. */
export function checkUnique(who: Owner, path: string, values: readonly unknown[]): void {
  values.forEach((value, i) => {
    expect(!isKnown(value) || values.indexOf(value) === i, who, `${path}[${i}]`, value, "each of them once");
  });
}

/**
 * A value inside a plain argument that may itself be known only later: what is known is checked with the argument, the rest
 * by {@link checkValue} when it is.
 */
export function deferrable<S extends z.ZodType>(schema: S) {
  return z
    .unknown()
    .optional()
    .transform((value, context): pulumi.Input<z.output<S>> => {
      if (!isKnown(value)) return value as pulumi.Output<z.output<S>>;
      const result = schema.safeParse(value);
      if (result.success) return result.data;
      for (const { message, path } of result.error.issues)
        context.addIssue({ code: "custom", message, path: [...path] });
      return z.NEVER;
    });
}

/** @throws pulumi.RunError if `value` is known and not valid; an output resolves only if it is. */
export function checkValue<S extends z.ZodType>(
  who: Owner,
  path: string,
  schema: S,
  value: unknown,
): Deferred<z.output<S>> {
  return whenKnown(value, (known) => parse(who, path, schema, known)) as Deferred<z.output<S>>;
}

/** @throws pulumi.RunError always: Pulumi prints its message alone, without a stack trace. */
export function refuse(who: Owner, path: string, value: unknown, expected: string): never {
  throw new pulumi.RunError(`${who}: ${path}: ${show(value)}: expected ${expected}`);
}

export function expect(holds: boolean, who: Owner, path: string, value: unknown, expected: string): void {
  if (!holds) refuse(who, path, value, expected);
}

function show(value: unknown): string {
  if (value === undefined) return "missing";
  if (isDeferred(value)) return "not known yet";
  const text = JSON.stringify(value, (_, part) => (isDeferred(part) ? "not known yet" : part)) ?? String(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
