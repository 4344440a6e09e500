import { Opaque, type Value } from "./values";

/** A word of a command line with its value: `-Name`, `-Name:value`, or a value alone. */
export type Word =
  | { readonly name: string; readonly value: Value | undefined }
  | { readonly name: null; readonly value: Value };

/** A command that is run, with its words and what the pipeline brings. */
export interface Call {
  /** In lower case, without a path or `.exe`. */
  readonly name: string;
  readonly words: readonly Word[];
  /** Null for the first command of a pipeline. */
  readonly input: readonly Value[] | null;
  readonly line: number;
  readonly text: string;
}

/** What a command takes, in lower case. */
export interface Signature {
  readonly parameters: readonly string[];
  readonly switches: readonly string[];
  /** Parameters that values without a name go to, in order. */
  readonly positions: readonly string[];
}

export interface Bound {
  readonly values: ReadonlyMap<string, Value>;
  /** Why the words do not fit: PowerShell would refuse the command, or knows more than this. */
  readonly problem: string | null;
}

const commonParameters = [
  "erroraction",
  "warningaction",
  "informationaction",
  "errorvariable",
  "warningvariable",
  "outvariable",
  "informationvariable",
  "outbuffer",
  "pipelinevariable",
  "domaincontroller",
];
const commonSwitches = ["verbose", "debug", "confirm", "whatif"];
const shorthands: Readonly<Record<string, string>> = {
  ea: "erroraction",
  wa: "warningaction",
  ev: "errorvariable",
  wv: "warningvariable",
  ov: "outvariable",
  ob: "outbuffer",
  pv: "pipelinevariable",
  infa: "informationaction",
  iv: "informationvariable",
  vb: "verbose",
  db: "debug",
  cf: "confirm",
  wi: "whatif",
};

/** Gives each word its parameter, as PowerShell does: names may be cut short as long as they are clear. */
export function bind(call: Call, signature: Signature): Bound {
  const values = new Map<string, Value>();
  let problem: string | null = null;
  const loose: Value[] = [];
  const set = (name: string, value: Value) => {
    if (values.has(name)) problem ??= `-${name} stands twice`;
    values.set(name, value);
  };
  for (let i = 0; i < call.words.length; i++) {
    const word = call.words[i] as Word;
    if (word.name === null) {
      loose.push(word.value);
      continue;
    }
    const name = parameterOf(word.name, signature);
    if (name === null) {
      problem ??= `-${word.name} is no parameter that is known here`;
      // Its value, if it has one, belongs to no position.
      const next = call.words[i + 1];
      if (word.value === undefined && next?.name === null) i++;
      continue;
    }
    const isSwitch = signature.switches.includes(name) || commonSwitches.includes(name);
    if (word.value !== undefined) set(name, word.value);
    else if (isSwitch) set(name, true);
    else {
      const next = call.words[i + 1];
      if (next === undefined || next.name !== null) {
        problem ??= `-${word.name} has no value`;
        set(name, new Opaque("a missing value"));
      } else {
        set(name, next.value);
        i++;
      }
    }
  }
  const free = signature.positions.filter((name) => !values.has(name));
  for (const [i, value] of loose.entries()) {
    const name = free[i];
    if (name === undefined) problem ??= "there are more values than parameters";
    else values.set(name, value);
  }
  return { values, problem };
}

function parameterOf(text: string, { parameters, switches }: Signature): string | null {
  const name = text.toLowerCase();
  if (Object.hasOwn(shorthands, name)) return shorthands[name] ?? null;
  const known = [...parameters, ...switches, ...commonParameters, ...commonSwitches];
  if (known.includes(name)) return name;
  const found = known.filter((it) => it.startsWith(name));
  return found.length === 1 ? (found[0] ?? null) : null;
}

/** A switch or boolean: null if it is not known. */
export function isOn(value: Value | undefined): boolean | null {
  if (value === undefined || value === false || value === null) return false;
  if (value === true || value === 1) return true;
  if (typeof value === "string") return /^\$?true$/i.test(value) ? true : /^\$?false$/i.test(value) ? false : null;
  return value === 0 ? false : null;
}
