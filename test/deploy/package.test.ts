import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { startGateway } from '../support/cluster/gateway-process.ts';

const run = promisify(execFile);

test('the packed package, installed elsewhere, runs a gateway, its page and a client, and has nothing of the workshop', async () => {
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
  const installed = (command: string, ...args: string[]) => run(join(commands, command), args, { cwd: dir });
  expect((await installed('conclave', '--version')).stdout).toContain(version);
  expect((await installed('conclave-admin', '--version')).stdout).toContain(version);
  const built = await run(process.execPath, ['dist/src/main.js', '--web-digest']);
  expect((await installed('conclave-gateway', '--web-digest')).stdout).toBe(built.stdout);

  const gatewayDir = join(dir, 'gateway');
  await using gateway = await startGateway(
    { DATA_DIR: gatewayDir, WEB: 'on' },
    { cwd: dir, command: [join(commands, 'conclave-gateway')] },
  );
  const options = ['--server', gateway.url, '--profile', join(dir, 'profile'), '--no-passphrase'];
  await installed('conclave', ...options, 'register', 'alice');
  await installed('conclave', ...options, 'create', 'Lobby');
  await installed('conclave', ...options, 'send', 'Lobby', 'installed');
  expect((await installed('conclave', ...options, 'tail', 'Lobby')).stdout).toContain('installed');
});
