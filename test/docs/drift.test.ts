import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { expected, pages, refresh } from "../../docs/generate/pages";

const root = join(__dirname, "../..");

describe("what the pages repeat of the code is what the code says: else run npm run docs", () => {
  const files = expected(root);

  it.each([...files.keys()])("%s", (file) => {
    expect(readFileSync(join(root, file), "utf8")).toBe(files.get(file));
  });

  it("covers every block", () => {
    const blocks = pages(root).flatMap(
      (page) => readFileSync(join(root, page), "utf8").match(/<!-- generated:/g) ?? [],
    );
    expect(blocks.length).toBeGreaterThan(20);
    expect(() => refresh(root, "<!-- generated:nonsense -->\n<!-- /generated:nonsense -->")).toThrow("nonsense");
  });
});
