import type { Provenance } from "../../model/provenance";
import { concernsPostfix } from "../carrier/signs";
import { fileCommand } from "./files";
import { fileWriters, harmless, prefixes, serviceVerbs } from "./harmless";
import { editPostconf } from "./postconf";
import { newShell, resolvePath, runScript, type Shell, writeFile } from "./run";

/** A command that is about to run. */
export interface Call {
  /** Its words; null for one that is not known. */
  readonly values: readonly (string | null)[];
  /** The literal text in each word. */
  readonly gists: readonly string[];
  /** What it reads: undefined if nothing is piped into it, null if that is not known. */
  readonly input: string | null | undefined;
  readonly certain: boolean;
  readonly what: string;
  readonly at: Provenance;
  readonly shell: Shell;
}

/** Runs a command. @returns what it prints, or null if that is not known. */
export function perform(call: Call): string | null {
  const name = call.values[0];
  if (name === null || name === undefined) return opaque(call);
  const base = name.replace(/^.*\//, "");
  if (prefixes.has(base)) return prefixed(call);
  switch (base) {
    case "exit":
    case "return":
      if (call.certain) call.shell.finished = true;
      return "";
    case "echo":
    case "printf":
      return output(base, call);
    case "cat":
      return concatenate(call);
    case "tee":
      return tee(call);
    case "cd":
    case "pushd":
      call.shell.directory =
        call.certain && call.values[1] != null ? resolvePath(call.values[1], call.shell.directory) : null;
      return "";
    case "popd":
      call.shell.directory = null;
      return "";
    case "export":
    case "readonly":
    case "declare":
    case "local":
      return assign(call);
    case "read":
    case "unset":
      for (const word of call.values.slice(1)) if (word !== null) call.shell.variables.set(word, null);
      return "";
    case "apt-get":
    case "apt":
    case "aptitude":
    case "yum":
    case "dnf":
    case "microdnf":
    case "zypper":
    case "apk":
      return packages(base, call);
    case "dpkg":
    case "rpm":
      return call.gists.slice(1).some((word) => concernsPostfix(word)) &&
        !/^-(?:s|l|L|q\w*)$/.test(call.values[1] ?? "")
        ? opaque(call)
        : null;
    case "debconf-set-selections":
      return preseed(call);
    case "postconf":
      return editPostconf(call);
    case "postmap":
    case "postalias":
      return compile(call);
    case "postfix":
      return /^(?:start|stop|reload|check|status|abort|flush|set-permissions)$/.test(call.values[1] ?? "") &&
        call.values.length === 2
        ? ""
        : opaque(call);
    case "systemctl":
    case "service":
    case "invoke-rc.d":
    case "rc-service":
      return services(base, call);
    case "sh":
    case "bash":
    case "dash":
      return nested(call);
    case "source":
    case ".":
      return script(call.values[1] ?? null, call);
    case "timeout":
      return perform({ ...call, values: call.values.slice(2), gists: call.gists.slice(2) });
  }
  if (call.shell.functions.has(name)) return null;
  if (fileWriters.has(base)) return fileCommand(base, call);
  if (harmless.has(base) && !name.includes("/etc/"))
    return touchesPostfix(call) && !readers.has(base) ? opaque(call) : null;
  if (name.startsWith("/") || name.startsWith("./")) return script(name, call);
  return opaque(call);
}

/** Harmless with the files of Postfix as arguments, too. */
const readers = new Set(
  `[ [[ test head tail cut sort wc grep egrep fgrep ls stat file chown chgrp chmod setfacl mkdir mail mailq postqueue postcat postlog
  postsuper newaliases logger md5sum sha256sum which type command getent id usermod gpasswd adduser useradd pgrep kill pkill killall
  journalctl certbot openssl apt-mark dpkg-query ufw firewall-cmd mkfs mkfs.ext4 mkfs.xfs`.split(/\s+/),
);

export function opaque(call: Call): null {
  call.shell.machine.opaque(call.what, call.at);
  return null;
}

/** Whether an argument names, or may name, a file of Postfix. */
export function touchesPostfix(call: Call): boolean {
  const inside = call.shell.directory === null || /^\/etc(?:\/postfix)?$/.test(call.shell.directory);
  return call.gists.slice(1).some((word, i) => {
    if (concernsPostfix(word)) return true;
    return (
      inside && !word.startsWith("-") && !word.startsWith("/") && call.values[i + 1] !== null && /\.cf\b/.test(word)
    );
  });
}

function prefixed(call: Call): string | null {
  let i = 1;
  for (; i < call.values.length; i++) {
    const word = call.values[i];
    if (word === null || word === undefined) break;
    if (/^[A-Za-z_]\w*=/.test(word)) continue;
    if (word === "-u" || word === "-n" || word === "-g") i++;
    else if (!word.startsWith("-")) break;
  }
  if (i >= call.values.length) return "";
  return perform({ ...call, values: call.values.slice(i), gists: call.gists.slice(i) });
}

function output(base: string, call: Call): string | null {
  let words = call.values.slice(1);
  if (words.includes(null)) return null;
  if (base === "echo") {
    let end = "\n";
    // Shells differ in whether echo reads -e and backslashes.
    if (words[0] === "-e" || words[0] === "-E") return null;
    if (words[0] === "-n") {
      end = "";
      words = words.slice(1);
    }
    const text = words.join(" ");
    return text.includes("\\") ? null : text + end;
  }
  const [format = "", ...rest] = words as string[];
  if (format === "%s\\n") return rest.map((word) => `${word}\n`).join("");
  if (format === "%s") return rest.join("");
  if (rest.length > 0 || /[%]/.test(format) || /\\[^nt\\]/.test(format)) return null;
  return format.replace(/\\([nt\\])/g, (_, char: string) => ({ n: "\n", t: "\t" })[char] ?? char);
}

function concatenate(call: Call): string | null {
  if (call.values.length === 1 || (call.values.length === 2 && call.values[1] === "-")) return call.input ?? null;
  let text = "";
  for (const word of call.values.slice(1)) {
    const path = word === null ? null : resolvePath(word, call.shell.directory);
    const lines = path === null ? null : call.shell.machine.files.get(path);
    if (lines === undefined || lines === null) return null;
    text += lines.map((line) => (line.open === true ? line.text : `${line.text}\n`)).join("");
  }
  return text;
}

function tee(call: Call): string | null {
  const append = call.values.includes("-a") || call.values.includes("--append");
  for (const [i, word] of call.values.entries()) {
    if (i === 0 || word?.startsWith("-")) continue;
    writeFile(word, call.gists[i] ?? "", call.input ?? null, append, call.certain, call.shell, call.at, call.what);
  }
  return call.input ?? null;
}

function assign(call: Call): string {
  for (const [i, word] of call.values.entries()) {
    const match = /^([A-Za-z_]\w*)(?:=([\s\S]*))?$/.exec(word ?? call.gists[i]?.replace(/=[\s\S]*/, "=") ?? "");
    if (i === 0 || match === null || (word !== null && match[2] === undefined)) continue;
    if (match[1] === "MAIL_CONFIG") opaque(call);
    call.shell.variables.set(match[1] ?? "", word !== null && call.certain ? (match[2] ?? "") : null);
  }
  return "";
}

function packages(base: string, call: Call): string | null {
  const words = call.values.slice(1);
  const verb = words.find(
    (word) => word !== null && !word.startsWith("-") && !word.includes("=") && !word.includes("::"),
  );
  if (!/^(?:install|reinstall|add|localinstall|in)$/.test(verb ?? "")) {
    const removes = /^(?:remove|purge|autoremove|erase|del)$/.test(verb ?? "");
    return removes && call.gists.some((word) => concernsPostfix(word)) ? opaque(call) : "";
  }
  const rest = words.slice(words.indexOf(verb ?? "") + 1);
  const names = rest.flatMap((word) => (word === null || word.startsWith("-") ? [] : [word]));
  const wanted = names.some((name) => concernsPostfix(name));
  if (wanted && !call.certain) return opaque(call);
  const manager = /^apt/.test(base) ? "debian" : /^(?:yum|dnf|microdnf)$/.test(base) ? "redhat" : "unknown";
  call.shell.machine.install(names, manager, call.at);
  return null;
}

function preseed(call: Call): string | null {
  const path = call.values[1];
  const lines = path == null ? null : call.shell.machine.files.get(path);
  const text = path == null ? call.input : lines?.map((line) => line.text).join("\n");
  if (text == null || !call.certain) return opaque(call);
  call.shell.machine.preseed(text);
  return "";
}

function compile(call: Call): string | null {
  const tables = call.values.slice(1).filter((word) => !word?.startsWith("-"));
  for (const word of tables) {
    const path = word == null ? null : resolvePath(word.replace(/^\w+:/, ""), call.shell.directory);
    if (path !== null && call.certain) call.shell.machine.compile(path);
  }
  return call.values.some((word) => word !== null && /^-[cdi]/.test(word)) ? opaque(call) : null;
}

function services(base: string, call: Call): string | null {
  const words = call.values.slice(1).filter((word) => word === null || !word.startsWith("-"));
  const verb = base === "systemctl" ? words[0] : words[1];
  if (verb !== null && verb !== undefined && serviceVerbs.has(verb)) return "";
  return base === "systemctl" && verb !== "edit" && verb !== "link" && !call.gists.some((word) => concernsPostfix(word))
    ? ""
    : opaque(call);
}

/** `sh -c text`, `sh file`, or a script on standard input. */
function nested(call: Call): string | null {
  const words = call.values.slice(1);
  let i = 0;
  while (words[i]?.startsWith("-") === true && words[i] !== "-c" && !/^-[a-z]*c$/.test(words[i] ?? "")) i++;
  const word = words[i];
  if (word === undefined) {
    if (call.input == null) return opaque(call);
    run(call.input, call, `${call.shell.label} | sh`);
    return null;
  }
  if (word !== null && /^-[a-z]*c$/.test(word)) {
    const text = words[i + 1];
    if (text == null) return opaque(call);
    run(text, call, `${call.at.path ?? ""}`);
    return null;
  }
  return script(word, call);
}

function run(text: string, call: Call, label: string): void {
  const inner = newShell(call.shell.machine, label, call.shell);
  runScript(text, { ...inner, certain: call.certain, finished: false });
}

/** A script that the program wrote before. */
function script(word: string | null, call: Call): string | null {
  const path = word === null ? null : resolvePath(word, call.shell.directory);
  if (path === null) return opaque(call);
  if (/^\/etc\/(?:os-release|lsb-release|environment|profile|default\/\w+)$/.test(path)) return "";
  const lines = call.shell.machine.files.get(path);
  if (lines == null) return opaque(call);
  const shebang = /^#!\s*(\S+)(?:\s+(\S+))?/.exec(lines[0]?.text ?? "");
  if (
    shebang !== null &&
    !/(?:^|\/)(?:ba|da)?sh$/.test(/env$/.test(shebang[1] ?? "") ? (shebang[2] ?? "") : (shebang[1] ?? ""))
  )
    return opaque(call);
  call.shell.machine.ran.add(path);
  run(lines.map((line) => line.text).join("\n"), call, path);
  return null;
}
