import { defineConfig } from "vitest/config";

/** `npm run test:browser`: the tests that need a Chromium. */
export default defineConfig({
  test: {
    include: ["test/browser/**/*.test.ts"],
    env: { RELAYPROOF_BROWSER: "1" },
    testTimeout: 120_000,
    maxWorkers: 1,
  },
});
