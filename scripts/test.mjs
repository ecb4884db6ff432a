// npm test: works in a fresh clone, so this file uses nothing but Node until the packages are installed.
import { spawnSync } from 'node:child_process';
import { prepare } from './bootstrap.mjs';

if (!(await prepare())) process.exit(1);
const command = ['node_modules/tsx/dist/cli.mjs', 'scripts/services.ts', process.execPath];
const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, [...command, ...vitest], { stdio: 'inherit' });
process.exit(status ?? 1);
