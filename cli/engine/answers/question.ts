import { createHash } from "node:crypto";
import type { Wire, WireObject } from "../wire";

/** One question of a program to a data source, with what its answer may be made of. */
export interface Question {
  readonly args: WireObject;
  /** From `aws:region`, or us-east-1. */
  readonly region: string;
  readonly account: string;
  /** An identifier that names nothing in the stack: the same for the same question, another one for each `nth`. */
  id(prefix: string, nth?: number): string;
  /** A GUID made the same way. */
  guid(nth?: number): string;
  /** The argument if it is a text, else `otherwise`. */
  text(name: string, otherwise: string): string;
}

/** Known properties of an answer. The others are unknown, not absent. */
export type Answer = (question: Question) => WireObject;

const ACCOUNT = "123456789012";
const DEFAULT_REGION = "us-east-1";

export function question(token: string, args: WireObject, config: ReadonlyMap<string, string>): Question {
  const digest = (nth: number) =>
    createHash("sha256")
      .update(JSON.stringify([token, args, nth]))
      .digest("hex");
  const text = (value: Wire | undefined, otherwise: string) =>
    typeof value === "string" && value !== "" ? value : otherwise;
  return {
    args,
    region: text(args.region, config.get("aws:region") ?? DEFAULT_REGION),
    account: ACCOUNT,
    id: (prefix, nth = 0) => `${prefix}0${digest(nth).slice(0, 16)}`,
    guid: (nth = 0) => digest(nth).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-4$3-a$4-$5"),
    text: (name, otherwise) => text(args[name], otherwise),
  };
}
