import { textOf, writeFile } from "../run";
import type { Text } from "../state";
import { type Call, contentOf, ended, opaque, optionsOf, pathOf } from "./call";
import { regularExpression } from "./sed";

/** echo: shells differ in what they make of backslashes and of -e. */
export function echo(call: Call) {
  let words = call.values.slice(1);
  if (words.includes(null)) return ended(call, "yes", null);
  let end = "\n";
  let escapes = false;
  while (/^-[neE]+$/.test(words[0] ?? "")) {
    const [flag = ""] = words;
    if (!call.shell.bash && flag !== "-n") return ended(call, "yes", null);
    if (flag?.includes("n")) end = "";
    if (flag?.includes("e")) escapes = true;
    if (flag?.includes("E")) escapes = false;
    words = words.slice(1);
  }
  const text = words.join(" ");
  if (!text.includes("\\")) return ended(call, "yes", { text: text + end });
  if (!call.shell.bash) return ended(call, "yes", null);
  const read = escapes ? unescaped(text) : text;
  return ended(call, "yes", read === null ? null : { text: read + end });
}

function unescaped(text: string): string | null {
  if (/\\[^ntr\\"'aA-Za-z0]|\\[0-9a-mo-qsu-z]|\\$/.test(text) || /\\[^ntr\\]/.test(text)) return null;
  return text.replace(/\\([ntr\\])/g, (_, char: string) => ({ n: "\n", t: "\t", r: "\r" })[char] ?? "\\");
}

/** printf with %s, %d of whole numbers, %% and the usual escapes; the format is used again while there are arguments. */
export function printf(call: Call) {
  let words = call.values.slice(1);
  if (words[0] === "-v") {
    const name = words[1];
    if (name != null) call.shell.variables.set(name, null);
    return name == null ? opaque(call) : ended(call, "yes");
  }
  if (words[0] === "--") words = words.slice(1);
  const [format, ...args] = words;
  if (format == null || words.includes(null) || format.startsWith("-")) return ended(call, "yes", null);
  const pieces = format.match(/%[\s\S]|\\[\s\S]|[^%\\]+|[%\\]/g) ?? [];
  let text = "";
  let used = 0;
  do {
    const before = used;
    for (const piece of pieces) {
      if (piece === "%s" || piece === "%d") {
        const value = args[used++] ?? (piece === "%d" ? "0" : "");
        if (piece === "%d" && !/^(?:0|-?[1-9]\d*)$/.test(value)) return ended(call, "yes", null);
        text += value;
      } else if (piece === "%%") text += "%";
      else if (piece.startsWith("%")) return ended(call, "yes", null);
      else if (piece.startsWith("\\")) {
        const char = { "\\n": "\n", "\\t": "\t", "\\r": "\r", "\\\\": "\\", '\\"': '"' }[piece];
        if (char === undefined) return ended(call, "yes", null);
        text += char;
      } else text += piece;
    }
    if (used === before) break;
  } while (used < args.length);
  return ended(call, "yes", { text });
}

export function cat(call: Call) {
  const { flags, operands } = optionsOf(call, []);
  const { shell } = call;
  if (flags.size > 0) return ended(call, "likely", null);
  const input = shell.input ?? null;
  if (operands.length === 0 || (operands.length === 1 && operands[0]?.value === "-")) {
    shell.input = { text: "" };
    return ended(call, "yes", input);
  }
  let text: string | null = "";
  let missing = false;
  for (const { value } of operands) {
    const path = pathOf(value, shell);
    if (path !== null && shell.machine.disk.kind(path) === "gone") {
      missing = true;
      shell.noise = true;
      continue;
    }
    const lines = contentOf(path, shell);
    text = path === "/dev/null" ? text : text === null || lines === null ? null : text + textOf(lines);
  }
  return ended(call, missing ? "no" : text === null ? "likely" : "yes", text === null ? null : { text });
}

export function tee(call: Call) {
  const { flags, operands } = optionsOf(call, []);
  const { shell } = call;
  const append = flags.has("a") || flags.has("append");
  const input: Text = shell.input ?? null;
  shell.input = { text: "" };
  for (const { value, gist } of operands) {
    const path = pathOf(value, shell);
    if (path !== null && shell.machine.disk.kind(path.replace(/\/[^/]*$/, "")) === "gone")
      return ended(call, "no", input);
    writeFile(path, gist, input, append, shell, call.at, call.what);
  }
  return ended(call, "yes", input);
}

/** grep over text that is known, with a pattern that every grep reads alike. */
export function grep(call: Call) {
  const { flags, values, operands } = optionsOf(call, ["e", "f", "m", "A", "B", "C", "regexp", "file"]);
  const { shell } = call;
  const supported = [...flags].every((it) => "qEFixvsnhcl".includes(it) || it === "quiet" || it === "fixed-strings");
  const patterns = values.get("e") ?? [];
  const [pattern, ...files] =
    patterns.length > 0 ? [...patterns, ...operands.map((it) => it.value)] : operands.map((it) => it.value);
  if (
    values.size > (patterns.length > 0 ? 1 : 0) ||
    patterns.length > 1 ||
    !supported ||
    pattern == null ||
    files.length > 1
  )
    return ended(call, "unknown", null);
  const [file] = files;
  const path = file === undefined ? null : pathOf(file, shell);
  if (path !== null && shell.machine.disk.kind(path) === "gone") return ended(call, "no");
  const text = file === undefined ? (shell.input ?? null) : null;
  const lines = file === undefined ? text?.text.split("\n") : contentOf(path, shell)?.map((line) => line.text);
  if (file === undefined) shell.input = null;
  const fixed = flags.has("F") || flags.has("fixed-strings");
  const compiled = fixed
    ? new RegExp(pattern.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&"), flags.has("i") ? "i" : "")
    : regularExpression(pattern, flags.has("E"), flags.has("i"), true);
  if (lines === undefined || compiled === null || pattern.includes("\n")) return ended(call, "unknown", null);
  if (file === undefined && lines[lines.length - 1] === "") lines.pop();
  const found = lines.filter((line) => {
    const match = compiled.exec(line);
    const hit =
      match !== null && (!flags.has("x") || new RegExp(`^(?:${compiled.source})$`, compiled.flags).test(line));
    return hit !== flags.has("v");
  });
  const quiet = flags.has("q") || flags.has("quiet");
  const plain = !["n", "c", "l"].some((it) => flags.has(it));
  const printed = found.map((line) => `${line}\n`).join("");
  return ended(call, found.length > 0 ? "yes" : "no", quiet ? { text: "" } : plain ? { text: printed } : null);
}

/** Commands that print something about their input or their files, and change nothing. */
export function reader(call: Call) {
  if (call.shell.input !== undefined) call.shell.input = null;
  return ended(call, "likely", null);
}

/** read: a line of what is known goes into variables. */
export function readLine(call: Call) {
  const { flags, values, operands } = optionsOf(call, ["a", "d", "i", "n", "N", "p", "t", "u"]);
  const { shell } = call;
  const names = operands.map((it) => it.value);
  if (names.includes(null)) return opaque(call);
  const input = shell.input;
  const separator = shell.variables.get("IFS");
  const usual = !shell.variables.has("IFS");
  if (values.size > 0 || input === undefined || input === null || (!usual && separator !== "") || names.length === 0) {
    for (const name of names) if (name !== null) shell.variables.set(name, null);
    if (values.has("a")) for (const name of values.get("a") ?? []) if (name !== null) shell.variables.set(name, null);
    shell.input = null;
    return ended(call, "unknown");
  }
  const end = input.text.indexOf("\n");
  let line = end < 0 ? input.text : input.text.slice(0, end);
  if (!flags.has("r") && line.includes("\\")) {
    for (const name of names) if (name !== null) shell.variables.set(name, null);
    shell.input = null;
    return ended(call, "unknown");
  }
  shell.input = {
    text: end < 0 ? "" : input.text.slice(end + 1),
    ...(input.line === undefined ? {} : { line: input.line + 1 }),
  };
  if (usual) line = line.replace(/^[ \t]+|[ \t]+$/g, "");
  for (const [i, name] of names.entries()) {
    if (name === null) continue;
    if (i === names.length - 1 || !usual) {
      shell.variables.set(name, line);
      line = "";
      continue;
    }
    const cut = /^(\S*)[ \t]*([\s\S]*)$/.exec(line);
    shell.variables.set(name, cut?.[1] ?? "");
    line = cut?.[2] ?? "";
  }
  return ended(call, end < 0 ? "no" : "yes");
}

/** awk: prints what is not known. It may also write files and run commands. */
export function awk(call: Call) {
  return call.gists.some((word) => /system|getline|close|-i|[>|]/.test(word)) || call.values.includes("-f")
    ? opaque(call)
    : reader(call);
}

/** find: looks, unless it is told to do something. */
export function find(call: Call) {
  return call.gists.some((word) => /^-(?:exec|ok|delete|fprint|fls)/.test(word)) ? opaque(call) : reader(call);
}
