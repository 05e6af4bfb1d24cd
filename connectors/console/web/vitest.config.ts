import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { environment: "jsdom", setupFiles: ["src/setup.test-env.ts"], restoreMocks: true, isolate: false },
});
