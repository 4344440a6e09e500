/** JSON for a file or a terminal: no character in it can drive the latter. */
export function safeJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2).replace(STILL_UNSAFE, escapeUnits)}\n`;
}

/** `JSON.stringify` escapes the other control characters. These are legal in JSON, but a terminal may obey them. */
const STILL_UNSAFE = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

function escapeUnits(char: string): string {
  return Array.from({ length: char.length }, (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, "0")}`).join(
    "",
  );
}
