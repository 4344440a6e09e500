import { type SourceLine, splitNameValue } from "../../postfix/lines";
import { type Call, contentOf, ended, opaque, optionsOf, pathOf } from "./call";

/** postconf(1): prints, or edits main.cf and master.cf. */
export function postconf(call: Call) {
  const { flags, values, operands } = optionsOf(call, ["c", "o", "t", "T", "C"], true);
  const has = (letter: string) => flags.has(letter);
  const folders = values.get("c") ?? [];
  if ([...flags].some((it) => it.length > 1) || folders.length > 1) return opaque(call);
  const folder = folders.length === 0 ? "/etc/postfix" : pathOf(folders[0], call.shell);
  const words = operands.map((it) => it.value);
  const services = has("M") || has("F") || has("P");
  const removes = has("X") || has("#");
  const edits = removes || has("e") || words.some((word, i) => (word ?? operands[i]?.gist ?? "").includes("="));
  if (!edits) {
    // A word that is not known may be an assignment.
    if (words.includes(null)) return opaque(call);
    return ended(call, "likely", null);
  }
  if (folder === null || words.includes(null) || has("n") || has("d") || values.has("o")) return opaque(call);
  const known = words as readonly string[];
  // Whatever is wrong with one of the words, none has an effect.
  if (known.some((word) => /[\n\r]/.test(word))) return opaque(call);
  if (services)
    return editServices(call, folder, known, has("F") ? "field" : has("P") ? "parameter" : "service", removes);
  for (const word of known) {
    const pair = splitNameValue(word);
    const name = removes ? word.trim() : pair?.name;
    if (name === undefined || !/^[^\s=#]+$/.test(name)) return opaque(call);
  }
  for (const word of known) {
    const pair = splitNameValue(word);
    const name = removes ? word.trim() : (pair?.name ?? "");
    call.shell.machine.edit(name, removes ? null : (pair?.value ?? ""), call.at, `${folder}/main.cf`, has("#"));
  }
  return ended(call, "likely");
}

const fields = ["service", "type", "private", "unprivileged", "chroot", "wakeup", "process_limit", "command"];

/** Edits master.cf: `-M service/type=line`, `-F service/type/field=value`, `-P service/type/parameter=value`; `-X` and `-#` remove. */
function editServices(
  call: Call,
  folder: string,
  words: readonly string[],
  what: "service" | "field" | "parameter",
  removes: boolean,
) {
  const path = `${folder}/master.cf`;
  let lines = contentOf(path, call.shell);
  for (const word of words) {
    const match = /^([^/\s]+)\/([^/=\s]+)(?:\/([^=\s]+))?\s*(?:=\s*([\s\S]*))?$/.exec(word);
    const [, name = "", type = "", part, value] = match ?? [];
    const odd = match === null || lines === null || name.includes("*") || type.includes("*") || part?.includes("*");
    if (odd || (what === "service") !== (part === undefined) || removes !== (value === undefined)) return opaque(call);
    const place = (text: string): SourceLine => ({ text, at: call.at });
    const entries = entriesOf(lines ?? []);
    const found = entries.filter((entry) => entry.service === `${name} ${type}`);
    if (what === "service") {
      // Of several lines of a service the first is replaced, and the others go.
      const [first] = found;
      const text = (value ?? "").trim();
      if (!removes && text.split(/\s+/).slice(0, 2).join(" ") !== `${name} ${type}`) return opaque(call);
      lines = entries.flatMap((entry) => {
        if (!found.includes(entry)) return entry.lines;
        return entry === first && !removes ? [place(text)] : [];
      });
      if (first === undefined && !removes) lines = [...closed(lines), place(text)];
      continue;
    }
    if (found.length !== 1) return opaque(call);
    const [entry] = found;
    const text = entry?.lines
      .filter((line) => !/^\s*(?:#|$)/.test(line.text))
      .map((line) => line.text.trim())
      .join(" ");
    if (entry === undefined || text === undefined) return opaque(call);
    const changed =
      what === "field" ? withField(text, part ?? "", value ?? "") : withParameter(text, part ?? "", value ?? null);
    if (changed === null) return opaque(call);
    lines = entries.flatMap((it) => (it === entry ? [place(changed)] : it.lines));
  }
  call.shell.machine.replace(path, lines);
  return ended(call, "likely");
}

interface Entry {
  /** Name and type; null for what is no service. */
  readonly service: string | null;
  readonly lines: SourceLine[];
}

function entriesOf(lines: readonly SourceLine[]): Entry[] {
  const entries: Entry[] = [];
  let service: Entry | null = null;
  for (const line of lines) {
    if (/^\s*(?:#|$)/.test(line.text)) {
      // A comment inside of a service ends nothing.
      entries.push({ service: null, lines: [line] });
    } else if (/^\s/.test(line.text) && service !== null) service.lines.push(line);
    else {
      const [name, type] = line.text.split(/\s+/);
      service = { service: `${name} ${type}`, lines: [line] };
      entries.push(service);
    }
  }
  return entries;
}

function closed(lines: readonly SourceLine[]): SourceLine[] {
  return lines.map((line) => (line.open === true ? { text: line.text, at: line.at } : line));
}

function withField(text: string, field: string, value: string): string | null {
  const words = text.split(/\s+/);
  const index = fields.indexOf(field);
  if (index < 2 || words.length < 8) return null;
  if (field === "command") return [...words.slice(0, 7), value].join(" ");
  if (/\s/.test(value) || value === "") return null;
  return [...words.slice(0, index), value, ...words.slice(index + 1)].join(" ");
}

function withParameter(text: string, name: string, value: string | null): string | null {
  const words = text.split(/\s+/);
  // Values in braces hold blanks.
  if (words.length < 8 || /[{}]/.test(text)) return null;
  const kept = words.slice(0, 8);
  for (let i = 8; i < words.length; i++) {
    const word = words[i] ?? "";
    if (!word.startsWith("-o")) return null;
    const argument = word === "-o" ? (words[++i] ?? "") : word.slice(2);
    if (splitNameValue(argument)?.name !== name) kept.push("-o", argument);
  }
  if (value !== null) kept.push("-o", /\s/.test(value) || value === "" ? `{ ${name} = ${value} }` : `${name}=${value}`);
  return kept.join(" ");
}

/** postmap(1), postalias(1), newaliases(1): compile tables. */
export function compile(call: Call) {
  const { flags, values, operands } = optionsOf(call, ["c", "d", "q", "p", "s"]);
  if (values.has("d") || values.has("c") || flags.has("i")) return opaque(call);
  if (values.has("q") || values.has("s")) return ended(call, "unknown", null);
  for (const { value } of operands) {
    const path = value === null ? null : pathOf(value.replace(/^\w+:/, ""), call.shell);
    if (path === null) continue;
    if (call.shell.machine.disk.kind(path) === "gone") return ended(call, "no");
    call.shell.machine.disk.compile(path);
  }
  return ended(call, "likely");
}

/** postfix(1): verbs that leave the configuration alone. */
export function postfix(call: Call) {
  const { flags, values, operands } = optionsOf(call, ["c", "D"]);
  const [verb, ...more] = operands.map((it) => it.value);
  const folder = values.get("c")?.[0];
  // Another configuration counts, once Postfix runs with it.
  const elsewhere = folder !== undefined && (folder === null || pathOf(folder, call.shell) !== "/etc/postfix");
  if (elsewhere && !/^(?:check|stop|status)$/.test(verb ?? "")) return opaque(call);
  const known = /^(?:start|start-fg|stop|reload|check|status|abort|flush)$/.test(verb ?? "");
  if (!known || more.length > 0 || [...flags].some((it) => it !== "v") || values.has("D")) return opaque(call);
  return ended(call, verb === "status" ? "unknown" : "likely", null);
}
