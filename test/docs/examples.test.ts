import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { readFixtures } from "../../cli/engine/answers/fixtures";
import { report } from "../../docs/generate/report-schema";
import { parsePolicyConfig } from "../../policies/config";
import { perimeterSection } from "../../policies/config/schema";
import { policies } from "../../policies/rules";

const root = join(__dirname, "../..");

function blocks(page: string, language: string): string[] {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map(([, code = ""]) => code);
}

describe("examples in the pages are valid", () => {
  it.each(["README.md", "docs/policy-configuration.md"])("the policy configuration of %s", (page) => {
    const [json = ""] = blocks(page, "json");
    const config = parsePolicyConfig(JSON.parse(json), policies);
    expect(config.waivers).toHaveLength(1);
  });

  it("the policy configurations of docs/adopt.md", () => {
    const [dev, prod] = blocks("docs/adopt.md", "json").map((json) => parsePolicyConfig(JSON.parse(json), policies));
    expect([dev?.undetermined, prod?.undetermined]).toEqual(["advisory", "mandatory"]);
    expect([dev?.waivers.length, prod?.waivers.length]).toEqual([0, 1]);
  });

  it("the policy configuration has every shared key", () => {
    const { perimeter } = JSON.parse(blocks("docs/policy-configuration.md", "json")[0] ?? "");
    const { enforcementLevel: _, ...keys } = perimeterSection.shape;
    expect(Object.keys(perimeter).sort()).toEqual(Object.keys(keys).sort());
  });

  it("the report, by the published schema", () => {
    const [json = ""] = blocks("docs/cli.md", "json");
    const example = report.parse(JSON.parse(json));
    expect(example.verdict).toBe("fail");
    expect(example.findings.map(({ policy }) => policy)).toContain("open-relay-path");
  });

  it("the fixture file", () => {
    const [yaml = ""] = blocks("docs/cli.md", "yaml");
    const folder = mkdtempSync(join(tmpdir(), "relayproof-docs-"));
    try {
      writeFileSync(join(folder, "fixtures.yaml"), yaml);
      const fixtures = readFixtures(join(folder, "fixtures.yaml"));
      expect(fixtures.invokes).toHaveLength(1);
      expect(fixtures.stackReferences.has("acme/network/prod")).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("the program, type-checked against the components", () => {
    const [code = ""] = blocks("README.md", "ts");
    const file = join(root, "examples/readme.ts");
    const options: ts.CompilerOptions = {
      ...ts.parseJsonConfigFileContent(
        ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile).config,
        ts.sys,
        root,
      ).options,
      noEmit: true,
    };
    const host = ts.createCompilerHost(options);
    const { getSourceFile, fileExists, readFile } = host;
    const source = code.replace('"relayproof"', '"../components"');
    host.getSourceFile = (name, ...rest) =>
      name === file
        ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2022)
        : getSourceFile.call(host, name, ...rest);
    host.fileExists = (name) => name === file || fileExists.call(host, name);
    host.readFile = (name) => (name === file ? source : readFile.call(host, name));
    const program = ts.createProgram([file], options, host);
    const problems = ts.getPreEmitDiagnostics(program, program.getSourceFile(file));
    expect(problems.map((it) => ts.flattenDiagnosticMessageText(it.messageText, "\n"))).toEqual([]);
  }, 120_000);
});
