import { defineConfig } from "vitest/config";

/** Pulumi's own engine, and an emulator of AWS: minutes, and tools that the first run of `tools.mjs --prepare` builds. */
export default defineConfig({
  test: {
    dir: "test/engine",
    include: ["**/*.test.ts"],
    globalSetup: ["test/engine/announce.mts"],
    testTimeout: 600_000,
    maxWorkers: 2,
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
  },
});
