import type { CarrierSource, CommandArgument } from "../../model/network";
import { type ResourceSnapshot, Unknown, type Value } from "../../model/snapshot";
import { field, items, text } from "../values";

/** Scripts of Azure's own that are run by name and only report, or open remote management. */
const BUILT_IN = /^(?:ifconfig|ipconfig|rdpsettings|resetrdpcert|setrdpport|enable\w+|disable\w+|windows\w+)$/i;

/**
 * The script of a managed run command. Azure Virtual Machines documentation, "Run scripts in your Linux VM by using managed Run Commands",
 * "… Windows VM …": named parameters are environment variables of a shell script, and parameters of a PowerShell script.
 */
export function runCommandSources(command: ResourceSnapshot, system: "windows" | "linux" | null): CarrierSource[] {
  const { source, parameters, protectedParameters } = command.properties;
  const base = { encoding: "plain" as const, secret: false };
  const hidden = (path: string, value: Unknown): CarrierSource[] => [
    { ...base, at: { urn: command.urn, path }, value, command: "unknown" },
  ];
  if (source instanceof Unknown) return hidden("source", source);
  const script = text(field(source, "script"));
  if (script === undefined || script === "") {
    const id = text(field(source, "commandId"));
    if (typeof id === "string" && BUILT_IN.test(id)) return [];
    const path = id === undefined ? "source.scriptUri" : "source.commandId";
    return hidden(path, new Unknown([], "the script that is run is not in the program"));
  }
  const given = [...argumentsOf(parameters), ...argumentsOf(protectedParameters)];
  return [
    {
      ...base,
      at: { urn: command.urn, path: "source.script" },
      value: script,
      secret: command.secrets?.has("source") === true || items(protectedParameters).length > 0,
      command: languageOf(script, system),
      ...(given.length === 0 ? {} : { arguments: given }),
    },
  ];
}

/** Parameters as a list of names and values. */
export function argumentsOf(list: Value | undefined): CommandArgument[] {
  return items(list).map((item): CommandArgument => {
    const [name, value] = [text(field(item, "name")), text(field(item, "value"))];
    return {
      name: typeof name === "string" && name !== "" ? name : null,
      value: typeof value === "string" ? value : null,
    };
  });
}

/** Where the machine does not tell its system, the script does. */
function languageOf(script: string | Unknown, system: "windows" | "linux" | null): CarrierSource["command"] & string {
  if (system !== null) return system === "windows" ? "powershell" : "shell";
  if (script instanceof Unknown) return "unknown";
  if (script.startsWith("#!")) return "shell";
  return /^\s*(?:param\s*\(|\$\w+\s*=|(?:add|disable|enable|get|import|install|new|remove|set|start)-[a-z]+\b)/im.test(
    script,
  )
    ? "powershell"
    : "shell";
}
