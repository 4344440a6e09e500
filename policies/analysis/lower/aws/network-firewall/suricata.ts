/** A rule as it is written, before its words are given a meaning. */
export interface SuricataRule {
  readonly action: string;
  readonly protocol: string;
  readonly source: string;
  readonly sourcePorts: string;
  readonly bothWays: boolean;
  readonly destination: string;
  readonly ports: string;
  readonly options: readonly SuricataOption[];
  readonly text: string;
}

export interface SuricataOption {
  readonly keyword: string;
  readonly value: string;
}

/** A line that is no rule that we can read. */
export interface UnreadableRule {
  readonly action: string;
  readonly text: string;
  readonly unreadable: true;
}

/** Reads rules in the Suricata language, one a line. Never throws: what is no rule is handed back as unreadable. */
export function parseSuricata(source: string): (SuricataRule | UnreadableRule)[] {
  return source
    .replace(/\\\r?\n/g, " ")
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map(parseRule);
}

function parseRule(text: string): SuricataRule | UnreadableRule {
  const open = text.indexOf("(");
  const [action = "", protocol, source, sourcePorts, arrow, destination, ports, extra] = words(
    open < 0 ? text : text.slice(0, open),
  );
  const unreadable: UnreadableRule = { action: action.toLowerCase(), text, unreadable: true };
  if (ports === undefined || extra !== undefined || (arrow !== "->" && arrow !== "<>")) return unreadable;
  const options = open < 0 ? [] : parseOptions(text.slice(open + 1));
  if (options === null || protocol === undefined || source === undefined || sourcePorts === undefined)
    return unreadable;
  if (destination === undefined) return unreadable;
  return {
    action: action.toLowerCase(),
    protocol: protocol.toLowerCase(),
    source,
    sourcePorts,
    bothWays: arrow === "<>",
    destination,
    ports,
    options,
    text,
  };
}

/** Words of a header; a list with spaces in it is one word. */
function words(text: string): string[] {
  const result: string[] = [];
  let depth = 0;
  let word = "";
  const end = () => {
    if (word !== "") result.push(word);
    word = "";
  };
  for (const char of text) {
    if (char === "[") depth++;
    if (char === "]") depth--;
    if (/\s/.test(char)) {
      if (depth <= 0 && word !== "!") end();
    } else word += char;
  }
  end();
  return result;
}

/** Options up to the closing parenthesis; null if there is none. Quotes and backslashes protect semicolons. */
function parseOptions(text: string): SuricataOption[] | null {
  const options: SuricataOption[] = [];
  let quoted = false;
  let option = "";
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === "\\") {
      option += char + text.charAt(++i);
      continue;
    }
    if (char === '"') quoted = !quoted;
    if (!quoted && char === ")" && option.trim() === "") return text.slice(i + 1).trim() === "" ? options : null;
    if (!quoted && char === ";") {
      options.push(readOption(option));
      option = "";
    } else option += char;
  }
  return null;
}

export function readOption(text: string): SuricataOption {
  const colon = text.indexOf(":");
  const keyword = (colon < 0 ? text : text.slice(0, colon)).trim().toLowerCase();
  return { keyword, value: colon < 0 ? "" : text.slice(colon + 1).trim() };
}
