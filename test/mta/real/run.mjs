// Runs the tests against the real Postfix: builds the roots that are missing, and skips with a word where that cannot be done, unless
// --required is given. Further arguments go to vitest.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";

const suites = ["bookworm", "trixie"];
const lab = process.env.RELAYPROOF_LAB ?? join(process.env.HOME ?? "/root", ".cache/relayproof/lab");
const words = process.argv.slice(2);
const required = words.includes("--required");
const works = (command, ...words) => spawnSync(command, words, { stdio: "ignore" }).status === 0;
const isComplete = (suite) =>
  existsSync(join(lab, suite, "complete")) &&
  (suite !== "trixie" || existsSync(join(lab, suite, "front-end.complete")));
const missing = suites.filter((suite) => !isComplete(suite));

const obstacle =
  process.platform !== "linux" || process.getuid() !== 0
    ? "root on Linux is needed"
    : !works("unshare", "--net", "--mount", "--pid", "--fork", "true")
      ? "this machine allows no namespaces"
      : missing.length > 0 && !works("debootstrap", "--version")
        ? "debootstrap is missing"
        : null;

if (obstacle !== null) {
  console.log(`The tests against the real Postfix are ${required ? "required" : "skipped"}: ${obstacle}.`);
  process.exit(required ? 1 : 0);
}
mkdirSync(lab, { recursive: true });
if (missing.length > 0) {
  const { status, output } = spawnSync(join(import.meta.dirname, "roots.sh"), [lab, ...missing], { encoding: "utf8" });
  if (status !== 0) {
    console.error(`${output.join("")}\nThe roots of ${missing.join(" and ")} cannot be built.`);
    process.exit(1);
  }
}
const options = ["vitest", "run", "--config", join(import.meta.dirname, "vitest.config.mts")];
const { status } = spawnSync("npx", ["--no-install", ...options, ...words.filter((word) => word !== "--required")], {
  stdio: "inherit",
  env: { ...process.env, RELAYPROOF_LAB: lab },
});
process.exit(status ?? 1);
