import { stripVTControlCharacters } from "node:util";
import { z } from "zod";

/** What an operation said, in a preview and in an event alike. */
export const diagnostic = z.object(
  { message: z.string().nullish(), severity: z.string().nullish() },
  "expected a diagnostic",
);
type Diagnostic = z.output<typeof diagnostic>;

/** Why an operation failed. */
export interface Failure {
  /** One line, without the stack trace. */
  readonly reason: string;
  /** All that was said is that it failed: a policy, or something that was not written down. */
  readonly unexplained: boolean;
}

export function failureOf(diagnostics: readonly Diagnostic[]): Failure | null {
  const errors = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => toLine(message ?? ""));
  const [first] = errors;
  if (first === undefined) return null;
  const explained = errors.find((error) => !/^(?:preview|update|refresh|destroy) failed$/.test(error));
  return { reason: explained ?? first, unexplained: explained === undefined };
}

function toLine(message: string): string {
  const [said = ""] = stripVTControlCharacters(message).split(/\n\s+at /, 1);
  const line = said
    .replace(/^error: /, "")
    .replace(/\s+/g, " ")
    .trim();
  return line.length > 300 ? `${line.slice(0, 297)}...` : line;
}
