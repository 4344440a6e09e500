import type { CommandArgument } from "../../model/network";
import type { Carrier } from "../answer";
import type { Machine } from "../machine";
import { runWhole } from "../shell/run";
import { newShell, type Shell } from "../shell/state";
import { applyEarly, applyLate, applyRunCommands, type CloudConfig, parseCloudConfig } from "./cloud-config";
import { isMime, mimeParts, type Part } from "./mime";

/**
 * Lets the text of a carrier configure the machine, in cloud-init's order. What is not covered becomes a problem.
 *
 * @returns the machines that may come of it, where that depends on something that is not known
 */
export function applyUserData(carrier: Carrier, text: string, machine: Machine): Machine[] {
  const { at } = carrier;
  const label = at.path ?? "userData";
  let parts: readonly Part[] = [{ type: "text/plain", text }];
  if (isMime(text)) {
    const read = mimeParts(text);
    if ("unreadable" in read) {
      machine.hide(`the user data cannot be read: ${read.unreadable}`, at);
      return [machine];
    }
    parts = read.parts;
  }
  const configs: { config: CloudConfig; label: string }[] = [];
  const scripts: { text: string; label: string; name: string }[] = [];
  for (const [i, part] of parts.entries()) {
    const place = parts.length > 1 ? `${label}: part ${i + 1}` : label;
    const here = { urn: machine.host, path: place };
    const kind = kindOf(part);
    machine.texts.push(part.text);
    if (kind === "empty") continue;
    if (kind === "cloud-config") {
      const config = parseCloudConfig(part.text);
      if (typeof config === "string") machine.problem(config, here);
      else configs.push({ config, label: place });
    } else if (kind === "script")
      scripts.push({ text: part.text, label: place, name: part.filename ?? `part-${String(i + 1).padStart(3, "0")}` });
    else if (kind === "include")
      machine.hide("the user data includes others by address, which are not in the program", here);
    else machine.problem(kind, here);
  }
  const keys = configs.flatMap(({ config }) => Object.keys(config.keys));
  const twice = keys.find((key, i) => keys.indexOf(key) !== i);
  if (twice !== undefined)
    machine.problem(`several cloud-configs have the key ${twice}, and how they are merged is not evaluated`, at);
  // They are run in the order of their file names, and the run commands are a script among them.
  const first = scripts.filter((it) => it.name <= "runcmd").sort(byName);
  const last = scripts.filter((it) => it.name > "runcmd").sort(byName);
  const steps: ((it: Machine) => Machine[])[] = [
    ...configs.map(
      ({ config, label }) =>
        (it: Machine) =>
          applyEarly(config, it, label),
    ),
    ...configs.map(
      ({ config, label }) =>
        (it: Machine) =>
          applyLate(config, it, label),
    ),
    ...first.map((script) => (it: Machine) => runUserScript(script, it)),
    ...configs.map(
      ({ config, label }) =>
        (it: Machine) =>
          applyRunCommands(config, it, label),
    ),
    ...last.map((script) => (it: Machine) => runUserScript(script, it)),
  ];
  return steps.reduce((machines, step) => distinct(machines.flatMap(step)), [machine]);
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function runUserScript(script: { text: string; label: string }, machine: Machine): Machine[] {
  return runFile(script.text, machine, { label: script.label, urn: machine.host, fallback: undefined });
}

/**
 * Lets a shell script that is sent to the machine configure it. It begins in a directory of the agent's own, with an environment that
 * is not known.
 * Source: AWS Systems Manager, "Command document plugin reference" (aws:runShellScript).
 */
export function applyCommand(
  { at, perhaps, arguments: given = [] }: Carrier,
  text: string,
  machine: Machine,
): Machine[] {
  machine.texts.push(text);
  const without = perhaps === true ? [machine.clone()] : [];
  const label = at.path ?? "script";
  const more = { environment: true, directory: null };
  return distinct([...without, ...runFile(text, machine, { label, urn: at.urn, fallback: "sh", given }, more)]);
}

interface Origin {
  readonly label: string;
  readonly urn: string;
  /** What runs a text that does not say. */
  readonly fallback: string | undefined;
  /** What it is called with: named ones are in its environment, the others its words. */
  readonly given?: readonly CommandArgument[];
}

function runFile(
  text: string,
  machine: Machine,
  { label, urn, fallback, given = [] }: Origin,
  more: Partial<Shell> = {},
): Machine[] {
  const shebang = /^\s*#!\s*(\S+)(?:\s+([^\n]*))?/.exec(text);
  const words = [shebang?.[1] ?? "", ...(shebang?.[2] ?? "").split(/\s+/)].filter((it) => it !== "");
  if (/\/env$/.test(words[0] ?? "")) words.shift();
  const [interpreter = fallback, ...options] = words;
  if (!/(?:^|\/)(?:ba|da)?sh$/.test(interpreter ?? "")) {
    machine.opaque(`a script for ${interpreter}`, { urn, path: label });
    return [machine];
  }
  const bash = interpreter?.endsWith("bash") === true;
  const errexit = options.some((it) => /^-[a-z]*e/.test(it));
  const shell = newShell(machine, label, { urn, bash, errexit, ...more });
  for (const { name, value } of given) if (name !== null) shell.variables.set(name, value);
  shell.positional = given.flatMap(({ name, value }) => (name === null ? [value] : []));
  return runWhole(text, shell).map((way) => way.machine);
}

/** Machines that differ. */
export function distinct(machines: readonly Machine[]): Machine[] {
  if (machines.length < 2) return [...machines];
  return [...new Map(machines.map((it) => [it.fingerprint(), it])).values()];
}

/** What cloud-init makes of a part; any other text says why it is not evaluated. */
function kindOf(part: Part): string {
  const text = part.text.trimStart();
  const type = part.type;
  if (text === "") return "empty";
  const first = text.slice(0, text.indexOf("\n") < 0 ? undefined : text.indexOf("\n")).trimEnd();
  if (/^##\s*template:\s*jinja/i.test(first) || type === "text/jinja2") {
    if (/\{\{|\{%|\{#/.test(text)) return "the user data is a jinja template, whose values are not known";
    return kindOf({ type: "text/plain", text: text.slice(first.length + 1) });
  }
  if (type === "text/cloud-config" || (isSniffed(type) && first === "#cloud-config")) return "cloud-config";
  if (type === "text/x-shellscript" || (isSniffed(type) && first.startsWith("#!"))) return "script";
  if (first.startsWith("#include") || type.startsWith("text/x-include")) return "include";
  if (first.startsWith("#cloud-config-archive") || type === "text/cloud-config-archive")
    return "a cloud-config archive is not evaluated";
  if (first.startsWith("#cloud-boothook") || type === "text/cloud-boothook") return "a boot hook is not evaluated";
  if (first.startsWith("#part-handler") || type === "text/part-handler") return "a part handler is not evaluated";
  return `user data of this kind is not evaluated (${type}, beginning ${JSON.stringify(first.slice(0, 30))})`;
}

function isSniffed(type: string): boolean {
  return type === "text/plain" || type === "text/x-not-multipart" || type === "";
}
