import { describe, expect, test } from 'vitest';
import { featureNames } from '../../../src/protocol/features.ts';
import type { UserId } from '../../../src/protocol/ids.ts';
import { parsePrekey } from '../../../src/protocol/layouts/prekey.ts';
import { epochNotices, epochOf, storedEpochs, vault } from '../../../test/support/sdk/epoch-room.ts';
import { LiveFixture } from '../../../test/support/sdk/live-fixture.ts';

/** Ada, Bob and, from then on, Carol: an epoch for two has been followed by a change that needs another one. */
async function threeAfterTwo(fixture: LiveFixture) {
  const people = await vault(fixture);
  await people.adas.send('for two');
  await (await fixture.user('Carol')).join('Vault');
  await expect.poll(async () => (await people.adas.members()).length).toBe(3);
  return people;
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
    fixture.server.claim((info) => ({ ...info, epoch: 1 }));
    fixture.server.reply('epochs', ({ epochs, more }) => ({
      epochs: epochs.filter(({ number }) => number < 2),
      more,
    }));
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
