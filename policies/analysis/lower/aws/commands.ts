import { parse } from "yaml";
import type { CarrierSource } from "../../model/network";
import { type ResourceSnapshot, Unknown, type Value } from "../../model/snapshot";
import { type Resources, resolve } from "../resources";
import { field, isFields, items, text } from "../values";
import type { Launch } from "./launches";
import { INSTANCE, SSM_ASSOCIATION, SSM_DOCUMENT } from "./types";

/**
 * Scripts that Systems Manager runs on machines: associations, the documents they name, and the machines they are for.
 * Source: AWS Systems Manager, "Command document plugin reference" (aws:runPowerShellScript, aws:runShellScript), "Targets for
 * State Manager".
 */
export function commandsFor(resources: Resources, launch: Launch): readonly CarrierSource[] {
  return resources.ofType(...SSM_ASSOCIATION).flatMap((association) => {
    const meant = isTarget(resources, association, launch);
    if (meant === "no") return [];
    return scriptsOf(resources, association).map((source) =>
      meant === "maybe" ? { ...source, perhaps: true } : source,
    );
  });
}

type Meant = "yes" | "no" | "maybe";

function isTarget(resources: Resources, association: ResourceSnapshot, launch: Launch): Meant {
  const { targets, instanceId } = association.properties;
  if (instanceId !== undefined && instanceId !== null)
    return isNamed(resources, association, "instanceId", instanceId, launch);
  if (targets instanceof Unknown) return isNamed(resources, association, "targets", targets, launch);
  // Several targets must all hold.
  const all = items(targets).map((target): Meant => {
    const key = text(field(target, "key"));
    const values = field(target, "values");
    if (typeof key !== "string") return "maybe";
    if (key === "InstanceIds") return isNamed(resources, association, "targets", values, launch);
    if (key.startsWith("tag:")) return isTagged(launch, key.slice(4), values);
    return key === "tag-key"
      ? among(items(values), (value) => (isTagged(launch, value, undefined) === "no" ? "no" : "yes"))
      : "maybe";
  });
  if (all.length === 0 || all.includes("no")) return "no";
  return all.includes("maybe") ? "maybe" : "yes";
}

function isNamed(
  resources: Resources,
  association: ResourceSnapshot,
  property: string,
  value: Value | undefined,
  launch: Launch,
): Meant {
  if (items(value).includes("*")) return "yes";
  const { certain, possible, foreign } = resolve(resources, association, property, value, INSTANCE);
  if (certain.includes(launch.host)) return "yes";
  if (possible.includes(launch.host)) return "maybe";
  // An id that is not known, of nothing in the stack that could be told.
  return foreign.some((item) => item instanceof Unknown) && certain.length + possible.length === 0 ? "maybe" : "no";
}

function isTagged({ tags }: Launch, key: string, values: Value | undefined): Meant {
  if (tags instanceof Unknown) return "maybe";
  const tag = text(field(tags, key));
  if (tag === undefined) return "no";
  if (values === undefined) return "yes";
  if (tag instanceof Unknown) return "maybe";
  return among(items(values), (value) => (value === tag ? "yes" : "no"));
}

function among(values: readonly Value[], holds: (value: string) => Meant): Meant {
  const found = values.map((value): Meant => (typeof value === "string" ? holds(value) : "maybe"));
  return found.includes("yes") ? "yes" : found.includes("maybe") ? "maybe" : "no";
}

/** Documents of AWS that run what their parameters say, or what they fetch; the others change no mail server. */
const RUNNERS = /^AWS-(?:RunRemoteScript|RunDocument|ApplyChef|ApplyAnsible|RunAnsible|RunSalt|ApplyDSC)/;

/** Documents of AWS whose parameter `commands` is the script. */
const SCRIPTS: Readonly<Record<string, "powershell" | "shell">> = {
  "AWS-RunPowerShellScript": "powershell",
  "AWS-RunShellScript": "shell",
};

/** The steps that hold a script. */
const ACTIONS: Readonly<Record<string, "powershell" | "shell">> = {
  "aws:runPowerShellScript": "powershell",
  "aws:runShellScript": "shell",
};

