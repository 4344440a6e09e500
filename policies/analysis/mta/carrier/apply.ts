import type { Carrier } from "../answer";
import type { Machine } from "../machine";
import { newShell, runScript } from "../shell/run";
import { applyEarly, applyLate, applyRunCommands, type CloudConfig, parseCloudConfig } from "./cloud-config";
import { isMime, mimeParts, type Part } from "./mime";

/** Lets the text of a carrier configure the machine, in cloud-init's order. What is not covered becomes a problem. */
export function applyUserData(carrier: Carrier, text: string, machine: Machine): void {
  const { at } = carrier;
  const label = at.path ?? "userData";
  let parts: readonly Part[] = [{ type: "text/plain", text }];
  if (isMime(text)) {
    const read = mimeParts(text);
    if ("unreadable" in read) {
      machine.hide(`the user data cannot be read: ${read.unreadable}`, at);
      return;
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
  for (const { config, label } of configs) applyEarly(config, machine, label);
  for (const { config, label } of configs) applyLate(config, machine, label);
  // They are run in the order of their file names, and the run commands are a script among them.
  const last = scripts.filter((script) => script.name > "runcmd").sort(byName);
  for (const script of scripts.filter((it) => it.name <= "runcmd").sort(byName)) runUserScript(script, machine);
  for (const { config, label } of configs) applyRunCommands(config, machine, label);
  for (const script of last) runUserScript(script, machine);
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function runUserScript(script: { text: string; label: string }, machine: Machine): void {
  const interpreter = interpreterOf(script.text);
  if (isShell(interpreter)) runScript(script.text, newShell(machine, script.label));
  else machine.opaque(`a script for ${interpreter}`, { urn: machine.host, path: script.label });
}

/**
 * Lets a shell script that is sent to the machine configure it. It begins in a directory of the agent's own.
 * Source: AWS Systems Manager, "Command document plugin reference" (aws:runShellScript).
 */
export function applyCommand({ at, perhaps }: Carrier, text: string, machine: Machine): void {
  machine.texts.push(text);
  const interpreter = interpreterOf(text) ?? "sh";
  if (!isShell(interpreter)) {
    machine.opaque(`a script for ${interpreter}`, at);
    return;
  }
  const shell = newShell(machine, at.path ?? "script");
  runScript(text, { ...shell, urn: at.urn, directory: null, certain: perhaps !== true });
}

function interpreterOf(script: string): string | undefined {
  const shebang = /^\s*#!\s*(\S+)(?:\s+(\S+))?/.exec(script);
  return /env$/.test(shebang?.[1] ?? "") ? shebang?.[2] : shebang?.[1];
}

function isShell(interpreter: string | undefined): boolean {
  return /(?:^|\/)(?:ba|da)?sh$/.test(interpreter ?? "");
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
