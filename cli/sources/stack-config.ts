import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { SECRET_TEXT } from "../engine/marks";
import { InputError } from "./input-error";
import type { Project } from "./project";
import { isRecord, readYaml, type YamlFile } from "./yaml-file";

/** A stack and its configuration, in the form in which Pulumi hands it to a program. */
export interface StackConfig {
  readonly stack: string;
  readonly organization: string;
  /** Text by full key, e.g. `aws:region`; structured values as JSON. Masked secrets are a mark, see marks.ts. */
  readonly config: ReadonlyMap<string, string>;
  readonly secretKeys: readonly string[];
  readonly warnings: readonly string[];
}

/** What a stack is called when nothing names one. */
const DEFAULT_STACK = "dev";

/**
 * Reads the configuration of a stack: that of its file over the defaults of the project.
 *
 * @param name `stack` or `organization/project/stack`; default: the only stack that has a file, or `dev` if none has one.
 * @param plain values in place of masked secrets, by full key.
 * @throws InputError if the stack is unknown, none can be chosen, or its file does not parse.
 */
export function readStackConfig(
  project: Project,
  name: string | undefined,
  plain: ReadonlyMap<string, string>,
): StackConfig {
  const { stack, organization, path } = chooseStack(project, name);
  const reader = new ConfigReader(project.name, plain);
  reader.addProject(project.file, path === undefined);
  const warnings: string[] = [];
  if (path !== undefined) {
    const file = readYaml(path);
    const settings = file.value ?? {};
    if (!isRecord(settings)) {
      throw new InputError(`${path}: a mapping with config was expected.`);
    }
    reader.addStack(file, settings.config);
    if (Array.isArray(settings.environment) && settings.environment.length > 0) {
      warnings.push(`${file.at(["environment"])}: environments are not resolved; their values are missing.`);
    }
  }
  return { stack, organization, config: reader.values, secretKeys: [...reader.secretKeys], warnings };
}

function chooseStack(project: Project, named: string | undefined) {
  const parts = named?.split("/") ?? [];
  const organization = parts.length > 1 ? (parts[0] ?? "") : "organization";
  const files = stackFiles(project);
  const known = [...files.keys()].join(", ");
  const where = project.stackDirectory;
  if (named === undefined) {
    const [only, second] = files;
    if (second !== undefined) {
      throw new InputError(`${where}: there are several stacks (${known}); name one with --stack.`);
    }
    return only === undefined
      ? { stack: DEFAULT_STACK, organization, path: undefined }
      : { stack: only[0], organization, path: only[1] };
  }
  const stack = parts.at(-1) ?? "";
  if (!/^[\w.-]+$/.test(stack)) {
    throw new InputError(
      `--stack ${JSON.stringify(named)}: letters, digits, hyphens, dots and underscores were expected.`,
    );
  }
  const path = files.get(stack);
  if (path === undefined && files.size > 0) {
    throw new InputError(`--stack ${named}: there is no Pulumi.${stack}.yaml in ${where}; there are: ${known}.`);
  }
  return { stack, organization, path };
}

function stackFiles(project: Project): ReadonlyMap<string, string> {
  const names = existsSync(project.stackDirectory) ? readdirSync(project.stackDirectory).sort() : [];
  const files = new Map<string, string>();
  for (const name of names) {
    const stack = /^Pulumi\.(.+)\.(?:ya?ml|json)$/.exec(name)?.[1];
    if (stack !== undefined) {
      files.set(stack, join(project.stackDirectory, name));
    }
  }
  return files;
}

const DECLARATION_KEYS = new Set(["type", "description", "secret", "default", "value", "items"]);

class ConfigReader {
  readonly values = new Map<string, string>();
  readonly secretKeys = new Set<string>();
  readonly #project: string;
  readonly #plain: ReadonlyMap<string, string>;

  constructor(project: string, plain: ReadonlyMap<string, string>) {
    this.#project = project;
    this.#plain = plain;
  }

  /** `config` of Pulumi.yaml: plain values and declarations. Templates have their defaults elsewhere; they apply without a stack file. */
  addProject(file: YamlFile, withTemplate: boolean): void {
    const settings = file.value as Record<string, unknown>;
    if (withTemplate && isRecord(settings.template) && isRecord(settings.template.config)) {
      this.#addDeclarations(file, ["template", "config"], settings.template.config);
    }
    if (isRecord(settings.config)) {
      this.#addDeclarations(file, ["config"], settings.config);
    }
  }

  addStack(file: YamlFile, config: unknown): void {
    if (config === undefined || config === null) {
      return;
    }
    if (!isRecord(config)) {
      throw new InputError(
        `${file.at(["config"])}: config is ${JSON.stringify(config)}; a mapping of keys to values was expected.`,
      );
    }
    for (const [key, value] of Object.entries(config)) {
      this.#set(this.#fullKey(key, file.at(["config", key])), value);
    }
  }

  #addDeclarations(file: YamlFile, path: readonly string[], config: Record<string, unknown>): void {
    for (const [key, declared] of Object.entries(config)) {
      const fullKey = this.#fullKey(key, file.at([...path, key]));
      const isDeclaration = isRecord(declared) && Object.keys(declared).every((name) => DECLARATION_KEYS.has(name));
      const value = isDeclaration ? (declared.value ?? declared.default) : declared;
      if (value !== undefined && value !== null) {
        this.#set(fullKey, value);
      }
      if (isDeclaration && declared.secret === true) {
        this.secretKeys.add(fullKey);
      }
    }
  }

  #fullKey(key: string, at: string): string {
    const parts = key.split(":");
    if (parts.length === 1) {
      return `${this.#project}:${key}`;
    }
    if (parts.length === 3 && parts[1] === "config") {
      return `${parts[0]}:${parts[2]}`;
    }
    if (parts.length !== 2) {
      throw new InputError(`${at}: ${JSON.stringify(key)} is no configuration key; <namespace>:<name> was expected.`);
    }
    return key;
  }

  #set(key: string, value: unknown): void {
    const plain = this.#plain.get(key);
    const masking = { found: false };
    const masked = mask(value, masking);
    this.secretKeys.delete(key);
    if (masking.found) {
      this.secretKeys.add(key);
    }
    this.values.set(key, (masking.found ? plain : undefined) ?? toText(masked));
  }
}

/** Replaces every `{ secure: ciphertext }` by the mark of a secret. */
function mask(value: unknown, masking: { found: boolean }): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => mask(item, masking));
  }
  if (!isRecord(value)) {
    return value;
  }
  if (Object.keys(value).length === 1 && "secure" in value) {
    masking.found = true;
    return SECRET_TEXT;
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mask(item, masking)]));
}

function toText(value: unknown): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? "");
}
