import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CliResult } from '../support/cluster/cli-process.ts';
import { CliScene } from '../support/cluster/cli-scene.ts';

let scene: CliScene;
beforeAll(async () => {
  scene = await CliScene.open('alice', 'bob', 'carol');
});
afterAll(() => scene[Symbol.asyncDispose]());

const lines = async (name: string, ...args: string[]): Promise<CliResult['json']> => {
  const result = await scene.as(name, '--json', ...args);
  expect([args, result.code]).toEqual([args, 0]);
  return result.json;
};

describe('direct messages on the command line', () => {
  it('open the room for two, write there, and are read under the name of the other one', async () => {
    const [sent] = await lines('alice', 'dm', 'bob', 'are', 'you', 'there?');
    expect(sent).toMatchObject({ type: 'sent', room: '@bob' });
    const [waiting] = await lines('bob', 'invitations');
    expect(waiting).toMatchObject({ type: 'invitation', kind: 'direct', room: '@alice', from: 'alice' });
    const [message] = await lines('bob', 'tail', '@alice', '--since', 'all');
    expect(message).toMatchObject({ type: 'message', room: '@alice', from: 'alice', text: 'are you there?' });
    const [direct] = await lines('bob', 'dm', 'Alice');
    expect(direct).toMatchObject({ type: 'direct', room: '@alice', id: waiting?.['id'] });
    expect(await lines('bob', 'invitations')).toEqual([]);
    await lines('bob', 'send', '@alice', 'yes');
    const told = await lines('alice', 'tail', '@bob', '--since', 'all');
    expect(told.map(({ text }) => text)).toEqual(['are you there?', 'yes']);
    const members = await lines('alice', 'members', '@BOB');
    expect(members.map(({ user, role }) => [user, role])).toEqual([
      ['alice', 'member'],
      ['bob', 'member'],
    ]);
  });

  it('are not for oneself, nobody, or a third person', async () => {
    expect(await scene.refused('alice', 'dm', 'alice')).toEqual([2, 'usage']);
    expect(await scene.refused('alice', 'dm', 'nobody1')).toEqual([5, 'invalid_name']);
    expect(await scene.refused('carol', 'tail', '@alice')).toEqual([5, 'not_a_member']);
    await lines('alice', 'dm', 'bob');
    expect(await scene.refused('alice', 'invite', '@bob', 'carol')).toEqual([5, 'forbidden']);
  });

  it('are declined, and blocked without the sender learning why', async () => {
    await lines('carol', 'dm', 'alice', 'hello');
    expect((await lines('alice', 'decline', '@carol'))[0]).toMatchObject({
      type: 'declined',
      room: '@carol',
    });
    expect(await scene.refused('alice', 'decline', '@carol')).toEqual([2, 'usage']);
    expect((await lines('alice', 'block', 'carol'))[0]).toMatchObject({ type: 'blocked', user: 'carol' });
    const result = await scene.as('carol', 'dm', 'alice', 'hello again');
    expect([result.code, result.stdout]).toEqual([5, '']);
    expect(result.stderr).toContain('takes no invitations or direct messages from you at present');
    expect((await lines('alice', 'blocked')).map(({ user }) => user)).toEqual(['carol']);
    expect(await scene.refused('alice', 'dm', 'carol')).toEqual([5, 'forbidden']);
    expect((await lines('alice', 'unblock', 'carol'))[0]).toMatchObject({ type: 'unblocked', user: 'carol' });
    await lines('carol', 'dm', 'alice', 'at last');
    expect((await lines('alice', 'invitations'))[0]).toMatchObject({ room: '@carol' });
  });
});

describe('invitations on the command line', () => {
  it('show who invites and by which key, and are accepted by joining', async () => {
    const [{ fingerprint } = {}] = await lines('bob', 'whoami');
    await lines('bob', 'create', 'Secret', '--hidden');
    expect((await lines('bob', 'invite', 'Secret', 'carol'))[0]).toMatchObject({
      ...{ type: 'invited', room: 'Secret', user: 'carol' },
    });
    const [waiting] = (await lines('carol', 'invitations')).filter(({ kind }) => kind === 'room');
    expect(waiting).toMatchObject({
      room: 'Secret',
      from: 'bob',
      fingerprint,
      trust: 'pinned',
      password: false,
    });
    const [joined] = await lines('carol', 'join', 'secret');
    expect(joined).toMatchObject({ type: 'joined', room: 'Secret', id: waiting?.['id'] });
    const rest = await lines('carol', 'invitations');
    expect(rest.filter(({ kind }) => kind === 'room')).toEqual([]);
    expect(await scene.refused('bob', 'invite', 'Secret', 'carol')).toEqual([5, 'already_a_member']);
    expect(await scene.refused('alice', 'invite', 'Secret', 'carol')).toEqual([5, 'not_a_member']);
  });
});
