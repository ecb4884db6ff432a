// npm test, npm run test:operations, npm run test:long: works in a fresh clone, so this file uses nothing but Node until the packages are installed.
import { spawn } from 'node:child_process';
import { installPackages, prepare } from './bootstrap.mjs';

/** By the names of the projects in vitest.config.ts. */
const tiers = { test: ['unit', 'system'], operations: ['operations'], long: ['long'] };

const [tier, ...args] = process.argv.slice(2);
const projects = tiers[tier];
if (projects === undefined) {
  console.error(`usage: node scripts/test.mjs ${Object.keys(tiers).join('|')} [ARGUMENTS OF VITEST]`);
  process.exit(1);
}
if (!(await prepare())) process.exit(1);
if (tier === 'operations' && !(await installPackages('bench'))) process.exit(1);
const tsx = ['--import', 'tsx'];
const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...projects.map((name) => `--project=${name}`)];
const program = tier === 'long' ? [...tsx, 'scripts/long-tests.ts'] : vitest;
const services = [...tsx, 'scripts/services.ts', process.execPath];
const env = { ...process.env, TEST_TIER: tier };
const tests = spawn(process.execPath, [...services, ...program, ...args], { stdio: 'inherit', env });
// The terminal sends SIGINT to all of them; either way this process ends after those that clean up.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => tests.kill('SIGTERM'));
tests.once('close', (code) => process.exit(code ?? 1));
