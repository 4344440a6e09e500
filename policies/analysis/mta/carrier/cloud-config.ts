import { parseDocument } from "yaml";
import type { Provenance } from "../../model/provenance";
import type { Machine } from "../machine";
import { mainCfPath, masterCfPath } from "../machine";
import { sourceLines } from "../postfix/lines";
import { finished, runScript } from "../shell/run";
import { joined, newShell } from "../shell/state";
import { base64, gunzip, MAX_DEPTH, toText } from "./decode";
import { concernsPostfix } from "./signs";

type Node = null | undefined | boolean | number | string | Uint8Array | Node[] | { [key: string]: Node };

/** A cloud-config, as an ordered list of what it does before and after the packages are installed. */
export interface CloudConfig {
  readonly keys: { readonly [key: string]: Node };
}

/** Reads `#cloud-config` YAML; a text says why it cannot be read. */
export function parseCloudConfig(text: string): CloudConfig | string {
  try {
    const document = parseDocument(text, { version: "1.1", merge: true, uniqueKeys: false, logLevel: "silent" });
    if (document.errors.length > 0)
      return `the cloud-config is no valid YAML: ${document.errors[0]?.message.split("\n")[0]}`;
    const value = document.toJS({ maxAliasCount: 100 }) as Node;
    if (value === null || value === undefined) return { keys: {} };
    if (typeof value !== "object" || Array.isArray(value) || value instanceof Uint8Array)
      return "the cloud-config is no mapping";
    return { keys: value };
  } catch (error) {
    return `the cloud-config cannot be read: ${error instanceof Error ? error.message.split("\n")[0] : "unknown error"}`;
  }
}

/** Keys that run something, or fetch something, that is not in the program. */
const opaqueKeys = new Set(
  "ansible puppet chef salt_minion mcollective landscape rightscale_userdata snap snappy lxd vendor_data cloud_init_modules cloud_config_modules cloud_final_modules merge_how merge_type system_info autoinstall include".split(
    " ",
  ),
);

/** What happens before the network's packages: boot commands and files. */
export function applyEarly(config: CloudConfig, machine: Machine, label: string): Machine[] {
  for (const key of Object.keys(config.keys)) {
    if (opaqueKeys.has(key)) machine.opaque(`the key ${key} of the cloud-config`, place(machine, label, key));
  }
  const before = new Map(machine.files);
  const machines = commands(config.keys.bootcmd, "bootcmd", machine, label);
  for (const it of machines) {
    // They win over what comes later, from the second boot on.
    if (list(config.keys.bootcmd).length > 0) it.repeats();
    for (const path of [mainCfPath, masterCfPath]) {
      if (it.files.get(path) !== before.get(path))
        it.opaque(`bootcmd writes ${path} at every boot`, place(it, label, "bootcmd"));
    }
    files(config.keys.write_files, false, it, label);
  }
  return machines;
}

/** What happens after: packages, deferred files. Run commands come last. */
export function applyLate(config: CloudConfig, machine: Machine, label: string): Machine[] {
  const { apt, packages } = { apt: config.keys.apt, packages: config.keys.packages };
  const selections = [
    record(apt)?.debconf_selections,
    config.keys.debconf_selections,
    config.keys.apt_debconf_selections,
  ];
  for (const selection of selections) {
    if (typeof selection === "string") machine.preseed(selection);
    else for (const text of Object.values(record(selection) ?? {})) if (typeof text === "string") machine.preseed(text);
  }
  const conf = JSON.stringify([record(apt)?.conf, config.keys.apt_conf]);
  if (concernsPostfix(conf) || /Pre-Install|Post-Invoke/i.test(conf))
    machine.opaque("the key apt.conf", place(machine, label, "apt.conf"));
  const names = list(packages).flatMap((it, i): string[] => {
    if (typeof it === "string") return [it];
    if (Array.isArray(it) && typeof it[0] === "string") return [it[0]];
    const byManager = Object.values(record(it) ?? {}).flatMap((inner) =>
      list(inner).map((one) => (Array.isArray(one) ? one[0] : one)),
    );
    const known = byManager.filter((one): one is string => typeof one === "string");
    if (known.length === 0) machine.opaque("an entry of packages", place(machine, label, `packages[${i}]`));
    return known;
  });
  machine.install(
    names,
    apt === undefined && config.keys.debconf_selections === undefined ? null : "debian",
    place(machine, label, "packages"),
  );
  files(config.keys.write_files, true, machine, label);
  return [machine];
}

