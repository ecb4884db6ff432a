import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type CliResult, cli, startCli } from '../support/cluster/cli-process.ts';
import { startGateway } from '../support/cluster/gateway-process.ts';
import { ratesOff } from '../support/cluster/test-cluster.ts';
import { eventually } from '../support/eventually.ts';

test('new keys on the command line leave a profile that works, whenever the process is killed on the way', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'conclave-killed-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await using gateway = await startGateway({ DATA_DIR: join(folder, 'data'), ...ratesOff });
  const account = ['--server', gateway.url, '--profile', join(folder, 'eva')];
  const args = [...account, '--no-passphrase', '--json', '--timeout', '60'];
  const done = async (...more: string[]): Promise<CliResult['json']> => {
    const result = await cli([...args, ...more]);
    expect(result, result.stderr).toMatchObject({ code: 0 });
    return result.json;
  };
  await done('register', 'Eva');
  await done('create', 'Safe');
  await done('send', 'Safe', 'first of all');
  const server = new URL(gateway.url);
  const keyFile = join(folder, 'eva', `ws-localhost-${server.port}`, 'eva', 'keys');
  for (const afterMs of [0, 5, 20, 60, 150, 400]) {
    const before = await readFile(keyFile);
    await using rotating = startCli([...args, 'rotate']);
    // The new keys are on the disk, and the server is about to be asked, or was, or has answered.
    await eventually(async () => expect((await readFile(keyFile)).equals(before)).toBe(false));
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    rotating.child.kill('SIGKILL');
    await rotating.ended;
    await done('send', 'Safe', `killed after ${afterMs} ms`);
  }
  await done('rotate');
  const texts = (await done('tail', 'Safe')).map(({ status, text }) => `${status}: ${text}`);
  expect(texts).toEqual(
    ['first of all', ...[0, 5, 20, 60, 150, 400].map((ms) => `killed after ${ms} ms`)].map((t) => `ok: ${t}`),
  );
  const keys = await done('keys');
  expect(keys.map(({ sequence }) => sequence)).toEqual(keys.map((_, i) => i));
  expect(keys.filter(({ current }) => current)).toEqual([keys.at(-1)]);
}, 180_000);
