import { parseArgs } from "node:util";
import { suggest } from "../../policies/config/suggest";
import { InputError } from "../sources/input-error";

/** An option of a command. All take a value but flags. */
export interface OptionSpec {
  readonly type: "string" | "boolean";
  readonly multiple?: boolean;
}

export interface Arguments<Name extends string> {
  /** Values in order of appearance; a flag that is given has the value "". */
  readonly values: Readonly<Partial<Record<Name, readonly string[]>>>;
  readonly positionals: readonly string[];
}

/**
 * Reads the arguments of a command.
 *
 * @throws InputError naming the argument, on an unknown option, one that lacks its value or has one too many, or stands twice.
 */
export function parseArguments<Name extends string>(
  argv: readonly string[],
  options: Readonly<Record<Name, OptionSpec>>,
  command = "check",
): Arguments<Name> {
  const { tokens, positionals } = parseArgs({
    args: [...argv],
    options: { ...options },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values: Partial<Record<Name, string[]>> = {};
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    if (!isKnown(token.name, options)) throw unknownOption(token.rawName, Object.keys(options), command);
    const spec = options[token.name];
    if (spec.type === "boolean" && token.value !== undefined)
      throw new InputError(`${token.rawName} takes no value, got ${JSON.stringify(token.value)}`);
    // `--stack --format json`: the next option is no value. One that begins with a dash is written --stack=-x.
    // A dash alone is standard input.
    const missing = token.value === undefined || (token.inlineValue === false && /^-./.test(token.value));
    if (spec.type === "string" && (missing || token.value === ""))
      throw new InputError(`${token.rawName} needs a value`);
    const list = values[token.name] ?? [];
    if (list.length > 0 && spec.multiple !== true) throw new InputError(`${token.rawName} is given twice`);
    values[token.name] = [...list, token.value ?? ""];
  }
  return { values, positionals };
}

function isKnown<Name extends string>(name: string, options: Readonly<Record<Name, OptionSpec>>): name is Name {
  return Object.hasOwn(options, name);
}

function unknownOption(raw: string, known: readonly string[], command: string): InputError {
  const match = suggest(
    raw,
    known.map((name) => `--${name}`),
  );
  return new InputError(
    `unknown option ${JSON.stringify(raw)}; ${match === null ? `try relayproof ${command} --help` : `did you mean ${match}?`}`,
  );
}
