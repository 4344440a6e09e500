import { describe, expect, it } from "vitest";
import { readFixtures } from "../../cli/engine/answers/fixtures";
import { loadProgram } from "../../cli/sources/program";
import { complaint, directoryOf } from "./scratch";

describe("a program", () => {
  it("needs its packages", async () => {
    const directory = directoryOf({ "Pulumi.yaml": "name: mail\nruntime: nodejs\n", "index.ts": "" });
    await expect(loadProgram({ directory })).rejects.toMatchObject({
      name: "ProgramError",
      message: `The package @pulumi/pulumi is not installed for the program in ${directory}; run \`npm install\` there first.`,
    });
  });
});

describe("a fixture file", () => {
  it.each([
    ["invokes: {}\n", "DIR/f.yaml:1: invokes: a list was expected."],
    ["invokes:\n  - token: a\n", "DIR/f.yaml:2: invokes.0.result: a mapping was expected."],
    ["answers: []\n", "DIR/f.yaml:1: answers: invokes, reads, stackReferences or config was expected."],
    ["reads:\n  - type: a\n    id: 4\n", "DIR/f.yaml:3: reads.0.id: a text was expected."],
    ["[]\n", "DIR/f.yaml: the file: a mapping was expected."],
  ])("%j is refused", (yaml, message) => {
    const directory = directoryOf({ "f.yaml": yaml });
    expect(complaint(directory, () => readFixtures(`${directory}/f.yaml`))).toBe(`InputError: ${message}`);
  });

  it("must be there", () => {
    const directory = directoryOf({});
    expect(complaint(directory, () => readFixtures(`${directory}/none.yaml`))).toMatch(
      /^InputError: DIR\/none\.yaml: the file cannot be read: ENOENT/,
    );
  });
});
