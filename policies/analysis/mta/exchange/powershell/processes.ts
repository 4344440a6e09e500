import { base64 } from "../../carrier/decode";
import { bind, type Call } from "./call";
import { isHarmless } from "./harmless";
import type { Interpreter } from "./interpreter";
import { parseScript } from "./parse";
import { itemsOf, MACHINE_NAME, Opaque, Script, textOf, type Value } from "./values";

type Shell<S> = Interpreter<S>;

/** Commands that run other scripts and programs: those that are in the program are followed. */

export function baseName(name: string): string {
  return name.replace(/^.*[\\/]/, "").replace(/\.(?:exe|com)$/, "");
}

export function runText<S>(call: Call, shell: Shell<S>, command: Value): readonly Value[] {
  const text = textOf(command);
  if (text instanceof Opaque) {
    shell.hidden(`what is run here is not in the program: ${call.text}`, call.line);
    return [new Opaque("the output of a script that is not known")];
  }
  shell.texts.push(text);
  return shell.run(parseScript(text).body);
}

export function runBlock<S>(call: Call, shell: Shell<S>, name: string): readonly Value[] {
  const script = [...call.words.map((word) => word.value), ...(call.input ?? [])].find(
    (value) => value instanceof Script,
  );
  if (!(script instanceof Script)) {
    shell.hidden(`what is run here is not in the program: ${call.text}`, call.line);
    return [new Opaque("the output of a script that is not known")];
  }
  const remote = call.words.find(
    (word) => word.name !== null && /^(?:com|cn|ses|vm|hostname|ssh|con)/i.test(word.name),
  );
  const target = remote?.value === undefined ? null : textOf(remote.value);
  const here = remote === undefined || target === MACHINE_NAME || target === "localhost" || target === ".";
  if (here && name !== "register-scheduledjob") return shell.block(script);
  return shell.perhaps(() => shell.block(script), "whether this runs on the machine itself");
}

export function wordText(word: {
  readonly name: string | null;
  readonly value: Value | undefined;
}): (string | Opaque)[] {
  const name = word.name === null ? [] : [`-${word.name}`];
  if (word.value === undefined) return name;
  if (word.value instanceof Script) return [...name, new Opaque("a script block")];
  return [...name, ...itemsOf(word.value).map(textOf)];
}

/** `powershell.exe` with `-Command`, `-File` or `-EncodedCommand`, or with a command alone. */
export function runPowerShell<S>(call: Call, shell: Shell<S>, words: readonly (string | Opaque)[]): void {
  const script = call.words.find((word) => word.value instanceof Script)?.value;
  if (script instanceof Script) {
    shell.block(script);
    return;
  }
  const unknown = () => shell.hidden(`what is run here is not in the program: ${call.text}`, call.line);
  const valued =
    /^[-/](?:executionpolicy|ex\w*|ep|windowstyle|w|version|v|inputformat|outputformat|of|if|psconsolefile|configurationname|workingdirectory|wd|settingsfile)$/i;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string | Opaque;
    if (word instanceof Opaque) {
      unknown();
      return;
    }
    if (valued.test(word)) {
      i++;
      continue;
    }
    if (/^[-/]e(?:c|n\w*)?$/i.test(word)) {
      const code = words[i + 1];
      const text = typeof code === "string" ? decodeCommand(code) : null;
      if (text === null) unknown();
      else {
        shell.texts.push(text);
        shell.script(parseScript(text), shell.inner("encoded command"));
      }
      return;
    }
    if (/^[-/]f(?:i\w*)?$/i.test(word) || /\.ps1$/i.test(word)) {
      const path = /\.ps1$/i.test(word) ? word : words[i + 1];
      if (typeof path === "string") runFile(call, shell, path);
      else unknown();
      return;
    }
    const isCommand = /^[-/]c(?:o\w*)?$/i.test(word);
    if (!isCommand && /^[-/]/.test(word)) continue;
    const rest = words.slice(isCommand ? i + 1 : i);
    if (rest.some((part) => part instanceof Opaque)) unknown();
    else shell.script(parseScript(rest.join(" ")), shell.inner("command"));
    return;
  }
}

/** The text of `-EncodedCommand`: base64 of UTF-16LE. */
export function decodeCommand(code: string): string | null {
  const bytes = base64(code);
  return bytes === null || bytes.length % 2 === 1 ? null : bytes.toString("utf16le");
}

