import { concernsPostfix } from "../../carrier/signs";
import { unknownPlace } from "../run";
import { resolvePath, type Shell } from "../state";
import { type Call, ended, inPostfix, opaque, optionsOf, pathOf, touchesPostfix } from "./call";

/** Folders that hold the files of Postfix, at some depth. */
const above = new Set(["/", "/etc", "/etc/postfix"]);

interface Item {
  readonly value: string | null;
  readonly gist: string;
}

/** Files of Postfix that decide by themselves are not known any more: something that is not read changed them. */
function lose(path: string, call: Call): void {
  const { machine } = call.shell;
  const real = machine.disk.resolve(path) ?? path;
  if (machine.isMain(path) || machine.isMain(real) || above.has(path) || above.has(real))
    machine.opaque(call.what, call.at);
}

/** A place whose name is not known. */
function somewhere({ gist }: Item, call: Call): void {
  unknownPlace(gist, call.shell, call.what, call.at);
}

/** Something is written to a path, and nobody knows what. */
function overwritten(item: Item, call: Call): void {
  const path = pathOf(item.value, call.shell);
  if (path === null) {
    somewhere(item, call);
    return;
  }
  if (/^\/(?:dev|proc|sys)\//.test(path)) return;
  lose(path, call);
  if (call.shell.machine.disk.kind(path) === "folder") call.shell.machine.disk.smudge(path);
  else call.shell.machine.write(path, null, false, call.at);
}

interface Pair {
  readonly from: string | null;
  readonly about: string;
  readonly to: string;
  /** Whether the target is taken as it is, and never as a folder to put something into. */
  readonly exact: boolean;
}

/** What cp, mv and install put where: `SOURCE… TARGET`, `-t TARGET SOURCE…`. Null if the target is not known. */
function pairs(
  call: Call,
  operands: readonly Item[],
  folder: string | null | undefined,
  exact: boolean,
): Pair[] | null {
  const { shell } = call;
  const { disk } = shell.machine;
  const target = folder === undefined ? operands[operands.length - 1] : { value: folder, gist: folder ?? "…" };
  const sources = folder === undefined ? operands.slice(0, -1) : operands;
  const to = pathOf(target?.value, shell);
  if (target === undefined || to === null || sources.length === 0) return null;
  const kind = disk.kind(to);
  const into =
    !exact &&
    (folder !== undefined || sources.length > 1 || kind === "folder" || /\/\.?$/.test(target.gist) || above.has(to));
  return sources.map(({ value, gist }) => {
    const from = pathOf(value, shell);
    const name = (value ?? gist).replace(/\/+$/, "").replace(/^.*\//, "");
    // `FOLDER/.` is what is in it.
    if (into && (name === "." || name === "")) return { from, about: gist, to, exact: false };
    return {
      from: value?.includes("\0") ? null : from,
      about: gist,
      to: into ? (to === "/" ? `/${name}` : `${to}/${name}`) : to,
      exact: !into,
    };
  });
}

export function cp(call: Call) {
  const { flags, values, operands } = optionsOf(call, ["t", "S", "target-directory", "suffix"]);
  const has = (...names: string[]) => names.some((name) => flags.has(name));
  const { disk } = call.shell.machine;
  const deep = has("a", "r", "R", "archive", "recursive");
  const list = pairs(
    call,
    operands,
    (values.get("t") ?? values.get("target-directory"))?.[0],
    has("T", "no-target-directory"),
  );
  if (
    list === null ||
    has("s", "l", "symbolic-link", "link", "parents", "u", "update", "n", "no-clobber", "b", "backup") ||
    values.has("S")
  )
    return unread(call, operands);
  for (const { from, about, to } of list) {
    if (from === null || /[*?…$]/.test(about)) {
      intoUnknown(to, call);
      continue;
    }
    const kind = disk.kind(from);
    if (kind === "gone") return ended(call, "no");
    if (disk.kind(to.replace(/\/[^/]*$/, "") || "/") === "gone") return ended(call, "no");
    if (kind === "folder" && !deep) return ended(call, "no");
    if (kind === "file" || (kind === null && !deep)) copyFile(from, to, call);
    else copyTree(from, to, call);
  }
  return ended(call, "likely");
}

function intoUnknown(to: string, call: Call): void {
  lose(to, call);
  const parent = to.replace(/\/[^/]*$/, "") || "/";
  if (inPostfix(to, call.shell) || above.has(parent)) {
    if (above.has(parent) || inPostfix(parent, call.shell)) call.shell.machine.opaque(call.what, call.at);
  }
  call.shell.machine.disk.smudge(parent === "/" || parent === "/etc" ? to : parent);
}

function copyFile(from: string, to: string, call: Call): void {
  const { machine } = call.shell;
  const lines = machine.disk.read(from);
  const known = Array.isArray(lines);
  if (!known) lose(to, call);
  machine.write(to, known ? (lines as never) : null, false, call.at);
}

/** A folder, or something that may be one. */
function copyTree(from: string, to: string, call: Call): void {
  const { machine } = call.shell;
  const { disk } = machine;
  const home = disk.resolve(from) ?? from;
  if (`${to}/`.startsWith(`${home}/`)) {
    machine.opaque(call.what, call.at);
    return;
  }
  const target = disk.kind(to);
  if (disk.kind(from) === null) {
    // What it holds is not known, or whether it is a folder.
    if (disk.below(to).length > 0 || inPostfix(to, call.shell) || above.has(to)) {
      lose(to, call);
      if (inPostfix(to, call.shell)) machine.opaque(call.what, call.at);
      disk.smudge(to);
    } else disk.forget(to);
    return;
  }
  if (target === "gone") {
    disk.copy(from, to);
    return;
  }
  // Files are laid over those that are there.
  const whole = disk.isWhole(from);
  if (!whole && (inPostfix(to, call.shell) || disk.below(to).length > 0)) {
    if (inPostfix(to, call.shell)) machine.opaque(call.what, call.at);
    disk.smudge(to);
  }
  disk.makeFolder(to);
  for (const file of disk.below(from)) copyFile(file, to + file.slice(home.length), call);
}

export function mv(call: Call) {
  const { flags, values, operands } = optionsOf(call, ["t", "S", "target-directory", "suffix"]);
  const has = (...names: string[]) => names.some((name) => flags.has(name));
  const { machine } = call.shell;
  const { disk } = machine;
  const exact = has("T", "no-target-directory");
  const list = pairs(call, operands, (values.get("t") ?? values.get("target-directory"))?.[0], exact);
  if (list === null || has("u", "update", "n", "no-clobber", "b", "backup") || values.has("S"))
    return unread(call, operands);
  for (const { from, about, to } of list) {
    if (from === null || /[*?…$]/.test(about)) {
      if (concernsPostfix(about) || above.has(pathOf(about.replace(/\/[^/]*$/, ""), call.shell) ?? "/"))
        return opaque(call);
      intoUnknown(to, call);
      continue;
    }
    if (above.has(from) && from !== "/etc/postfix") return opaque(call);
    const [kind, target] = [disk.kind(from), disk.kind(to)];
    if (has("exchange")) {
      if (kind === "gone" || target === "gone") return ended(call, "no");
      if (kind === null || target === null) {
        for (const path of [from, to]) {
          if (inPostfix(path, call.shell) && (path === from ? target : kind) === null)
            machine.opaque(call.what, call.at);
        }
      }
      disk.exchange(from, to);
      continue;
    }
    if (kind === "gone" && !disk.isLink(from)) return ended(call, "no");
    if (disk.kind(to.replace(/\/[^/]*$/, "") || "/") === "gone") return ended(call, "no");
    const link = disk.isLink(from);
    if (!link && kind === "folder" && target === "folder" && (disk.isLink(to) || !disk.isEmpty(to))) {
      // A folder does not take the place of one that holds something, and nothing takes that of a link but another link.
      if (disk.isLink(to) || disk.below(to).length > 0) return ended(call, "no");
      machine.opaque(call.what, call.at);
    }
    if (link && target === "folder" && !disk.isLink(to)) return ended(call, "no");
    if (kind === "file" && target === "folder" && !disk.isLink(to)) return ended(call, "no");
    if (kind === null) {
      // A file or a folder that the program did not write.
      if (inPostfix(to, call.shell) || above.has(to)) machine.opaque(call.what, call.at);
      disk.remove(from);
      if (target === "folder") disk.smudge(to);
      else disk.forget(to);
      continue;
    }
    if (kind === "folder" && target === null && !disk.isLink(to)) {
      // Whether there is something in the way is not known.
      if (inPostfix(to, call.shell)) machine.opaque(call.what, call.at);
    }
    if (kind === "file" && target === null && disk.read(to) === undefined && above.has(to))
      machine.opaque(call.what, call.at);
    disk.move(from, to);
  }
  return ended(call, "likely");
}

export function install(call: Call) {
  const { flags, values, operands } = optionsOf(call, [
    "t",
    "S",
    "m",
    "o",
    "g",
    "target-directory",
    "mode",
    "owner",
    "group",
    "suffix",
  ]);
  const { machine } = call.shell;
  if (flags.has("d") || flags.has("directory")) return makeFolders(call, operands, true);
  if (flags.has("b") || flags.has("C") || values.has("S")) return unread(call, operands);
  const list = pairs(call, operands, (values.get("t") ?? values.get("target-directory"))?.[0], flags.has("T"));
  if (list === null) return unread(call, operands);
  for (const { from, about, to } of list) {
    if (from === null || /[*?…$]/.test(about)) {
      intoUnknown(to, call);
      continue;
    }
    if (flags.has("D")) makeParents(to, call.shell);
    if (from === "/dev/null") machine.write(to, [], false, call.at);
    else {
      if (machine.disk.kind(from) === "gone" || machine.disk.kind(to.replace(/\/[^/]*$/, "") || "/") === "gone")
        return ended(call, "no");
      if (machine.disk.kind(from) === "folder") return ended(call, "no");
      copyFile(from, to, call);
    }
  }
  return ended(call, "likely");
}

function makeParents(path: string, shell: Shell): void {
  const parts = path.split("/").slice(1, -1);
  for (let i = 1; i <= parts.length; i++) {
    const folder = `/${parts.slice(0, i).join("/")}`;
    if (shell.machine.disk.kind(folder) !== "folder") shell.machine.disk.makeFolder(folder);
  }
}

function makeFolders(call: Call, operands: readonly Item[], parents: boolean) {
  const { disk } = call.shell.machine;
  let failed = false;
  for (const item of operands) {
    const path = pathOf(item.value, call.shell);
    if (path === null) {
      // A new folder changes no file.
      continue;
    }
    const kind = disk.kind(path);
    if (parents) makeParents(path, call.shell);
    else if (kind === "folder" || kind === "file" || disk.kind(path.replace(/\/[^/]*$/, "") || "/") === "gone") {
      failed = true;
      continue;
    }
    if (kind === "file") failed = true;
    else disk.makeFolder(path);
  }
  return ended(call, failed ? "no" : "likely");
}

export function mkdir(call: Call) {
  const { flags, operands } = optionsOf(call, ["m", "mode"]);
  return makeFolders(call, operands, flags.has("p") || flags.has("parents"));
}

export function mktemp(call: Call) {
  const { flags, values, operands } = optionsOf(call, ["p", "suffix", "tmpdir"]);
  const { shell } = call;
  const folder = values.get("p")?.[0] ?? (values.size === 0 ? "/tmp" : null);
  const given = operands[0]?.value;
  if (
    operands.length > 1 ||
    given === null ||
    flags.has("u") ||
    values.has("suffix") ||
    values.has("tmpdir") ||
    folder === null ||
    flags.has("tmpdir")
  )
    return ended(call, "likely", null);
  // Its name is made up; nothing has it.
  const name = (given ?? "tmp.XXXXXXXXXX").replace(/X{3,}$/, `made-${call.line}-${shell.machine.disk.made++}`);
  const path = values.size > 0 || given === undefined ? resolvePath(name, folder) : resolvePath(name, shell.directory);
  if (path === null) return ended(call, "likely", null);
  shell.machine.disk.remove(path);
  if (flags.has("d") || flags.has("directory")) shell.machine.disk.makeFolder(path);
  else shell.machine.write(path, [], false, call.at);
  return ended(call, "likely", { text: `${path}\n` });
}

export function rm(call: Call) {
  const { flags, operands } = optionsOf(call, []);
  const { disk } = call.shell.machine;
  const deep = ["r", "R", "recursive"].some((it) => flags.has(it));
  let failed = false;
  for (const item of operands) {
    const path = pathOf(item.value, call.shell);
    if (path === null) {
      somewhere(item, call);
      continue;
    }
    if (disk.kind(path) === "folder" && !disk.isLink(path) && !deep) {
      failed = true;
      continue;
    }
    if (disk.kind(path) === "gone" && !disk.isLink(path)) {
      failed ||= !flags.has("f") && !flags.has("force");
      continue;
    }
    if (above.has(path) && path !== "/etc/postfix") return opaque(call);
    disk.remove(path);
  }
  return ended(call, failed ? "no" : "likely");
}

export function rmdir(call: Call) {
  const { operands } = optionsOf(call, []);
  for (const item of operands) {
    const path = pathOf(item.value, call.shell);
    if (path !== null && call.shell.machine.disk.isEmpty(path)) call.shell.machine.disk.remove(path);
  }
  return ended(call, "unknown");
}

export function ln(call: Call) {
  const { flags, values, operands } = optionsOf(call, ["t", "S", "target-directory", "suffix"]);
  const has = (...names: string[]) => names.some((name) => flags.has(name));
  const { disk } = call.shell.machine;
  const [source, target] = operands;
  const to = pathOf(target?.value, call.shell);
  if (
    operands.length !== 2 ||
    values.size > 0 ||
    to === null ||
    source?.value == null ||
    has("r", "relative", "b", "backup", "i")
  )
    return touchesPostfix(call) || target?.value === null ? unread(call, operands) : ended(call, "likely");
  const symbolic = has("s", "symbolic");
  const forced = has("f", "force");
  const kind = disk.kind(to);
  // A link to a folder counts as the folder, unless it is told not to.
  const plain = has("T", "no-target-directory") || (disk.isLink(to) && has("n", "no-dereference"));
  let path = to;
  if (!plain && kind === "folder") path = `${to}/${source.value.replace(/\/+$/, "").replace(/^.*\//, "")}`;
  else if (!plain && kind === null && disk.read(to) === undefined && inPostfix(to, call.shell) && !/\.\w+$/.test(to))
    return opaque(call);
  const there = disk.kind(path);
  if (there === "folder" && !disk.isLink(path)) return ended(call, "no");
  if (!forced && (there === "file" || disk.isLink(path))) return ended(call, "no");
  if (!forced && there === null && touchesPostfix(call)) return opaque(call);
  if (!symbolic) {
    const from = pathOf(source.value, call.shell);
    if (touchesPostfix(call)) call.shell.machine.opaque(call.what, call.at);
    if (from !== null && disk.isTouched(from)) disk.smudge(from);
    call.shell.machine.write(path, null, false, call.at);
    return ended(call, "likely");
  }
  const real = disk.resolve(path, false) ?? path;
  const goal = resolvePath(source.value, real.replace(/\/[^/]*$/, "") || "/");
  if (goal === null) return opaque(call);
  disk.link(path, goal);
  const leads = disk.kind(path);
  if (leads === null && inPostfix(path, call.shell) && (path === "/etc/postfix" || /\.cf$/.test(path)))
    call.shell.machine.opaque(call.what, call.at);
  return ended(call, "likely");
}

export function truncate(call: Call) {
  const { values, operands } = optionsOf(call, ["s", "r", "size", "reference"]);
  const size = (values.get("s") ?? values.get("size"))?.[0];
  for (const item of operands) {
    const path = pathOf(item.value, call.shell);
    if (path !== null && size === "0") call.shell.machine.write(path, [], false, call.at);
    else overwritten(item, call);
  }
  return ended(call, "likely");
}

export function touch(call: Call) {
  const { operands } = optionsOf(call, ["d", "r", "t", "date", "reference"]);
  const { disk } = call.shell.machine;
  for (const { value } of operands) {
    const path = pathOf(value, call.shell);
    if (path === null || disk.kind(path) !== "gone") continue;
    if (disk.kind(path.replace(/\/[^/]*$/, "") || "/") === "gone") return ended(call, "no");
    call.shell.machine.write(path, [], false, call.at);
  }
  return ended(call, "likely");
}

/** curl, wget, dd, tar …: what matters is which files they may leave changed. */
export function fetchOrUnpack(call: Call) {
  const { shell } = call;
  const name = (call.values[0] ?? "").replace(/^.*\//, "");
  const { disk } = shell.machine;
  let printed = true;
  const here =
    shell.directory === null ||
    (shell.directory !== "/" && inPostfix(shell.directory, shell)) ||
    shell.directory === "/etc";
  const words = call.values.slice(1);
  for (const [i, word] of words.entries()) {
    const about = call.gists[i + 1] ?? "";
    const previous = words[i - 1] ?? "";
    const named = /^(?:-[a-zA-Z]*[oOPCd]|--output|--directory|--output-document|--directory-prefix|--output-dir)$/.test(
      previous,
    );
    const inline =
      /^(?:--(?:output|directory|output-document|directory-prefix|output-dir)=|of=|-[oOC](?=\/))([\s\S]*)$/.exec(
        word ?? about,
      );
    if (named && /^-[a-zA-Z]*O$/.test(previous) && name === "curl") continue;
    if (named || inline !== null) {
      printed = false;
      const value = word === null ? null : (inline?.[1] ?? word);
      const path = value === null ? null : pathOf(value, shell);
      if (value === "-") printed = true;
      else if (path === null) unknownPlace(inline?.[1] ?? about, shell, call.what, call.at);
      else if (above.has(path)) return opaque(call);
      else overwritten({ value: path, gist: path }, call);
    } else if (/^(?:rsync|aws|gsutil|az|git|gzip|gunzip|zip|unzip|tar|dd)$/.test(name)) {
      if (concernsPostfix(about) || (word !== null && !word.startsWith("-") && above.has(pathOf(word, shell) ?? "")))
        return opaque(call);
      if (word === null && name === "rsync" && i === words.length - 1) unknownPlace(about, shell, call.what, call.at);
      const path = word === null || word.startsWith("-") ? null : pathOf(word, shell);
      if (path !== null && path !== "/" && disk.isTouched(path)) overwritten({ value: path, gist: path }, call);
    }
  }
  const placed = words.some((word) => /^(?:-[a-zA-Z]*C|-d|--directory)/.test(word ?? ""));
  if (
    /^(?:tar|unzip)$/.test(name) &&
    !placed &&
    (above.has(shell.directory ?? "/") || here) &&
    !words.some((word) => /^-?c/.test(word ?? ""))
  )
    return opaque(call);
  const local =
    words.some((word) => /^(?:-[a-zA-Z]*O|--remote-name)$/.test(word ?? "")) || (name === "wget" && printed);
  if (local) {
    if (here) return opaque(call);
    if (shell.directory !== null) disk.smudge(shell.directory === "/" ? "/." : shell.directory);
  }
  if (touchesPostfix(call) && !/^(?:curl|wget|dd)$/.test(name)) return opaque(call);
  if (shell.input !== undefined) shell.input = null;
  return ended(call, "likely", null);
}

/** A command that may write the files it names, in a way that is not read. */
function unread(call: Call, operands: readonly Item[]) {
  for (const item of operands) {
    const path = pathOf(item.value, call.shell);
    if (path === null) somewhere(item, call);
    else if (inPostfix(path, call.shell) || above.has(path)) return opaque(call);
    else if (call.shell.machine.disk.isTouched(path)) call.shell.machine.disk.smudge(path);
  }
  return ended(call, "likely");
}
