import { concernsPostfix } from "../../carrier/signs";
import { harmless, questions, readers, serviceVerbs } from "../harmless";
import { run } from "../run";
import { joined, type Shell } from "../state";
import { judgeArguments } from "../test";
import * as builtins from "./builtins";
import { type Call, type Command, ended, opaque, rest, touchesPostfix } from "./call";
import * as files from "./files";
import * as packages from "./packages";
import * as postfix from "./postfix";
import * as scripts from "./scripts";
import { sed } from "./sed";
import * as text from "./text";

export type { Call } from "./call";

/** Nothing of what these print is an error. */
const quiet = new Set(
  ": true false echo printf test [ cd set export local declare readonly read shift trap unset exit return break continue".split(
    " ",
  ),
);

const several = (command: Command, ...names: string[]) => names.map((name) => [name, command] as const);

const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ...several((call) => ended(call, "yes"), ":", "true"),
  ["false", (call) => ended(call, "no")],
  [
    "[",
    (call) =>
      ended(
        call,
        call.values[call.values.length - 1] === "]" ? judgeArguments(call.values.slice(1, -1), call.shell) : "no",
      ),
  ],
  ["test", (call) => ended(call, judgeArguments(call.values.slice(1), call.shell))],
  ...several(builtins.exit, "exit", "return"),
  ...several(builtins.jump, "break", "continue"),
  ...several(builtins.cd, "cd", "pushd", "popd"),
  ...several(builtins.declare, "export", "readonly", "declare", "typeset", "local"),
  ["unset", builtins.unset],
  ["set", builtins.set],
  ["shift", builtins.shift],
  ["trap", builtins.trap],
  ["shopt", builtins.shopt],
  ["let", builtins.letBuiltin],
  ["expr", builtins.expr],
  ...several(builtins.mapfile, "mapfile", "readarray"),
  ["read", text.readLine],
  ["echo", text.echo],
  ["printf", text.printf],
  ["cat", text.cat],
  ["tee", text.tee],
  ...several(text.grep, "grep", "egrep", "fgrep"),
  ...several(text.awk, "awk", "gawk", "mawk"),
  ["find", text.find],
  ...several(otherLanguage, "perl", "python", "python3", "ruby"),
  ["sed", sed],
  ["cp", files.cp],
  ["mv", files.mv],
  ["install", files.install],
  ["ln", files.ln],
  ["mkdir", files.mkdir],
  ["mktemp", files.mktemp],
  ["rm", files.rm],
  ["rmdir", files.rmdir],
  ["truncate", files.truncate],
  ["touch", files.touch],
  ...several(
    files.fetchOrUnpack,
    "curl",
    "wget",
    "tar",
    "unzip",
    "gunzip",
    "gzip",
    "rsync",
    "git",
    "dd",
    "aws",
    "gsutil",
    "az",
  ),
  ...several(packages.packages, "apt-get", "apt", "aptitude", "yum", "dnf", "microdnf", "zypper", "apk"),
  ...several(packages.dpkg, "dpkg", "rpm"),
  ["debconf-set-selections", packages.preseed],
  ["dpkg-reconfigure", packages.reconfigure],
  ["postconf", postfix.postconf],
  ...several(postfix.compile, "postmap", "postalias"),
  ["postfix", postfix.postfix],
  ...several(services, "systemctl", "service", "invoke-rc.d", "rc-service"),
  ...several(scripts.nested, "sh", "bash", "dash"),
  ...several(scripts.source, "source", "."),
  ["eval", scripts.evaluate],
  ["su", scripts.su],
  ...several((call) => scripts.asks(call, 1), "which", "type", "hash"),
  [
    "id",
    (call) =>
      ended(
        call,
        call.values.length === 2 && call.values[1] === "-u" ? "yes" : "unknown",
        call.values.length === 2 && call.values[1] === "-u" ? { text: "0\n" } : null,
      ),
  ],
  ["whoami", (call) => ended(call, "yes", { text: "root\n" })],
  [
    "dirname",
    (call) =>
      ended(
        call,
        "yes",
        pathPart(call, (it) => it.replace(/\/+$/, "").replace(/\/*[^/]*$/, "") || (it.startsWith("/") ? "/" : ".")),
      ),
  ],
  [
    "basename",
    (call) =>
      ended(
        call,
        "yes",
        pathPart(call, (it) => it.replace(/\/+$/, "").replace(/^.*\//, "")),
      ),
  ],
  ["exec", exec],
]);

function pathPart({ values }: Call, of: (path: string) => string) {
  const [, path] = values;
  return path == null || values.length !== 2 || path === "" || path === "/" ? null : { text: `${of(path)}\n` };
}

/** Runs a command. @returns the ways that it may have gone */
export function perform(call: Call): Shell[] {
  const name = call.values[0];
  const { shell } = call;
  if (name === null || name === undefined || name === "") {
    shell.noise = true;
    return opaque(call);
  }
  const base = name.replace(/^.*\//, "");
  const called = shell.functions.get(name);
  if (called !== undefined) return callFunction(call, called);
  if (!quiet.has(name) && !(base === "cat" && call.values.length === 1)) shell.noise = true;
  // A program of one's own in its place is one that was written.
  if (name.includes("/") && !/^\/(?:usr\/)?(?:local\/)?s?bin\/[^/]+$/.test(name)) return scripts.file(call, name);
  if (name.includes("/") && shell.machine.disk.isTouched(name)) return scripts.file(call, name);
  if (scripts.isPrefix(base)) return scripts.prefixed(call);
  const command = commands.get(base);
  if (command !== undefined) return command(call);
  if (questions.has(base) && (!touchesPostfix(call) || readers.has(base))) {
    if (shell.input !== undefined) shell.input = null;
    return ended(call, "unknown", null);
  }
  if (harmless.has(base)) return touchesPostfix(call) && !readers.has(base) ? opaque(call) : text.reader(call);
  return opaque(call);
}

/** A program of another language: it may do anything. */
function otherLanguage(call: Call): Shell[] {
  const [, word, ...more] = call.values;
  return /^(?:-V|--version)$/.test(word ?? "") && more.length === 0 ? ended(call, "likely", null) : opaque(call);
}

/** exec: takes the place of the shell; without a command it redirects what follows. */
function exec(call: Call): Shell[] {
  const { shell } = call;
  if (call.values.length > 1) {
    if (call.values[1]?.startsWith("-") !== false) return opaque(call);
    return perform(rest(call, 1)).map((way) => {
      way.flow = "exit";
      return way;
    });
  }
  for (const { operator, fd } of call.redirects) {
    if (/^<|<>/.test(operator) && (fd === "" || fd === "0")) shell.input = null;
  }
  return ended(call, "yes", null);
}

function callFunction(call: Call, body: Parameters<typeof run>[0]): Shell[] {
  const { shell } = call;
  const { positional, hidden, depth } = shell;
  if (depth > 30) return opaque(call);
  shell.positional = call.values.slice(1);
  shell.hidden = new Map();
  shell.depth++;
  return joined(
    run(body, shell).map((way) => {
      if (way.flow === "return") way.flow = null;
      for (const [name, value] of way.hidden ?? []) {
        if (value === undefined) way.variables.delete(name);
        else way.variables.set(name, value);
      }
      way.positional = positional;
      way.hidden = hidden;
      way.depth = depth;
      return way;
    }),
  );
}

/** Starting and stopping decides nothing here, because a listener is assumed to run. */
function services(call: Call): Shell[] {
  const words = call.values.slice(1).filter((word) => word === null || !word.startsWith("-"));
  const byUnit = call.values[0]?.endsWith("systemctl") === true;
  const verb = byUnit ? words[0] : words[1];
  if (verb != null && serviceVerbs.has(verb))
    return ended(call, /^(?:is-|status|show|list)/.test(verb) ? "unknown" : "likely", null);
  if (byUnit && verb !== "edit" && verb !== "link" && !call.gists.some((word) => concernsPostfix(word)))
    return ended(call, "likely", null);
  return opaque(call);
}
