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

/** What `postconf -e name=value` leaves: every setting of the name is replaced by one. `null` removes it (`postconf -X`, `-#`). */
export function editMainCf(
  lines: readonly SourceLine[],
  name: string,
  value: string | null,
  at: SourceLine["at"],
): SourceLine[] {
  const kept: SourceLine[] = [];
  let dropping = false;
  for (const line of lines) {
    if (/^\s*(?:#|$)/.test(line.text)) {
      kept.push(line);
      continue;
    }
    if (!/^\s/.test(line.text)) dropping = splitNameValue(line.text)?.name === name;
    if (!dropping) kept.push(line);
  }
  // postconf(1) ends every line.
  const complete = kept.map((line) => (line.open === true ? { text: line.text, at: line.at } : line));
  return value === null ? complete : [...complete, { text: `${name} = ${value}`, at }];
}
