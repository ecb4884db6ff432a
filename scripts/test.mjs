/**
 * npm test, npm run test:operations, npm run test:long. Works in a fresh clone, so this file uses nothing but Node until the
 * packages are installed.
 * npm test -- --runs 10   runs the tier ten times in a row, and keeps a line of each run in test/RUNS.md
 */
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPackages, prepare } from './bootstrap.mjs';

/** As the projects in vitest.config.ts. */
const tiers = ['test', 'operations', 'long'];
const runsFile = 'test/RUNS.md';

const help = `npm test                            what every change has to pass
npm run test:operations             what operators rely on, in some 15 minutes
npm run test:long                   chance, many times over: each file that has not passed on these sources
  -- PATH ...                       only the files with this in their path
  -- --runs N                       the whole tier N times in a row, with a line of each run in ${runsFile} (not test:long)
  -- --next                         one file of test:long that has not passed on these sources
  -- --again                        all files of test:long, with new seeds
  TEST_SEED=N                       the chance of an earlier run again
Other options go to Vitest, such as -t TITLE. CONTRIBUTING.md says which tests are in which tier.`;

const [tier, ...given] = process.argv.slice(2);
const runsAt = given.indexOf('--runs');
const runs = runsAt < 0 ? 1 : Number(given[runsAt + 1]);
const args = runsAt < 0 ? given : given.toSpliced(runsAt, 2);
if (given.includes('--help') || given.includes('-h')) {
  console.log(help);
  process.exit(0);
}
if (!tiers.includes(tier) || !(Number.isInteger(runs) && runs > 0)) usage('');
// A line stands for a whole tier; the long one has a record of its own.
if (runsAt >= 0 && (args.length > 0 || tier === 'long'))
  usage('--runs is for all of "test" or "operations". ');
if (!(await prepare())) process.exit(1);
if (tier === 'operations' && !(await installPackages('bench'))) process.exit(1);

let running;
let isStopped = false;
// The terminal sends SIGINT to all of them; either way this process ends after those that clean up.
process.on('SIGINT', () => {
  isStopped = true;
});
process.on('SIGTERM', () => {
  isStopped = true;
  running?.kill('SIGTERM');
});
let failed = 0;
for (let run = 1; run <= runs && !isStopped; run += 1) {
  const code = runsAt < 0 ? await runTier() : await recordedRun(run);
  if (code !== 0) failed = code;
}
process.exit(failed);

function usage(problem) {
  console.error(`${problem}usage: node scripts/test.mjs ${tiers.join('|')} [--runs N | ARGUMENTS OF VITEST]`);
  process.exit(1);
}

/** Gives the exit code. */
function runTier(more = {}) {
  const tsx = ['--import', 'tsx'];
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', `--project=${tier}`];
  const program = tier === 'long' ? [...tsx, 'scripts/long-tests.ts'] : vitest;
  const command = [...tsx, 'scripts/services.ts', process.execPath, ...program, ...args];
  const env = { ...process.env, TEST_TIER: tier, ...more };
  running = spawn(process.execPath, command, { stdio: 'inherit', env });
  return new Promise((resolve) => {
    running.once('close', (code) => resolve(code ?? 1));
  });
}

/** A run that was stopped leaves no line. */
async function recordedRun(run) {
  const folder = mkdtempSync(join(tmpdir(), 'conclave-runs-'));
  const countsFile = join(folder, 'counts.json');
  const commit = commitName();
  const startedAt = new Date();
  console.error(`Run ${run} of ${runs}`);
  try {
    const code = await runTier({ TEST_COUNTS: countsFile });
    if (isStopped) return code;
    const seconds = Math.round((Date.now() - startedAt.getTime()) / 1_000);
    // Without counts the tests never began, or did not end by themselves.
    const none = { passed: '–', failed: '–', skipped: '–' };
    const counts = existsSync(countsFile) ? JSON.parse(readFileSync(countsFile, 'utf8')) : none;
    const date = startedAt.toISOString().slice(0, 16).replace('T', ' ');
    appendFileSync(
      runsFile,
      `| ${[date, commit, tier, counts.passed, counts.failed, counts.skipped, seconds].join(' | ')} |\n`,
    );
    return code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** With a plus when the sources were not those of the commit. */
function commitName() {
  const git = (...words) => spawnSync('git', words, { encoding: 'utf8' }).stdout?.trim() ?? '';
  const changed = git('status', '--porcelain', '--', '.', `:(exclude)${runsFile}`);
  return `${git('rev-parse', '--short', 'HEAD')}${changed === '' ? '' : '+'}`;
}
