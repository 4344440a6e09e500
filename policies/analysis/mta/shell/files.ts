import { concernsPostfix } from "../carrier/signs";
import { mainCfPath, masterCfPath } from "../machine";
import { type Call, opaque, touchesPostfix } from "./commands";
import { resolvePath } from "./run";

/** Directories that Postfix's files are in, at some depth. */
const above = new Set(["/", "/etc", "/etc/postfix"]);
/** Commands whose every argument is a file. */
const local = new Set("cp mv rm install sed dd truncate rsync".split(" "));

/** cp, mv, curl … : what matters is which files they leave changed. */
export function fileCommand(base: string, call: Call): string | null {
  const { machine, directory } = call.shell;
  const plain = call.values.slice(1).filter((word) => word === null || !word.startsWith("-"));
  const paths = plain.map((word) => (word === null ? null : resolvePath(word, directory)));
  if (directory === null || directory.startsWith("/etc/postfix")) {
    // What a relative name stands for is not known, or is a file of Postfix.
    if (!plain.every((word) => word?.startsWith("/"))) return edit(base, call, paths) ?? opaque(call);
  }
  if (hasUnknownPlace(base, call)) return opaque(call);
  if ((base === "cp" || base === "mv" || base === "install") && paths.length === 2) return copy(base, call, paths);
  if (!call.gists.slice(1).some(concernsPostfix) && !touchesPostfix(call)) {
    for (const path of paths) if (path !== null && machine.files.has(path)) machine.write(path, null, false, call.at);
    return unpacksAbove(base, call, paths) ? opaque(call) : null;
  }
  return edit(base, call, paths) ?? opaque(call);
}

/** An argument that is not known and may be a file of Postfix. */
function hasUnknownPlace(base: string, call: Call): boolean {
  return call.values.some((word, i) => {
    if (word !== null || i === 0) return false;
    const gist = call.gists[i] ?? "";
    const elsewhere = /^\/(?!etc\/?[^/]*[$…])[\w.-]+\//.test(gist) || /^\/(?!etc)[\w.-]+$/.test(gist);
    if (elsewhere) return false;
    return local.has(base) || /^(?:-[a-zA-Z]*[oOPCd]|--output|--directory)$/.test(call.values[i - 1] ?? "");
  });
}

/** True if a whole tree may land on top of the files of Postfix. */
function unpacksAbove(base: string, call: Call, paths: readonly (string | null)[]): boolean {
  if (/^(?:curl|wget|aws|gsutil|az|git|gzip|gunzip|truncate)$/.test(base)) {
    return paths.some((path) => path !== null && above.has(path));
  }
  if (paths.some((path) => path !== null && above.has(path))) return true;
  if (call.gists.some((word) => /^(?:-C|--directory=|-d)\/(?:etc\/?)?$/.test(word))) return true;
  const elsewhere = call.values.some((word) => /^(?:-C|-d|--directory)/.test(word ?? ""));
  return /^(?:tar|unzip)$/.test(base) && !elsewhere && above.has(call.shell.directory ?? "/");
}

/** Two names: a file is copied, moved or installed. */
function copy(base: string, call: Call, [from, to]: readonly (string | null)[]): string | null {
  const { machine } = call.shell;
  if (from == null || to == null) {
    return call.gists.some((word) => concernsPostfix(word)) ? opaque(call) : null;
  }
  if (above.has(to) || call.values.some((word) => /^(?:-\w*t$|--target)/.test(word ?? ""))) return opaque(call);
  if (base === "mv" && (above.has(from) || from.startsWith("/etc/postfix/"))) return opaque(call);
  // A name with a slash at its end is a directory: the file keeps its own name.
  const target = call.gists[call.gists.length - 1]?.endsWith("/") ? `${to}/${from.replace(/^.*\//, "")}` : to;
  if (target === mainCfPath || target === masterCfPath) {
    if (!call.certain || machine.files.get(from) == null) return opaque(call);
    machine.copy(from, target, call.at);
  } else if (target.startsWith("/etc/postfix/") || machine.files.has(from) || machine.files.has(target)) {
    if (call.certain) machine.copy(from, target, call.at);
    else machine.write(target, null, false, call.at);
  }
  return "";
}

/** A table below /etc/postfix gets content that is not known: `curl -o /etc/postfix/table`. Null if it is more than that. */
function edit(base: string, call: Call, paths: readonly (string | null)[]): string | null {
  if (/^(?:tar|rsync|unzip|git|dd|mv)$/.test(base)) return null;
  const { machine } = call.shell;
  const named = paths.filter((path) => path === null || concernsPostfix(path));
  const tables = named.every(
    (path) => path !== null && /^\/etc\/postfix\/[\w.-]+$/.test(path) && path !== mainCfPath && path !== masterCfPath,
  );
  if (!tables || named.length === 0) return null;
  for (const path of named) if (path !== null) machine.write(path, null, false, call.at);
  return "";
}
