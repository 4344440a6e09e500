import { concernsPostfix } from "../../carrier/signs";
import { calculate } from "../expand";
import { forgetAssigned } from "../run";
import { resolvePath, type Shell } from "../state";
import { type Call, ended, opaque } from "./call";

export function exit(call: Call): Shell[] {
  const { shell } = call;
  const code = call.values[1];
  shell.flow = call.values[0] === "return" ? "return" : "exit";
  if (call.values.length > 1) shell.status = code == null ? "unknown" : /^0+$/.test(code) ? "yes" : "no";
  return [shell];
}

export function jump(call: Call): Shell[] {
  if (call.values.length > 1 && call.values[1] !== "1") return opaque(call);
  call.shell.flow = call.values[0] === "break" ? "break" : "continue";
  call.shell.status = "yes";
  return [call.shell];
}

export function cd(call: Call): Shell[] {
  const { shell } = call;
  const word =
    call.values.length > 1 ? call.values.filter((it, i) => i > 0 && !/^-[LPe@]$|^--$/.test(it ?? ""))[0] : "/root";
  if (word == null || word === "-" || call.values[0] === "popd") {
    shell.directory = null;
    return ended(call, "likely");
  }
  const path = resolvePath(word, shell.directory);
  const kind = path === null ? null : shell.machine.disk.kind(path);
  if (kind === "gone" || kind === "file") return ended(call, "no");
  shell.directory = path;
  return ended(call, "likely", call.values[0] === "pushd" ? null : undefined);
}

/** export, readonly, declare, local … */
export function declare(call: Call): Shell[] {
  const { shell } = call;
  const base = call.values[0] ?? "";
  const flags = call.values.slice(1).filter((word) => /^[-+]/.test(word ?? ""));
  for (const [i, word] of call.values.entries()) {
    if (i === 0 || /^[-+]/.test(word ?? "")) continue;
    const match = /^([A-Za-z_]\w*)(?:=([\s\S]*))?$/.exec(word ?? call.gists[i]?.replace(/=[\s\S]*/, "=") ?? "");
    if (match === null) return opaque(call);
    const [, name = "", value] = match;
    if (name === "MAIL_CONFIG") return opaque(call);
    const list = Array.isArray(shell.variables.get(name)) && word === null;
    if (
      shell.hidden !== null &&
      /^(?:local|declare|typeset)$/.test(base) &&
      !flags.some((it) => it?.includes("g")) &&
      !shell.hidden.has(name)
    )
      shell.hidden.set(name, shell.variables.get(name));
    if (base === "export" || flags.some((it) => /^-\w*x/.test(it ?? ""))) shell.exported.add(name);
    if (flags.some((it) => /^-\w*[nilu]/.test(it ?? ""))) shell.variables.set(name, null);
    else if (list) continue;
    else if (word === null) shell.variables.set(name, null);
    else if (value !== undefined) shell.variables.set(name, value);
    else if (base === "local" || base === "declare") {
      shell.variables.delete(name);
      shell.unset.add(name);
    }
  }
  return ended(call, "yes");
}

export function unset(call: Call): Shell[] {
  for (const word of call.values.slice(1)) {
    if (word === null) return opaque(call);
    if (word.startsWith("-")) continue;
    call.shell.variables.delete(word);
    call.shell.unset.add(word);
    if (call.values.includes("-f")) call.shell.functions.delete(word);
  }
  return ended(call, "yes");
}

export function set(call: Call): Shell[] {
  const { shell } = call;
  const words = call.values.slice(1);
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === undefined) break;
    if (word === null) {
      shell.positional = null;
      return ended(call, "yes");
    }
    if (word === "--" || !/^[-+]/.test(word)) {
      shell.positional = words.slice(word === "--" ? i + 1 : i);
      return ended(call, "yes");
    }
    const on = word.startsWith("-");
    if (/^[-+]\w*o$/.test(word)) {
      const option = words[++i];
      if (option === "errexit") shell.errexit = on;
      else if (option === "pipefail") shell.pipefail = on;
      else if (option === "noexec" || option === "posix" || option === "noglob" || option === null) return opaque(call);
    }
    if (/^[-+]\w*e/.test(word)) shell.errexit = on;
    if (/^-\w*[nfk]/.test(word)) return opaque(call);
  }
  return ended(call, "yes");
}

export function shift(call: Call): Shell[] {
  const { shell } = call;
  const count = call.values.length > 1 ? call.values[1] : "1";
  if (shell.positional === null || count == null || !/^\d+$/.test(count)) shell.positional = null;
  else if (Number(count) > shell.positional.length) return ended(call, "no");
  else shell.positional = shell.positional.slice(Number(count));
  return ended(call, "yes");
}

/** A trap at the end is run there; those for errors and signals are for what nobody plans for. */
export function trap(call: Call): Shell[] {
  const words = call.values.slice(1).filter((word) => word !== "--");
  const [task, ...signals] = words;
  if (words.length < 2 || task === "-" || task === "") {
    if (words.length >= 2 && signals.some((it) => it === "EXIT" || it === "0")) call.shell.atExit = undefined;
    return ended(call, "yes");
  }
  if (signals.some((it) => it === "EXIT" || it === "0" || it === null)) call.shell.atExit = task ?? null;
  if (signals.some((it) => it === "DEBUG" || it === "RETURN") || (task == null && concernsPostfix(call.what)))
    return opaque(call);
  return ended(call, "yes");
}

export function shopt(call: Call): Shell[] {
  return call.values.some(
    (word) =>
      word === null ||
      /^(?:expand_aliases|extglob|lastpipe|nullglob|failglob|dotglob|nocasematch|nocaseglob)$/.test(word),
  )
    ? opaque(call)
    : ended(call, "yes");
}

/** let: assigns what is not followed. */
export function letBuiltin(call: Call): Shell[] {
  for (const word of call.values.slice(1)) {
    if (word === null) return opaque(call);
    forgetAssigned(word, call.shell);
  }
  return ended(call, "unknown");
}

export function expr(call: Call): Shell[] {
  const words = call.values.slice(1);
  const result =
    words.includes(null) || words.some((it) => !/^(?:\d+|[-+*])$/.test(it ?? ""))
      ? null
      : calculate(words.join(" "), call.shell);
  return ended(call, "unknown", result === null ? null : { text: `${result}\n` });
}

export function mapfile(call: Call): Shell[] {
  const name = call.values[call.values.length - 1];
  if (name == null) return opaque(call);
  call.shell.variables.set(name.startsWith("-") || call.values.length === 1 ? "MAPFILE" : name, null);
  call.shell.input = null;
  return ended(call, "likely");
}
