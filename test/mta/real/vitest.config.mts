import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/mta/real/**/*.lab.ts", "test/render/real/**/*.lab.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
