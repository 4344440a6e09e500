import { logicalLines, type SourceLine, splitNameValue } from "./lines";

/** A parameter as main.cf or `-o` sets it: raw, before `$name` is expanded. */
export interface Parameter {
  readonly value: string;
  readonly at: SourceLine["at"];
}

export interface MainCf {
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** A line on which Postfix refuses to start. */
  readonly broken?: SourceLine;
}

/** Reads main.cf. Of several settings of a parameter the last one counts. */
export function parseMainCf(lines: readonly SourceLine[]): MainCf {
  const parameters = new Map<string, Parameter>();
  for (const line of logicalLines(lines)) {
    const pair = splitNameValue(line.text);
    if (pair === null) return { parameters, broken: line };
    parameters.set(pair.name, { value: pair.value, at: line.at });
  }
  return { parameters };
}

/**
 * What `postconf -e name=value` leaves: every setting of the name has the value, in its place; one that is not there comes last. `null`
 * removes it (`postconf -X`), or makes a comment of it (`postconf -#`) if `comment`.
 */
export function editMainCf(
  lines: readonly SourceLine[],
  name: string,
  value: string | null,
  at: SourceLine["at"],
  comment = false,
): SourceLine[] {
  const kept: SourceLine[] = [];
  const edited: SourceLine | null = value === null ? null : { text: `${name} = ${value}`.trimEnd(), at };
  let found = false;
  let dropping = false;
  // postconf(1) ends every line.
  for (const { text, at: place } of lines) {
    if (/^\s*(?:#|$)/.test(text)) {
      kept.push({ text, at: place });
      continue;
    }
    const starts = !/^\s/.test(text);
    if (starts) dropping = splitNameValue(text)?.name === name;
    if (!dropping) kept.push({ text, at: place });
    else if (edited === null && comment) kept.push({ text: `#${text}`, at: place });
    else if (edited !== null && starts) kept.push(edited);
    found ||= dropping;
  }
  return found || edited === null ? kept : [...kept, edited];
}
