import type { z } from "zod";
import { InputError } from "../input-error";

/**
 * Reads a part of a file by its schema.
 *
 * @param name how messages call the file
 * @param at where the part stands in it, `deployment.resources`
 * @throws InputError about the first thing that is not as expected, with its place.
 */
export function readPart<S extends z.ZodType>(name: string, at: string, schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = (issue?.path ?? []).reduce<string>(
    (before, key) =>
      typeof key === "number" ? `${before}[${key}]` : before === "" ? String(key) : `${before}.${String(key)}`,
    at,
  );
  const found = (issue?.path ?? []).reduce<unknown>(
    (inside, key) => (inside as Record<PropertyKey, unknown>)?.[key],
    value,
  );
  throw new InputError(`${name}: ${path}: ${show(found)}: ${issue?.message ?? "expected something else"}`);
}

function show(value: unknown): string {
  if (value === undefined) return "missing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
