import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** What operators rely on: their command, scripts, deployment files, load tools, earlier releases and other clients, no secrets anywhere, races between nodes, journeys in a browser, and minutes of faults. */
const operations =
  'test/{admin,compat,deploy,faults,interop,journeys,load,objects,observe,races,secrets,tooling}/**/*.test.ts';
/** Chance, many times over. Each file is one part of `npm run test:long`. */
const long = '**/*.long.test.ts';
const beside = '{src,client,loadtest,bench}/**/*.test.{ts,tsx}';
const scryptOnce = new URL('test/support/keys/scrypt-once.mjs', import.meta.url).pathname;

/** Three tiers, with a command and a project each. Every file is in one project only. */
const config: ViteUserConfig = defineConfig({
  // As the programs are built: React's production build has no other.
  oxc: { jsx: { development: false } },
  test: {
    // Processes, not threads: tests start servers, send signals and load native modules.
    pool: 'forks',
    // Tests wait for much of their time: so many workers keep two cores busy. Operators' tests measure time.
    maxWorkers: process.argv.includes('--project=operations') ? 4 : 6,
    // For what hangs: all of a machine may be busy with something else, and that must not fail what is right.
    testTimeout: 150_000,
    hookTimeout: 120_000,
    // As long as `eventually` tries.
    expect: { poll: { timeout: 40_000, interval: 20 } },
    // Files of one worker share a process.
    unstubEnvs: true,
    allowOnly: false,
    passWithNoTests: false,
    globalSetup: ['./test/support/keys/draw-in-this-run.ts'],
    setupFiles: [scryptOnce],
    alias: [{ find: /^@noble\/hashes\/scrypt\.js$/, replacement: scryptOnce }],
    reporters: ['default', './scripts/closing-line-reporter.ts'],
    coverage: { provider: 'v8', include: ['src/**/*.ts', 'client/**/*.ts'] },
    projects: [
      // Loading the code again for each file would take longer than most of these tests do.
      {
        extends: true,
        test: {
          name: 'test',
          include: [beside, 'test/**/*.test.ts'],
          exclude: [operations, long],
          isolate: false,
        },
      },
      { extends: true, test: { name: 'operations', include: [operations], exclude: [long], isolate: false } },
      // Only when asked for by name: `vitest run src/protocol` must not take half an hour.
      ...(process.argv.includes('--project=long')
        ? [{ extends: true as const, test: { name: 'long', include: [long], exclude: ['node_modules/**'] } }]
        : []),
    ],
  },
});

export default config;
