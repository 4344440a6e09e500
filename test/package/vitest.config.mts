import { defineConfig } from "vitest/config";

/** What is published, as it is installed: minutes, and npm's registry. */
export default defineConfig({
  test: { dir: "test/package", include: ["**/*.test.ts"], testTimeout: 300_000, hookTimeout: 600_000, maxWorkers: 1 },
});
