import { findTools } from "./tools.mjs";

/** Says once why tests are skipped; where they are mandatory, that is a failure. */
export default function announce(): void {
  const missing = Object.entries(findTools()).flatMap(([name, path]) => (path === null ? [name] : []));
  if (missing.length === 0) return;
  const word = `no ${missing.join(" and no ")} here; node test/engine/tools.mjs --prepare makes them`;
  if (process.env.RELAYPROOF_REQUIRE_ENGINE !== undefined) throw new Error(word);
  console.log(`Tests on Pulumi's own engine are skipped: ${word}.`);
}
