import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { chance, runSeed } from '../support/chance.ts';
import { FIRST_TIME_MS, skipWithoutK6, startLoad } from './load-process.ts';

/** With the start of a cluster, and what is left to settle at the end, below the 30 minutes of a part. */
const SECONDS = 25 * 60;
/** Of the least heap and of the CPU by delivery: the last fifth of the time beside the first. */
const HEAP_GROWTH_MAX = 1.25;
const CPU_GROWTH_MAX = 1.5;

test(
  'while a cluster carries talk for 25 minutes nothing is lost, nothing grows, and nothing gets slower',
  async (context) => {
    skipWithoutK6(context);
    const seed = runSeed();
    const out = mkdtempSync(join(tmpdir(), 'conclave-soak-'));
    onTestFinished(() => rmSync(out, { recursive: true, force: true }));
    const random = chance(seed);
    const between = (low: number, high: number): string =>
      String(low + Math.floor(random() * (high - low + 1)));
    await using load = startLoad([
      ...['k6', 'soak', '--seconds', String(SECONDS), '--out', out],
      ...['--rooms', between(5, 15), '--members', between(3, 8), '--text-bytes', between(50, 2_000)],
      ...['--cut-every-seconds', between(30, 300)],
      // A message that is due while its sender is away waits for it.
      ...['--max-accepted-p99-ms', '10000', '--max-echo-p99-ms', '10000'],
    ]);
    const code = await load.ended;
    expect({ seed, code, lines: load.lines.slice(-40) }).toMatchObject({ code: 0 });
    const report = readFileSync(join(out, 'report.md'), 'utf8');
    const [, heapBefore, heapAfter] = /(\d+) → (\d+) MiB of heap at its least/.exec(report) ?? [];
    const [, cpuBefore, cpuAfter] = /([\d.]+) µs → ([\d.]+) µs of CPU by delivery/.exec(report) ?? [];
    expect({ seed, growth: Number(heapAfter) / Number(heapBefore) }).toHaveProperty(
      'growth',
      expect.toSatisfy((growth) => growth <= HEAP_GROWTH_MAX),
    );
    expect({ seed, growth: Number(cpuAfter) / Number(cpuBefore) }).toHaveProperty(
      'growth',
      expect.toSatisfy((growth) => growth <= CPU_GROWTH_MAX),
    );
  },
  SECONDS * 1_000 + FIRST_TIME_MS,
);
