import type { Provenance } from "../../model/provenance";

/** A line of a configuration file, with the place in the program that put it there. */
export interface SourceLine {
  readonly text: string;
  readonly at: Provenance;
  /** True for a last line that has no line feed, so that appended text goes on in it. */
  readonly open?: boolean;
}

/**
 * Joins lines as Postfix's readlline(3) does: a line that begins with whitespace continues the logical line before it. Comments
 * and blank lines between the two end nothing: `mynetworks = 10.0.0.1`, a comment, a blank line, ` 10.0.0.2` is one value.
 */
export function logicalLines(lines: readonly SourceLine[]): SourceLine[] {
  const result: SourceLine[] = [];
  let current: { text: string; at: Provenance } | null = null;
  for (const line of lines) {
    if (/^\s*(?:#|$)/.test(line.text)) continue;
    if (!/^\s/.test(line.text)) {
      if (current !== null) result.push(current);
      current = { text: line.text, at: line.at };
    } else if (current !== null) {
      current.text += line.text;
    }
    // A continuation of nothing is ignored, as Postfix does.
  }
  if (current !== null) result.push(current);
  return result;
}

/** `name = value` as split_nameval(3) takes it apart; null if there is no `=` behind the name. */
export function splitNameValue(text: string): { name: string; value: string } | null {
  const match = /^\s*([^\s=]+)\s*=/.exec(text);
  return match === null ? null : { name: match[1] ?? "", value: text.slice(match[0].length).trim() };
}

/** The first word of a line and the rest of it. */
export function splitFirst(text: string): { first: string; rest: string } {
  const line = text.trim();
  const end = line.search(/\s/);
  return end < 0 ? { first: line, rest: "" } : { first: line.slice(0, end), rest: line.slice(end).trim() };
}

/** Lines of a text, each with its own place: `path` is what precedes the number. */
export function sourceLines(text: string, urn: string, path: string): SourceLine[] {
  const lines = text.split("\n");
  const complete = lines[lines.length - 1] === "";
  if (complete) lines.pop();
  return lines.map((line, i) => {
    const at = { urn, path: `${path}:${i + 1}` };
    return complete || i < lines.length - 1 ? { text: line, at } : { text: line, at, open: true };
  });
}

/** The text behind the text of a file. */
export function appendLines(before: readonly SourceLine[], lines: readonly SourceLine[]): readonly SourceLine[] {
  const last = before[before.length - 1];
  const [first, ...rest] = lines;
  if (last?.open !== true || first === undefined) return [...before, ...lines];
  const seam = { text: last.text + first.text, at: first.at, ...(first.open === true ? { open: true } : {}) };
  return [...before.slice(0, -1), seam, ...rest];
}
