import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { pages } from "../../docs/generate/pages";

const root = join(__dirname, "../..");
const read = (page: string) => readFileSync(join(root, page), "utf8");
const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

/** Anchors as GitHub makes them of headings. */
function anchors(page: string): string[] {
  const headings = [...withoutCode(read(page)).matchAll(/^#{1,6} (.+)$/gm)];
  return headings.map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[`*]/g, "")
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}

function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, "");
}

function links(page: string): string[] {
  return [...withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^https?:/.test(target));
}

/** Files and folders of the repository that a page names in code. */
function paths(page: string): string[] {
  const folders = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  return [...withoutCode(read(page)).matchAll(/`([\w.-]+\/[\w./-]*)`/g)]
    .map(([, path = ""]) => path)
    .filter((path) => folders.includes(path.split("/")[0] ?? ""));
}

describe.each(pages(root))("%s", (page) => {
  it("links to what exists", () => {
    const broken = links(page).filter((target) => {
      const [file = "", anchor] = target.split("#");
      const path = file === "" ? page : normalize(join(dirname(page), file));
      if (!existsSync(join(root, path))) return true;
      return anchor !== undefined && statSync(join(root, path)).isFile() && !anchors(path).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it("names files that exist", () => {
    // dist/ is built, and not there in a fresh checkout; node_modules/ is the reader's.
    const missing = paths(page).filter((path) => !/^(dist|node_modules)\//.test(path) && !existsSync(join(root, path)));
    expect(missing).toEqual([]);
  });

  it("names scripts that exist", () => {
    const named = [...read(page).matchAll(/npm run ([\w:-]+)/g)].map(([, script = ""]) => script);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });

  it("has tables of equal rows", () => {
    const cells = (line: string) => line.replace(/\\\|/g, "").split("|").length;
    for (const rows of withoutCode(read(page)).matchAll(/(?:^\|.*\n)+/gm)) {
      const widths = rows[0].trim().split("\n").map(cells);
      expect(new Set(widths).size, rows[0].split("\n")[0]).toBe(1);
    }
  });
});

describe("the first screen of the README", () => {
  it("has the two commands, which are the package's", () => {
    const [, commands = ""] = /```sh\n([\s\S]*?)```/.exec(read("README.md")) ?? [];
    expect(commands.split("\n").map((line) => line.replace(/\s*#.*/, ""))).toEqual([
      "npm ci && npm run demo",
      "npm test",
      "",
    ]);
    expect(scripts.demo).toBe("node examples/demo.mjs");
    expect(scripts.test).toContain("vitest run");
  });
});
