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
        ? pulumi.Input<z.output<S>>
        : readonly pulumi.Input<z.output<S>>[]
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
  const name = full.reduce<string>(
    (text, part) => text + (typeof part === "number" ? `[${part}]` : `.${String(part)}`),
    path,
  );
  const expected = key === undefined ? (issue?.message ?? "another value") : "no such argument";
  return refuse(who, name, valueAt(value, full), expected);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (at !== null && typeof at === "object" ? (at as Record<PropertyKey, unknown>)[key] : undefined),
    value,
  );
}

/** Runs `check` now if `value` holds nothing that is unknown, else when it is known. Returns what `check` returns. */
export function whenKnown<T, U>(value: pulumi.Input<T>, check: (known: T) => U): pulumi.Input<U> {
  if (isKnown(value)) return check(value as T);
  return pulumi.output(value).apply((known) => check(known as T));
}

export function isKnown(value: unknown): boolean {
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return false;
  if (value === null || typeof value !== "object") return true;
  return Object.values(value).every(isKnown);
}

/** The value itself where it is known when the program runs. */
export function knownOr<T, U>(value: pulumi.Input<T>, otherwise: U): T | U {
  return isKnown(value) ? (value as T) : otherwise;
}

/** A text that may be an output, for use inside an argument that is otherwise plain. */
export function deferrable<T>(schema: z.ZodType<T>, expected: string) {
  return z.custom<pulumi.Input<T>>((value) => !isKnown(value) || schema.safeParse(value).success, { error: expected });
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
  if (pulumi.Output.isInstance(value) || value instanceof Promise) return "not known yet";
  const text =
    JSON.stringify(value, (_, part) => (pulumi.Output.isInstance(part) ? "not known yet" : part)) ?? String(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
