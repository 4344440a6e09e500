import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readProject } from "../../cli/sources/project";
import { complaint, directoryOf } from "./scratch";

function project(yaml: string, files: Record<string, string> = {}) {
  const root = directoryOf({ "Pulumi.yaml": yaml, ...files });
  const { file: _, ...rest } = readProject(root);
  return rest;
}

describe("a project", () => {
  it("is TypeScript at the top of its directory unless it says otherwise", () => {
    const { root, ...rest } = project("name: mail\nruntime: nodejs\n");
    expect(rest).toEqual({ name: "mail", pwd: root, entry: ".", stackDirectory: root, typescript: true, nodeArgs: [] });
  });

  it("says otherwise", () => {
    const yaml = `
name: mail
runtime:
  name: nodejs
  options: { typescript: false, nodeargs: "--import tsx --title='two words'", tsconfig: tsconfig.pulumi.json, packagemanager: npm }
main: stacks/index.ts
stackConfigDir: config`;
    const { root, ...rest } = project(yaml, { "stacks/index.ts": "" });
    expect(rest).toEqual({
      name: "mail",
      pwd: join(root, "stacks"),
      entry: "index.ts",
      stackDirectory: join(root, "config"),
      typescript: false,
      tsconfig: "tsconfig.pulumi.json",
      nodeArgs: ["--import", "tsx", "--title=two words"],
    });
  });

  it("may have its program in a directory, and its stacks where old projects have them", () => {
    const { root, pwd, entry, stackDirectory } = project("name: mail\nruntime: nodejs\nmain: src\nconfig: ./stacks\n", {
      "src/index.ts": "",
    });
    expect([pwd, entry, stackDirectory]).toEqual([join(root, "src"), ".", join(root, "stacks")]);
  });

  it.each([
    ["name: mail\nruntime: python\n", 'DIR/Pulumi.yaml:2: runtime is "python"; only programs for nodejs can be run.'],
    ["name: mail\n", "DIR/Pulumi.yaml: runtime is missing; only programs for nodejs can be run."],
    ["runtime: nodejs\n", "DIR/Pulumi.yaml: name is missing; a project name was expected."],
    [
      "name: mail\nruntime: nodejs\nmain: ../x\n",
      'DIR/Pulumi.yaml:3: main is "../x"; a path inside the project was expected.',
    ],
    ["name: mail\nruntime: nodejs\nmain: x.ts\n", 'DIR/Pulumi.yaml:3: main is "x.ts", which does not exist.'],
    ["- mail\n", "DIR/Pulumi.yaml: a mapping with name and runtime was expected."],
    [
      "name: mail\nruntime: [nodejs\n",
      "DIR/Pulumi.yaml:3:1: the file is not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]",
    ],
  ])("%j is refused", (yaml, message) => {
    const root = directoryOf({ "Pulumi.yaml": yaml });
    expect(complaint(root, () => readProject(root))).toBe(`InputError: ${message}`);
  });

  it("is where Pulumi.yaml is", () => {
    const root = directoryOf({ "package.json": "{}" });
    expect(complaint(root, () => readProject(root))).toBe(
      "InputError: DIR: there is no Pulumi.yaml; the directory of a Pulumi project was expected.",
    );
    expect(complaint(root, () => readProject(join(root, "nowhere")))).toBe(
      "InputError: DIR/nowhere: there is no such directory; a directory with a Pulumi.yaml was expected.",
    );
  });
});
