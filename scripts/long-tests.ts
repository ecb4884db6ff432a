/**
 * npm run test:long                       runs every *.long.test.ts that has not passed on these sources; stop and continue at any time
 * npm run test:long -- --again            runs all of them, with new seeds
 * TEST_SEED=N npm run test:long -- FILE   repeats one with a seed from .cache/long-tests.jsonl
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** One line for each part that ended. */
const recordFile = '.cache/long-tests.jsonl';

interface Part {
  readonly file: string;
  /** Of the sources: the tree that git would commit, without files it does not know. */
  readonly tree: string;
  readonly seed: number;
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
  for (const file of chosen) {
    if (passed.has(file)) {
      console.log(`${file} has passed on these sources: skipped`);
      continue;
    }
    const seed = given === undefined ? randomInt(2 ** 31) : Number(given);
    const startedAt = performance.now();
    const code = await vitest(file, seed);
    // Stopped by a signal: neither passed nor failed.
    if (code === null) return 130;
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    const part: Part = { file, tree, seed, passed: code === 0, seconds, endedAt: new Date().toISOString() };
    appendFileSync(recordFile, `${JSON.stringify(part)}\n`);
    console.log(`${file} ${part.passed ? 'passed' : 'FAILED'} in ${seconds} s with TEST_SEED=${seed}`);
    if (!part.passed) failed += 1;
  }
  return failed === 0 ? 0 : 1;
}

function vitest(file: string, seed: number): Promise<number | null> {
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project=long', file];
  const child = spawn(process.execPath, args, {
    stdio: 'inherit',
    env: { ...process.env, TEST_SEED: `${seed}` },
  });
  let isStopped = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      isStopped = true;
      child.kill(signal);
    });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(isStopped ? null : (code ?? 1)));
  });
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
