import type { CarrierSource } from "../../model/network";
import { type ResourceSnapshot, Unknown, type Value } from "../../model/snapshot";
import { field, isFields, items, text } from "../values";
import { profileOf } from "./machine-profile";
import { argumentsOf } from "./run-commands";

/** An extension as it is written, in a resource of its own or in the profile of a scale set. */
interface Extension {
  readonly holder: ResourceSnapshot;
  /** What precedes its properties in a path. */
  readonly prefix: string;
  readonly fields: Value;
  readonly isSecret: (property: string) => boolean;
}

/** Scripts in the extensions of a scale set's profile. */
export function profileExtensions(machine: ResourceSnapshot): CarrierSource[] {
  const { value, prefix, isSecret } = profileOf(machine);
  const profile = field(value, "extensionProfile");
  const listed = profile instanceof Unknown ? profile : field(profile, "extensions");
  return items(listed).flatMap((fields, i) =>
    sourcesOf({ holder: machine, prefix: `${prefix}extensionProfile.extensions[${i}].`, fields, isSecret }),
  );
}

/** Scripts in an extension that is a resource of its own. */
export function extensionSources(extension: ResourceSnapshot): CarrierSource[] {
  return sourcesOf({
    holder: extension,
    prefix: "",
    fields: extension.properties,
    isSecret: (property) => extension.secrets?.has(property) === true,
  });
}

/**
 * What an extension runs on the machine. Azure Virtual Machines documentation, "Use the Azure Custom Script Extension Version 2 with Linux
 * virtual machines"; "Custom Script Extension for Windows".
 */
function sourcesOf(extension: Extension): CarrierSource[] {
  const { fields } = extension;
  if (fields instanceof Unknown) return [hidden(extension, "", fields)];
  const [publisher, type] = [text(field(fields, "publisher")), text(field(fields, "type"))];
  if (typeof publisher !== "string" || typeof type !== "string")
    return [hidden(extension, "type", new Unknown([], "which extension it is, is not known"))];
  switch (`${publisher}/${type}`.toLowerCase()) {
    case "microsoft.azure.extensions/customscript":
    case "microsoft.ostcextensions/customscriptforlinux":
      return customScript(extension, "shell");
    case "microsoft.compute/customscriptextension":
      return customScript(extension, "batch");
    case "microsoft.cplat.core/runcommandlinux":
      return inline(extension, "shell");
    case "microsoft.cplat.core/runcommandwindows":
      return inline(extension, "powershell");
    default:
      return RUNNERS.test(`${publisher}/${type}`)
        ? [hidden(extension, "type", new Unknown([], `what the extension ${type} runs is not in the program`))]
        : [];
  }
}

/** Extensions that run what they are told or fetch; those of Microsoft's that observe or protect a machine change no mail server. */
const RUNNERS =
  /^(?!microsoft\.)|^microsoft\.(?:powershell\/dsc|ostcextensions\/dscforlinux|cplat\.core\/runcommand\w*|cplat\.core\/vmapplicationmanager\w*|vsts\/|vsts\.)/i;

/** A command, or on Linux a script in base64; either may stand in the settings or in those that are kept secret. */
function customScript(extension: Extension, command: "shell" | "batch"): CarrierSource[] {
  const found: CarrierSource[] = [];
  for (const { name, settings } of settingsOf(extension)) {
    if (settings instanceof Unknown) {
      found.push(hidden(extension, name, settings));
      continue;
    }
    const source = (key: string, value: Value, encoding: CarrierSource["encoding"]): CarrierSource => ({
      at: { urn: extension.holder.urn, path: `${extension.prefix}${name}.${key}` },
      value,
      encoding,
      secret: name === "protectedSettings" || extension.isSecret(name),
      command,
    });
    const line = field(settings, "commandToExecute");
    if (line !== undefined && line !== null && line !== "") found.push(source("commandToExecute", line, "plain"));
    const script = field(settings, "script");
    if (script !== undefined && script !== null && script !== "") found.push(source("script", script, "base64"));
    if (field(settings, "fileUris") instanceof Unknown || items(field(settings, "fileUris")).length > 0)
      found.push(
        hidden(extension, `${name}.fileUris`, new Unknown([], "the files that are fetched are not in the program")),
      );
  }
  if (isFields(field(extension.fields, "protectedSettingsFromKeyVault")))
    found.push(
      hidden(
        extension,
        "protectedSettingsFromKeyVault",
        new Unknown([], "the settings in a key vault are not in the program"),
      ),
    );
  return found;
}

/** Lines of a script, as the command line puts them. */
function inline(extension: Extension, command: "shell" | "powershell"): CarrierSource[] {
  return settingsOf(extension).flatMap(({ name, settings }): CarrierSource[] => {
    if (settings instanceof Unknown) return [hidden(extension, name, settings)];
    const lines = items(field(settings, "script"));
    if (lines.length === 0) return [];
    const open = lines.find((line) => line instanceof Unknown);
    return [
      {
        at: { urn: extension.holder.urn, path: `${extension.prefix}${name}.script` },
        value: open ?? lines.map(String).join("\n"),
        encoding: "plain",
        secret: name === "protectedSettings" || extension.isSecret(name),
        command,
        arguments: argumentsOf(field(settings, "parameters")),
      },
    ];
  });
}

/** Settings are an object, or the text of one. */
function settingsOf(extension: Extension): { name: string; settings: Value }[] {
  return ["settings", "protectedSettings"].flatMap((name) => {
    const value = field(extension.fields, name);
    if (value === undefined || value === null) return [];
    return [{ name, settings: typeof value === "string" ? parsed(value) : value }];
  });
}

function parsed(json: string): Value {
  try {
    return JSON.parse(json) as Value;
  } catch {
    return new Unknown([], "no JSON");
  }
}

function hidden({ holder, prefix }: Extension, path: string, value: Unknown): CarrierSource {
  const whole = `${prefix}${path}`.replace(/\.$/, "");
  const at = whole === "" ? { urn: holder.urn } : { urn: holder.urn, path: whole };
  return { at, value, encoding: "plain", secret: false, command: "unknown" };
}
