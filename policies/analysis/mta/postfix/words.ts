/** Thrown inside the evaluator when it meets something that it does not cover; never leaves the evaluation of a host. */
export class Unreadable extends Error {}

/** Splits at commas and whitespace, as mystrtok(3) does. */
export function splitWords(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}

/** Splits at commas and whitespace outside of balanced braces, as mystrtokq(3) does. Unbalanced braces reach to the end. */
export function splitQuoted(text: string): string[] {
  const words: string[] = [];
  let word = "";
  let level = 0;
  for (const char of text) {
    if (level === 0 && /[\s,]/.test(char)) {
      if (word !== "") words.push(word);
      word = "";
      continue;
    }
    if (char === "{") level++;
    else if (char === "}" && level > 0) level--;
    word += char;
  }
  if (word !== "") words.push(word);
  return words;
}

/** What is inside `{ … }`, trimmed, or null if `text` is not one balanced pair of braces. */
export function insideBraces(text: string): string | null {
  if (!text.startsWith("{")) return null;
  const end = closing(text, 0);
  return end === text.length - 1 ? text.slice(1, end).trim() : null;
}

/** Index of the brace that closes the one at `open`, or -1. */
export function closing(text: string, open: number, pair: "{}" | "()" = "{}"): number {
  let level = 0;
  for (let i = open; i < text.length; i++) {
    if (text[i] === pair[0]) level++;
    else if (text[i] === pair[1] && --level === 0) return i;
  }
  return -1;
}
