// Checks the development perimeter, which passes, and a variant with one mistake in it, which does not.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const colour = process.stdout.isTTY && !process.env.NO_COLOR;

const steps = [
  { title: "The development perimeter, as it is shipped", args: ["check", ".", "--stack", "dev"], status: 0 },
  { title: "The same with one mistake in it: an open relay", args: ["check", "examples/open-relay"], status: 1 },
];

let wrong = 0;
for (const { title, args, status } of steps) {
  process.stdout.write(`${bold(title)}\n$ npx relayproof ${args.join(" ")}\n\n`);
  const result = spawnSync(process.execPath, ["cli/relayproof.js", ...args], { cwd: root, stdio: "inherit" });
  if (result.status !== status) {
    wrong++;
    process.stderr.write(`demo: exit status ${result.status ?? result.signal}: expected ${status}\n`);
  }
  process.stdout.write("\n");
}
process.stdout.write(wrong === 0 ? "As expected: the first passes, the second fails.\n" : "");
process.exitCode = wrong === 0 ? 0 : 1;

function bold(text) {
  return colour ? `\u001b[1m${text}\u001b[0m` : text;
}
