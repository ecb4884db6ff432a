import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../support/cluster/cli-in-process.ts';
import { type CliResult, startCli } from '../support/cluster/cli-process.ts';
import { CliScene, textsOf as texts } from '../support/cluster/cli-scene.ts';
import { eventually } from '../support/eventually.ts';

let scene: CliScene;
let folder: string;
beforeAll(async () => {
  scene = await CliScene.open('alice', 'bob', 'carol');
  ({ folder } = scene);
});
afterAll(() => scene[Symbol.asyncDispose]());

const options = (name: string): string[] => [...scene.options(name), '--json'];
const as = (name: string, ...args: readonly string[]): Promise<CliResult> =>
  scene.as(name, '--json', ...args);
const feed = (name: string, stdin: string | Uint8Array, ...args: readonly string[]): Promise<CliResult> =>
  scene.given({ stdin }, name, '--json', ...args);
const secretFile = async (text: string): Promise<string> => {
  const path = join(folder, `secret-${Math.random().toString(36).slice(2)}`);
  await writeFile(path, `${text}\n`, { mode: 0o600 });
  return path;
};

describe('conclave in scripts', () => {
  it('tells who one is, and lists the keys', async () => {
    const me = await as('alice', 'whoami');
    expect(me.json).toEqual([
      {
        type: 'identity',
        server: expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+$/),
        user: 'alice',
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
    const keys = await as('alice', 'keys');
    expect(keys.json).toMatchObject([
      { type: 'key', sequence: 0, current: true, fingerprint: me.json[0]?.['fingerprint'] },
    ]);
  });

  it('carries messages of standard input in order to a member who reads them later', async () => {
    expect((await as('alice', 'create', 'Lines')).json).toMatchObject([{ type: 'created', room: 'Lines' }]);
    expect((await as('bob', 'join', 'Lines')).json).toMatchObject([{ type: 'joined', room: 'Lines' }]);
    const lines = Array.from({ length: 100 }, (_, i) => `line ${i}`);
    const sent = await feed('alice', `${lines.join('\n')}\n\n`, 'send', 'Lines');
    expect(sent.code).toBe(0);
    expect(sent.json.filter(({ type }) => type === 'sent').map(({ seq }) => seq)).toEqual(
      lines.map((_, i) => i + 1),
    );
    expect(texts(await as('bob', 'tail', 'Lines', '--since', 'all'))).toEqual(lines);
    expect(texts(await as('bob', 'tail', 'Lines'))).toEqual(lines.slice(-20));
    expect(texts(await as('bob', 'tail', 'Lines', '--count', '3'))).toEqual(lines.slice(-3));
    expect(texts(await as('bob', 'tail', 'Lines', '--since', '98'))).toEqual(lines.slice(-2));
    expect(texts(await as('bob', 'tail', 'Lines', '--since', '10', '--count', '2'))).toEqual(
      lines.slice(10, 12),
    );
    expect(texts(await as('bob', 'tail', 'Lines', '--since', 'now'))).toEqual([]);
  });

  it('follows a room live, and ends after the number of messages asked for', async () => {
    await as('alice', 'create', 'Live');
    await as('bob', 'join', 'Live');
    await using tail = startCli([...options('bob'), 'tail', 'Live', '--follow', '--count', '2']);
    await eventually(async () =>
      expect((await as('alice', 'members', 'Live')).json).toContainEqual(
        expect.objectContaining({ user: 'bob', online: true }),
      ),
    );
    await as('alice', 'send', 'Live', 'one');
    await as('alice', 'send', 'Live', 'two');
    const result = await tail.ended;
    expect(result.code).toBe(0);
    expect(texts(result)).toEqual(['one', 'two']);
  });

  it('refuses a wrong password like a room that does not exist, and shows a late joiner nothing older', async () => {
    const right = await secretFile('correct horse');
    const wrong = await secretFile('battery staple');
    await as('alice', 'create', 'Locked', '--password-file', right);
    await as('alice', 'send', 'Locked', 'before carol');
    const refused = await as('carol', 'join', 'Locked', '--password-file', wrong);
    expect(refused).toMatchObject({ code: 5, json: [{ type: 'error', code: 'no_such_room_or_password' }] });
    const missing = await as('carol', 'join', 'NoSuchRoom', '--password-file', wrong);
    expect(missing.code).toBe(5);
    expect(missing.json[0]?.['code']).toBe('no_such_room_or_password');
    const withoutWay = await as('carol', '--no-input', 'join', 'Locked');
    expect(withoutWay.code).toBe(5);
    expect((await as('carol', 'join', 'Locked', '--password-file', right)).code).toBe(0);
    await as('alice', 'send', 'Locked', 'after carol');
    expect(texts(await as('carol', 'tail', 'Locked', '--since', 'all'))).toEqual(['after carol']);
    expect((await as('carol', 'join', 'Locked', '--password-file', right)).code).toBe(0);
  });

  it('lists rooms with their counts, leaves hidden ones out, and leaves rooms', async () => {
    await as('alice', 'create', 'Listed1');
    await as('alice', 'create', 'Listed2', '--hidden');
    const listed = await as('bob', 'rooms', '--prefix', 'listed');
    expect(listed.json).toEqual([
      { type: 'room', room: 'Listed1', online: expect.any(Number), members: 1, password: false, suite: 1 },
      { type: 'total', online: expect.any(Number) },
    ]);
    await as('bob', 'join', 'Listed1');
    expect(await as('alice', 'leave', 'Listed1')).toMatchObject({ code: 5, json: [{ code: 'forbidden' }] });
    expect((await as('bob', 'leave', 'Listed1')).json).toMatchObject([{ type: 'left', room: 'Listed1' }]);
    expect(await as('bob', 'tail', 'Listed1')).toMatchObject({
      code: 5,
      json: [{ type: 'error', code: 'not_a_member' }],
    });
    expect((await as('alice', 'leave', 'Listed1')).code).toBe(0);
    expect((await as('carol', 'rooms', '--prefix', 'listed')).json).toMatchObject([{ type: 'total' }]);
  });

  it('stops at a line that is too long, after acknowledging what came before', async () => {
    await as('alice', 'create', 'Long');
    const result = await feed('alice', `ok\n${'x'.repeat(16_385)}\nnever\n`, 'send', 'Long');
    expect(result.code).toBe(2);
    expect(result.stderr).toContain('line 2 is over 16,384 bytes');
    expect(texts(await as('alice', 'tail', 'Long', '--since', 'all'))).toEqual(['ok']);
    expect((await as('alice', 'send', 'Long', 'y'.repeat(16_384))).code).toBe(0);
    expect(texts(await as('alice', 'tail', 'Long', '--count', '1'))).toEqual(['y'.repeat(16_384)]);
  });

  it('compares fingerprints, and marks a user as verified', async () => {
    await as('alice', 'create', 'Trust');
    await as('bob', 'join', 'Trust');
    const bob = (await as('bob', 'whoami')).json[0]?.['fingerprint'];
    const number = (await as('alice', 'verify', 'bob')).json[0];
    expect(number).toMatchObject({
      type: 'safety',
      user: 'bob',
      number: expect.stringMatching(/^(\d{5} ){11}\d{5}$/),
      trust: 'pinned',
    });
    expect((await as('bob', 'verify', 'alice')).json[0]?.['number']).toBe(number?.['number']);
    expect((await as('alice', 'verify', 'bob', '--fingerprint', '00'.repeat(32))).code).toBe(6);
    expect((await as('alice', 'verify', 'bob', '--fingerprint', String(bob))).json).toEqual([
      { type: 'trusted', user: 'bob' },
    ]);
    expect((await as('alice', 'members', 'Trust')).json).toContainEqual(
      expect.objectContaining({ user: 'bob', trust: 'verified' }),
    );
  });

  it('moves an account to another profile, encrypted or plain, with its pins', async () => {
    const passphrase = await secretFile('move me please');
    const file = join(folder, 'alice.export');
    const exported = await command([
      ...scene.at('profile'),
      '--user',
      'alice',
      '--passphrase-file',
      passphrase,
      '--json',
      'export',
      file,
    ]);
    expect(exported.json).toEqual([{ type: 'exported', file }]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const second = [...scene.at('second'), '--json'];
    const imported = await command([...second, '--passphrase-file', passphrase, 'import', file]);
    expect(imported.json).toMatchObject([
      { type: 'identity', user: 'alice', id: (await as('alice', 'whoami')).json[0]?.['id'] },
    ]);
    const wrong = await command([
      ...second,
      '--passphrase-file',
      await secretFile('not this one'),
      'members',
      'Trust',
    ]);
    expect(wrong).toMatchObject({ code: 6, json: [{ code: 'wrong_passphrase' }] });
    const members = await command([...second, '--passphrase-file', passphrase, 'members', 'Trust']);
    expect(members.json).toContainEqual(expect.objectContaining({ user: 'bob', trust: 'verified' }));
  });

  it('logs out and in again by itself', async () => {
    expect((await as('bob', 'logout')).code).toBe(0);
    expect((await as('bob', 'rooms')).code).toBe(0);
  });

  it('says in one line and with its exit code what is wrong', async () => {
    expect(await as('dave', 'rooms')).toMatchObject({ code: 6, json: [{ code: 'no_profile' }] });
    expect(await as('alice', 'register', 'alice')).toMatchObject({
      code: 6,
      json: [{ code: 'profile_exists' }],
    });
    const elsewhere = [...scene.at('third'), '--no-passphrase', '--json'];
    expect(await command([...elsewhere, 'register', 'ALICE'])).toMatchObject({
      code: 5,
      json: [{ code: 'name_taken' }],
    });
    await expect(stat(join(folder, 'third', 'server'))).rejects.toThrow('ENOENT');
    expect(await command([...elsewhere, 'register', 'no spaces'])).toMatchObject({
      code: 2,
      json: [{ code: 'usage' }],
    });
    expect(await command(['--server', 'http://x', 'rooms'])).toMatchObject({ code: 2 });
    expect(
      await command([...options('alice'), '--server', 'ws://127.0.0.1:1', '--timeout', '1', 'whoami']),
    ).toMatchObject({ code: 6 });
    const profile = ['--profile', join(folder, 'profile'), '--user', 'alice', '--no-passphrase', '--json'];
    const unasked = await command([...scene.at('fourth'), '--no-input', 'register', 'erin']);
    expect(unasked.code).toBe(2);
    expect(unasked.stderr).toContain('--passphrase-file');
    expect((await command([...profile, '--server', scene.gateway.url, 'tail', 'NoSuchRoom'])).code).toBe(5);
  });

  it('ends with no_connection when no server answers in time', async () => {
    const passphrase = join(folder, 'second');
    const file = join(folder, 'elsewhere.export');
    expect((await command([...options('carol'), 'export', file])).code).toBe(0);
    const dead = [
      '--server',
      'ws://127.0.0.1:1',
      '--profile',
      passphrase,
      '--user',
      'carol',
      '--no-passphrase',
      '--json',
    ];
    expect((await command([...dead, 'import', file])).code).toBe(0);
    expect(await command([...dead, '--timeout', '1.5', 'rooms'])).toMatchObject({
      code: 3,
      json: [{ code: 'no_connection' }],
    });
  });

  it('ends with 130 when interrupted, and tells how many messages were not acknowledged', async () => {
    await as('alice', 'create', 'Interrupt');
    await using tail = startCli([...options('alice'), 'tail', 'Interrupt', '--follow']);
    await eventually(() => expect(tail.stdout()).toContain('"online"'));
    tail.child.kill('SIGINT');
    expect((await tail.ended).code).toBe(130);
  });

  it('ends silently when the reader of its output has gone', async () => {
    await as('alice', 'create', 'Pipe');
    await feed('alice', Array.from({ length: 30 }, (_, i) => `${i}`).join('\n'), 'send', 'Pipe');
    await using tail = startCli([...options('alice'), 'tail', 'Pipe', '--since', 'all', '--follow']);
    await eventually(() => expect(tail.stdout()).toContain('"message"'));
    tail.child.stdout?.destroy();
    await as('alice', 'send', 'Pipe', 'more');
    await as('alice', 'send', 'Pipe', 'and more');
    const { code, stderr } = await tail.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
