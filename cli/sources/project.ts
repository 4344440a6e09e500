import { existsSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { InputError } from "./input-error";
import { isRecord, readYaml, type YamlFile } from "./yaml-file";

/** A Pulumi project, as its `Pulumi.yaml` describes it. */
export interface Project {
  readonly name: string;
  /** Absolute path of the directory of `Pulumi.yaml`. */
  readonly root: string;
  /** Working directory of the program, and its file in there or `.`. */
  readonly pwd: string;
  readonly entry: string;
  /** Directory of `Pulumi.<stack>.yaml`. */
  readonly stackDirectory: string;
  readonly typescript: boolean;
  readonly tsconfig?: string;
  readonly nodeArgs: readonly string[];
  readonly file: YamlFile;
}

const FILE_NAMES = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"];

/** @throws InputError if there is no project, it does not parse, or it is not for Node. */
export function readProject(directory: string): Project {
  const root = resolve(directory);
  if (!existsSync(root) || !statSync(root).isDirectory()) {
    throw new InputError(`${directory}: there is no such directory; a directory with a Pulumi.yaml was expected.`);
  }
  const path = FILE_NAMES.map((name) => join(root, name)).find((candidate) => existsSync(candidate));
  if (path === undefined) {
    throw new InputError(`${directory}: there is no Pulumi.yaml; the directory of a Pulumi project was expected.`);
  }
  const file = readYaml(path);
  const settings = file.value;
  if (!isRecord(settings)) {
    throw new InputError(`${path}: a mapping with name and runtime was expected.`);
  }
  const runtime = isRecord(settings.runtime) ? settings.runtime.name : settings.runtime;
  if (runtime !== "nodejs") {
    const found = runtime === undefined ? "missing" : JSON.stringify(runtime);
    throw new InputError(`${file.at(["runtime"])}: runtime is ${found}; only programs for nodejs can be run.`);
  }
  const options = isRecord(settings.runtime) && isRecord(settings.runtime.options) ? settings.runtime.options : {};
  return {
    name: nameOf(settings.name, root, file),
    root,
    ...locateMain(settings.main, root, file),
    stackDirectory: stackDirectoryOf(settings, root),
    typescript: options.typescript !== false && options.typescript !== "false",
    ...(typeof options.tsconfig === "string" && { tsconfig: options.tsconfig }),
    nodeArgs: typeof options.nodeargs === "string" ? splitArguments(options.nodeargs) : [],
    file,
  };
}

/** Templates have a placeholder, `${PROJECT}`, instead of a name. */
function nameOf(name: unknown, root: string, file: YamlFile): string {
  if (typeof name !== "string" || name === "") {
    throw new InputError(
      `${file.at(["name"])}: name is ${JSON.stringify(name) ?? "missing"}; a project name was expected.`,
    );
  }
  return name.includes("${") ? basename(root).replace(/[^\w.-]/g, "-") : name;
}

function locateMain(main: unknown, root: string, file: YamlFile): { readonly pwd: string; readonly entry: string } {
  if (main === undefined || main === null || main === "") {
    return { pwd: root, entry: "." };
  }
  const at = file.at(["main"]);
  if (typeof main !== "string" || isAbsolute(main) || relative(root, resolve(root, main)).startsWith("..")) {
    throw new InputError(`${at}: main is ${JSON.stringify(main)}; a path inside the project was expected.`);
  }
  const path = resolve(root, main);
  if (!existsSync(path)) {
    throw new InputError(`${at}: main is ${JSON.stringify(main)}, which does not exist.`);
  }
  return statSync(path).isDirectory() ? { pwd: path, entry: "." } : { pwd: dirname(path), entry: basename(path) };
}

/** `config` is a directory in old projects. */
function stackDirectoryOf(settings: Record<string, unknown>, root: string): string {
  const named = settings.stackConfigDir ?? settings.config;
  return typeof named === "string" ? resolve(root, named) : root;
}

/** Splits a command line as a shell would, without expansions. */
function splitArguments(line: string): string[] {
  const words = line.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
  return words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single));
}
