// npm run loadtest, npm run loadtest:native: work in a fresh clone, so this file uses nothing but Node until the packages are installed.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { prepare } from '../bootstrap.mjs';
import { forwardSignals } from '../forward-signals.mjs';

if (!(await prepare())) process.exit(1);
// In a process group of its own: at a Ctrl-C k6 stops first, and only then the cluster under it.
const load = spawn(
  process.execPath,
  ['--import', 'tsx', 'scripts/loadtest/main.ts', ...process.argv.slice(2)],
  {
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: process.platform !== 'win32',
  },
);
forwardSignals(load);
load.once('close', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
