import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

interface Ended {
  readonly code: number;
  readonly lastLine: string | undefined;
  readonly lineBefore: string | undefined;
}

/** Runs the given test file in a vitest of its own, with this project's reporters. */
async function runTests(content: string, ci: string): Promise<Ended> {
  // Inside the checkout, so that the file finds vitest.
  const dir = mkdtempSync(resolve('node_modules', '.closing-line-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  writeFileSync(join(dir, 'some.test.ts'), `import { expect, test } from 'vitest';\n${content}`);
  const reporter = resolve('scripts/closing-line-reporter.ts');
  const config = `export default { test: { exclude: [], reporters: ['default', ${JSON.stringify(reporter)}] } };`;
  writeFileSync(join(dir, 'vitest.config.mjs'), config);
  const args = [resolve('node_modules/vitest/vitest.mjs'), 'run', '--root', dir];
  return new Promise((done) => {
    const child = execFile(process.execPath, args, { env: { ...process.env, CI: ci } }, (_error, stdout) => {
      const [lastLine, lineBefore] = stdout.trimEnd().split('\n').reverse();
      done({ code: child.exitCode ?? -1, lastLine, lineBefore });
    });
  });
}

const passing = "test('passes', () => {});\n";
const failing = "test('fails', () => expect(1).toBe(2));\n";
const skipped = "test.skip('is left out', () => {});\n";

test('a run ends with the counts alone on the last line', async () => {
  await expect(runTests(passing, 'true')).resolves.toMatchObject({ code: 0, lastLine: '1 passed, 0 failed' });
  await expect(runTests(passing + failing, '')).resolves.toMatchObject({
    code: 1,
    lastLine: '1 passed, 1 failed',
  });
});

test('a skipped test fails the run when CI=true, and only then', async () => {
  const lastLine = '1 passed, 0 failed, 1 skipped';
  await expect(runTests(passing + skipped, '')).resolves.toMatchObject({ code: 0, lastLine });
  await expect(runTests(passing + skipped, 'true')).resolves.toMatchObject({ code: 1, lastLine });
});

test('a test that is skipped since something optional is missing fails no run', async () => {
  const content = "test('needs podman', ({ skip }) => skip('optional: podman is not installed'));\n";
  await expect(runTests(passing + content, 'true')).resolves.toMatchObject({
    code: 0,
    lastLine: '1 passed, 0 failed, 1 skipped',
  });
});

test('a skipped test is named with its reason before the counts', async () => {
  const content = "test('needs root', ({ skip }) => skip('only root may mount'));\n";
  await expect(runTests(passing + content, '')).resolves.toEqual({
    code: 0,
    lastLine: '1 passed, 0 failed, 1 skipped',
    lineBefore: 'skipped some.test.ts › needs root: only root may mount',
  });
});

test('tests of one file that are skipped for one reason share a line', async () => {
  const content = ['one', 'two'].map((title) => `test('${title}', ({ skip }) => skip('no Go'));\n`).join('');
  await expect(runTests(content, '')).resolves.toMatchObject({
    lastLine: '0 passed, 0 failed, 2 skipped',
    lineBefore: 'skipped some.test.ts (2 tests): no Go',
  });
});

test('a file that cannot be loaded counts as a failure', async () => {
  const broken = "import './does-not-exist.ts';\n";
  await expect(runTests(broken, '')).resolves.toMatchObject({ code: 1, lastLine: '0 passed, 1 failed' });
});
