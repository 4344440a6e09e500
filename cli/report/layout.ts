import { styleText } from "node:util";

/** A style of text, as `styleText` names it. */
export type Style = Parameters<typeof styleText>[0];

/** Paints a text, or leaves it as it is where there is no colour. */
export type Paint = (style: Style, text: string) => string;

export function painter(color: boolean): Paint {
  return color
    ? (style, text) => (text === "" ? "" : styleText(style, text, { validateStream: false }))
    : (_, text) => text;
}

/** Whether a stream wants colour: `FORCE_COLOR` and `NO_COLOR` beat what the stream is, in this order, as in Node itself. */
export function wantsColor(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  const force = env.FORCE_COLOR;
  if (force !== undefined) return force !== "0" && force !== "false";
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== "") return false;
  return stream.isTTY === true && env.TERM !== "dumb";
}

/** Breaks a text at spaces into lines of at most `width`; a longer word gets a line of its own, whole, so that it can be copied. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line === "") line = word;
    else if (length(line) + 1 + length(word) <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/** Puts `first` before the first of the lines that `text` wraps to, and as much space, or `rest`, before the others. */
export function hang(first: string, text: string, width: number, rest: string = " ".repeat(length(first))): string[] {
  return wrap(text, Math.max(20, width - length(first))).map((line, i) => (i === 0 ? first : rest) + line);
}

/** Length as it stands on the terminal, colour not counted. */
export function length(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of styleText
  return [...text.replace(/\u001b\[[\d;]*m/g, "")].length;
}

export function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - length(text)));
}

/** At most `limit` of the items, then how many there are besides. */
export function abbreviate(items: readonly string[], limit: number): string {
  if (items.length <= limit + 1) return items.join(", ");
  return `${items.slice(0, limit).join(", ")} and ${items.length - limit} more`;
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}
