import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    include: ['{src,client,loadtest,bench}/**/*.test.{ts,tsx}', 'test/**/*.test.ts'],
    // Processes, not threads: tests start servers, send signals and load native modules.
    pool: 'forks',
    // End-to-end files wait for a third of their time; more of them at once only slow each other down.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    allowOnly: false,
    passWithNoTests: false,
    reporters: ['default', './scripts/closing-line-reporter.ts'],
    coverage: { provider: 'v8', include: ['src/**/*.ts', 'client/**/*.ts'] },
  },
});

export default config;
