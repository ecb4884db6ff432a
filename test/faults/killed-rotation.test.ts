import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CliResult, startCli } from '../support/cluster/cli-process.ts';
import { CliScene } from '../support/cluster/cli-scene.ts';
import { eventually } from '../support/eventually.ts';

test('new keys on the command line leave a profile that works, whenever the process is killed on the way', async () => {
  await using scene = await CliScene.with({});
  const done = async (...args: readonly string[]): Promise<CliResult['json']> =>
    (await scene.done('eva', '--json', '--timeout', '60', ...args)).json;
  await done('register', 'Eva');
  await done('create', 'Safe');
  await done('send', 'Safe', 'first of all');
  const keyFile = join(await scene.accountFolder('profile', 'eva'), 'keys');
  for (const afterMs of [0, 5, 20, 60, 150, 400]) {
    const before = await readFile(keyFile);
    await using rotating = startCli([...scene.options('eva'), 'rotate']);
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
});
