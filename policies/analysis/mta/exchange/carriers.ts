import type { Reason } from "../../model/provenance";
import type { Carrier, HostMta } from "../answer";
import { evaluateScripts, type HostScript } from "./evaluate";
import { isForWindows, windowsScripts } from "./windows";

/** The texts that configure a host as a Windows machine: none if another one shows that it is none. */
export function windowsCarriers(carriers: readonly Carrier[]): readonly Carrier[] {
  if (carriers.some((it) => it.text !== null && isForLinux(it))) return [];
  return carriers.filter(
    (it) => it.kind === "powershell" || it.kind === "batch" || (it.text !== null && isForWindows(it.text)),
  );
}

function isForLinux({ kind, text }: Carrier): boolean {
  return (
    kind === "user-data" && /^\s*(?:#!|#cloud-|#include|## template:)|^(?:MIME-Version|Content-Type):/i.test(text ?? "")
  );
}

/**
 * What the texts that configure a Windows machine make of its mail server. User data runs at boot; what is sent to the machine
 * runs after it, in an order that is not known.
 * @param doubts why there may be more than these texts
 */
export function evaluateWindows(carriers: readonly Carrier[], doubts: readonly Reason[]): HostMta {
  const host = carriers[0]?.host ?? "";
  const first = carriers.filter((it) => it.kind === "user-data");
  const later = carriers.filter((it) => it.kind !== "user-data");
  const orders = later.length > 1 ? [later, [...later].reverse()] : [later];
  return evaluateScripts(
    host,
    orders.map((order) => [...first, ...order].map(scriptsOf)),
    doubts,
  );
}

type Scripts = readonly HostScript[] | Reason;

function scriptsOf(carrier: Carrier): Scripts {
  const { at, text } = carrier;
  if (text === null) return { text: carrier.unknown ?? "the script is not known", at };
  const label = at.path ?? "userData";
  const perhaps = carrier.perhaps === true;
  if (carrier.kind === "powershell" || carrier.kind === "batch")
    return [{ language: carrier.kind, text, at, label, line: 1, perhaps, arguments: carrier.arguments ?? [] }];
  const scripts = windowsScripts(text);
  if (typeof scripts === "string") return { text: `the user data cannot be read: ${scripts}`, at };
  return scripts.map(({ name, ...script }) => ({
    ...script,
    at,
    // Lines of a task are counted from its own beginning.
    label: name.startsWith("task") ? `${label}: ${name}` : label,
    perhaps,
  }));
}
