import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const run = promisify(execFile);

test('a build of the page leaves the scripts and styles of the build before it, and none that are older', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'conclave-builds-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const last = ['main-LASTLAST.js', 'style-LASTLAST.css'];
  const older = ['main-OLDEROLD.js'];
  for (const name of [...last, ...older, 'index.html'])
    for (const ending of ['', '.br', '.gz']) await writeFile(join(folder, name + ending), name);
  await writeFile(join(folder, 'build.json'), JSON.stringify({ names: last, before: older }));

  const build = async (): Promise<string[]> => {
    await run(process.execPath, ['scripts/build-web.mjs', folder]);
    return (await readdir(folder)).sort();
  };
  const files = await build();
  for (const name of last) expect(files).toEqual(expect.arrayContaining([name, `${name}.br`, `${name}.gz`]));
  expect(files.filter((name) => name.startsWith('main-OLDEROLD'))).toEqual([]);
  expect(files.filter((name) => /^main-.*\.js$/.test(name))).toHaveLength(2);
  // One that changes nothing is no other build.
  expect(await build()).toEqual(files);
});
