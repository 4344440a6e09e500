import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** A recipe of docs/ci, as it is. */
export function recipe(root: string, name: string): string {
  return `\`\`\`yaml\n${readFileSync(join(root, "docs/ci", name), "utf8")}\`\`\``;
}

/** The inputs of action.yml as a table. */
export function actionInputs(root: string): string {
  const { inputs } = parse(readFileSync(join(root, "action.yml"), "utf8")) as {
    inputs: Record<string, { description: string; default: string }>;
  };
  const rows = Object.entries(inputs).map(([name, input]) => {
    const value = input.default === "" ? "" : `\`${input.default}\``;
    return `| \`${name}\` | ${value} | ${input.description} |`;
  });
  return ["| input | default | |", "|---|---|---|", ...rows].join("\n");
}
