import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

interface Ended {
  readonly code: number;
  /** In the order in which they were printed. */
  readonly lastLines: readonly string[];
}

/** Runs these test files in a vitest of their own, with this project's reporters. */
async function runTests(files: readonly string[], ci: string): Promise<Ended> {
  // Inside the checkout, so that the files find vitest.
  const dir = mkdtempSync(resolve('node_modules', '.closing-line-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  for (const [index, content] of files.entries())
    writeFileSync(join(dir, `${index + 1}.test.ts`), `import { expect, test } from 'vitest';\n${content}`);
  const reporter = resolve('scripts/closing-line-reporter.ts');
  const config = `export default { test: { exclude: [], isolate: false, maxWorkers: 1, reporters: ['default', ${JSON.stringify(reporter)}] } };`;
  writeFileSync(join(dir, 'vitest.config.mjs'), config);
  const args = [resolve('node_modules/vitest/vitest.mjs'), 'run', '--root', dir];
  return new Promise((done) => {
    const child = execFile(process.execPath, args, { env: { ...process.env, CI: ci } }, (_error, stdout) => {
      done({ code: child.exitCode ?? -1, lastLines: stdout.trimEnd().split('\n').slice(-3) });
    });
  });
}

const passing = "test('passes', () => {});\n";
const failing = "test('fails', () => expect(1).toBe(2));\n";
const skipped = "test('needs root', ({ skip }) => skip('only root may mount'));\n";
const optional = "test('needs podman', ({ skip }) => skip('optional: podman is not installed'));\n";
const broken = "import './does-not-exist.ts';\n";

test('a run ends with the counts alone on the last line, in which a file that cannot be loaded is a failure', async () => {
  const { code, lastLines } = await runTests([passing, failing, broken], '');
  expect([code, lastLines.at(-1)]).toEqual([1, '1 passed, 2 failed']);
});

test('a skipped test is named with its reason before the counts; those of one file with one reason share a line', async () => {
  const two = ['one', 'two'].map((title) => `test('${title}', ({ skip }) => skip('no Go'));\n`).join('');
  await expect(runTests([passing + skipped, two], '')).resolves.toEqual({
    code: 0,
    lastLines: [
      'skipped 1.test.ts › needs root: only root may mount',
      'skipped 2.test.ts (2 tests): no Go',
      '1 passed, 0 failed, 3 skipped',
    ],
  });
});

test.each([
  { what: 'a skipped test', content: skipped, code: 1 },
  { what: 'a test that is skipped since something optional is missing', content: optional, code: 0 },
])('where CI=true, $what ends the run with $code', async ({ content, code }) => {
  const ended = await runTests([passing + content], 'true');
  expect([ended.code, ended.lastLines.at(-1)]).toEqual([code, '1 passed, 0 failed, 1 skipped']);
});
