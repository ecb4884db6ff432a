import { describe, expect, test } from 'vitest';
import { featureNames } from '../../../src/protocol/features.ts';
import type { UserId } from '../../../src/protocol/ids.ts';
import { parsePrekey } from '../../../src/protocol/layouts/prekey.ts';
import { EPOCH_GAP_MAX } from '../../../src/protocol/limits.ts';
import {
  epochNotices,
  epochOf,
  holds,
  plant,
  storedEpochs,
  vault,
} from '../../../test/support/sdk/epoch-room.ts';
import { type Account, LiveFixture } from '../../../test/support/sdk/live-fixture.ts';

/** Ada, Bob and, from then on, Carol: an epoch for two has been followed by a change that needs another one. */
async function threeAfterTwo(fixture: LiveFixture) {
  const people = await vault(fixture);
  await people.adas.send('for two');
  await (await fixture.user('Carol')).join('Vault');
  await expect.poll(async () => (await people.adas.members()).length).toBe(3);
  return people;
}

/** The account in a new process, which has what it kept and nothing else. */
async function restarted(fixture: LiveFixture, account: Account) {
  await account.close();
  const client = await fixture.client(account.storage);
  await client.connect();
  return client;
}

/** From now on the server has no epoch above this one, neither in what it says of the room nor in its pages. */
function forgetAbove({ server }: LiveFixture, last: number): void {
  server.claim((info) => ({ ...info, epoch: last }));
  server.reply('epochs', ({ epochs }) => ({
    epochs: epochs.filter(({ number }) => number <= last),
    more: false,
  }));
}

/** Bob's prekeys as he published them, that of this week first. */
function publishedBy({ server }: LiveFixture, user: UserId): readonly Uint8Array[] {
  const all = server.bodies('prekey').flatMap(({ prekeys }) => prekeys);
  return all.filter((signed) => parsePrekey(signed)?.prekey.user === user);
}

describe('a server that goes back', () => {
  test('to an older epoch is not followed: messages stay under the newest, and the next one follows that', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas, room } = await threeAfterTwo(fixture);
    await adas.send('for three');
    forgetAbove(fixture, 1);
    const entered = fixture.server.count('enter');
    fixture.server.cut();
    await expect.poll(() => fixture.server.count('enter')).toBeGreaterThan(entered);
    await adas.send('still for three');
    await (await fixture.user('Dora')).join('Vault');
    await expect.poll(async () => (await adas.members()).length).toBe(4);
    await adas.send('for four');
    expect(await epochOf(fixture, room, ada)).toEqual([1, 2, 2, 3]);
    const [, second, third] = await storedEpochs(fixture, room);
    expect(third?.body.previousHash).toEqual(second?.recordHash);
  });

  test('to an older epoch after a restart is not followed either', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas, room } = await threeAfterTwo(fixture);
    await adas.send('for three');
    forgetAbove(fixture, 1);
    const again = await (await restarted(fixture, ada)).room('Vault');
    await again.send('still for three');
    await (await fixture.user('Dora')).join('Vault');
    await expect.poll(async () => (await again.members()).length).toBe(4);
    await again.send('for four');
    expect(await epochOf(fixture, room, ada)).toEqual([1, 2, 2, 3]);
    const [, second, third] = await storedEpochs(fixture, room);
    expect(third?.body.previousHash).toEqual(second?.recordHash);
  });

  test('to before more epochs than any restore loses gets no message, and the person is told why', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas, bob, room } = await vault(fixture);
    const number = EPOCH_GAP_MAX + 1;
    await plant(fixture, room, { maker: bob, number });
    await holds(ada, room, number);
    await adas.send('for two');
    forgetAbove(fixture, 0);
    const again = await (await restarted(fixture, ada)).room('Vault');
    await (await fixture.user('Carol')).join('Vault');
    await expect.poll(async () => (await again.members()).length).toBe(3);
    await expect(again.send('for three')).rejects.toMatchObject({
      code: 'trust',
      message: expect.stringContaining('it shows none after number 0, and a member signed number 1,001'),
    });
    expect([fixture.server.count('epoch'), fixture.server.count('send')]).toEqual([0, 1]);
  });

  test('to an earlier roster makes nobody wrap a key or send for who was in it, also after a restart', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas, bob, room } = await vault(fixture);
    const carol = await fixture.user('Carol');
    await carol.join('Vault');
    await expect.poll(async () => (await adas.members()).length).toBe(3);
    await adas.send('for three');
    const before = await fixture.ask(ada, 'members', { room });
    await adas.kick((await carol.me()).user);
    await adas.send('for two');
    fixture.server.claim((info) => ({ ...info, version: before.version }));
    fixture.server.reply('members', (_, { since }) =>
      since === undefined ? before : { ...before, members: [] },
    );
    const told = epochNotices(bob);
    const again = await (await restarted(fixture, ada)).room('Vault');
    fixture.server.asked.length = 0;
    await expect(again.send('for whom?')).rejects.toMatchObject({
      code: 'trust',
      message: expect.stringContaining('Vault'),
    });
    expect([fixture.server.count('epoch'), fixture.server.count('send')]).toEqual([0, 0]);
    expect(told).toEqual([]);
  });

  test('to gateways without prekeys gets no epoch of the weaker keying', async () => {
    await using fixture = await LiveFixture.start();
    const { adas, room } = await threeAfterTwo(fixture);
    fixture.server.offer(featureNames.filter((name) => name !== 'prekeys'));
    fixture.server.cut();
    await expect(adas.send('for three')).rejects.toMatchObject({
      code: 'trust',
      message: expect.stringContaining('Vault'),
    });
    expect(await storedEpochs(fixture, room)).toHaveLength(1);
  });

  test('to a prekey of another week is reported, and that key is not used', async () => {
    await using fixture = await LiveFixture.start();
    const { ada, adas, bob } = await threeAfterTwo(fixture);
    const { id } = await bob.me();
    const told = epochNotices(ada);
    const [, other] = publishedBy(fixture, id);
    fixture.server.reply('prekeys', ({ prekeys }) => ({
      prekeys: prekeys.map((shown) =>
        shown.user === id ? { user: id, prekey: other ?? expect.unreachable() } : shown,
      ),
    }));
    await expect(adas.send('for three', { strict: true })).rejects.toMatchObject({ code: 'trust' });
    await adas.send('for three');
    await expect
      .poll(() => told)
      .toContainEqual(expect.objectContaining({ kind: 'prekeys_gone', users: ['Bob'] }));
    expect(adas.exposedBy).toEqual(['Bob']);
  });
});
