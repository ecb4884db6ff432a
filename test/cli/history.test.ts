import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliScene } from '../support/cluster/cli-scene.ts';

const HOSTILE = '<script>alert(1)</script> & "quotes"\u001b[2J\u202e';

let scene: CliScene;
beforeAll(async () => {
  scene = await CliScene.open('alice', 'bob');
  await scene.sharedRoom('Lobby');
  await scene.done('alice', 'send', 'Lobby', 'first');
  await scene.done('bob', 'send', 'Lobby', 'as I said', '--reply', 'last');
  await scene.done('alice', 'edit', 'Lobby', 'last', 'first of all');
  await scene.done('bob', 'react', 'Lobby', 'last', '👍');
  await scene.done('alice', 'send', 'Lobby', 'a slip');
  await scene.done('alice', 'retract', 'Lobby', 'last');
  await scene.done('alice', 'send', 'Lobby', HOSTILE);
  await scene.done('alice', 'remove', 'Lobby', 'last', 'too loud');
});
afterAll(() => scene[Symbol.asyncDispose]());

describe('history', () => {
  it('prints messages as they read now, with what was done to them', async () => {
    const { stdout } = await scene.done('bob', 'history', 'Lobby');
    expect(stdout.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'TIME')).toBe(
      [
        'TIME  alice: first of all [edited TIME]',
        'TIME  bob: as I said',
        `${' '.repeat(21)}👍 bob`,
        'TIME  alice: (taken back)',
        'TIME  alice: <script>alert(1)</script> & "quotes"<U+001B>[2J<U+202E> [removed by alice: too loud]',
        '',
      ].join('\n'),
    );
  });

  it('prints everything that was sent as JSON lines, with and without --json', async () => {
    const plain = await scene.done('bob', 'history', 'Lobby', '--format', 'jsonl');
    const { json } = await scene.done('bob', '--json', 'history', 'Lobby');
    expect(json.map(({ type }) => type)).toEqual([
      ...['message', 'message', 'edit', 'react', 'message', 'retract', 'message', 'remove'],
    ]);
    expect(plain.json).toEqual(json);
    const later = await scene.done('bob', '--json', 'history', 'Lobby', '--since', `${json[4]?.['seq']}`);
    expect(later.json).toEqual(json.slice(5));
  });

  it('makes a page in which everything that people wrote is text', async () => {
    const { stdout } = await scene.done('bob', 'history', 'Lobby', '--format', 'html');
    expect(stdout).toContain(
      '&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quotes&quot;&lt;U+001B&gt;[2J',
    );
    expect(stdout).not.toMatch(/<script| on\w+=|https?:/);
    expect(stdout).toContain("default-src 'none'");
    expect(stdout.match(/<article /g)).toHaveLength(4);
    expect(stdout).toMatch(/<a href="#[0-9a-f]{32}" title="answers an earlier message" /);
  });

  it('exits with 6 when it could not open something, after it has printed all the rest', async () => {
    const passwords = ['old password', 'new password'].map((password, i) => {
      const file = join(scene.folder, `password-${i}`);
      return { password, file };
    });
    for (const { password, file } of passwords) await writeFile(file, password, { mode: 0o600 });
    const [before, now] = passwords.map(({ file }) => ['--password-file', file]);
    await scene.done('alice', 'create', 'Board', ...(before ?? []));
    await scene.done('bob', 'join', 'Board', ...(before ?? []));
    await scene.done('alice', 'send', 'Board', 'in the open');
    await scene.done('alice', 'room', 'password', 'Board', ...(now ?? []));
    await scene.done('alice', 'send', 'Board', 'behind the new password');
    const { code, stdout, stderr } = await scene.as('bob', 'history', 'Board');
    expect(code).toBe(6);
    expect(stdout).toContain('in the open');
    expect(stdout).toContain('[locked: ');
    expect(stderr).toContain('1 message could not be opened');
  });

  it.each([
    ['an unknown format', ['--format', 'pdf'], 'pdf is not one of text, jsonl, html'],
    ['a position that is none', ['--since', 'monday'], 'monday is neither a position'],
  ])('refuses %s', async (_, options, said) => {
    const { code, stderr } = await scene.as('bob', 'history', 'Lobby', ...options);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(said) });
  });
});