function scriptsOf(resources: Resources, association: ResourceSnapshot): CarrierSource[] {
  const { name, parameters } = association.properties;
  const at = { urn: association.urn, path: "name" };
  const secret = association.secrets?.has("parameters") === true;
  // A document that belongs to AWS has an ARN without an account.
  const known = typeof name === "string" ? name.replace(/^arn:[^:]*:ssm:[^:]*::document\//, "") : "";
  const command = Object.hasOwn(SCRIPTS, known) ? SCRIPTS[known] : undefined;
  if (command !== undefined) {
    const commands = field(parameters, "commands");
    const value = Array.isArray(commands) ? join(commands as readonly Value[]) : commands;
    return [
      {
        at: { urn: association.urn, path: "parameters.commands" },
        value: value ?? "",
        encoding: "plain",
        secret,
        command,
      },
    ];
  }
  const { certain, possible } = resolve(resources, association, "name", name, SSM_DOCUMENT);
  const named = resources
    .ofType(...SSM_DOCUMENT)
    .filter((it) => typeof name === "string" && it.properties.name === name);
  const documents = [...new Set([...certain, ...possible, ...named])];
  if (documents.length > 0) return documents.flatMap((document) => documentScripts(document, parameters, secret));
  if (/^(?:AWS|Amazon)[\w]*-/.test(known) && !RUNNERS.test(known)) return [];
  const unknown = new Unknown([], "the document that is run is not in the program");
  return [{ at, value: unknown, encoding: "plain", secret, command: "unknown" }];
}

function documentScripts(document: ResourceSnapshot, parameters: Value | undefined, secret: boolean): CarrierSource[] {
  const at = { urn: document.urn, path: "content" };
  const hidden = secret || document.secrets?.has("content") === true;
  const source = (path: string, value: Value, command: CarrierSource["command"] & string): CarrierSource => ({
    at: { urn: document.urn, path },
    value,
    encoding: "plain",
    secret: hidden,
    command,
  });
  if (document.properties.documentType !== undefined && document.properties.documentType !== "Command") return [];
  const content = read(document.properties.content);
  if (content instanceof Unknown) return [{ ...source("content", content, "unknown"), at }];
  const presets = field(content, "parameters");
  const value = (name: string): Value | undefined => field(parameters, name) ?? field(field(presets, name), "default");
  const old = Object.entries(
    isFields(field(content, "runtimeConfig")) ? (field(content, "runtimeConfig") as object) : {},
  ).flatMap(([action, inner]) =>
    items(field(inner as Value, "properties")).map((inputs) => ({ action: action as Value, inputs, name: action })),
  );
  const steps = items(field(content, "mainSteps")).map((step) => ({
    action: field(step, "action"),
    inputs: field(step, "inputs"),
    name: String(field(step, "name") ?? "step"),
  }));
  return [...old, ...steps].flatMap(({ action, inputs, name }): CarrierSource[] => {
    const command = typeof action === "string" && Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
    if (command !== undefined) {
      const lines = field(inputs, "runCommand");
      return [
        source(
          `content: ${name}`,
          filled(Array.isArray(lines) ? join(lines as readonly Value[]) : (lines ?? ""), value),
          command,
        ),
      ];
    }
    if (action === "aws:runDocument" || action === "aws:downloadContent" || action === undefined)
      return [
        source(`content: ${name}`, new Unknown([], "the document runs another that is not in the program"), "unknown"),
      ];
    return [];
  });
}

/** JSON is YAML. */
function read(content: Value | undefined): Value {
  if (content instanceof Unknown) return content;
  if (typeof content !== "string") return new Unknown([], "the document has no content that is text");
  if (content.length > 1_000_000) return new Unknown([], "the document is too large");
  try {
    return parse(content, { logLevel: "error", maxAliasCount: 100 }) as Value;
  } catch {
    return new Unknown([], "the document is neither JSON nor YAML");
  }
}

function join(lines: readonly Value[]): Value {
  const unknown = lines.find((line) => line instanceof Unknown);
  return unknown ?? lines.map((line) => String(line)).join("\n");
}

/** `{{ name }}` by the association's parameters, else the document's defaults. */
function filled(script: Value, value: (name: string) => Value | undefined): Value {
  if (typeof script !== "string") return script instanceof Unknown ? script : String(script);
  let unknown: Unknown | null = null;
  const whole = script.replace(/\{\{\s*([\w:.-]+)\s*\}\}/g, (mark, name: string) => {
    const given = value(name);
    const plain = Array.isArray(given) ? join(given as readonly Value[]) : given;
    if (plain === undefined || plain === null || plain instanceof Unknown || typeof plain === "object") {
      unknown ??= new Unknown([], `its parameter ${mark} is not known`);
      return mark;
    }
    return String(plain);
  });
  return unknown ?? whole;
}
