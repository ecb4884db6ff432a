import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliScene } from '../support/cluster/cli-scene.ts';

let scene: CliScene;
beforeAll(async () => {
  scene = await CliScene.open('alice', 'bob');
});
afterAll(() => scene[Symbol.asyncDispose]());

const as = (name: string, ...args: readonly string[]) => scene.as(name, '--json', ...args);

/** A file of this name in a folder of its own, with random bytes in it. */
async function file(name: string, size = 300_000) {
  const folder = join(scene.folder, `from-${randomBytes(4).toString('hex')}`);
  await mkdir(folder);
  const bytes = randomBytes(size);
  await writeFile(join(folder, name), bytes);
  return { path: join(folder, name), bytes };
}

async function folder(): Promise<string> {
  const path = join(scene.folder, `to-${randomBytes(4).toString('hex')}`);
  await mkdir(path);
  return path;
}

describe('a file on the command line', () => {
  it('is sent with a text or without one, shown by name and size, and saved as it was', async () => {
    await scene.sharedRoom('Album');
    const [minutes, photo] = [await file('minutes.pdf'), await file('Ferien 🏖.jpg', 10)];
    const sent = await as('alice', 'send', 'Album', 'here', '--file', minutes.path, '--file', photo.path);
    expect(sent).toMatchObject({ code: 0, json: [{ type: 'sent', room: 'Album', seq: 1 }] });
    expect((await as('alice', 'send', 'Album', '--file', photo.path)).code).toBe(0);

    const told = (await as('bob', 'tail', 'Album')).json;
    const hex = expect.stringMatching(/^[0-9a-f]+$/);
    expect(told[0]).toMatchObject({
      type: 'message',
      text: 'here',
      files: [
        { file: hex, name: 'minutes.pdf', type: 'application/pdf', size: 300_000, sha256: hex },
        { file: hex, name: 'Ferien 🏖.jpg', type: 'image/jpeg', size: 10, sha256: hex },
      ],
    });
    expect(told[1]).toMatchObject({ text: '', files: [{ name: 'Ferien 🏖.jpg' }] });
    expect(JSON.stringify(told)).not.toMatch(/"key"|thumbnail/);
    const { stdout } = await scene.as('bob', 'tail', 'Album');
    expect(stdout).toContain('[file minutes.pdf, 300 KB]');

    const to = await folder();
    const saved = await as('bob', 'save', 'Album', String(told[0]?.['id']).slice(0, 8), to);
    expect(saved.json).toMatchObject([
      { type: 'saved', room: 'Album', seq: 1, path: join(to, 'minutes.pdf'), size: 300_000 },
      { type: 'saved', path: join(to, 'Ferien 🏖.jpg') },
    ]);
    expect(await readFile(join(to, 'minutes.pdf'))).toEqual(minutes.bytes);
    expect(await readFile(join(to, 'Ferien 🏖.jpg'))).toEqual(photo.bytes);
    const named = join(to, 'another.jpg');
    expect((await as('bob', 'save', 'Album', 'last', named)).code).toBe(0);
    expect(await readFile(named)).toEqual(photo.bytes);
  });

  it('is never written over another one, and leaves no part of itself behind', async () => {
    await scene.sharedRoom('Twice');
    const { path, bytes } = await file('a.txt', 1_000);
    await as('alice', 'send', 'Twice', '--file', path);
    const to = await folder();
    await writeFile(join(to, 'a.txt'), 'mine');
    const refused = await as('bob', 'save', 'Twice', 'last', join(to, 'a.txt'));
    expect(refused.code).not.toBe(0);
    expect(refused.json[0]).toMatchObject({
      type: 'error',
      message: expect.stringContaining('already exists'),
    });
    expect((await as('bob', 'save', 'Twice', 'last', to)).json[0]).toMatchObject({
      path: join(to, 'a (1).txt'),
    });
    expect(await readFile(join(to, 'a.txt'), 'utf8')).toBe('mine');
    expect(await readFile(join(to, 'a (1).txt'))).toEqual(bytes);
    expect((await readdir(to)).sort()).toEqual(['a (1).txt', 'a.txt']);
  });

  it('is saved as it comes by tail --save-files, and a file that is gone stops nothing', async () => {
    await scene.sharedRoom('Inbox');
    const [one, other] = [await file('one.bin', 1_000), await file('other.bin', 1_000)];
    await as('alice', 'send', 'Inbox', 'first', '--file', one.path);
    await as('alice', 'send', 'Inbox', 'second', '--file', other.path);
    const to = await folder();
    const all = await as('bob', 'tail', 'Inbox', '--save-files', to);
    expect(all.json.map(({ type }) => type)).toEqual(['message', 'saved', 'message', 'saved']);
    expect(await readFile(join(to, 'other.bin'))).toEqual(other.bytes);

    // Its file goes with it; whoever has read the message before still knows of it.
    const reader = await folder();
    const [first] = all.json;
    expect((await as('alice', 'retract', 'Inbox', String(first?.['id']))).code).toBe(0);
    const left = await as('bob', 'tail', 'Inbox', '--since', 'all', '--save-files', reader);
    expect(left.code).toBe(0);
    expect(await readdir(reader)).toEqual(['other.bin']);
    expect((await as('bob', 'tail', 'Inbox', '--save-files', join(to, 'nothing'))).json).toMatchObject([
      { type: 'error', code: 'usage' },
    ]);
  });

  it('is removed from the server with its message by the owner', async () => {
    await scene.sharedRoom('Spam');
    const { path } = await file('spam.bin', 1_000);
    const sent = await as('bob', 'send', 'Spam', 'buy now', '--file', path);
    const id = String(sent.json[0]?.['id']);
    expect((await as('alice', 'remove', 'Spam', id)).code).toBe(0);
    const to = await folder();
    expect((await as('bob', 'save', 'Spam', id, to)).json).toMatchObject([
      { type: 'error', code: 'no_such_file' },
    ]);
    expect(await readdir(to)).toEqual([]);
  });

  it('that is none, or is missing, is refused before anything is sent', async () => {
    await scene.sharedRoom('Refusals');
    for (const path of [scene.folder, join(scene.folder, 'missing'), '/dev/null']) {
      const refused = await as('alice', 'send', 'Refusals', 'text', '--file', path);
      expect(refused.code).not.toBe(0);
      expect(refused.json[0]).toMatchObject({ type: 'error' });
    }
    const { path } = await file('small.txt', 1);
    const eleven = Array.from({ length: 11 }, () => ['--file', path]).flat();
    expect((await as('alice', 'send', 'Refusals', ...eleven)).json[0]).toMatchObject({ code: 'too_large' });
    expect((await as('bob', 'tail', 'Refusals')).json).toEqual([]);
    await as('alice', 'send', 'Refusals', 'no file');
    expect((await as('bob', 'save', 'Refusals', 'last')).json[0]).toMatchObject({ code: 'usage' });
  });
});
