import { runScript, runWhole, subshell, textOf } from "../run";
import type { Shell } from "../state";
import { type Call, contentOf, ended, opaque, pathOf, rest } from "./call";
import { perform } from "./index";

/** Options of commands that run the rest of their words, with those that take a value. */
const prefixes: Readonly<Record<string, string>> = {
  sudo: "ugpCDhrtTU",
  doas: "uC",
  env: "uCS",
  nohup: "",
  nice: "n",
  ionice: "cnp",
  time: "fo",
  command: "",
  builtin: "",
  stdbuf: "ioe",
  eatmydata: "",
  timeout: "ks",
  setsid: "",
  chronic: "",
  runuser: "ug",
  flock: "wE",
  "systemd-cat": "tp",
  unbuffer: "",
  xvfb: "",
  retry: "td",
};

export function isPrefix(name: string): boolean {
  return Object.hasOwn(prefixes, name);
}

/** sudo, env, timeout … : what matters is what they run. */
export function prefixed(call: Call): Shell[] {
  const name = (call.values[0] ?? "").replace(/^.*\//, "");
  const takes = prefixes[name] ?? "";
  let i = 1;
  for (; i < call.values.length; i++) {
    const word = call.values[i];
    if (word === null || word === undefined) break;
    if (/^(?:env|sudo)$/.test(name) && /^[A-Za-z_]\w*=/.test(word)) {
      if (word.startsWith("MAIL_CONFIG=")) return opaque(call);
      continue;
    }
    if (word === "--") {
      i++;
      break;
    }
    if (!word.startsWith("-") || word === "-") break;
    // Another root, or another machine; a question; text that is split.
    if (/^(?:-[RS]|--chroot|--split-string)/.test(word)) return opaque(call);
    if (name === "command" && /^-[vV]$/.test(word)) return asks(call, i + 1);
    if (name === "sudo" && /^-(?:l|v|k|K)$/.test(word)) return ended(call, "likely", null);
    if (!word.startsWith("--") && word.length === 2 && takes.includes(word[1] ?? "")) i++;
    else if (/^--(?:user|group|chdir|kill-after|signal|unset|wait|timeout)$/.test(word)) i++;
  }
  if (name === "timeout") i++;
  if (name === "flock") {
    const next = call.values[i];
    i++;
    // `flock 9`: a lock on a descriptor.
    if (i >= call.values.length) return ended(call, next === undefined ? "unknown" : "likely");
    if (call.values[i] === "-c")
      return nested({
        ...rest(call, i - 1),
        values: ["sh", ...call.values.slice(i)],
        gists: ["sh", ...call.gists.slice(i)],
      });
  }
  if (i >= call.values.length) return ended(call, "likely", null);
  const inner = rest(call, i);
  // A function is none of the commands that another program finds.
  if (inner.values[0] != null && call.shell.functions.has(inner.values[0])) return opaque(call);
  const ways = perform(inner);
  // It may have taken too long, or not have been allowed.
  for (const way of ways) if (way.status === "yes" && name !== "command" && name !== "env") way.status = "likely";
  return ways;
}

/** `command -v NAME` */
export function asks(call: Call, from: number): Shell[] {
  const name = call.values[from];
  const { shell } = call;
  if (name != null && shell.functions.has(name)) return ended(call, "yes", { text: `${name}\n` });
  if (name != null && /^(?:echo|cd|test|\[|printf|true|false|sh|cat|ls|cp|mv|rm|sed|grep|mkdir)$/.test(name))
    return ended(call, "yes", null);
  return ended(
    call,
    shell.machine.installed && /^(?:postconf|postmap|postfix|postalias|newaliases)$/.test(name ?? "")
      ? "yes"
      : "unknown",
    null,
  );
}

/** `sh -c text`, `sh file`, or a script on standard input. */
export function nested(call: Call): Shell[] {
  const words = call.values.slice(1);
  const { shell } = call;
  let i = 0;
  let errexit = false;
  let text = false;
  for (; i < words.length; i++) {
    const word = words[i];
    if (word == null || !/^[-+]/.test(word) || word === "-") break;
    if (word === "--") {
      i++;
      break;
    }
    if (/^-o$/.test(word)) {
      if (words[++i] === "errexit") errexit = true;
      continue;
    }
    if (word.startsWith("--")) {
      if (!/^--(?:login|posix|norc|noprofile)$/.test(word)) return opaque(call);
      continue;
    }
    if (/^\+/.test(word)) continue;
    if (!/^-[a-zA-Z]+$/.test(word)) return opaque(call);
    if (word.includes("e")) errexit = true;
    if (/[nO]/.test(word)) return /n/.test(word) && !/O/.test(word) ? ended(call, "unknown", null) : opaque(call);
    if (word.includes("c")) text = true;
    if (word.includes("s")) i = words.length;
  }
  const bash = (call.values[0] ?? "").endsWith("bash");
  const word = words[i];
  if (text) {
    if (word == null) return opaque(call);
    const end = Math.max(i + 1, 0);
    return another(word, call, { bash, errexit, base: call.line, positional: words.slice(end + 1) });
  }
  if (word === undefined || i >= words.length || word === "-" || word === "/dev/stdin") {
    const input = shell.input;
    if (input == null) return opaque(call);
    shell.input = { text: "" };
    return another(input.text, call, { bash, errexit, base: call.line, positional: [] });
  }
  return file(call, word, { bash, errexit, positional: words.slice(i + 1) });
}

interface How {
  readonly bash: boolean;
  readonly errexit: boolean;
  readonly positional: readonly (string | null)[] | null;
  readonly base?: number;
  readonly label?: string;
}

/** A shell of its own: nothing of it is left but what it did to the machine. What is not exported it does not know. */
function another(text: string, call: Call, { bash, errexit, positional, base, label }: How): Shell[] {
  return subshell(call.shell, (inner) => {
    inner.asked = false;
    inner.pipefail = false;
    inner.errexit = errexit;
    inner.bash = bash;
    inner.positional = positional;
    inner.depth++;
    inner.functions = new Map();
    inner.environment = true;
    // Which of them are exported is not kept.
    inner.variables = new Map([...inner.variables].filter(([name]) => /^(?:HOME|UID|EUID)$/.test(name)));
    for (const name of call.shell.exported) {
      const value = call.shell.variables.get(name);
      if (value !== undefined) inner.variables.set(name, value);
    }
    inner.unset = new Set();
    if (base !== undefined && inner.base === 0) inner.base = base;
    if (label !== undefined) {
      inner.label = label;
      inner.base = 0;
    }
    return runWhole(text, inner).map((way) => {
      if (way.flow === null && way.status === "yes") way.status = "likely";
      way.flow = null;
      return way;
    });
  });
}

/** A script that the program wrote before. */
export function file(call: Call, word: string | null, how: Partial<How> = {}): Shell[] {
  const { shell } = call;
  const path = pathOf(word, shell);
  const lines = contentOf(path, shell);
  if (path === null || lines === null) {
    if (path !== null && shell.machine.disk.kind(path) === "gone") return ended(call, "no");
    return opaque(call);
  }
  const shebang = /^#!\s*(\S+)(?:\s+(.*\S))?\s*$/.exec(lines[0]?.text ?? "");
  const words = [shebang?.[1] ?? "", ...(shebang?.[2] ?? "").split(/\s+/)].filter((it) => it !== "");
  if (/\/env$/.test(words[0] ?? "")) words.shift();
  const [interpreter = "sh", ...options] = words;
  if (how.bash === undefined && !/(?:^|\/)(?:ba|da)?sh$/.test(interpreter)) return opaque(call);
  shell.machine.ran.add(path);
  return another(textOf(lines), call, {
    bash: how.bash ?? /bash$/.test(interpreter),
    errexit: how.errexit ?? options.some((it) => /^-[a-z]*e/.test(it)),
    positional: how.positional ?? call.values.slice(1),
    label: path,
  });
}

/** `source file`: runs in this shell. */
export function source(call: Call): Shell[] {
  const { shell } = call;
  const path = pathOf(call.values[1], shell);
  if (path === null) return opaque(call);
  const lines = contentOf(path, shell);
  if (lines === null) {
    if (shell.machine.disk.kind(path) === "gone") return ended(call, "no");
    // Well-known files that set variables and nothing else.
    if (!/^\/etc\/(?:os-release|lsb-release|environment|profile|default\/\w+|sysconfig\/\w+)$/.test(path))
      return opaque(call);
    for (const name of [
      "ID",
      "VERSION_ID",
      "VERSION_CODENAME",
      "NAME",
      "PRETTY_NAME",
      "ID_LIKE",
      "VERSION",
      "DISTRIB_ID",
      "DISTRIB_RELEASE",
      "DISTRIB_CODENAME",
    ])
      shell.variables.set(name, null);
    return ended(call, "likely");
  }
  shell.machine.ran.add(path);
  const { label, base, depth } = shell;
  shell.label = path;
  shell.base = 0;
  shell.depth++;
  return runScript(textOf(lines), shell).map((way) => {
    if (way.flow === "return") way.flow = null;
    way.label = label;
    way.base = base;
    way.depth = depth;
    return way;
  });
}

/** eval: its words are a script. */
export function evaluate(call: Call): Shell[] {
  const words = call.values.slice(1);
  if (words.includes(null)) return opaque(call);
  const { base, depth } = call.shell;
  if (base === 0) call.shell.base = call.line;
  call.shell.depth++;
  return runScript(words.join(" "), call.shell).map((way) => {
    way.base = base;
    way.depth = depth;
    return way;
  });
}

/** `su -c text [user]` */
export function su(call: Call): Shell[] {
  const at = call.values.findIndex((word) => word === "-c" || word === "--command");
  const text = at < 0 ? undefined : call.values[at + 1];
  if (text == null || call.values.some((word) => /^(?:-s|--shell)/.test(word ?? ""))) return opaque(call);
  return another(text, call, { bash: false, errexit: false, base: call.line, positional: [] });
}