function runFile<S>(call: Call, shell: Shell<S>, path: string): void {
  const text = shell.files.get(path.toLowerCase());
  if (text === undefined || text === null)
    shell.hidden(`the script ${path} is not in the program: ${call.text}`, call.line);
  else {
    shell.ran.add(path.toLowerCase());
    shell.texts.push(text);
    shell.script(parseScript(text), shell.inner(path));
  }
}

export function startProcess<S>(call: Call, shell: Shell<S>, name: string): readonly Value[] {
  const { values } = bind(call, {
    parameters: [
      "filepath",
      "execute",
      "argumentlist",
      "argument",
      "workingdirectory",
      "verb",
      "windowstyle",
      "credential",
      "redirectstandardoutput",
      "redirectstandarderror",
      "id",
      "args",
    ],
    switches: ["wait", "passthru", "nonewwindow", "loaduserprofile", "useNewenvironment"],
    positions: ["filepath", "argumentlist"],
  });
  const file = textOf(values.get("filepath") ?? values.get("execute") ?? null);
  const given = itemsOf(values.get("argumentlist") ?? values.get("argument") ?? values.get("args") ?? null).map(textOf);
  if (file instanceof Opaque) {
    shell.hidden(`what runs here is not known: ${call.text}`, call.line);
    return [];
  }
  const words = given.flatMap(separate);
  const run = () => runProgram(call, shell, baseName(file.toLowerCase()), file, words);
  return name === "start-process" ? run() : shell.perhaps(run, "when a scheduled task runs");
}

export function runProgram<S>(
  call: Call,
  shell: Shell<S>,
  name: string,
  path: string,
  words: readonly (string | Opaque)[],
): readonly Value[] {
  if (name === "powershell" || name === "pwsh") {
    runPowerShell(call, shell, words);
    return [];
  }
  if (name === "cmd") return runCommandLine(call, shell, words);
  if (/\.ps1$/.test(name)) {
    runFile(call, shell, path);
    return [];
  }
  if (!isHarmless(name)) shell.problem(`this program is not known here: ${call.text}`, call.line);
  return [];
}

/** `cmd /c …`. */
export function runCommandLine<S>(call: Call, shell: Shell<S>, words: readonly (string | Opaque)[]): readonly Value[] {
  const start = words.findIndex((word) => typeof word !== "string" || !/^[-/][a-z](?::\w+)?$/i.test(word));
  const rest = start < 0 ? [] : words.slice(start).flatMap(separate);
  const [first] = rest;
  if (first === undefined) return [];
  // A chain of commands is read one by one only by cmd itself.
  if (first instanceof Opaque || rest.some((word) => typeof word === "string" && /[&|<^%]/.test(word))) {
    shell.problem(`this is not read, and may change the mail server: ${call.text}`, call.line);
    return [];
  }
  return runProgram(call, shell, baseName(first.toLowerCase()), first, rest.slice(1));
}

export function scheduled<S>(call: Call, shell: Shell<S>): readonly Value[] {
  const words = call.words.flatMap(wordText);
  const at = words.findIndex((word) => typeof word === "string" && /^[-/]tr$/i.test(word));
  const task = at < 0 ? undefined : words[at + 1];
  if (task === undefined) return [];
  if (task instanceof Opaque) {
    shell.hidden(`what runs here is not known: ${call.text}`, call.line);
    return [];
  }
  const [program = "", ...rest] = splitWords(task);
  return shell.perhaps(
    () => runProgram(call, shell, baseName(program.toLowerCase()), program, rest),
    "when a scheduled task runs",
  );
}

/** Words as a Windows program gets them: blanks separate, quotes hold together. */
export function splitWords(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"?|([^\s"]+)/g)].map((match) => match[1] ?? match[2] ?? "");
}

function separate(word: string | Opaque): (string | Opaque)[] {
  return typeof word === "string" ? splitWords(word) : [word];
}

/** Scripts of Exchange that only open its management shell. */
const preambles = /(?:remoteexchange|commonconnectfunctions|connectfunctions|exchangeextended\w*)\.ps1$/;

export function runOther<S>(call: Call, shell: Shell<S>, name: string): readonly Value[] {
  if (preambles.test(name)) return [];
  if (/\.(?:ps1|psm1)$/.test(name)) {
    runFile(call, shell, call.name);
    return [new Opaque("the output of a script")];
  }
  for (const word of call.words) {
    // A command that takes a block runs it, now or later.
    if (word.value instanceof Script) {
      const script = word.value;
      shell.perhaps(() => shell.block(script), `whether ${name} runs its block`);
    }
  }
  if (!isHarmless(name)) shell.problem(`this is not read, and may change the mail server: ${call.text}`, call.line);
  return [new Opaque(`what ${name} yields`)];
}
