import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadProgram } from "../../cli/sources/program";
import type { aws } from "../../components";
import { Resources } from "../../policies/analysis/lower/resources";
import type { ResourceSnapshot } from "../../policies/analysis/model/snapshot";

/** Runs perimeters in one program on the embedded engine, and returns the resources of each: `p0`, `p1`, … */
export async function runPerimeters(
  args: readonly aws.MailPerimeterArgs[],
): Promise<ReadonlyMap<string, readonly ResourceSnapshot[]>> {
  const scratch = mkdtempSync(join(tmpdir(), "relayproof-args-"));
  try {
    const file = join(scratch, "args.json");
    writeFileSync(file, JSON.stringify(args));
    process.env.RELAYPROOF_TEST_ARGS = file;
    const directory = join(__dirname, "../fixtures/generated-perimeters");
    const { resources } = await loadProgram({ directory, stack: "dev" });
    return byPerimeter(resources);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function byPerimeter(resources: readonly ResourceSnapshot[]): ReadonlyMap<string, readonly ResourceSnapshot[]> {
  const index = new Resources(resources);
  const perimeters = new Map<string, ResourceSnapshot[]>();
  for (const resource of resources) {
    const top = [...index.lineage(resource)].find((ancestor) => ancestor.type === "relayproof:aws:MailPerimeter");
    if (top !== undefined) perimeters.set(top.name, [...(perimeters.get(top.name) ?? []), resource]);
  }
  return perimeters;
}
