import { concernsPostfix } from "../../carrier/signs";
import { textOf } from "../run";
import { type Call, contentOf, ended, opaque, pathOf } from "./call";

/** apt-get, dnf, zypper … */
export function packages(call: Call) {
  const base = (call.values[0] ?? "").replace(/^.*\//, "");
  const words = call.values.slice(1);
  const verb = words.find(
    (word) => word !== null && !word.startsWith("-") && !word.includes("=") && !word.includes("::"),
  );
  if (!/^(?:install|reinstall|add|localinstall|in)$/.test(verb ?? "")) {
    const removes = /^(?:remove|purge|autoremove|erase|del)$/.test(verb ?? "");
    return removes && call.gists.some((word) => concernsPostfix(word)) ? opaque(call) : ended(call, "likely", null);
  }
  const names = words
    .slice(words.indexOf(verb ?? "") + 1)
    .flatMap((word) => (word === null || word.startsWith("-") ? [] : [word]));
  const manager = /^apt/.test(base) ? "debian" : /^(?:yum|dnf|microdnf)$/.test(base) ? "redhat" : "unknown";
  call.shell.machine.install(names, manager, call.at);
  return ended(call, "likely", null);
}

export function dpkg(call: Call) {
  const asks = /^-(?:s|l|L|q\w*|-get-selections|-print-architecture)$/.test(call.values[1] ?? "");
  if (asks) return ended(call, "unknown", null);
  return call.gists.slice(1).some((word) => concernsPostfix(word)) ? opaque(call) : ended(call, "likely", null);
}

/** debconf-set-selections: answers to the questions of packages that are installed later. */
export function preseed(call: Call) {
  const { shell } = call;
  const words = call.values.slice(1).filter((word) => !/^-[vc]$/.test(word ?? ""));
  const path = words.length > 0 ? pathOf(words[0], shell) : null;
  const lines = contentOf(path, shell);
  const text = words.length > 0 ? (lines === null ? null : textOf(lines)) : shell.input?.text;
  if (text == null) return opaque(call);
  shell.machine.preseed(text);
  return ended(call, "likely");
}

/** dpkg-reconfigure: the answers are asked again, and written into the files that are there. */
export function reconfigure(call: Call) {
  return call.gists.slice(1).some((word) => concernsPostfix(word)) || call.values.includes(null)
    ? opaque(call)
    : ended(call, "likely", null);
}
