/**
 * npm run test:long: runs every *.long.test.ts that has not passed on these sources; stop and continue at any time. What else it
 * takes is in the help of scripts/test.mjs. A seed for TEST_SEED is in .cache/long-tests.jsonl.
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestCounts } from './closing-line-reporter.ts';

/** One line for each part that ended. */
const recordFile = '.cache/long-tests.jsonl';
const PART_MINUTES_MAX = 30;

interface Part {
  readonly file: string;
  /** Of the sources: the tree that git would commit, without files it does not know. */
  readonly tree: string;
  readonly seed: number;
  /** Every test of it: one that was skipped has proved nothing. */
  readonly passed: boolean;
  readonly seconds: number;
  readonly endedAt: string;
}

async function main(args: readonly string[]): Promise<number> {
  const tree = treeOfSources();
  const named = args.filter((arg) => !arg.startsWith('--'));
  const isRepeated = named.length > 0 || args.includes('--again');
  const passed = new Set(isRepeated ? [] : passedOn(tree));
  const given = process.env['TEST_SEED'];
  const all = git('ls-files', '--cached', '--others', '--exclude-standard', '*.long.test.ts').split('\n');
  const chosen = named.length === 0 ? all : all.filter((file) => named.some((name) => file.includes(name)));
  if (chosen.length === 0) console.error(`No long test has ${named.join(' or ')} in its path.`);
  let failed = chosen.length === 0 ? 1 : 0;
  const due = chosen.filter((file) => !passed.has(file));
  for (const file of chosen)
    if (passed.has(file)) console.log(`${file} has passed on these sources: not run again`);
  for (const file of args.includes('--next') ? due.slice(0, 1) : due) {
    const seed = given === undefined ? randomInt(2 ** 31) : Number(given);
    const startedAt = performance.now();
    const outcome = await vitest(file, seed);
    // By a signal: neither passed nor failed.
    if (outcome === 'stopped') return 130;
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    const endedAt = new Date().toISOString();
    const part: Part = { file, tree, seed, passed: outcome === 'passed', seconds, endedAt };
    appendFileSync(recordFile, `${JSON.stringify(part)}\n`);
    console.log(`${file}: ${outcome} after ${seconds} s with TEST_SEED=${seed}`);
    if (outcome === 'failed') failed += 1;
  }
  const left = due.length - (args.includes('--next') ? 1 : due.length);
  if (left > 0) console.log(`${left} more parts are due.`);
  return failed === 0 ? 0 : 1;
}

type Outcome = 'passed' | 'skipped' | 'failed' | 'stopped';

async function vitest(file: string, seed: number): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'conclave-long-'));
  const countsFile = join(folder, 'counts.json');
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project=long', file];
  const child = spawn(process.execPath, args, {
    stdio: 'inherit',
    env: { ...process.env, TEST_SEED: `${seed}`, TEST_COUNTS: countsFile },
  });
  let isStopped = false;
  const stop = (signal: NodeJS.Signals): void => {
    isStopped = true;
    child.kill(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  const limit = setTimeout(() => {
    console.error(`${file} takes more than the ${PART_MINUTES_MAX} minutes of a part`);
    child.kill('SIGTERM');
  }, PART_MINUTES_MAX * 60_000);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    if (isStopped) return 'stopped';
    if (code !== 0 || !existsSync(countsFile)) return 'failed';
    const counts = JSON.parse(readFileSync(countsFile, 'utf8')) as TestCounts;
    return counts.skipped === 0 ? 'passed' : 'skipped';
  } finally {
    clearTimeout(limit);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
    rmSync(folder, { recursive: true, force: true });
  }
}

function treeOfSources(): string {
  const changed = git('stash', 'create');
  return git('rev-parse', `${changed === '' ? 'HEAD' : changed}^{tree}`);
}

function git(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('git', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`git ${args.join(' ')} failed: ${stderr}`);
  return stdout.trim();
}

function passedOn(tree: string): readonly string[] {
  if (!existsSync(recordFile)) return [];
  const parts = readFileSync(recordFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Part);
  return parts.filter((part) => part.passed && part.tree === tree).map(({ file }) => file);
}

process.exit(await main(process.argv.slice(2)));
