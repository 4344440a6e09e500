/**
 * Names and messages come from the judged program. Nothing in them may drive the terminal or reorder what a reader sees: control
 * characters, direction overrides and other invisible marks, line and paragraph separators, and lone surrogates become escapes.
 */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** The same for prose: line breaks and tabs are only layout there. */
export function printableLine(text: string): string {
  return printable(text.replace(/[ \t\r\n]+/g, " ").trim());
}
