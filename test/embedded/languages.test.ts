import { expect, it } from "vitest";
import { loadProgram } from "../../cli/sources/program";
import { Unknown } from "../../policies/analysis/model/snapshot";
import { load, resource, write } from "./programs";

it("runs ES modules, and locates what their top level makes", async () => {
  const stack = await load("esm");
  const thing = "urn:pulumi:dev::esm::test:index:Thing::thing";
  expect(resource(stack, "thing").location).toEqual({ file: "src/part.js", line: 10, column: 10 });
  expect(resource(stack, "top")).toMatchObject({
    properties: { from: new Unknown([thing]) },
    location: { file: "src/main.mjs", line: 5, column: 1 },
  });
  expect(stack.outputs).toEqual({ where: "dev" });
});

it("runs JavaScript in a subfolder with arguments for Node and the defaults of a template", async () => {
  const stack = await load("javascript");
  expect(stack.project).toBe("javascript");
  expect(stack.outputs).toMatchObject({ region: "eu-north-1", cwd: "program", title: "a b" });
  expect(resource(stack, "thing").location).toEqual({ file: "program/index.js", line: 10, column: 17 });
});

it("runs the entry point that package.json names, and TypeScript that does not type-check", async () => {
  const directory = write({
    "package.json": '{ "main": "lib/program.ts" }',
    "lib/program.ts": "export const length: string = 4;\n",
  });
  const stack = await loadProgram({ directory });
  expect(stack.outputs).toEqual({ length: 4 });
  expect(stack.warnings).toEqual([]);
});

it("runs functions that are turned into code for the cloud", async () => {
  const directory = write({
    "index.ts": `
      import * as aws from "@pulumi/aws";
      const topic = new aws.sns.Topic("topic");
      topic.onEvent("reader", async (event) => console.log(event));
    `,
  });
  const stack = await loadProgram({ directory });
  expect(stack.resources.map((each) => each.type)).toContain("aws:lambda/function:Function");
});
