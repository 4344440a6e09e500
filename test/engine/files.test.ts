import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { judgeStack, readPolicyConfig } from "../../cli/commands/judge-stack";
import { loadFile } from "../../cli/sources/file";
import { loadProgram } from "../../cli/sources/program";
import { contradictions, decided } from "../sources/agreement";
import { compact } from "../sources/compact";
import { describeOnEngine, root, Workspace } from "./pulumi";

/**
 * What Pulumi writes about a program is judged as the program is. `RELAYPROOF_RECORD=1` keeps what it wrote about the small stack in
 * test/fixtures/recordings, for tests without Pulumi.
 */
const recordings = join(root, "test/fixtures/recordings");
const OFFICE = "sg-0123456789abcdef0";

describeOnEngine("what Pulumi writes", () => {
  it("about a stack that is made and then changed", async () => {
    const pulumi = new Workspace({ project: recordings });
    mkdirSync(pulumi.store, { recursive: true });
    writeFileSync(
      join(pulumi.store, `${OFFICE}.json`),
      JSON.stringify({ id: OFFICE, inputs: { name: "office", description: "Made by hand" } }),
    );
    await pulumi.must("stack", "init", "before");

    for (const phase of ["before", "after"]) {
      await pulumi.must("config", "set", "phase", phase);
      const preview = await pulumi.must("preview", "--json", "--show-sames");
      const events = await streaming(() => pulumi.must("preview", "--json"));
      const update = await pulumi.must("up", "--json", "--yes", "--skip-preview");
      const state = await pulumi.must("stack", "export");
      const files = { "preview.json": preview, "events.jsonl": events, "update.jsonl": update, "state.json": state };
      const fromProgram = judgeStack(await loadProgram({ directory: recordings, stack: phase }), readPolicyConfig({}));
      for (const [name, { stdout }] of Object.entries(files)) {
        const file = join(pulumi.directory, phase, name);
        write(file, stdout);
        const report = judgeStack(await loadFile(file), readPolicyConfig({}));
        expect(contradictions(fromProgram, report), `${phase}/${name}`).toEqual([]);
        const kept = process.env.RELAYPROOF_RECORD !== undefined && `${phase}/${name}` !== "after/events.jsonl";
        if (kept) write(join(recordings, phase, name), compact(name, stdout));
      }
    }
  }, 600_000);

  const examples = [".", "examples/open-relay", "examples/exchange-only", "examples/existing-network"];
  const azure = ["azure-mail", "azure-balanced", "both"].map((name) => `test/engine/programs/${name}`);
  it.each([...examples, ...azure])(
    "about %s, before it exists",
    async (project) => {
      const pulumi = new Workspace({ project: join(root, project) });
      await pulumi.must("stack", "init", "dev");
      const file = join(pulumi.directory, "preview.json");
      write(file, (await pulumi.must("preview", "--json")).stdout);
      const fromProgram = judgeStack(
        await loadProgram({ directory: join(root, project), stack: "dev" }),
        readPolicyConfig({}),
      );
      const fromFile = judgeStack(await loadFile(file), readPolicyConfig({}));
      expect(decided(fromFile)).toEqual(decided(fromProgram));
      expect(fromFile.verdict).toBe(fromProgram.verdict);
    },
    300_000,
  );
});

async function streaming<T>(act: () => Promise<T>): Promise<T> {
  process.env.PULUMI_ENABLE_STREAMING_JSON_PREVIEW = "true";
  try {
    return await act();
  } finally {
    delete process.env.PULUMI_ENABLE_STREAMING_JSON_PREVIEW;
  }
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
