import { bind, type Call, isOn } from "./call";
import type { Interpreter } from "./interpreter";
import { member } from "./members";
import {
  baseName,
  runBlock,
  runCommandLine,
  runOther,
  runPowerShell,
  runText,
  scheduled,
  startProcess,
  wordText,
} from "./processes";
import { collapse, isList, itemsOf, MACHINE_NAME, Opaque, Script, Table, textOf, type Value } from "./values";

type Shell<S> = Interpreter<S>;

/** Commands of PowerShell and Windows that scripts carry connectors through, or run other scripts by. */
export function runBuiltIn<S>(call: Call, shell: Shell<S>): readonly Value[] {
  const name = baseName(call.name);
  switch (name) {
    case "foreach-object":
      return forEachObject(call, shell);
    case "select-object":
      return selectObject(call);
    case "sort-object":
    case "tee-object":
    case "get-unique":
      return call.input ?? [];
    case "write-output":
      return [...call.words.flatMap((word) => (word.name === null ? itemsOf(word.value) : [])), ...(call.input ?? [])];
    case "out-null":
    case "out-host":
    case "out-default":
      return [];
    case "set-content":
    case "add-content":
    case "out-file":
    case "new-item":
      return writeFile(call, shell, name);
    case "get-content":
      return readFile(call, shell);
    case "hostname":
      return [MACHINE_NAME];
    case "new-object":
      return [newObject(call)];
    case "invoke-expression":
      return runText(call, shell, bind(call, one("command")).values.get("command") ?? collapse(call.input ?? []));
    case "invoke-command":
    case "start-job":
    case "register-scheduledjob":
      return runBlock(call, shell, name);
    case "powershell":
    case "pwsh":
      runPowerShell(call, shell, call.words.flatMap(wordText));
      return [new Opaque("what another process prints")];
    case "cmd":
      return runCommandLine(call, shell, call.words.flatMap(wordText));
    case "start-process":
    case "new-scheduledtaskaction":
      return startProcess(call, shell, name);
    case "schtasks":
      return scheduled(call, shell);
    case "import-module":
    case "connect-exchangeserver":
      return [];
    default:
      return runOther(call, shell, name);
  }
}

const one = (name: string) => ({ parameters: [name], switches: [], positions: [name] });

function forEachObject<S>(call: Call, shell: Shell<S>): readonly Value[] {
  const scripts = call.words.filter((word) => word.value instanceof Script);
  const process = scripts.find((word) => word.name === null || /^(?:process|parallel)$/i.test(word.name))?.value;
  const edges = (which: RegExp) => {
    const script = scripts.find((word) => word.name !== null && which.test(word.name))?.value;
    return script instanceof Script ? shell.block(script) : [];
  };
  const output = [...edges(/^begin$/i)];
  for (const item of call.input ?? []) {
    if (process instanceof Script) {
      const once = () => shell.block(process, item);
      output.push(...(item instanceof Opaque ? shell.perhaps(once, "what comes along the pipeline") : once()));
    } else {
      const name = textOf(call.words[0]?.value ?? null);
      output.push(...(name instanceof Opaque || name === "" ? [new Opaque("a member")] : itemsOf(member(item, name))));
    }
  }
  return [...output, ...edges(/^end$/i)];
}

function selectObject(call: Call): readonly Value[] {
  const { values, problem } = bind(call, {
    parameters: ["property", "expandproperty", "excludeproperty", "first", "last", "skip", "index"],
    switches: ["unique", "wait"],
    positions: ["property"],
  });
  const items = call.input ?? [];
  if (problem !== null || values.has("index")) return items.length === 0 ? [] : [new Opaque("a selection")];
  const [first, last, skip] = ["first", "last", "skip"].map((name) => values.get(name));
  if ([first, last, skip].some((value) => value !== undefined && typeof value !== "number"))
    return [new Opaque("a selection")];
  // How many there are is not known where one of them is not.
  const counted = first !== undefined || last !== undefined || skip !== undefined;
  if (counted && items.some((item) => item instanceof Opaque)) return [new Opaque("a selection")];
  let kept = items.slice(typeof skip === "number" ? skip : 0);
  if (typeof first === "number") kept = kept.slice(0, first);
  if (typeof last === "number") kept = kept.slice(Math.max(0, kept.length - last));
  const expand = values.get("expandproperty");
  return typeof expand === "string" ? kept.flatMap((item) => itemsOf(member(item, expand))) : kept;
}

function writeFile<S>(call: Call, shell: Shell<S>, name: string): readonly Value[] {
  const { values } = bind(call, {
    parameters: [
      "path",
      "filepath",
      "literalpath",
      "value",
      "inputobject",
      "encoding",
      "width",
      "itemtype",
      "name",
      "type",
      "stream",
    ],
    switches: ["force", "append", "nonewline", "noclobber", "passthru"],
    positions: name === "out-file" ? ["filepath"] : name === "new-item" ? ["path"] : ["path", "value"],
  });
  const path = textOf(values.get("path") ?? values.get("filepath") ?? values.get("literalpath") ?? null);
  if (path instanceof Opaque || path === "") return [];
  const given = values.get("value") ?? values.get("inputobject") ?? call.input ?? null;
  const lines = isList(given) ? given.map(textOf) : [textOf(given)];
  const text = lines.some((line) => line instanceof Opaque) ? null : lines.join("\n");
  if (name === "new-item" && given === null) return [];
  const key = path.toLowerCase();
  const before = shell.files.get(key);
  const appends = name === "add-content" || isOn(values.get("append")) !== false;
  const whole = !appends
    ? text
    : before === undefined || before === null || text === null
      ? null
      : `${before}\n${text}`;
  shell.files.set(key, appends && before === undefined ? text : whole);
  return [];
}

function readFile<S>(call: Call, shell: Shell<S>): readonly Value[] {
  const path = textOf(
    bind(call, {
      parameters: ["path", "literalpath", "encoding", "totalcount", "tail", "delimiter"],
      switches: ["raw"],
      positions: ["path"],
    }).values.get("path") ?? null,
  );
  if (path instanceof Opaque) return [path];
  if (/^env:computername$/i.test(path)) return [MACHINE_NAME];
  const text = shell.files.get(path.toLowerCase());
  return text === undefined || text === null ? [new Opaque(`the content of ${path}`)] : text.split("\n");
}

function newObject(call: Call): Value {
  const { values } = bind(call, {
    parameters: ["typename", "argumentlist", "property", "comobject"],
    switches: ["strict"],
    positions: ["typename", "argumentlist"],
  });
  const type = textOf(values.get("typename") ?? null);
  if (type instanceof Opaque) return type;
  if (/(?:arraylist|list\[[\w.]+\])$/i.test(type) && !values.has("argumentlist")) return [];
  if (/(?:^|\.)securityidentifier$/i.test(type)) return values.get("argumentlist") ?? new Opaque("an identifier");
  const property = values.get("property");
  if (/^(?:psobject|pscustomobject|object)$/i.test(type.replace(/^.*\./, "")) && property instanceof Table)
    return property;
  return new Opaque(`an object of type ${type}`);
}