export function applyRunCommands(config: CloudConfig, machine: Machine, label: string): Machine[] {
  return commands(config.keys.runcmd, "runcmd", machine, label);
}

function place(machine: Machine, label: string, key: string): Provenance {
  return { urn: machine.host, path: `${label}: ${key}` };
}

function record(node: Node): { [key: string]: Node } | null {
  return typeof node === "object" && node !== null && !Array.isArray(node) && !(node instanceof Uint8Array)
    ? node
    : null;
}

function list(node: Node): Node[] {
  if (node === null || node === undefined) return [];
  return Array.isArray(node) ? node : [node];
}

/** `runcmd` and `bootcmd` become one shell script: strings are lines, lists are quoted words. */
function commands(node: Node, key: string, machine: Machine, label: string): Machine[] {
  const before = machine.fingerprint();
  let ways = [newShell(machine, `${label}: ${key}`, { bash: false })];
  for (const [i, item] of list(node).entries()) {
    const at = `${label}: ${key}[${i}]`;
    let text: string;
    if (typeof item === "string") text = item;
    else if (
      Array.isArray(item) &&
      item.every((word) => typeof word === "string" || typeof word === "number" || typeof word === "boolean")
    )
      text = item.map((word) => `'${String(word).replaceAll("'", "'\\''")}'`).join(" ");
    else if (item === null || item === undefined) continue;
    else {
      for (const way of ways)
        way.machine.opaque(`an entry of ${key} that is no command`, place(machine, label, `${key}[${i}]`));
      continue;
    }
    ways = joined(ways.flatMap((way) => (way.flow === null ? runScript(text, { ...way, label: at }) : [way])));
  }
  return finished(ways, before).map((way) => way.machine);
}

function files(node: Node, deferred: boolean, machine: Machine, label: string): void {
  for (const [i, item] of list(node).entries()) {
    const file = record(item);
    const path = file?.path;
    const at = place(machine, label, `write_files[${i}]`);
    if (file === null || typeof path !== "string") {
      if (!deferred) machine.opaque("an entry of write_files without a path", at);
      continue;
    }
    if ((file.defer === true || file.defer === "true") !== deferred) continue;
    const text = file.source === undefined ? content(file.content, file.encoding) : null;
    const normal = path.replace(/\/{2,}/g, "/");
    if (normal.split("/").some((part) => part === "." || part === "..")) machine.opaque(`the path ${path}`, at);
    if (text === null && (normal === mainCfPath || normal === masterCfPath || concernsPostfix(normal)))
      machine.problem(`the content of ${path} cannot be read`, at);
    const append = file.append === true || file.append === "true";
    machine.write(normal, text === null ? null : sourceLines(text, machine.host, `${label}: ${normal}`), append, at);
  }
}

/** The content of a file after decoding; null if it cannot be read. */
function content(node: Node, encoding: Node): string | null {
  const packed =
    node instanceof Uint8Array
      ? Buffer.from(node)
      : node === null || node === undefined
        ? Buffer.alloc(0)
        : typeof node === "object"
          ? null
          : Buffer.from(String(node));
  const name = encoding === null || encoding === undefined ? "" : String(encoding).trim().toLowerCase();
  const unpacked = packed === null ? null : unpack(packed, name);
  const decoded = unpacked === null ? null : toText(unpacked, MAX_DEPTH);
  return decoded !== null && "text" in decoded ? decoded.text : null;
}

/** An encoding that cloud-init does not know is plain text to it; it is not read here. */
function unpack(bytes: Buffer, encoding: string): Buffer | null {
  switch (encoding) {
    case "":
    case "text/plain":
      return bytes;
    case "b64":
    case "base64":
      return base64(bytes.toString("latin1"));
    case "gz":
    case "gzip":
      return gunzip(bytes);
    case "gz+b64":
    case "gz+base64":
    case "gzip+b64":
    case "gzip+base64": {
      const inner = base64(bytes.toString("latin1"));
      return inner === null ? null : gunzip(inner);
    }
    default:
      return null;
  }
}
