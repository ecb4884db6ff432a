// npm test: works in a fresh clone, so this file uses nothing but Node until the packages are installed.
import { spawn } from 'node:child_process';
import { prepare } from './bootstrap.mjs';

if (!(await prepare())) process.exit(1);
const services = ['--import', 'tsx', 'scripts/services.ts', process.execPath];
const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)];
const tests = spawn(process.execPath, [...services, ...vitest], { stdio: 'inherit' });
// The terminal sends SIGINT to all of them; either way this process ends after those that clean up.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => tests.kill('SIGTERM'));
tests.once('close', (code) => process.exit(code ?? 1));
