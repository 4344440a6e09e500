import { z } from "zod";

/** What the published schemas of JSON outputs have in common. */

/** A type without what a schema cannot say: readonly, and how a key is absent. */
export type Plain<T> = T extends readonly (infer Item)[]
  ? Plain<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]-?: Plain<Exclude<T[Key], undefined>> }
    : T;
export type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/** A schema as the file that is published. `same` is the proof that it has the type of what is written. */
export function published(schema: z.ZodType, title: string, same: true): string {
  const json = z.toJSONSchema(schema, { target: "draft-7", reused: "inline" });
  return same ? `${JSON.stringify({ ...json, title }, null, 2)}\n` : "";
}
