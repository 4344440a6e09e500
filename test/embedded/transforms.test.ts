import { expect, it } from "vitest";
import { Unknown } from "../../policies/analysis/model/snapshot";
import { load, resource } from "./programs";

it("runs transforms from the inside out and keeps the dependencies of single values", async () => {
  const stack = await load("transforms");
  const source = "urn:pulumi:dev::transforms::test:index:Thing::source";
  const unknown = new Unknown([source]);
  expect(resource(stack, "source").properties).toEqual({ order: ["stack"] });
  expect(resource(stack, "own")).toMatchObject({
    properties: { order: ["own", "stack"], keep: [unknown, "x"], added: unknown },
    propertyDependencies: { keep: [source], added: [source] },
  });
  expect(resource(stack, "box-inner").properties).toEqual({ order: ["box", "stack"] });
  expect(resource(stack, "legacy").properties).toEqual({ order: ["stack"], legacy: true });
  expect(stack.outputs.parameter).toBe("transformed");
});
