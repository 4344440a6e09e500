import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["**/node_modules/**", "test/engine/**", "test/package/**"],
    testTimeout: 60_000,
    maxWorkers: 2,
  },
});
