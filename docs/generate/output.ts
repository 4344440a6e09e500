import { spawnSync } from "node:child_process";
import { fenced } from "./markdown";

/** What commands print, by running them. */

function run(root: string, args: readonly string[]): string {
  const { FORCE_COLOR: _, ...env } = process.env;
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    cwd: root,
    env: { ...env, NO_COLOR: "1" },
    encoding: "utf8",
  });
  if (stdout === "") throw new Error(`node ${args.join(" ")} printed nothing and ended with ${status}: ${stderr}`);
  return stdout;
}

/** The demo without the last table, which repeats the first. */
export function demo(root: string): string {
  const text = run(root, ["examples/demo.mjs"]);
  const last = text.lastIndexOf("Who can connect to SMTP");
  const rest = text.slice(last).split("\n\n").at(-1) ?? "";
  return fenced("text", `${text.slice(0, last)}…\n\n${rest}`);
}

export function commandHelp(root: string, command: string): string {
  return fenced("text", run(root, ["cli/relayproof.js", command, "--help"]));
}

/** A whole report, a path step and an exposure row to a line. */
export function reportExample(root: string): string {
  const report: unknown = JSON.parse(
    run(root, ["cli/relayproof.js", "check", "examples/open-relay", "--format", "json"]),
  );
  return fenced("json", compact(report, ""));
}

const flat = 118;

/** JSON with everything on one line that fits there. */
function compact(value: unknown, indent: string): string {
  const line = JSON.stringify(value, null, 1).replace(/\n\s*/g, " ");
  if (indent !== "" && (line.length + indent.length <= flat || isStep(value))) return line;
  if (typeof value !== "object" || value === null) return line;
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((item) => compact(item, inner))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${compact(item, inner)}`);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  return `${open}\n${parts.map((part) => inner + part).join(",\n")}\n${indent}${close}`;
}

function isStep(value: unknown): boolean {
  return typeof value === "object" && value !== null && "kind" in value && "detail" in value;
}
