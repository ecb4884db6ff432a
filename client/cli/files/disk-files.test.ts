import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { eventually } from '../../../test/support/eventually.ts';
import { DiskFiles } from './disk-files.ts';

const bytes = new TextEncoder().encode('of a file');
let folder: string;
let disk: DiskFiles;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'conclave-disk-'));
  disk = new DiskFiles({ ...process.env });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function saved(name: string, path: string): Promise<string> {
  const target = await disk.saving(name, path);
  try {
    await target.write(bytes);
    return await target.keep();
  } finally {
    await target.close();
  }
}

test('a file is chosen by its path, told by name, type and size, and read as often as it is sent', async () => {
  await writeFile(join(folder, 'my list.txt'), bytes);
  const chosen = await disk.choose(join(folder, 'my list.txt'));
  expect(chosen).toMatchObject({ name: 'my list.txt', type: 'text/plain', size: bytes.length });
  for (const _ of [1, 2]) {
    const source = await chosen.open();
    expect(await source.read(3, 100)).toEqual(bytes.slice(3));
    await source.close();
  }
  await rm(join(folder, 'my list.txt'));
  await expect(chosen.open()).rejects.toMatchObject({ name: 'ConclaveError', code: 'usage' });
});

test('a file that is opened where no temporary folder can be made is refused in words, and opened once one can', async () => {
  await using opener = new DiskFiles({});
  vi.stubEnv('TMPDIR', join(folder, 'none'));
  await expect(opener.opening('a.txt')).rejects.toMatchObject({
    name: 'ConclaveError',
    message: expect.stringContaining(join(folder, 'none')),
  });
  vi.stubEnv('TMPDIR', folder);
  await (await opener.opening('a.txt')).close();
});

test('what is no file that may be read is refused in words', async () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  for (const path of [folder, join(folder, 'missing'), '/dev/null', pipe])
    await expect(disk.choose(path)).rejects.toMatchObject({
      name: 'ConclaveError',
      message: expect.stringContaining(path),
    });
  await expect(disk.choose(undefined)).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('/send PATH'),
  });
});

test('a file is saved in a folder or under a name, never over another one, and a part of it never stays', async () => {
  expect(await saved('../../a.txt', folder)).toBe(join(folder, 'a.txt'));
  expect(await saved('a.txt', folder)).toBe(join(folder, 'a (1).txt'));
  expect(await saved('a.txt', join(folder, 'b.txt'))).toBe(join(folder, 'b.txt'));
  await expect(saved('a.txt', join(folder, 'b.txt'))).rejects.toMatchObject({ code: 'profile_exists' });
  await expect(saved('a.txt', join(folder, 'none', 'b.txt'))).rejects.toMatchObject({
    name: 'ConclaveError',
    message: expect.stringContaining('create it first'),
  });
  const cut = await disk.saving('cut.txt', folder);
  await cut.write(bytes);
  expect(await readdir(folder)).toHaveLength(4);
  await cut.close();
  expect((await readdir(folder)).sort()).toEqual(['a (1).txt', 'a.txt', 'b.txt']);
  expect((await stat(join(folder, 'a.txt'))).mode & 0o777).toBe(0o600);
});

test('a file is opened by the chosen command from a folder that nobody else can enter', async () => {
  const script = join(folder, 'viewer');
  await writeFile(script, `#!/bin/sh\nprintf %s "$2" > '${folder}/shown'\nexit "$1"\n`, { mode: 0o700 });
  const opened = async (status: number): Promise<{ readonly place: string; readonly faults: Error[] }> => {
    await using opener = new DiskFiles({ ...process.env, CONCLAVE_OPENER: `${script} ${status}` });
    const target = await opener.opening("it's; touch x\n.png");
    expect(target.name).toBe("it's; touch x.png");
    await target.write(bytes);
    const place = await target.keep();
    await target.close();
    const faults: Error[] = [];
    opener.open(place, (error) => faults.push(error));
    await eventually(async () => expect(await readFile(join(folder, 'shown'), 'utf8')).toBe(place));
    expect((await stat(dirname(place))).mode & 0o777).toBe(0o700);
    expect(new Uint8Array(await readFile(place))).toEqual(bytes);
    if (status !== 0) await eventually(() => expect(faults).toHaveLength(1));
    return { place, faults };
  };
  const { place } = await opened(0);
  // It goes with whoever opened it.
  await expect(stat(dirname(place))).rejects.toMatchObject({ code: 'ENOENT' });
  const { faults } = await opened(7);
  expect(faults).toMatchObject([{ code: 'usage', message: expect.stringContaining('viewer') }]);
});

test('paths are completed by folder and beginning; what is hidden only when it was begun', async () => {
  await mkdir(join(folder, 'notes'));
  await symlink(join(folder, 'notes'), join(folder, 'now'));
  for (const name of ['note.txt', '.notes', 'other', 'no\u001b[2J']) await writeFile(join(folder, name), '');
  const offered = async (beginning: string) =>
    (await disk.paths(join(folder, beginning))).map((path) => path.slice(folder.length + 1));
  expect(await offered('no')).toEqual(['note.txt', 'notes/', 'now/']);
  expect(await offered('.n')).toEqual(['.notes']);
  expect(await offered('missing/x')).toEqual([]);
  expect(await disk.paths('~')).toEqual(['~/']);
  const home = (await readdir(homedir()).catch(() => [])).filter((name) => !name.startsWith('.'));
  expect(await disk.paths('~/')).toHaveLength(Math.min(home.length, 100));
});
