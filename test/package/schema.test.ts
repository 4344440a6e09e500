import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "./npm";

/** The contract with programs in other languages. What it says is what Pulumi infers from the source. */
it("components/schema.json is what npm run schema writes", async () => {
  const { componentSchema } = await import(join(root, "cli/component-schema.mjs"));
  expect(await componentSchema()).toBe(readFileSync(join(root, "components/schema.json"), "utf8"));
});
