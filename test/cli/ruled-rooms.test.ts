import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CliResult } from '../support/cluster/cli-process.ts';
import { CliScene } from '../support/cluster/cli-scene.ts';

let scene: CliScene;
beforeAll(async () => {
  scene = await CliScene.open('alice', 'bob', 'carol');
  await scene.sharedRoom('Harbour');
  await scene.done('carol', 'join', 'Harbour');
});
afterAll(() => scene[Symbol.asyncDispose]());

const as = (name: string, ...args: readonly string[]): Promise<CliResult> => scene.as(name, ...args);
const json = async (name: string, ...args: string[]): Promise<CliResult['json'][number] | undefined> =>
  (await as(name, '--json', ...args)).json[0];

describe('conclave room', () => {
  it('says how it is used, and refuses what it does not know', async () => {
    for (const args of [
      ['room'],
      ['room', 'sink', 'Harbour'],
      ['room', 'kick', 'Harbour'],
      ['room', 'retention', 'Harbour', 'long'],
      ['room', 'password', 'Harbour', '--none', '--password-file', 'x'],
      ['room', 'password', 'Harbour'],
      ['room', 'delete', 'Harbour'],
    ]) {
      const result = await as('alice', ...args);
      expect([args, result.code, result.stdout]).toEqual([args, 2, '']);
    }
    expect((await as('alice', 'room', 'sink', 'Harbour')).stderr).toContain('there is no command sink');
    const help = await as('alice', 'room', '--help');
    expect([help.code, help.stdout]).toEqual([0, expect.stringContaining('rename')]);
    expect((await as('alice', 'room', 'kick', '--help')).stdout).toContain('may join again');
  });

  it('keeps people out, and lets them in again', async () => {
    expect(await scene.refused('bob', 'room', 'kick', 'Harbour', 'carol')).toEqual([5, 'forbidden']);
    expect(await scene.refused('alice', 'room', 'kick', 'Harbour', 'nobody1')).toEqual([5, 'no_such_member']);
    expect(await scene.refused('alice', 'room', 'ban', 'Harbour', 'nobody1')).toEqual([5, 'invalid_name']);
    expect(await json('alice', 'room', 'ban', 'Harbour', 'carol')).toMatchObject({
      type: 'banned',
      room: 'Harbour',
      user: 'carol',
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(await scene.refused('carol', 'join', 'Harbour')).toEqual([5, 'banned']);
    expect(await json('alice', 'room', 'bans', 'Harbour')).toMatchObject({ type: 'ban', user: 'carol' });
    expect((await as('alice', 'room', 'bans', 'Harbour')).stdout).toBe('BANNED\ncarol\n');
    expect((await as('alice', 'room', 'unban', 'Harbour', 'carol')).stdout).toBe(
      'lifted the ban on carol in Harbour\n',
    );
    expect((await as('carol', 'join', 'Harbour')).code).toBe(0);
    expect((await as('alice', 'room', 'kick', 'Harbour', 'Carol')).code).toBe(0);
    expect((await as('carol', 'join', 'Harbour')).code).toBe(0);
  });

  it('gives roles and takes them back, and hands the room over and back', async () => {
    expect(await json('alice', 'room', 'grant', 'Harbour', 'bob')).toMatchObject({
      type: 'role',
      user: 'bob',
      role: 'moderator',
    });
    expect((await as('bob', 'room', 'kick', 'Harbour', 'carol')).code).toBe(0);
    expect((await as('carol', 'join', 'Harbour')).code).toBe(0);
    expect((await as('alice', 'room', 'revoke', 'Harbour', 'bob')).stdout).toBe(
      'bob is now a plain member of Harbour\n',
    );
    expect((await as('alice', 'room', 'owner', 'Harbour', 'bob')).code).toBe(0);
    expect(await scene.refused('alice', 'room', 'owner', 'Harbour', 'carol')).toEqual([5, 'forbidden']);
    expect((await as('bob', 'room', 'owner', 'Harbour', 'alice')).code).toBe(0);
  });

  it('changes name, retention and listing', async () => {
    expect(await json('alice', 'room', 'rename', 'Harbour', 'Docks')).toMatchObject({
      type: 'renamed',
      room: 'Docks',
      formerName: 'Harbour',
    });
    expect((await as('carol', 'send', 'Docks', 'found it')).code).toBe(0);
    expect(await scene.refused('bob', 'send', 'Harbour', 'old name')).toEqual([5, 'not_a_member']);
    expect((await as('alice', 'room', 'rename', 'docks', 'Harbour')).code).toBe(0);
    expect(await json('alice', 'room', 'retention', 'Harbour', '3', '--yes')).toMatchObject({
      type: 'retention',
      retention: 3,
    });
    expect((await as('alice', 'room', 'retention', 'Harbour', '36h', '--yes')).stdout).toBe(
      'Harbour stores messages for 36 hours\n',
    );
    expect(await json('alice', 'room', 'retention', 'Harbour', '12h', '--yes')).toMatchObject({
      ...{ type: 'retention', retention: 1, retentionHours: 12 },
    });
    expect((await as('alice', 'create', 'Brief', '--retention', '6h')).code).toBe(0);
    expect((await as('alice', 'room', 'hide', 'Harbour')).stdout).toBe(
      'Harbour is not in the list of rooms\n',
    );
    expect((await as('alice', 'rooms')).stdout).not.toContain('Harbour');
    expect((await as('alice', 'room', 'show', 'Harbour')).code).toBe(0);
  });

  it('sets when messages disappear by default, which everybody is told, and a message may say otherwise', async () => {
    expect(await scene.refused('bob', 'room', 'disappear', 'Harbour', '1d')).toEqual([5, 'forbidden']);
    const bad = await as('alice', 'room', 'disappear', 'Harbour', '4s');
    expect([bad.code, bad.stderr]).toEqual([2, expect.stringContaining('TIME: 4s is not off, or a time')]);
    expect((await as('alice', 'room', 'disappear', 'Harbour', '1d')).stdout).toBe(
      'messages in Harbour disappear 1d after a reader was shown them, unless their sender says otherwise\n',
    );
    const told = await as('bob', 'send', 'Harbour', 'for a day');
    expect(told.stderr).toContain('Harbour: alice set messages here to disappear 1d after they were shown');
    expect((await as('bob', 'send', 'Harbour', 'for long', '--disappear', 'off')).code).toBe(0);
    const rooms = (await as('bob', '--json', 'rooms')).json;
    expect(rooms).toContainEqual(expect.objectContaining({ room: 'Harbour', disappear: 86_400 }));
    expect(await json('alice', 'room', 'disappear', 'Harbour', 'off')).toMatchObject({
      ...{ type: 'disappear', room: 'Harbour', seconds: 0 },
    });
    const last = (await as('carol', '--json', 'tail', 'Harbour', '-n', '2')).json;
    expect(last).toMatchObject([{ text: 'for a day', expires: 86_400 }, { text: 'for long' }]);
    expect(last[1]).not.toHaveProperty('expires');
  });

  it('raises the layout of headers, and says whom that cuts off', async () => {
    const unasked = await as('alice', 'room', 'header', 'Harbour', '2');
    expect([unasked.code, unasked.stderr]).toEqual([2, expect.stringContaining('--yes')]);
    expect(unasked.stderr).toContain('Members whose client is older than release');
    expect(await scene.refused('bob', 'room', 'header', 'Harbour', '2', '--yes')).toEqual([5, 'forbidden']);
    expect(await scene.refused('alice', 'room', 'header', 'Harbour', '3', '--yes')).toEqual([2, 'usage']);
    expect(await json('alice', 'room', 'header', 'Harbour', '2', '--yes')).toMatchObject({
      type: 'header',
      room: 'Harbour',
      header: 2,
    });
    expect((await as('alice', 'room', 'header', 'Harbour', '2')).code).toBe(0);
    expect(await scene.refused('alice', 'room', 'header', 'Harbour', '1')).toEqual([5, 'bad_request']);
    expect((await as('bob', 'send', 'Harbour', 'with what he saw')).code).toBe(0);
    const made = await as('alice', 'create', 'Quay', '--header', '2');
    expect([made.code, made.stdout]).toEqual([0, 'created Quay\n']);
    expect(made.stderr).toContain('Members whose client is older than release');
  });

  it('changes the password, and says who has to be told', async () => {
    const file = join(scene.folder, 'secret');
    await writeFile(file, 'another password\n', { mode: 0o600 });
    const changed = await json('alice', 'room', 'password', 'Harbour', '--password-file', file);
    const toTell = expect.arrayContaining(['bob', 'carol']);
    expect(changed).toMatchObject({ type: 'password', room: 'Harbour', locked: true, toTell });
    expect(await scene.refused('bob', 'send', 'Harbour', 'without it')).toEqual([5, 'needs_password']);
    expect((await as('bob', 'join', 'Harbour', '--password-file', file)).code).toBe(0);
    expect((await as('bob', 'send', 'Harbour', 'with it')).code).toBe(0);
    const none = await as('alice', 'room', 'password', 'Harbour', '--none');
    expect(none.stdout).toContain('conclave room trust Harbour');
    expect(await scene.refused('bob', 'send', 'Harbour', 'unasked')).toEqual([6, 'trust']);
    expect((await as('bob', 'room', 'trust', 'Harbour', '--yes')).code).toBe(0);
    expect((await as('bob', 'send', 'Harbour', 'accepted')).code).toBe(0);
  });

  it('deletes only when told so', async () => {
    expect(await scene.refused('bob', 'room', 'delete', 'Harbour', '--yes')).toEqual([5, 'forbidden']);
    expect(await json('alice', 'room', 'delete', 'Harbour', '--yes')).toMatchObject({
      type: 'deleted',
      room: 'Harbour',
    });
    expect(await scene.refused('bob', 'send', 'Harbour', 'gone')).toEqual([5, 'not_a_member']);
    expect((await as('alice', 'create', 'Harbour')).code).toBe(0);
  });
});
