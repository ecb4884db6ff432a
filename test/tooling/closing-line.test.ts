import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

interface Ended {
  readonly code: number;
  readonly lastLine: string | undefined;
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
      done({ code: child.exitCode ?? -1, lastLine: stdout.trimEnd().split('\n').at(-1) });
    });
  });
}

const passing = "test('passes', () => {});\n";
const failing = "test('fails', () => expect(1).toBe(2));\n";
const skipped = "test.skip('is left out', () => {});\n";

test('a run ends with the counts alone on the last line', async () => {
  await expect(runTests(passing, 'true')).resolves.toEqual({ code: 0, lastLine: '1 passed, 0 failed' });
  await expect(runTests(passing + failing, '')).resolves.toEqual({ code: 1, lastLine: '1 passed, 1 failed' });
});

test('a skipped test fails the run when CI=true, and only then', async () => {
  const lastLine = '1 passed, 0 failed, 1 skipped';
  await expect(runTests(passing + skipped, '')).resolves.toEqual({ code: 0, lastLine });
  await expect(runTests(passing + skipped, 'true')).resolves.toEqual({ code: 1, lastLine });
});

test('a file that cannot be loaded counts as a failure', async () => {
  const broken = "import './does-not-exist.ts';\n";
  await expect(runTests(broken, '')).resolves.toEqual({ code: 1, lastLine: '0 passed, 1 failed' });
});
