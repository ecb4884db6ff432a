import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const run = promisify(execFile);

test('the packed package, installed elsewhere, has its three commands and nothing of the workshop', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'conclave-package-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const packed = await run('npm', ['pack', '--json', '--pack-destination', dir]);
  // The build may print before the result.
  const [result] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf('[\n'))) as [
    { filename: string; files: { path: string }[] },
  ];
  const paths = result.files.map((file) => file.path);
  const { man } = JSON.parse(readFileSync('package.json', 'utf8')) as { man: string[] };
  expect(paths).toEqual(expect.arrayContaining(man));
  expect(paths.filter((path) => /\.test\.|(^|\/)\.|^(src|client|scripts|test)\//.test(path))).toEqual([]);

  writeFileSync(join(dir, 'package.json'), '{}');
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  await run('npm', ['install', ...quiet, `./${result.filename}`], { cwd: dir });
  const commands = join(dir, 'node_modules', '.bin');
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const cli = await run(join(commands, 'conclave'), ['--version'], { cwd: dir });
  expect(cli.stdout).toContain(version);
  const admin = await run(join(commands, 'conclave-admin'), ['--version'], { cwd: dir });
  expect(admin.stdout).toContain(version);
  const gateway = await run(join(commands, 'conclave-gateway'), ['--check-config'], { cwd: dir });
  expect(gateway.stdout).toContain('CONCLAVE_PORT=8080\n');
});
