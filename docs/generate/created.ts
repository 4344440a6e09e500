import { spawnSync } from "node:child_process";
import { table } from "./markdown";

interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly parent?: string;
}

/** What each component creates in the shipped development stack, as the embedded engine sees it. */
export function createdByComponent(root: string): string {
  const resources = declared(root);
  const owners = resources.filter((resource) => resource.type.startsWith("relayproof:"));
  const names = [...new Set(owners.map((owner) => owner.type))];
  return table(
    ["component", "creates, in the development stack"],
    names.map((type) => {
      const parents = new Set(owners.filter((owner) => owner.type === type).map((owner) => owner.urn));
      const children = resources.filter((resource) => parents.has(resource.parent ?? ""));
      const counts = new Map<string, number>();
      for (const child of children) {
        const name = child.type.split(":").at(-1) ?? child.type;
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
      const short = type.split(":").at(-1) ?? type;
      const parts = [...counts].map(([name, count]) => `\`${name}\`${count > 1 ? ` ×${count}` : ""}`);
      return [`[\`${short}\`](#${short.toLowerCase()})`, parts.join(", ")];
    }),
  );
}

function declared(root: string): readonly Resource[] {
  const script = `
    require("./dist/cli/sources/program.js").loadProgram({ directory: ".", stack: "dev" }).then(({ resources }) => {
      const rows = resources.map(({ urn, type, parent }) => ({ urn, type, parent }));
      process.stdout.write(JSON.stringify(rows));
    });`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--eval", script], { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`the development stack does not load: ${stderr}`);
  return JSON.parse(stdout) as readonly Resource[];
}
