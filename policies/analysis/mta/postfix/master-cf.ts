import { logicalLines, type SourceLine, splitNameValue } from "./lines";
import type { Parameter } from "./main-cf";
import { insideBraces, splitQuoted } from "./words";

/** A service of master.cf. */
export interface Service {
  readonly name: string;
  readonly type: string;
  readonly command: string;
  /** `-o name=value`: wins over main.cf. */
  readonly overrides: ReadonlyMap<string, Parameter>;
  readonly at: SourceLine["at"];
  /** An argument that is not covered. */
  readonly unclear?: string;
  /** A word behind the command that is no option: a daemon of Postfix does not start with it. */
  readonly surplus?: string;
}

export interface MasterCf {
  readonly services: readonly Service[];
  /** A line on which Postfix refuses to start. */
  readonly broken?: SourceLine;
}

const types = new Set(["inet", "unix", "unix-dgram", "fifo", "pass"]);

/** Reads master.cf. Of two services of the same name and type the last one counts, as in master(8). */
export function parseMasterCf(lines: readonly SourceLine[]): MasterCf {
  const services = new Map<string, Service>();
  for (const line of logicalLines(lines)) {
    const words = splitSpaces(line.text);
    const [name = "", type = "", , , , , , command] = words;
    if (command === undefined || !types.has(type)) return { services: [...services.values()], broken: line };
    const { surplus, ...rest } = options(words.slice(8), line.at);
    const service = { name, type, command, at: line.at, ...rest };
    const takesWords = service.unclear !== undefined || /^(?:pipe|spawn)$/.test(command);
    services.set(`${name} ${type}`, surplus === undefined || takesWords ? service : { ...service, surplus });
  }
  return { services: [...services.values()] };
}

/** Fields are separated by whitespace only: a comma belongs to a value, as in `-o smtpd_client_restrictions=permit_mynetworks,reject`. */
function splitSpaces(text: string): string[] {
  return splitQuoted(text.replace(/,/g, "\0")).map((word) => word.replaceAll("\0", ","));
}

function options(words: readonly string[], at: SourceLine["at"]): Pick<Service, "overrides" | "unclear" | "surplus"> {
  const overrides = new Map<string, Parameter>();
  let unclear: string | undefined;
  let surplus: string | undefined;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    if (/^-[vD]+$/.test(word)) continue;
    if (word === "-o" || word.startsWith("-o")) {
      const argument = word === "-o" ? (words[++i] ?? "") : word.slice(2);
      const pair = splitNameValue(insideBraces(argument) ?? argument);
      if (pair === null) unclear ??= argument;
      else overrides.set(pair.name, { value: pair.value, at });
    } else if (word.startsWith("-")) unclear ??= word;
    else surplus ??= word;
  }
  return {
    overrides,
    ...(unclear === undefined ? {} : { unclear }),
    ...(surplus === undefined ? {} : { surplus }),
  };
}
