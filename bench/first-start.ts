/**
 * npx tsx bench/first-start.ts --help
 * From `npm start` in a fresh clone to the line that says it is ready; then again.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { loadNow, monotonicMicros } from '../loadtest/native/process-accounting.ts';
import { benchOptions } from './support/options.ts';

const values = benchOptions(
  'Measures the first npm start of a fresh clone of the last commit, and later ones.',
  {
    later: ['3', 'starts after the first'],
    cold: [false, 'with an empty npm cache'],
  },
);

const root = fileURLToPath(new URL('..', import.meta.url));
const readyLine = /^Conclave is ready at /;

/** Seconds until the gateway is ready; it is stopped then. */
async function start(clone: string, npmCache: string | undefined): Promise<number> {
  const begin = monotonicMicros();
  const npm = spawn('npm', ['start'], {
    cwd: clone,
    env: {
      ...process.env,
      CONCLAVE_PORT: '0',
      CONCLAVE_ADMIN_PORT: '0',
      ...(npmCache !== undefined && { npm_config_cache: npmCache }),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    // As on a terminal, the signal has to reach more than npm.
    detached: true,
  });
  const ended = new Promise<void>((resolve) => void npm.once('close', () => resolve()));
  const ready = new Promise<number>((resolve) => {
    createInterface(npm.stdout).on('line', (line) => {
      if (readyLine.test(line)) resolve((monotonicMicros() - begin) / 1_000_000);
    });
  });
  const failed = ended.then(() => {
    throw new Error('npm start ended before it was ready');
  });
  failed.catch(() => undefined);
  const seconds = await Promise.race([ready, failed]);
  if (npm.pid !== undefined) process.kill(-npm.pid, 'SIGINT');
  await ended;
  return seconds;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'conclave-start-'));
  try {
    const clone = join(folder, 'conclave');
    execFileSync('git', ['clone', '--quiet', root, clone]);
    const cache = values.cold ? join(folder, 'npm-cache') : undefined;
    const first = await start(clone, cache);
    console.log(
      `first, ${values.cold ? 'empty' : 'warm'} npm cache: ${first.toFixed(1)} s (load ${loadNow()})`,
    );
    for (let again = 0; again < Number(values.later); again += 1) {
      console.log(`again: ${(await start(clone, cache)).toFixed(2)} s (load ${loadNow()})`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
